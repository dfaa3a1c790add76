"""A deal under any order of verbs, by anyone, at any time, against a model made of the table alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.config import Settings
from marketplace.contracts.models import Party
from marketplace.contracts.queries import parties_signed
from marketplace.deals import service
from marketplace.deals.deadlines import OURS, enforce_deadline
from marketplace.deals.lifecycle import FINAL, ON_DEADLINE, STEPS, TABLE, Action, Clock, State
from marketplace.deals.models import DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.deals.queries import deliveries_of, events_of, get_deal, newest_terms
from marketplace.infra.db import db, transaction
from marketplace.infra.settings import settings as application_settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed
from marketplace.kit.money import Money
from tests.support import deals
from tests.support.deals import DealSides
from tests.support.market import BrandSide, CreatorSide, make_admin, make_brand, make_creator, make_member

_START = datetime(2027, 3, 1, 2, tzinfo=UTC)
_WHO = st.sampled_from(("creator", "brand", "creator", "brand", "creator", "brand", "viewer", "admin"))
_START_AT = st.sampled_from(STEPS[:1] * 5 + STEPS[1:])
# What ends a deal for good is tried seldom, or nothing else would be.
_SELDOM = st.sampled_from((False, False, False, True))
_HIGHER = (
    Action.ACCEPT_WORK,
    Action.CANCEL_LATE,
    Action.OPEN_DISPUTE,
    Action.WITHDRAW_DISPUTE,
    Action.RULE_COMPLETED,
    Action.RULE_REFUNDED,
    Action.AGREE_COMPLETED,
    Action.AGREE_REFUNDED,
)
_ENDING = (
    Action.CANCEL,
    Action.ACCEPT_WORK,
    Action.CANCEL_LATE,
    Action.RULE_COMPLETED,
    Action.RULE_REFUNDED,
    Action.AGREE_COMPLETED,
    Action.AGREE_REFUNDED,
)
_STRAIGHT: dict[State, tuple[Action, ...]] = {
    State.NEGOTIATING: (Action.ACCEPT_TERMS,),
    State.SIGNING: (Action.SIGN, Action.SIGN, Action.COMPLETE_SIGNING),
    State.FUNDING: (Action.FUND,),
    State.PRODUCTION: (Action.SUBMIT_DRAFT,),
    State.DRAFT_REVIEW: (Action.APPROVE_DRAFT,),
    State.PUBLISHING: (Action.SUBMIT_PUBLICATION,),
}


def _acts(who: str) -> bool:
    """Whether somebody may act for a side at all."""
    return who in ("creator", "brand")


class DealMachine(RuleBasedStateMachine):
    """The model: the state, whose proposal stands, who signed, how many revisions are left, and the deadline."""

    app: Flask
    creator: CreatorSide
    brand: BrandSide
    viewer: Actor
    admin: Actor

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.now = _START
        self.moves = 0
        self.over: dict[int, State] = {}

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    @initialize(start=_START_AT)
    def open(self, start: State) -> None:
        with clock.at(self.now), transaction():
            self.sides: DealSides = deals.make_deal(self.creator, self.brand)
        self.state, self.proposed_by = State.NEGOTIATING, DealSide.CREATOR
        self.number, self.revisions_left = 1, 2
        self.signed: set[DealSide] = set()
        self.deadline: datetime | None = self.now + timedelta(days=self.settings.negotiating_days)
        self.paused: tuple[State, timedelta | None] | None = None
        self.moves = 1
        while self.state is not start:
            self.go_on()

    @precondition(lambda self: self.state in FINAL)
    @rule(start=_START_AT)
    def open_another(self, start: State) -> None:
        """What is final stays so while the two go on with another deal."""
        self.over[self.sides.id] = self.state
        self.open(start)

    def go_on(self) -> None:
        """One step of the straight way, so that the later states are seen as well."""
        here = self.state
        with clock.at(self.now), transaction():
            deals.advance(self.sides, STEPS[STEPS.index(here) + 1])
        if here is State.SIGNING:
            self.signed = {DealSide.CREATOR, DealSide.BRAND}
        for action in _STRAIGHT[here]:
            self._moved(action)

    @property
    def settings(self) -> Settings:
        return application_settings()

    # --- What people and the clock try -----------------------------------------------------------------------------

    # One rule for all: Hypothesis leaves some rules out of each run, and a deal moves only where several play together.
    @precondition(lambda self: self.state not in FINAL)
    @rule(data=st.data(), who=_WHO, hours=st.sampled_from((0, 1, 30, 24 * 2)), stale=_SELDOM, unlikely=_SELDOM)
    def take_a_step(self, data: st.DataObject, who: str, hours: int, stale: bool, unlikely: bool) -> None:
        """Mostly something that the table has in this state, sometimes anything else or a long silence, by anyone."""
        self.now += timedelta(hours=24 * 8 if unlikely and stale else hours)
        self._the_clock_strikes()
        here = [action for (state, action) in TABLE if state is self.state and action in self.verbs]
        found = data.draw(st.sampled_from(list(self.verbs) if unlikely or not here else here))
        if found not in (*_ENDING, Action.OPEN_DISPUTE) or data.draw(_SELDOM):
            self.verbs[found](who, stale)

    @precondition(lambda self: self.state in FINAL)
    @rule(data=st.data(), who=_WHO)
    def try_to_revive(self, data: st.DataObject, who: str) -> None:
        self.verbs[data.draw(st.sampled_from(list(self.verbs)))](who, False)

    @property
    def verbs(self) -> dict[Action, Callable[[str, bool], None]]:
        return {
            Action.PROPOSE_TERMS: self._propose,
            Action.ACCEPT_TERMS: self._accept_terms,
            Action.SIGN: self._sign,
            Action.FUND: self._money_arrives,
            Action.SUBMIT_DRAFT: self._submit_draft,
            Action.REQUEST_REVISION: self._request_revision,
            Action.APPROVE_DRAFT: self._approve_draft,
            Action.SUBMIT_PUBLICATION: self._submit_publication,
            Action.CANCEL: self._cancel,
            **{action: partial(self._as_higher_floors, action) for action in _HIGHER},
        }

    def _propose(self, who: str, stale: bool) -> None:
        price = Money(10_000_00 + self.number * 100 + self.moves)

        def act(actor: Actor) -> None:
            days = {"draft_due_on": deals.in_days(5), "publish_on": deals.in_days(9)}
            service.propose_terms(
                actor, self.sides.id, deals.terms_input(self.sides, price=price, **days), self.number - stale
            )

        if self._try(who, Action.PROPOSE_TERMS, _acts(who), act, refused=Conflict if stale else None):
            self.number, self.proposed_by = self.number + 1, self._side(who)

    def _accept_terms(self, who: str, stale: bool) -> None:
        other = _acts(who) and self._side(who) is not self.proposed_by
        past = newest_terms(self.sides.id).draft_due_on < self._today()

        def act(actor: Actor) -> None:
            service.accept_terms(actor, self.sides.id, self.number - stale)

        self._try(who, Action.ACCEPT_TERMS, other, act, refused=Conflict if stale else Invalid if past else None)

    def _sign(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            sha256 = deals.fingerprint_of(self.sides) if self.state is State.SIGNING else "0" * 64
            service.sign(actor, self.sides.id, sha256, address="", user_agent="", locale="en")

        twice = self._side(who) in self.signed
        if self._try(who, Action.SIGN, _acts(who), act, refused=Conflict if twice else None):
            self.signed.add(self._side(who))
            if len(self.signed) == 2:
                self._moved(Action.COMPLETE_SIGNING)

    def _money_arrives(self, _who: str, _stale: bool) -> None:
        if self.state is State.FUNDING:
            with clock.at(self.now), transaction():
                deals.fund(self.sides)
            self._moved(Action.FUND)

    def _submit_draft(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            service.submit_draft(actor, self.sides.id, url="https://example.com/draft")

        self._try(who, Action.SUBMIT_DRAFT, who == "creator", act)

    def _request_revision(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            service.request_revision(actor, self.sides.id, "Quieter.")

        refused = Conflict if self.revisions_left == 0 else None
        if self._try(who, Action.REQUEST_REVISION, who == "brand" or refused is not None, act, refused=refused):
            self.revisions_left -= 1

    def _approve_draft(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            service.approve_draft(actor, self.sides.id)

        self._try(who, Action.APPROVE_DRAFT, who == "brand", act)

    def _submit_publication(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            service.submit_publication(actor, self.sides.id, "https://example.com/published")

        self._try(who, Action.SUBMIT_PUBLICATION, who == "creator", act)

    def _cancel(self, who: str, _stale: bool) -> None:
        def act(actor: Actor) -> None:
            service.cancel(actor, self.sides.id, "It was called off.")

        self._try(who, Action.CANCEL, _acts(who), act)

    def _as_higher_floors(self, action: Action, who: str, _stale: bool) -> None:
        """Escrow and disputes move the deal so; the table, the rights and the pause are ours."""

        def act(actor: Actor) -> None:
            deal = get_deal(actor, self.sides.id, lock=True)
            move_deal(deal, action, actor, require(actor, action, deal))

        late = self.deadline is not None and self.deadline <= self.now
        allowed = {
            Action.ACCEPT_WORK: who == "brand",
            Action.CANCEL_LATE: who == "brand" and late,
            Action.RULE_COMPLETED: who == "admin",
            Action.RULE_REFUNDED: who == "admin",
        }
        self._try(who, action, allowed.get(action, _acts(who)), act)

    def _the_clock_strikes(self) -> None:
        due = self.state in OURS and self.deadline is not None and self.deadline <= self.now
        with clock.at(self.now), transaction():
            done = enforce_deadline(self.sides.id)
        assert (done is not None) is due
        if due:
            self._moved(ON_DEADLINE[self.state])

    # --- The model ---------------------------------------------------------------------------------------------------

    def _actor(self, who: str) -> Actor:
        actors = {"creator": self.sides.creator.actor, "brand": self.sides.brand.actor, "viewer": self.viewer}
        return actors.get(who, self.admin)

    def _side(self, who: str) -> DealSide:
        sides = {"creator": DealSide.CREATOR, "brand": DealSide.BRAND, "viewer": DealSide.BRAND}
        return sides.get(who, DealSide.ADMIN)

    def _today(self) -> Any:
        with clock.at(self.now):
            return deals.in_days(0)

    def _try(
        self,
        who: str,
        action: Action,
        allowed: bool,
        act: Callable[[Actor], object],
        *,
        refused: type[DomainError] | None = None,
    ) -> bool:
        """Do it, and see that it is refused exactly where the table, the rights or `refused` say so."""
        expected: type[DomainError] | None = refused
        if (self.state, action) not in TABLE:
            expected = Conflict
        elif not allowed:
            expected = NotAllowed
        with clock.at(self.now):
            if expected is not None:
                with pytest.raises(expected), transaction():
                    act(self._actor(who))
                return False
            with transaction():
                act(self._actor(who))
        self._moved(action)
        return True

    def _moved(self, action: Action) -> None:
        row = TABLE[self.state, action]
        before = self.state
        if action is Action.WITHDRAW_DISPUTE:
            assert self.paused is not None
            self.state, remaining = self.paused
            self.deadline = self.now + remaining if remaining is not None else None
            self.paused = None
        else:
            assert row.to is not None
            if row.to is State.DISPUTED:
                left = max(self.deadline - self.now, timedelta(0)) if self.deadline is not None else None
                self.paused = before, left
            elif before is State.DISPUTED:
                self.paused = None
            self.state = row.to
            self.deadline = self._deadline(row.clock)
        self.moves += 1

    def _deadline(self, kind: Clock) -> datetime | None:
        match kind:
            case Clock.NONE:
                return None
            case Clock.KEEP:
                return self.deadline
            case Clock.DRAFT_DUE:
                due = newest_terms(self.sides.id).draft_due_on
                grace = timedelta(days=self.settings.production_grace_days)
                # Shanghai keeps one time all year: its midnight is 16:00 UTC of the day before.
                midnight = datetime(due.year, due.month, due.day, 16, tzinfo=UTC)
                return max(midnight + grace, self.now + grace)
            case _:
                return self.now + timedelta(days=getattr(self.settings, kind.value))

    # --- What holds always -------------------------------------------------------------------------------------------

    @invariant()
    def the_deal_is_what_the_model_says(self) -> None:
        if not self.moves:
            return
        db.session.rollback()
        deal = get_deal(SYSTEM, self.sides.id)
        assert (deal.state, deal.deadline_at) == (self.state, self.deadline)
        assert deal.proposed_by is self.proposed_by
        assert deal.revisions_used == 2 - self.revisions_left
        assert (deal.quote is not None) is (len(self.signed) == 2)
        assert parties_signed(deal.contract_id) == {Party(side.value) for side in self.signed}
        assert (deal.paused_state, deal.paused_remaining) == (self.paused or (None, None))
        if deal.state in FINAL:
            assert deal.deadline_at is None

    @invariant()
    def events_chain_without_a_gap(self) -> None:
        if not self.moves:
            return
        events = events_of(self.sides.id)
        assert len(events) == self.moves
        assert events[0].from_state is None
        for earlier, event in pairwise(events):
            assert event.from_state is earlier.to_state
            assert event.from_state is not None
            row = TABLE[event.from_state, event.action]
            assert row.to in (event.to_state, None)
        assert events[-1].to_state is self.state

    @invariant()
    def final_deals_stay_as_they_ended(self) -> None:
        for deal_id, state in self.over.items():
            assert get_deal(SYSTEM, deal_id).state is state

    @invariant()
    def drafts_are_numbered_without_a_gap(self) -> None:
        if self.moves:
            drafts = [delivery.number for delivery in deliveries_of(self.sides.id) if delivery.kind == "draft"]
            assert drafts == list(range(1, len(drafts) + 1))


@pytest.mark.timeout(600)
def test_a_deal_keeps_to_its_table_whatever_is_tried(app: Flask) -> None:
    DealMachine.app = app
    with app.app_context(), transaction():
        DealMachine.creator, DealMachine.brand = make_creator(), make_brand()
        DealMachine.viewer = make_member(DealMachine.brand, "viewer").actor
        DealMachine.admin = make_admin()
    run_state_machine_as_test(
        DealMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
