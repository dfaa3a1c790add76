"""The worked examples of docs/fees.md, worked out."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from marketplace.fees.default_policy import DEFAULT_POLICY, FREE_A_MONTH
from marketplace.fees.models import FeeAgreement
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import Bracket, Policy, Programme, Rule, RuleKind, rule_to_json
from marketplace.fees.precedence import Tier
from marketplace.fees.queries import fee_month, rules_for
from marketplace.fees.quote import AgencyShare, FeeQuote, LineReason, quote
from marketplace.fees.service import freeze_quote
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

PAGE = (Path(__file__).parents[2] / "docs" / "fees.md").read_text()
DAY = date(2026, 3, 15)


def table(heading: str, number: int = 0) -> list[list[str]]:
    """The rows of one of the section's tables, the first unless another is asked for, without its head."""
    section = PAGE.split(f"# {heading}\n")[1].split("\n#")[0]
    tables = [list(rows) for found, rows in groupby(section.splitlines(), lambda row: row.startswith("|")) if found]
    rows = tables[number]
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


# --- Which rules hold -------------------------------------------------------------------------------------------------

COMMISSION = RuleKind.CREATOR_COMMISSION
LIN, TIDEWELL = "creator:1", "brand:1"
KINDS = {"video": DealKind.VIDEO, "image": DealKind.IMAGE}


def rule(name: str, rate: int, **options: object) -> Rule:
    return Rule(name, COMMISSION, (Bracket(rate),), **options)  # type: ignore[arg-type]


def agreed(number: int, rate: int, creator: str | None, brand: str | None) -> Rule:
    return Agreement(number, rule("R", rate), creator, brand, date(2026, 1, 1), None).agreed_rule


TIERED = Policy(
    9,
    (
        rule("C1", 1_000),
        rule("C2", 900, deal_kinds=frozenset({DealKind.VIDEO})),
        rule("C3", 800, programme=Programme("Welcome", 90)),
        Rule("B1", RuleKind.BRAND_SERVICE_FEE, (Bracket(500),)),
    ),
    7_000,
)
AGREED = {
    "both": agreed(1, 300, LIN, TIDEWELL),
    "creator": agreed(2, 400, LIN, None),
    "brand": agreed(3, 500, None, TIDEWELL),
}


def test_the_tiers_are_in_the_order_of_the_table() -> None:
    assert [int(number) for number, _words in table("Which rules hold: the order of precedence")] == list(Tier)


@pytest.mark.parametrize("row", table("Worked example: precedence"))
def test_precedence_is_what_the_function_gives(row: list[str]) -> None:
    deal, names, holds, *expected = row
    kind, day = deal.split(", creator's day ")
    found = [AGREED[name] for name in names.split(", ") if name != "none"]
    rules = TIERED.for_deal(KINDS[kind], "CNY", DAY, DAY - timedelta(days=int(day) - 1), found)
    assert rules.of(COMMISSION)[0].id == holds
    made = quote(rules, KINDS[kind], money("1,000.00"), Money(0), DAY)
    assert [made.creator_fee, made.creator_receives] == list(map(money, expected))
    assert made.brand_fee == money("50.00")


def test_a_programme_is_what_the_function_gives() -> None:
    window = Rule("W1", COMMISSION, (Bracket(0),), programme=Programme("Welcome", 90))
    policy = Policy(9, (*DEFAULT_POLICY.rules, window), 7_000)
    since, earned = date(2025, 12, 3), Money(0)
    assert Programme("Welcome", 90, since).last_day == date(2026, 3, 2)
    for day, price, holds, *expected in table("Programmes"):
        on = date.fromisoformat(day)
        rules = policy.for_deal(DealKind.VIDEO, "CNY", on, since)
        made = quote(rules, DealKind.VIDEO, money(price), earned, on)
        assert rules.of(COMMISSION)[0].id == holds
        assert [made.creator_fee, made.creator_receives] == list(map(money, expected))
        earned += money(price)


@pytest.mark.parametrize("row", table("Agreements"))
def test_an_agreement_is_what_the_function_gives(context: None, row: list[str]) -> None:
    limited = rule("R", 300, minimum={"CNY": 20_00}, cap={"CNY": 200_00})
    with transaction():
        db.session.add(
            FeeAgreement(
                creator=LIN,
                rule=rule_to_json(limited),
                starts=date(2026, 3, 1),
                ends=date(2026, 3, 31),
                why="They bring much.",
                editors=["user:1"],
                created_at=datetime(2026, 2, 1, tzinfo=UTC),
                published_at=datetime(2026, 2, 1, tzinfo=UTC),
                published_by="user:2",
            )
        )
    on, price = date.fromisoformat(row[0]), money(row[1])
    rules = rules_for(FeeParties(LIN, "Asia/Shanghai", None), DealKind.VIDEO, "CNY", on)
    made = quote(rules, DealKind.VIDEO, price, Money(0), on)
    assert [made.creator_fee, made.creator_receives] == list(map(money, row[2:4]))


# --- Whose month ------------------------------------------------------------------------------------------------------


def sign(creator: str, zone: str, at: datetime, key: str) -> FeeQuote:
    with clock.at(at), transaction():
        return freeze_quote(FeeParties(creator, zone, None), key, DealKind.VIDEO, money("4,000.00"))


def test_two_creators_two_months_are_what_signing_gives(context: None) -> None:
    for number, (moment, *cells) in enumerate(table("Worked example: one moment, two months")):
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        zones = (("Asia/Shanghai", cells[:2]), ("America/New_York", cells[2:]))
        for zone, (month, commission) in zones:
            assert fee_month(zone, at) == date.fromisoformat(f"{month}-01")
            found = sign(f"creator:{zone}", zone, at, f"{zone}:{number}")
            assert found.creator_fee == money(commission)


def test_one_creator_who_moves_is_what_signing_gives(context: None) -> None:
    at = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    for number, (zone, month, before, commission) in enumerate(table("Worked example: one moment, two months", 1)):
        assert fee_month(zone, at) == date.fromisoformat(f"{month}-01")
        found = sign(LIN, zone, at, f"deal:{number}")
        assert (found.earned_before, found.creator_fee) == (money(before), money(commission))


# --- Other currencies, limits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", table("Worked examples: no minor unit, and a thousandth"))
def test_other_exponents_are_what_the_function_gives(row: list[str]) -> None:
    price, earned, *expected = (money(cell, row[0]) for cell in row[1:])
    made = quote(DEFAULT_POLICY, DealKind.VIDEO, price, earned, DAY)
    assert expected == [made.creator_fee, made.creator_receives, made.brand_fee, made.brand_total]


@pytest.mark.parametrize("row", table("Worked examples: limits"))
def test_limits_are_what_the_function_gives(row: list[str]) -> None:
    limited = Policy(9, (rule("C1", 1_000, minimum={"CNY": 5_00}, cap={"CNY": 300_00}),), 7_000)
    price, by_rate, *expected = map(money, row[:4])
    made = quote(limited, DealKind.VIDEO, price, Money(0), DAY)
    reasons = {
        LineReason.RATE: "the rate", LineReason.FLOOR: "the floor", LineReason.MINIMUM: "the minimum",
        LineReason.CAP: "the maximum",
    }  # fmt: skip
    assert made.creator_lines[0].amount == by_rate
    assert [made.creator_fee, made.creator_receives] == expected
    assert reasons[made.creator_lines[-1].reason] == row[4]
