"""Random lives of the books on the real database, against a plain model of dicts."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from marketplace.infra.db import transaction
from marketplace.ledger import accounts
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.check import check_books
from marketplace.ledger.postings import AlreadyReversed, KeyReused, Line, Overdraft, Posting
from marketplace.ledger.queries import EntryFilter, balances, entries, statement, trial_balance
from marketplace.ledger.service import post_many, reverse
from tests.ledger.books import fresh

CURRENCIES = ("CNY", "JPY")
amounts = st.integers(1, 1_000)


class BooksMachine(RuleBasedStateMachine):
    """Every rule tries the verb and the model; both must agree on what happens, to the last unit."""

    posted = Bundle("posted")

    @initialize()
    def open(self) -> None:
        self.reference = f"machine:{fresh()}"
        self.model: dict[Account, int] = {}
        self.history: list[tuple[int, tuple[Line, ...]]] = []
        self.reversed: dict[int, str] = {}
        self.pots = {
            currency: [accounts.escrow(fresh(), currency), accounts.creator_pending(fresh(), currency)]
            for currency in CURRENCIES
        }
        self.outside = {currency: Account(self.reference, AccountKind.STRIPE_FEES, currency) for currency in CURRENCIES}

    def _allowed(self, lines: tuple[Line, ...]) -> bool:
        """Whether no guarded account would hold less than nothing afterwards."""
        after = dict(self.model)
        for line in lines:
            after[line.account] = after.get(line.account, 0) + line.amount
        return all(total <= 0 for account, total in after.items() if account.rule.guarded)

    def _apply(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            self.model[line.account] = self.model.get(line.account, 0) + line.amount

    def _try(self, postings: list[Posting]) -> list[int]:
        lines = tuple(line for posting in postings for line in posting.lines)
        if not self._allowed(lines):
            with pytest.raises(Overdraft), transaction():
                post_many(postings)
            return []
        with transaction():
            found = post_many(postings)
        self._apply(lines)
        self.history += [(entry.id, posting.lines) for entry, posting in zip(found, postings, strict=True)]
        return [entry.id for entry in found]

    def _posting(self, *lines: Line) -> Posting:
        return Posting("machine.moved", f"machine:{fresh()}", lines, self.reference)

    @rule(target=posted, currency=st.sampled_from(CURRENCIES), pot=st.integers(0, 1), amount=amounts)
    def put_in(self, currency: str, pot: int, amount: int) -> object:
        lines = Line(self.outside[currency], amount), Line(self.pots[currency][pot], -amount)
        return multiple(*self._try([self._posting(*lines)]))

    @rule(target=posted, currency=st.sampled_from(CURRENCIES), source=st.integers(0, 1), amount=amounts)
    def move_across(self, currency: str, source: int, amount: int) -> object:
        pots = self.pots[currency]
        lines = Line(pots[source], amount), Line(pots[1 - source], -amount)
        return multiple(*self._try([self._posting(*lines)]))

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

    @rule(data=st.data(), other=st.booleans())
    def repeat(self, data: st.DataObject, other: bool) -> None:
        if not self.history:
            return
        entry_id, lines = data.draw(st.sampled_from(self.history))
        key = self._key_of(entry_id)
        if key is None:
            return
        if other:
            lines = tuple(Line(line.account, line.amount * 2) for line in lines)
            with pytest.raises(KeyReused), transaction():
                post_many([Posting("machine.moved", key, lines, self.reference)])
            return
        with transaction():
            again = post_many([Posting("machine.moved", key, lines, self.reference)])[0]
        assert (again.id, again.repeated) == (entry_id, True)

    def _key_of(self, entry_id: int) -> str | None:
        for found in entries(EntryFilter("machine.moved", self.reference), limit=500).entries:
            if found.entry.id == entry_id:
                return found.entry.key
        return None

    @rule(entry_id=posted)
    def undo(self, entry_id: int) -> None:
        lines = tuple(Line(line.account, -line.amount) for line in dict(self.history)[entry_id])
        if entry_id in self.reversed:
            with pytest.raises(AlreadyReversed), transaction():
                reverse(entry_id, f"undo:{fresh()}", "again")
        elif not self._allowed(lines):
            with pytest.raises(Overdraft), transaction():
                reverse(entry_id, f"undo:{fresh()}", "too late")
        else:
            key = f"undo:{fresh()}"
            with transaction():
                undone = reverse(entry_id, key, "a mistake")
            self._apply(lines)
            self.history.append((undone.id, lines))
            self.reversed[entry_id] = key

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        expected = {account: total * account.natural_sign for account, total in self.model.items()}
        assert balances(expected) == expected
        assert len(entries(EntryFilter(reference=self.reference), limit=500).entries) == len(self.history)

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        for account, total in self.model.items():
            page = statement(account, limit=500)
            assert page.closing == total * account.natural_sign
            assert sum(line.amount for line in page.lines) == page.closing
        assert trial_balance().balances
        assert check_books() == []


@pytest.mark.usefixtures("context")
def test_the_books_live_as_a_plain_model_says() -> None:
    run_machine(
        BooksMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
