"""The worked examples of docs/ledger.md, posted as they stand there."""

from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest

from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.accounts import CHART, Account, AccountKind
from marketplace.ledger.closings import close_period, finish_closing
from marketplace.ledger.postings import PeriodClosed, credit, debit
from marketplace.ledger.queries import balance, statement, trial_balance
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


def test_the_example_of_a_past_moment_reads_as_it_says() -> None:
    heading = "Worked example: a past moment"
    for number, (moment, event, from_, to, amount) in enumerate(table(heading, 0)):
        lines = [debit(account(from_), money(amount)), credit(account(to), money(amount))]
        with transaction():
            post("example", f"{heading}:{number}", lines, "deal:17", at=at(moment), description=event)
    for closed in (False, True):
        if closed:
            with transaction(), clock.at(at("2026-03-20 00:00")):
                assert close_period(at("2026-03-11 00:00"))
                assert finish_closing()
        for moment, *held in table(heading, 1):
            kinds = ("stripe_clearing", "escrow", "creator_pending", "creator_available")
            assert [balance(account(kind), at(moment)) for kind in kinds] == [money(amount) for amount in held]
        page = statement(account("escrow"), since=at("2026-03-01 00:00"), until=at("2026-04-01 00:00"))
        assert (page.opening, page.closing) == (0, 0)
        assert [line.amount for line in reversed(page.lines)] == [money("1,000.00"), money("-1,000.00")]
    with pytest.raises(PeriodClosed), transaction():
        post("example", "late", lines, "deal:17", at=at("2026-03-10 16:00"))


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+00:00")


def test_the_chart_names_every_kind_with_its_class() -> None:
    rows = {kind.strip("`"): account_class for kind, account_class, *_rest in table("Chart of accounts", 0)}
    assert rows == {kind.value: rule.account_class.value for kind, rule in CHART.items()}
