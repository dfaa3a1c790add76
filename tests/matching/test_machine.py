"""A brief's places and budget under any order of choosing, answering and ending, against the selections and deals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.service import close_brief, open_brief
from marketplace.deals.deadlines import due_deals, enforce_deadline
from marketplace.deals.ending import UNPAID, committed_price
from marketplace.deals.lifecycle import FINAL, State
from marketplace.deals.models import Deal
from marketplace.deals.queries import newest_terms
from marketplace.deals.service import accept_selection, cancel
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money
from marketplace.matching.jobs import expire_selections, lapse_selections
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.matching.service import book_package, decline, invite_creator, invite_many, withdraw
from marketplace.offers.models import Engagement
from tests.support import deals
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_offer,
)

_START = datetime(2027, 3, 1, 2, tzinfo=UTC)
_PRICES = st.sampled_from((8_000_00, 9_000_00, 15_000_00))
_CREATORS = st.integers(0, 3)


class PlacesMachine(RuleBasedStateMachine):
    """Every rule is something that a person or a clock does; what is refused changes nothing."""

    app: Flask
    brand: BrandSide
    creators: list[CreatorSide]
    packages: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.now = _START

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    @initialize(slots=st.integers(1, 3), total=st.sampled_from((None, 15_000_00, 24_000_00, 40_000_00)))
    def write(self, slots: int, total: int | None) -> None:
        today = self.now.date()
        facts = brief_facts(slots=slots, apply_by=today + timedelta(days=200), publish_by=today + timedelta(days=400))
        with clock.at(self.now), transaction():
            facts = replace(facts, total=Money(total) if total is not None else None)
            self.brief_id = make_brief(self.brand, facts).id

    def tried(self, step: Callable[[], object]) -> None:
        self.now += timedelta(minutes=1)
        with clock.at(self.now):
            try:
                with transaction():
                    step()
            except DomainError:
                db.session.rollback()

    def nth(self, kind: type[Selection] | type[Deal], number: int) -> int | None:
        """One of the brief's open selections or of its running deals, by a number that is always good."""
        if kind is Deal:
            query = select(Deal.id).where(Deal.brief_id == self.brief_id, Deal.state.not_in(FINAL))
        else:
            open_now = Selection.status == SelectionStatus.OPEN
            query = select(Selection.id).where(Selection.brief_id == self.brief_id, open_now)
        found = db.session.scalars(query.order_by(kind.id)).all()
        db.session.rollback()
        return found[number % len(found)] if found else None

    # --- Choosing --------------------------------------------------------------------------------------------------

    @rule(creator=_CREATORS, price=_PRICES)
    def apply(self, creator: int, price: int) -> None:
        self.tried(lambda: make_application(self.creators[creator], self.brief_id, price))

    @rule(creator=_CREATORS, price=_PRICES)
    def invite(self, creator: int, price: int) -> None:
        whom = self.creators[creator].id
        self.tried(lambda: invite_creator(self.brand.actor, whom, self.brief_id, Money(price), "Come."))

    @rule(price=_PRICES)
    def invite_all(self, price: int) -> None:
        wanted = [(creator.id, Money(price)) for creator in self.creators]
        self.tried(lambda: invite_many(self.brand.actor, self.brief_id, wanted, "Come."))

    @rule(creator=_CREATORS)
    def book(self, creator: int) -> None:
        self.tried(lambda: book_package(self.brand.actor, self.packages[creator], "", self.brief_id))

    # --- Answering -------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 5), answer=st.sampled_from(("accept", "accept", "accept", "decline", "withdraw")))
    def end(self, number: int, answer: str) -> None:
        selection_id = self.nth(Selection, number)
        if selection_id is None:
            return
        selection = db.session.get_one(Selection, selection_id)
        creator = next(one for one in self.creators if one.id == selection.creator_id).actor
        by_creator = selection.kind is SelectionKind.APPLICATION
        db.session.rollback()
        maker, answerer = (creator, self.brand.actor) if by_creator else (self.brand.actor, creator)
        steps: dict[str, Callable[[], object]] = {
            "accept": lambda: accept_selection(answerer, selection_id),
            "decline": lambda: decline(answerer, selection_id, "No."),
            "withdraw": lambda: withdraw(maker, selection_id),
        }
        self.tried(steps[answer])

    @rule(number=st.integers(0, 5), change=st.sampled_from((-500_00, 0, 500_00, 9_000_00)))
    def agree(self, number: int, change: int) -> None:
        """The sides agree on terms, at the price chosen or another one."""
        deal_id = self.nth(Deal, number)
        if deal_id is None:
            return
        deal = db.session.get_one(Deal, deal_id)
        creator = next(one for one in self.creators if one.id == deal.creator_id)
        negotiating = deal.state is State.NEGOTIATING
        db.session.rollback()
        if not negotiating:
            return
        sides = deals.DealSides(deal_id, creator, self.brand)

        def step() -> None:
            price = newest_terms(deal_id).price + Money(change)
            if change:
                deals.counter(sides, creator.actor, price=price)
            deals.agree(sides)

        self.tried(step)

    @rule(number=st.integers(0, 5))
    def give_up(self, number: int) -> None:
        deal_id = self.nth(Deal, number)
        if deal_id is not None:
            self.tried(lambda: cancel(self.brand.actor, deal_id, "Our pots are late."))

    # --- Clocks and the brief itself --------------------------------------------------------------------------------

    @rule(days=st.sampled_from((1, 3, 15)))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        with clock.at(self.now):
            expire_selections()
            with transaction():
                due = due_deals(100)
            for deal_id in due:
                with transaction():
                    enforce_deadline(deal_id)

    @rule()
    def close_or_open(self) -> None:
        is_open = db.session.get_one(Brief, self.brief_id).status is BriefStatus.OPEN
        db.session.rollback()
        verb = close_brief if is_open else open_brief
        self.tried(lambda: verb(self.brand.actor, self.brief_id))
        with clock.at(self.now):
            lapse_selections(self.brief_id)

    # --- What always holds -----------------------------------------------------------------------------------------

    @invariant()
    def the_brief_counts_what_the_selections_and_deals_say(self) -> None:
        if not hasattr(self, "brief_id"):
            return
        brief = db.session.get_one(Brief, self.brief_id, populate_existing=True)
        chosen = db.session.scalars(select(Selection).where(Selection.brief_id == brief.id)).all()
        held = [one for one in chosen if one.holds_place]
        running = [deal for deal in self._deals() if deal.state not in UNPAID]
        assert {one.id for one in held} == {
            one.id for one in chosen if one.status is SelectionStatus.OPEN and one.kind is not SelectionKind.APPLICATION
        }
        assert (brief.slots_held, brief.held_amount) == (len(held), sum(one.price_amount for one in held))
        committed = sum(committed_price(deal).amount for deal in running)
        assert (brief.slots_filled, brief.committed_amount) == (len(running), committed)
        assert brief.slots_held + brief.slots_filled <= brief.slots
        if brief.total_amount is not None:
            assert brief.held_amount + brief.committed_amount <= brief.total_amount
        db.session.rollback()

    @invariant()
    def days_are_taken_while_a_deal_runs(self) -> None:
        if not hasattr(self, "brief_id"):
            return
        taken = set(db.session.scalars(select(Engagement.selection_id).where(Engagement.ended_at.is_(None))))
        of_brief = set(db.session.scalars(select(Selection.id).where(Selection.brief_id == self.brief_id)))
        assert taken & of_brief == {deal.selection_id for deal in self._deals() if deal.state not in FINAL}
        db.session.rollback()

    def _deals(self) -> list[Deal]:
        found = select(Deal).where(Deal.brief_id == self.brief_id).execution_options(populate_existing=True)
        return list(db.session.scalars(found))


@pytest.mark.timeout(600)
def test_places_and_budget_are_never_oversold_nor_lost(app: Flask) -> None:
    PlacesMachine.app = app
    with app.app_context(), transaction():
        PlacesMachine.brand = make_brand()
        PlacesMachine.creators = [make_creator(f"Creator {number}") for number in range(4)]
        PlacesMachine.packages = [make_offer(creator).packages[0].id for creator in PlacesMachine.creators]
    run_state_machine_as_test(
        PlacesMachine,
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
