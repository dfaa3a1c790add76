"""The worked examples of docs/fees.md, worked out."""

from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from marketplace.fees.default_policy import DEFAULT_POLICY, FREE_A_MONTH
from marketplace.fees.quote import AgencyShare, quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

PAGE = (Path(__file__).parents[2] / "docs" / "fees.md").read_text()
DAY = date(2026, 3, 15)


def table(heading: str) -> list[list[str]]:
    """The rows of the section's table, without its head."""
    section = PAGE.split(f"# {heading}\n")[1].split("\n#")[0]
    rows = next(list(rows) for found, rows in groupby(section.splitlines(), lambda row: row.startswith("|")) if found)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def money(text: str, currency: str = "CNY") -> Money:
    return Money.from_major(text.replace(",", ""), currency)


@pytest.mark.parametrize("row", table("Worked examples"))
def test_a_worked_example_is_what_the_function_gives(row: list[str]) -> None:
    price, earned, *expected = map(money, row)
    found = quote(DEFAULT_POLICY, DealKind.VIDEO, price, earned, DAY)
    assert expected == [
        found.creator_fee,
        found.creator_receives,
        found.brand_fee,
        found.brand_total,
        found.platform_income,
    ]


@pytest.mark.parametrize("row", table("When the work is disputed"))
def test_a_ruling_is_what_the_function_gives(row: list[str]) -> None:
    part, *expected = map(money, row)
    split = quote(DEFAULT_POLICY, DealKind.VIDEO, money("6,000.00"), Money(0), DAY).split(part)
    assert expected == [split.creator_receives, split.creator_fee, split.brand_fee, split.refund]


@pytest.mark.parametrize("row", table("An agency's share"))
def test_a_share_is_what_the_function_gives(row: list[str]) -> None:
    price, receives, _percent, *expected = map(money, row)
    agency = AgencyShare("agency:1", "Lantern Agency", int(row[2]) * 100)
    found = quote(DEFAULT_POLICY, DealKind.VIDEO, price, Money(0), DAY, agency=agency)
    assert [receives, *expected] == [found.creator_receives, found.agency_receives, found.creator_keeps]


def test_the_free_amounts_are_those_of_the_policy() -> None:
    assert {currency: money(free, currency).amount for currency, free in table("Currencies")} == FREE_A_MONTH
