"""The tax in a fee: net and tax are always what was charged, in currencies of every exponent, and go back together."""

from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.documents.tax import Tax
from marketplace.kit.money import Money

CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])
GROSS = st.integers(min_value=0, max_value=10**12)
TAXES = st.integers(min_value=0, max_value=5_000).map(lambda rate: Tax("VAT", rate))


@pytest.mark.parametrize(
    ("currency", "gross", "rate", "net", "tax"),
    [
        ("CNY", 600_00, 600, 566_04, 33_96),
        ("CNY", 106, 600, 100, 6),
        ("CNY", 1, 600, 1, 0),
        ("JPY", 110, 1_000, 100, 10),
        ("JPY", 5, 1_000, 5, 0),
        ("JPY", 6, 1_000, 5, 1),
        ("KWD", 10_500, 500, 10_000, 500),
        ("CNY", 600_00, 0, 600_00, 0),
        ("CNY", 0, 600, 0, 0),
    ],
)
def test_the_tax_is_rounded_to_the_nearest_minor_unit(currency: str, gross: int, rate: int, net: int, tax: int) -> None:
    found = Tax("VAT", rate).within(gross)
    assert (Money(found.net, currency), Money(found.tax, currency)) == (Money(net, currency), Money(tax, currency))


@given(tax=TAXES, gross=GROSS, currency=CURRENCIES)
def test_net_and_tax_are_what_was_charged(tax: Tax, gross: int, currency: str) -> None:
    found = tax.within(gross)
    assert Money(found.net, currency) + Money(found.tax, currency) == Money(gross, currency)
    assert found.net >= 0
    assert found.tax >= 0
    # Off the exact tax by half a unit at most.
    exact, whole = gross * tax.basis_points, 10_000 + tax.basis_points
    assert abs(2 * (found.tax * whole - exact)) <= whole


@given(tax=TAXES, gross=GROSS, more=GROSS)
def test_whoever_is_charged_more_pays_no_less_tax_and_no_less_net(tax: Tax, gross: int, more: int) -> None:
    less, found = tax.within(gross), tax.within(gross + more)
    assert found.tax >= less.tax
    assert found.net >= less.net


@given(tax=TAXES, parts=st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6))
def test_what_goes_back_in_parts_leaves_no_tax_behind(tax: Tax, parts: list[int]) -> None:
    left = sum(parts)
    charged = tax.within(left)
    notes = []
    for part in parts:
        notes.append(tax.given_back(left, part))
        left -= part
    assert [note.gross for note in notes] == parts
    assert min(note.net for note in notes) >= 0
    assert min(note.tax for note in notes) >= 0
    assert (sum(note.net for note in notes), sum(note.tax for note in notes)) == (charged.net, charged.tax)


def test_nothing_negative_is_charged_and_no_more_goes_back_than_was() -> None:
    with pytest.raises(ValueError, match="isn't negative"):
        Tax("VAT", 600).within(-1)
    with pytest.raises(ValueError, match="isn't negative"):
        Tax("VAT", 600).given_back(100, 101)


def _examples() -> list[list[str]]:
    """The rows of the table of fees in docs/documents.md."""
    lines = (Path(__file__).parents[2] / "docs" / "documents.md").read_text().splitlines()
    begin = lines.index("| currency | fee | rate | net | tax |") + 2
    rows = takewhile(lambda line: line.startswith("|"), lines[begin:])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_worked_examples_come_out_as_they_stand_in_the_documentation() -> None:
    examples = _examples()
    assert len(examples) >= 6
    for currency, fee, rate, net, tax in examples:
        found = Tax("VAT", int(rate.removesuffix("%")) * 100).within(Money.from_major(fee, currency).amount)
        assert [f"{Money(part, currency).major:f}" for part in (found.net, found.tax)] == [net, tax]
