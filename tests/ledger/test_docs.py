"""The worked examples of docs/ledger.md, posted as they stand there."""

from itertools import groupby
from pathlib import Path

import pytest

from marketplace.infra.db import transaction
from marketplace.kit.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.accounts import CHART, Account, AccountKind
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import trial_balance
from marketplace.ledger.service import post

pytestmark = pytest.mark.usefixtures("context")

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()


def table(heading: str, number: int) -> list[list[str]]:
    """The rows of the section's table of that number, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    tables = [list(rows) for found, rows in groupby(section.splitlines(), lambda row: row.startswith("|")) if found]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in tables[number][2:]]


def money(text: str) -> int:
    return Money.from_major(text.replace(",", "") or "0").amount


def account(kind: str, *, shared: bool = False) -> Account:
    owners = {"escrow": "deal:17", "refund_in_transit": "deal:17", "creator": "creator:5", "transfer": "creator:5"}
    if shared:
        owners |= {"agency": "agency:3", "transfer": "agency:3"}
    found = next((owner for start, owner in owners.items() if kind.startswith(start)), accounts.PLATFORM)
    return Account(found, AccountKind(kind), "CNY")


DEALS = ("Worked example: a deal", "Worked example: a ruling")
SHARED = "Worked example: an agency's share"


@pytest.mark.parametrize("heading", [*DEALS, SHARED])
def test_a_worked_example_ends_at_its_trial_balance(heading: str) -> None:
    with transaction():
        for number, (event, moves) in enumerate(groupby(table(heading, 0), lambda row: row[0])):
            lines = [
                line
                for _event, from_, to, amount in moves
                for line in (
                    debit(account(from_, shared=heading == SHARED), money(amount)),
                    credit(account(to, shared=heading == SHARED), money(amount)),
                )
            ]
            post("example", f"{heading}:{number}", lines, "deal:17", description=event)
    *expected, total = [(name, money(left), money(right)) for name, left, right in table(heading, 1)]
    rows = [(row.kind.value, row.debit, row.credit) for row in trial_balance().rows if row.debit or row.credit]
    assert sorted(rows) == sorted(expected)
    assert total == ("total", sum(row[1] for row in rows), sum(row[2] for row in rows))


def test_the_chart_names_every_kind_with_its_class() -> None:
    rows = {kind.strip("`"): account_class for kind, account_class, *_rest in table("Chart of accounts", 0)}
    assert rows == {kind.value: rule.account_class.value for kind, rule in CHART.items()}
