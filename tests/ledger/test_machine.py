"""Random lives of the books on the real database, against a plain model: a list of all that was ever posted.

Time goes on from one life to the next, as the books of all of them are the same ones and are closed now and then.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask, current_app
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.ledger import accounts, closings
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.check import check_books
from marketplace.ledger.closings import close_period, closed_through, finish_closing
from marketplace.ledger.postings import AlreadyReversed, Entry, KeyReused, Line, Overdraft, PeriodClosed, Posting
from marketplace.ledger.queries import (
    EntryFilter,
    PostedEntry,
    balances,
    entries,
    statement,
    statement_lines,
    trial_balance,
)
from marketplace.ledger.service import post_many, reverse
from tests.ledger.books import at_once, fresh

CURRENCIES = ("CNY", "JPY")
HOLD = timedelta(days=3)
amounts = st.integers(1, 1_000)
backs = st.sampled_from((0, 0, 0, 1, 30))
"""How many hours ago a posting counts."""


@dataclass
class World:
    """All that was posted, by whatever life, the present moment, and how far the books are closed."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    closed: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    posted: list[tuple[datetime, tuple[Line, ...]]] = field(default_factory=list)

    def held(self, at: datetime | None = None) -> dict[Account, int]:
        """Debit positive, what was posted before the moment."""
        found: dict[Account, int] = {}
        for moment, lines in self.posted:
            for line in lines if at is None or moment < at else ():
                found[line.account] = found.get(line.account, 0) + line.amount
        return found

    def trial(self, at: datetime) -> dict[tuple[AccountKind, str], int]:
        found: dict[tuple[AccountKind, str], int] = {}
        for account, total in self.held(at).items():
            key = account.kind, account.commodity
            found[key] = found.get(key, 0) + total
        return {key: total for key, total in found.items() if total}


class BooksMachine(RuleBasedStateMachine):
    """Every rule tries the verb and the model; both must agree on what happens, to the last unit."""

    posted = Bundle("posted")
    world: World

    @initialize()
    def open(self) -> None:
        self._bury_earlier_lives()
        self.reference = f"machine:{fresh()}"
        self.history: list[tuple[int, tuple[Line, ...]]] = []
        self.reversed: set[int] = set()
        self.on_hold: list[tuple[datetime, int]] = []
        number = fresh()
        self.pots = {
            currency: [accounts.escrow(number, currency), accounts.creator_pending(number, currency)]
            for currency in CURRENCIES
        }
        self.available = accounts.creator_available(number, "CNY")
        self.held_back = accounts.agency_pending(number, "CNY")
        self.outside = {currency: Account(self.reference, AccountKind.STRIPE_FEES, currency) for currency in CURRENCIES}

    def _bury_earlier_lives(self) -> None:
        """They are closed and long ago, so that nothing in this one depends on them."""
        if any(moment >= self.world.closed for moment, _lines in self.world.posted):
            self.world.closed = self.world.now + timedelta(seconds=1)
            with transaction(), clock.at(self.world.closed):
                assert close_period(self.world.closed)
        self.world.now += timedelta(days=100)

    def _refusal(self, lines: tuple[Line, ...], at: datetime) -> type[Exception] | None:
        if at < self.world.closed:
            return PeriodClosed
        after = self.world.held()
        for line in lines:
            after[line.account] = after.get(line.account, 0) + line.amount
        overdrawn = any(after[line.account] > 0 for line in lines if line.account.rule.guarded)
        return Overdraft if overdrawn else None

    def _note(self, entry: Entry, lines: tuple[Line, ...]) -> None:
        self.world.posted.append((entry.posted_at, lines))
        self.history.append((entry.id, lines))

    def _try(self, postings: list[Posting]) -> list[int]:
        lines = tuple(line for posting in postings for line in posting.lines)
        refusal = self._refusal(lines, postings[0].at or self.world.now)
        if refusal is not None:
            with pytest.raises(refusal), transaction():
                post_many(postings)
            return []
        with transaction():
            found = post_many(postings)
        for entry, posting in zip(found, postings, strict=True):
            self._note(entry, posting.lines)
        return [entry.id for entry in found]

    def _posting(self, *lines: Line, back: int = 0) -> Posting:
        self.world.now += timedelta(seconds=1)
        at = self.world.now - timedelta(hours=back)
        return Posting("machine.moved", f"machine:{fresh()}", lines, self.reference, at)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)

    @rule(target=posted, currency=st.sampled_from(CURRENCIES), pot=st.integers(0, 1), amount=amounts, back=backs)
    def put_in(self, currency: str, pot: int, amount: int, back: int) -> object:
        lines = Line(self.outside[currency], amount), Line(self.pots[currency][pot], -amount)
        return multiple(*self._try([self._posting(*lines, back=back)]))

    @rule(target=posted, currency=st.sampled_from(CURRENCIES), source=st.integers(0, 1), amount=amounts, back=backs)
    def move_across(self, currency: str, source: int, amount: int, back: int) -> object:
        pots = self.pots[currency]
        lines = Line(pots[source], amount), Line(pots[1 - source], -amount)
        return multiple(*self._try([self._posting(*lines, back=back)]))

    @rule(target=posted, first=amounts, second=amounts)
    def move_in_two_currencies(self, first: int, second: int) -> object:
        lines = [
            line
            for currency, amount in zip(CURRENCIES, (first, second), strict=True)
            for line in (Line(self.pots[currency][0], amount), Line(self.outside[currency], -amount))
        ]
        return multiple(*self._try([self._posting(*lines)]))

    @rule(target=posted, steps=st.lists(st.tuples(st.integers(0, 1), amounts), min_size=2, max_size=5))
    def post_a_batch(self, steps: list[tuple[int, int]]) -> object:
        postings = [
            self._posting(Line(self.outside["CNY"], amount), Line(self.pots["CNY"][pot], -amount))
            for pot, amount in steps
        ]
        return multiple(*self._try(postings))

    @rule(amount=amounts)
    def earn(self, amount: int) -> None:
        """Into pending, where it is on hold for three days."""
        if self._try([self._posting(Line(self.outside["CNY"], amount), Line(self.held_back, -amount))]):
            self.on_hold.append((self.world.now + HOLD, amount))

    @rule()
    def release(self) -> None:
        """What has been on hold long enough becomes available, each once."""
        due = [hold for hold in self.on_hold if hold[0] <= self.world.now]
        postings = [self._posting(Line(self.held_back, held), Line(self.available, -held)) for _until, held in due]
        if postings:
            assert len(self._try(postings)) == len(due)
        self.on_hold = [hold for hold in self.on_hold if hold not in due]
        held = balances([self.held_back])[self.held_back]
        assert held == sum(amount for _until, amount in self.on_hold)

    @rule(data=st.data(), other=st.booleans())
    def repeat(self, data: st.DataObject, other: bool) -> None:
        """Whatever the moment of the repeat: it may be closed by now."""
        keys = {found.entry.id: found.entry.key for found in self._entries() if found.entry.kind == "machine.moved"}
        if not keys:
            return
        entry_id, lines = data.draw(st.sampled_from([one for one in self.history if one[0] in keys]))
        if other:
            lines = tuple(Line(line.account, line.amount * 2) for line in lines)
            with pytest.raises(KeyReused), transaction():
                post_many([Posting("machine.moved", keys[entry_id], lines, self.reference)])
            return
        with transaction():
            again = post_many([Posting("machine.moved", keys[entry_id], lines, self.reference)])[0]
        assert (again.id, again.repeated) == (entry_id, True)

    @rule(entry_id=posted)
    def undo(self, entry_id: int) -> None:
        lines = tuple(Line(line.account, -line.amount) for line in dict(self.history)[entry_id])
        now, key = self._posting(*lines).at or self.world.now, f"undo:{fresh()}"
        refusal = AlreadyReversed if entry_id in self.reversed else self._refusal(lines, now)
        if refusal is not None:
            with pytest.raises(refusal), transaction():
                reverse(entry_id, key, "too late", at=now)
            return
        with transaction():
            undone = reverse(entry_id, key, "a mistake", at=now)
        self._note(undone, lines)
        self.reversed.add(entry_id)

    @rule(hours=st.integers(0, 40))
    def close(self, hours: int) -> None:
        through = self.world.now - timedelta(hours=hours)
        expected = any(self.world.closed <= moment < through for moment, _lines in self.world.posted)
        with transaction(), clock.at(self.world.now):
            assert close_period(through) is expected
        if expected:
            self.world.closed = through

    @rule()
    def finish(self) -> None:
        """Until then reads do without the closing, as they do after a crash."""
        with transaction():
            finish_closing()

    @rule(hours=st.integers(0, 100), length=st.integers(0, 50))
    def look_back(self, hours: int, length: int) -> None:
        since = self.world.now - timedelta(hours=hours)
        until = since + timedelta(hours=length)
        rows = {(row.kind, row.commodity): row.debit - row.credit for row in trial_balance(until).rows}
        assert {key: total for key, total in rows.items() if total} == self.world.trial(until)
        before, after = self.world.held(since), self.world.held(until)
        mine = [*self.pots["CNY"], self.outside["JPY"], self.available]
        assert balances(mine, until) == {one: after.get(one, 0) * one.natural_sign for one in mine}
        for account in mine:
            page = statement(account, limit=500, since=since, until=until)
            ends = (before.get(account, 0) * account.natural_sign, after.get(account, 0) * account.natural_sign)
            assert (page.opening, page.closing) == ends
            assert page.opening + sum(line.amount for line in page.lines) == page.closing
            assert list(statement_lines(account, since, until)) == list(reversed(page.lines))

    @rule(amount=amounts)
    def post_one_key_twice_at_once(self, amount: int) -> None:
        posting = self._posting(Line(self.outside["CNY"], amount), Line(self.pots["CNY"][0], -amount))
        first, second = at_once(_app(), [partial(post_many, [posting])] * 2)
        assert isinstance(first, list)
        assert isinstance(second, list)
        assert first[0].id == second[0].id
        assert sorted([first[0].repeated, second[0].repeated]) == [False, True]
        self._note(first[0], posting.lines)

    @rule(amount=amounts)
    def take_twice_at_once(self, amount: int) -> None:
        pot = self.pots["CNY"][0]
        takes = [self._posting(Line(pot, amount), Line(self.outside["CNY"], -amount)) for _ in range(2)]
        fitting = min(2, -self.world.held().get(pot, 0) // amount)
        answers = at_once(_app(), [partial(post_many, [take]) for take in takes])
        assert sum(isinstance(answer, Overdraft) for answer in answers) == 2 - fitting
        for answer, take in zip(answers, takes, strict=True):
            if isinstance(answer, list):
                self._note(answer[0], take.lines)

    @rule(amount=amounts)
    def post_and_close_at_once(self, amount: int) -> None:
        """Whoever comes first: what was let in is in the closing, and what wasn't can be posted after it."""
        posting = self._posting(Line(self.outside["CNY"], amount), Line(self.pots["CNY"][0], -amount))
        through = self.world.now + timedelta(microseconds=1)
        posted, _shut = at_once(_app(), [partial(post_many, [posting]), partial(_close, through)])
        if isinstance(posted, list):
            self._note(posted[0], posting.lines)
            with transaction():
                _close(through)
        self.world.closed = through
        with pytest.raises(PeriodClosed), transaction():
            post_many([replace(posting, key=f"late:{fresh()}")])
        if not isinstance(posted, list):
            assert isinstance(posted, PeriodClosed)
            assert self._try([self._posting(*posting.lines)])

    def _entries(self) -> tuple[PostedEntry, ...]:
        return entries(EntryFilter(reference=self.reference), limit=500).entries

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "history"):
            return
        held = self.world.held()
        mine = {line.account for _id, lines in self.history for line in lines}
        assert balances(mine) == {account: held[account] * account.natural_sign for account in mine}
        assert len(self._entries()) == len(self.history)

    def teardown(self) -> None:
        if not hasattr(self, "history"):
            return
        held = self.world.held()
        for account in {line.account for _id, lines in self.history for line in lines}:
            page = statement(account, limit=500)
            assert (page.opening, page.closing) == (0, held[account] * account.natural_sign)
            assert sum(line.amount for line in page.lines) == page.closing
        assert trial_balance().balances
        assert check_books() == []
        assert check_books(since=closed_through()) == []


def _app() -> Flask:
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return found


def _close(through: datetime) -> list[Entry]:
    with clock.at(through):
        close_period(through)
    return []


@pytest.mark.usefixtures("context")
def test_the_books_live_as_a_plain_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closings, "KEPT_EVERY", 3)
    monkeypatch.setattr(BooksMachine, "world", World(), raising=False)
    run_machine(
        BooksMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
