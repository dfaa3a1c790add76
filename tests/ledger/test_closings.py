"""Closing the books: nothing is posted before, what was held is kept for good, and reads at any past moment agree."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger import accounts, closings
from marketplace.ledger.accounts import Account
from marketplace.ledger.check import check_books
from marketplace.ledger.closings import (
    BooksBusy,
    close_period,
    closed_through,
    finish_closing,
    newest_midnight,
)
from marketplace.ledger.jobs import close_books
from marketplace.ledger.models import LedgerClosing, LedgerClosingBalance, LedgerClosingTotal
from marketplace.ledger.postings import Entry, PeriodClosed, Posting, credit, debit
from marketplace.ledger.queries import balance, balances_of, moved_between, statement, statement_lines, trial_balance
from marketplace.ledger.service import post, post_many
from tests.ledger.books import at_once, fresh, fund, funding, queries

pytestmark = pytest.mark.usefixtures("context")

START = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def close(through: datetime) -> None:
    with transaction():
        close_period(through)
    with transaction():
        assert finish_closing()


def fund_daily(deal: int, amounts: list[int]) -> Account:
    """An amount at noon of each day from the start on."""
    for day, amount in enumerate(amounts):
        with transaction(), clock.at(START + day * DAY + DAY / 2):
            fund(deal, amount)
    return accounts.escrow(deal, "CNY")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Balances are kept after a few lines, so that a test needs no hundreds."""
    monkeypatch.setattr(closings, "KEPT_EVERY", 3)


def test_nothing_is_posted_before_a_closing_any_more() -> None:
    fund_daily(fresh(), [10])
    with transaction():
        assert close_period(START + DAY)
    with pytest.raises(PeriodClosed), transaction(), clock.at(START + DAY - timedelta(microseconds=1)):
        fund(fresh(), 10)
    with transaction(), clock.at(START + DAY):
        fund(fresh(), 10)


def test_a_repeat_of_what_was_posted_before_the_closing_is_still_a_repeat() -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    with transaction(), clock.at(START):
        first = fund(deal, 10, key)
    close(START + DAY)
    with transaction(), clock.at(START):
        again = fund(deal, 10, key)
    assert (again.id, again.repeated) == (first.id, True)


def test_what_a_kind_moved_between_edges_is_the_same_however_far_the_books_are_closed(often: None) -> None:
    """Edges lie within days, at midnights with and without a closing, and before anything was posted."""
    for day in range(6):
        with transaction(), clock.at(START + day * DAY + DAY / 2):
            lines = [debit(accounts.stripe_clearing("JPY"), 10**day), credit(accounts.fees_brand("JPY"), 10**day)]
            post("test.earned", f"earned:{day}", lines, "test")
    edges = [START - DAY, START + DAY, START + 2 * DAY + DAY / 2, START + 5 * DAY]
    kind = accounts.AccountKind.FEES_BRAND

    def moved() -> list[int]:
        found = moved_between([kind], edges)[kind, "JPY"]
        db.session.rollback()
        return found

    expected = [1, 10, 100 + 1_000 + 10_000, 100_000]
    assert moved() == expected
    for day in (2, 5):
        close(START + day * DAY)
        assert moved() == expected


def test_balances_and_trial_balances_of_every_day_stay_what_they_were(often: None) -> None:
    deal = fresh()
    escrow = fund_daily(deal, [500, -200, 30, 7, 7, 7, -100])
    days = [START + day * DAY for day in range(9)]
    expected = [balance(escrow, day) for day in days]
    assert expected == [0, 500, 300, 330, 337, 344, 351, 251, 251]
    books = [trial_balance(day).rows for day in days]
    for day in days[1:]:
        close(day) if day < days[-1] else None
        assert [balance(escrow, one) for one in days] == expected
        assert [balance(accounts.stripe_clearing("CNY"), one) for one in days] == expected
        assert [trial_balance(one).rows for one in days] == books
        assert balances_of([escrow.owner], START + 2 * DAY) == {escrow: 300}
        assert balance(escrow) == 251
        assert check_books() == []
    kept = db.session.scalar(select(func.count()).select_from(LedgerClosingBalance))
    assert kept == 4, "both accounts after the third and the sixth line"


def test_a_moment_counts_what_was_posted_before_it() -> None:
    escrow = fund_daily(fresh(), [100])
    noon = START + DAY / 2
    assert balance(escrow, noon) == 0
    assert balance(escrow, noon + timedelta(microseconds=1)) == 100
    assert [row.debit for row in trial_balance(noon + timedelta(microseconds=1)).rows if row.debit] == [100]
    assert not any(row.debit for row in trial_balance(noon).rows)


def test_a_statement_of_a_period_begins_and_ends_with_what_was_held(often: None) -> None:
    escrow = fund_daily(fresh(), [500, -200, 30, 7, -37])
    for closed in (False, True):
        if closed:
            close(START + 4 * DAY)
        page = statement(escrow, since=START + DAY, until=START + 4 * DAY)
        assert (page.opening, page.closing, page.older) == (500, 337, None)
        assert [(line.amount, line.balance_after) for line in page.lines] == [(7, 337), (30, 330), (-200, 300)]
        first = statement(escrow, limit=2, since=START + DAY, until=START + 4 * DAY)
        second = statement(escrow, first.older, limit=2, since=START + DAY, until=START + 4 * DAY)
        assert first.lines + second.lines == page.lines
        assert (second.opening, second.closing, second.older) == (500, 337, None)
        streamed = list(statement_lines(escrow, START + DAY, START + 4 * DAY))
        assert streamed == list(reversed(page.lines))
        empty = statement(escrow, since=START + 8 * DAY, until=START + 9 * DAY)
        assert (empty.opening, empty.closing, empty.lines) == (300, 300, ())


def test_each_page_of_a_long_statement_says_what_was_held_then(often: None) -> None:
    escrow = fund_daily(fresh(), [1] * 12)
    for day in range(3, 13, 3):
        close(START + day * DAY)
    cursor = statement(escrow, limit=1).older
    for held in range(11, 0, -1):
        page = statement(escrow, cursor, limit=1)
        assert [line.balance_after for line in page.lines] == [held]
        cursor = page.older


def test_accounts_that_keep_no_balance_are_read_from_their_newest_kept_one(often: None) -> None:
    fund_daily(fresh(), [5, 6, 7])
    close(START + 3 * DAY)
    with clock.at(START + 4 * DAY), transaction():
        fund(fresh(), 100)
    with unseen_before(START + 3 * DAY):
        assert balance(accounts.stripe_clearing("CNY")) == 118
        assert balance(accounts.stripe_clearing("CNY"), START + 3 * DAY) == 18
        assert [row.debit for row in trial_balance().rows if row.debit] == [118]


@contextmanager
def unseen_before(moment: datetime) -> Iterator[None]:
    """The lines before are gone while the block lasts: what reads them would be wrong by them."""
    db.session.execute(text("ALTER TABLE ledger_lines DISABLE TRIGGER USER"))
    db.session.execute(text("DELETE FROM ledger_lines WHERE posted_at < :moment"), {"moment": moment})
    yield
    db.session.rollback()


def test_a_closing_in_between_goes_on_from_the_one_before(often: None) -> None:
    deal = fresh()
    fund_daily(deal, [1, 2, 3, 4])
    close(START + 2 * DAY)
    close(START + 4 * DAY)
    totals = select(LedgerClosingTotal.kind, LedgerClosingTotal.balance).order_by(LedgerClosingTotal.balance)
    newest = totals.join(LedgerClosing).where(LedgerClosing.through == START + 4 * DAY)
    assert [tuple(row) for row in db.session.execute(newest)] == [("escrow", -10), ("stripe_clearing", 10)]
    kept = select(LedgerClosingBalance.through, LedgerClosingBalance.balance)
    assert {tuple(row) for row in db.session.execute(kept)} == {(START + 4 * DAY, 10), (START + 4 * DAY, -10)}


def test_a_day_is_closed_an_hour_after_its_end() -> None:
    midnight = datetime(2026, 5, 2, tzinfo=UTC)
    assert newest_midnight(midnight + timedelta(minutes=59)) == midnight - DAY
    assert newest_midnight(midnight + timedelta(minutes=60)) == midnight
    assert newest_midnight(midnight + timedelta(hours=24)) == midnight


def test_the_job_closes_the_last_day_once_and_a_whole_past_at_first() -> None:
    fund_daily(fresh(), [10] * 5)
    for hours in (0, 1, 30):
        with clock.at(START + 5 * DAY + timedelta(hours=2 + hours)):
            close_books()
    closed = db.session.scalars(select(LedgerClosing)).all()
    assert [one.through for one in closed] == [START + 5 * DAY], "the day after had nothing to close"
    assert closed[0].finished_at is not None


def test_books_in_which_nothing_was_posted_stay_open() -> None:
    with transaction():
        assert not close_period(START)
    assert closed_through() is None


def test_a_closing_lies_after_the_one_before() -> None:
    fund_daily(fresh(), [10, 10])
    close(START + 2 * DAY)
    for through in (START + DAY, START + 2 * DAY):
        with transaction():
            assert not close_period(through)


def test_a_closing_that_a_crash_interrupted_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    escrow = fund_daily(fresh(), [10, 20])
    with transaction():
        close_period(START + DAY)
    with monkeypatch.context() as broken:
        broken.setattr(closings, "_write_balances", lambda _closing: 1 // 0)
        with pytest.raises(ZeroDivisionError), transaction():
            finish_closing()
    assert closed_through() is None
    assert balance(escrow, START + DAY) == 10
    assert [row.debit for row in trial_balance(START + DAY).rows if row.debit] == [10]
    with clock.at(START + 3 * DAY):
        close_books()
    found = db.session.scalars(select(LedgerClosing).order_by(LedgerClosing.through)).all()
    assert [one.through for one in found] == [START + DAY, START + 2 * DAY]
    assert all(one.finished_at is not None for one in found)
    assert check_books() == []


def test_two_workers_close_a_day_once(app: Flask) -> None:
    fund_daily(fresh(), [10, 20])
    moment = START + 3 * DAY

    def work() -> None:
        with clock.at(moment):
            close_books()

    assert at_once(app, [work] * 4) == [None] * 4
    assert [one.through for one in db.session.scalars(select(LedgerClosing))] == [moment - DAY]
    assert closed_through() == moment - DAY
    assert check_books() == []


def test_postings_and_closings_at_once_leave_nothing_behind_a_closing(app: Flask) -> None:
    fund_daily(fresh(), [10])
    deals = [fresh() for _ in range(6)]
    works: list[Callable[[], int]] = [partial(_post_in_the_past, deal) for deal in deals]
    answers = at_once(app, [*works, _close_step_by_step])
    assert all(isinstance(answer, int) for answer in answers), answers
    while finish():
        pass
    last = answers[-1]
    posted = sum(balance(accounts.escrow(deal, "CNY")) for deal in deals)
    assert posted == sum(answer for answer in answers[:-1] if isinstance(answer, int))
    assert isinstance(last, int)
    assert last > 0
    assert check_books() == [], "totals would differ from their lines if one had slipped in"


def finish() -> bool:
    with transaction():
        return finish_closing()


def _post_in_the_past(deal: int) -> int:
    """As many as are let in at the moments of one day, while that day is closed in small steps."""
    done = 0
    for number in range(40):
        try:
            with transaction(), clock.at(START + timedelta(minutes=number * 36)):
                fund(deal, 1)
            done += 1
        except PeriodClosed:
            continue
    return done


def _close_step_by_step() -> int:
    done = 0
    for hour in range(1, 24, 2):
        with transaction():
            done += close_period(START + timedelta(hours=hour))
        finish()
    return done


def test_a_posting_that_takes_long_is_waited_for_and_then_left_to_end(app: Flask) -> None:
    fund_daily(fresh(), [10])

    def close_soon() -> bool:
        return close_period(START + DAY)

    with transaction():
        fund(fresh(), 10)
        (answer,) = at_once(app, [close_soon])
        assert isinstance(answer, BooksBusy)
    with transaction():
        assert close_soon()


def test_reads_cost_as_many_queries_with_closings_as_without(often: None) -> None:
    escrow = fund_daily(fresh(), [10, 20, 30, 40])
    close(START + 3 * DAY)
    with queries() as sent:
        balance(escrow, START + DAY)
        statement(escrow, since=START, until=START + 2 * DAY)
    assert len(sent) == 2
    db.session.rollback()


def test_a_long_batch_is_refused_as_a_whole_when_one_entry_comes_too_late() -> None:
    fund_daily(fresh(), [10])
    close(START + DAY)
    deal = fresh()
    late = [
        Posting("escrow.funded", f"late:{deal}:{day}", tuple(funding(deal, 5)), "deal:1", START + day * DAY)
        for day in range(3)
    ]
    with pytest.raises(PeriodClosed), transaction():
        post_many(late)
    assert balance(accounts.escrow(deal, "CNY")) == 0


def test_a_hold_spans_a_closing(often: None) -> None:
    creator = fresh()
    pending, available = accounts.creator_pending(creator, "CNY"), accounts.creator_available(creator, "CNY")
    escrow = fund_daily(fresh(), [900])
    with clock.at(START + DAY), transaction():
        moved(escrow, pending, 900)
    close(START + 2 * DAY)
    with clock.at(START + 4 * DAY), transaction():
        moved(pending, available, 900)
    assert [balance(pending, START + day * DAY) for day in (1, 2, 5)] == [0, 900, 0]
    assert [balance(available, START + day * DAY) for day in (1, 2, 5)] == [0, 0, 900]


def moved(source: Account, target: Account, amount: int) -> Entry:
    return post("moved", f"move:{fresh()}", [debit(source, amount), credit(target, amount)], source.owner)
