"""The check finds what the guards would have refused: each is broken with the triggers off, in a transaction undone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger import accounts, closings
from marketplace.ledger.check import Problem, check_books
from marketplace.ledger.closings import close_period, closed_through, finish_closing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import open_accounts, post, reverse
from tests.ledger.books import fresh, fund

pytestmark = pytest.mark.usefixtures("context")
_ALTERED = "It isn’t what was posted: its fingerprint is that of another entry."


@pytest.fixture
def unguarded(context: None) -> Iterator[None]:
    """The guards are off until the end of the test, which undoes everything."""
    for table in (
        "ledger_accounts",
        "ledger_entries",
        "ledger_lines",
        "ledger_closings",
        "ledger_closing_totals",
        "ledger_closing_balances",
    ):
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    db.session.execute(text("ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_no_overdraft"))
    yield
    db.session.rollback()


def found(since: datetime | None = None) -> set[tuple[str, str]]:
    return {(str(problem.sentence), problem.where) for problem in check_books(since=since)}


def test_sound_books_have_no_problems() -> None:
    with transaction():
        posted = fund(fresh(), 1_000)
        reverse(posted.id, f"undo:{posted.id}", "a mistake")
    assert check_books() == []


def test_a_changed_line_is_found_in_its_entry_and_its_account(unguarded: None) -> None:
    deal = fresh()
    posted = fund_unguarded(deal, 1_000)
    db.session.execute(
        text("UPDATE ledger_lines SET amount = -999 WHERE entry_id = :id AND amount < 0"), {"id": posted}
    )
    assert found() == {
        ("Debits and credits differ by 1 CNY minor units.", f"entry {posted}"),
        (
            "The running balance is 1000 minor units, the lines sum to 999.",
            f"account {accounts.escrow(deal, 'CNY')}",
        ),
        (_ALTERED, f"entry {posted}"),
    }


def test_a_line_moved_to_somebody_elses_account_with_its_balance_is_found(unguarded: None) -> None:
    mine, other = fund_unguarded(fresh(), 1_000), fund_unguarded(fresh(), 500)
    db.session.execute(
        text("""
            UPDATE ledger_lines line SET account_id = theirs.account_id FROM ledger_lines theirs
            WHERE line.entry_id = :mine AND line.amount < 0 AND theirs.entry_id = :other AND theirs.amount < 0
        """),
        {"mine": mine, "other": other},
    )
    balance = "(SELECT coalesce(sum(amount), 0) FROM ledger_lines WHERE account_id = ledger_accounts.id)"
    db.session.execute(text(f"UPDATE ledger_accounts SET balance = {balance} WHERE balance IS NOT NULL"))
    assert found() == {(_ALTERED, f"entry {mine}")}


def test_another_reference_is_found(unguarded: None) -> None:
    posted = fund_unguarded(fresh(), 1_000)
    db.session.execute(text("UPDATE ledger_entries SET reference = 'deal:1' WHERE id = :id"), {"id": posted})
    assert found() == {(_ALTERED, f"entry {posted}")}


@pytest.mark.parametrize("typed", ['"quoted" \\ back', "a\nb\tc\x01\x1f\x7f", "炉谷 \U0001f389 é / \u2028"])
def test_whatever_stands_in_an_entry_its_fingerprint_is_found_again(typed: str) -> None:
    with transaction():
        where = accounts.suspense("CNY", typed)
        lines = [debit(accounts.stripe_clearing("CNY"), 5), credit(where, 3), credit(where, 2)]
        posted = post(typed, typed, lines, typed)
        reverse(posted.id, f"undo {typed}", "a mistake")
    assert check_books() == []


def test_a_lost_line_and_a_lost_entry_are_found(unguarded: None) -> None:
    posted = fund_unguarded(fresh(), 1_000)
    db.session.execute(text("DELETE FROM ledger_lines WHERE entry_id = :id"), {"id": posted})
    assert ("The entry has no lines.", f"entry {posted}") in found()


def test_an_overdrawn_account_is_found(unguarded: None) -> None:
    deal = fresh()
    account_id = open_accounts([accounts.escrow(deal, "CNY")])[accounts.escrow(deal, "CNY")]
    db.session.execute(text("UPDATE ledger_accounts SET balance = 5 WHERE id = :id"), {"id": account_id})
    where = f"account {accounts.escrow(deal, 'CNY')}"
    assert found() == {
        ("The account is overdrawn by 5 minor units.", where),
        ("The running balance is -5 minor units, the lines sum to 0.", where),
    }


def test_a_line_that_disagrees_with_its_account_or_entry_is_found(unguarded: None) -> None:
    one, other = fund_unguarded(fresh(), 10), fund_unguarded(fresh(), 20)
    db.session.execute(text("UPDATE ledger_lines SET commodity = 'USD' WHERE entry_id = :id"), {"id": one})
    db.session.execute(text("UPDATE ledger_lines SET posted_at = '2001-01-01Z' WHERE entry_id = :id"), {"id": other})
    assert found() == {
        (f"Line {line} disagrees with its account or its entry.", f"entry {entry}")
        for entry in (one, other)
        for line in (1, 2)
    }


def test_a_reversal_that_is_not_the_opposite_is_found(unguarded: None) -> None:
    one, other = fund_unguarded(fresh(), 10), fund_unguarded(fresh(), 20)
    db.session.execute(text("UPDATE ledger_entries SET reverses_id = :one WHERE id = :id"), {"one": one, "id": other})
    where = f"entry {other}"
    assert found() == {(f"It is not the opposite of entry {one}, which it reverses.", where), (_ALTERED, where)}


def test_other_features_add_checks_of_their_own() -> None:
    problem = Problem("Escrow of a final deal is not empty.", "deal:1")
    assert check_books([lambda: [problem], list]) == [problem]


DAY = datetime(2026, 5, 2, tzinfo=UTC)


@pytest.fixture
def closed(context: None, monkeypatch: pytest.MonkeyPatch) -> int:
    """A deal with an entry on each of two closed days, every balance kept, and one on the day after; its number."""
    monkeypatch.setattr(closings, "KEPT_EVERY", 1)
    deal = fresh()
    for through in (DAY, DAY + timedelta(days=1), None):
        with transaction(), clock.at((through or DAY + timedelta(days=2)) - timedelta(hours=1)):
            fund(deal, 100)
        if through is not None:
            with transaction():
                close_period(through)
                finish_closing()
    assert check_books() == check_books(since=DAY + timedelta(days=1)) == []
    return deal


def test_a_changed_total_is_found_at_its_closing_and_at_none_after(closed: int, unguarded: None) -> None:
    change = "UPDATE ledger_closing_totals SET balance = -99 WHERE balance = -100"
    db.session.execute(text(change))
    said = "The closing says {} minor units, debit positive; the one before and the lines say {}."
    assert found() == {
        (said.format(-99, -100), "closing 2026-05-02 00:00, escrow CNY"),
        (said.format(-200, -199), "closing 2026-05-03 00:00, escrow CNY"),
    }
    assert found(closed_through()) == {(said.format(-200, -199), "closing 2026-05-03 00:00, escrow CNY")}


def test_what_slipped_in_behind_a_closing_is_found(closed: int, unguarded: None) -> None:
    with clock.at(DAY - timedelta(hours=2)):
        db.session.execute(text("UPDATE ledger_accounts SET balance = balance - 7 WHERE balance IS NOT NULL"))
        fund(closed, 7)
    problems = found()
    assert len(problems) == 4
    assert {where for _sentence, where in problems} == {
        "closing 2026-05-02 00:00, escrow CNY",
        "closing 2026-05-02 00:00, stripe_clearing CNY",
        f"closing 2026-05-02 00:00, account {accounts.escrow(closed, 'CNY')}",
        f"closing 2026-05-02 00:00, account {accounts.stripe_clearing('CNY')}",
    }


def test_a_changed_kept_balance_is_found(closed: int, unguarded: None) -> None:
    db.session.execute(text("UPDATE ledger_closing_balances SET balance = -201 WHERE balance = -200"))
    assert found() == {
        (
            "The closing keeps 201 minor units, the lines come to 200.",
            f"closing 2026-05-03 00:00, account {accounts.escrow(closed, 'CNY')}",
        )
    }


def test_a_recent_check_finds_what_is_wrong_since_the_newest_closing(closed: int, unguarded: None) -> None:
    old, new = db.session.scalars(text("SELECT min(id) FROM ledger_entries UNION SELECT max(id) FROM ledger_entries"))
    for entry in sorted((old, new)):
        db.session.execute(
            text("UPDATE ledger_lines SET amount = -99 WHERE entry_id = :id AND amount < 0"), {"id": entry}
        )
    escrow = accounts.escrow(closed, "CNY")
    recent = {
        ("Debits and credits differ by 1 CNY minor units.", f"entry {max(old, new)}"),
        ("The running balance is 300 minor units, the lines sum to 299.", f"account {escrow}"),
        (_ALTERED, f"entry {max(old, new)}"),
    }
    assert found(closed_through()) == recent
    assert found() > recent - {("The running balance is 300 minor units, the lines sum to 299.", f"account {escrow}")}


def test_a_recent_check_reads_nothing_from_before_the_newest_closing(closed: int, unguarded: None) -> None:
    db.session.execute(text("DELETE FROM ledger_lines WHERE posted_at < :moment"), {"moment": DAY})
    assert found(closed_through()) == set()
    assert found() != set()


def fund_unguarded(deal: int, amount: int) -> int:
    """Fund with nobody keeping the running balance: it is written by hand."""
    posted = fund(deal, amount).id
    db.session.execute(
        text("UPDATE ledger_accounts SET balance = :balance WHERE owner = :owner AND kind = 'escrow'"),
        {"balance": -amount, "owner": f"deal:{deal}"},
    )
    return posted
