"""Random ways to pay for a few deals: two members, overlapping choices, old pages, ends between. Always one effect."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.deals.closing import cancel
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState
from marketplace.escrow.receive import confirm_session
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.ledger.accounts import escrow, refund_in_transit
from marketplace.stripe_sandbox import guest
from tests.support import deals as short_cut
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator, make_member
from tests.support.money import assert_books_balance, held, state_of
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.usefixtures("context", "sandbox"), pytest.mark.timeout(600)]
RunJobs = Callable[..., None]
CARD, DEBIT = "card", "sepa_debit"

_STEPS = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 1), st.sets(st.integers(0, 2), min_size=1)),
    st.tuples(st.just("pay"), st.integers(0, 9), st.sampled_from([CARD, CARD, DEBIT])),
    st.tuples(st.just("hear"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 2)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("jobs")),
)


@dataclass
class Town:
    """One company with two who pay, three signed deals, and every page that was opened."""

    sandbox: Sandbox
    run_jobs: RunJobs
    payers: Sequence[Actor]
    creator: CreatorSide
    deal_ids: Sequence[int]
    pages: list[str] = field(default_factory=list)

    def take(self, step: tuple[object, ...]) -> None:
        match step:
            case ("open", int(who), set(chosen)):
                with suppress(Conflict, NotAllowed):
                    self.pages.append(fund_deals(self.payers[who], [self.deal_ids[place] for place in chosen], "en"))
            case ("pay", int(place), str(way)) if self.pages:
                with suppress(guest.PageRefused):
                    guest.pay(self.pages[place % len(self.pages)], method=way)
            case ("hear", int(place)) if self.pages:
                confirm_session(self.pages[place % len(self.pages)].rpartition("/")[2])
            case ("cancel", int(place)):
                with suppress(Conflict), transaction():
                    cancel(self.creator.actor, self.deal_ids[place], "I fell ill.")
            case ("answer", bool(yes)):
                self._answer(yes)
            case ("jobs",):
                self.run_jobs(allow_failures=True)

    def _answer(self, yes: bool) -> None:
        """The bank of the oldest payment that waits for one."""
        query = select(Checkout.payment_intent_id).where(Checkout.state == CheckoutState.CONFIRMING)
        intent = db.session.scalars(query.order_by(Checkout.created_at)).first()
        db.session.rollback()
        if intent is not None:
            with suppress(OSError):  # it has answered, and nobody has asked yet
                self.sandbox.command(f"triggers/{'confirm' if yes else 'fail'}_late_payment", intent=intent)

    def come_to_rest(self) -> None:
        """Everything that is under way is heard of."""
        for page in self.pages:
            confirm_session(page.rpartition("/")[2])
        self.run_jobs(allow_failures=True)
        for page in self.pages:
            confirm_session(page.rpartition("/")[2])
        self.run_jobs()


def build(sandbox: Sandbox, run_jobs: RunJobs) -> Town:
    with transaction():
        creator, brand = make_creator(), make_brand()
        payers = [brand.actor, make_member(brand, "finance").actor]
        made = [_deal(creator, brand) for _ in range(3)]
        return Town(sandbox, run_jobs, payers, creator, made)


def _deal(creator: CreatorSide, brand: BrandSide) -> int:
    return short_cut.make_deal(creator, brand, state=State.FUNDING).id


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(_STEPS, min_size=2, max_size=9))
def test_whatever_is_opened_paid_and_ended_each_deal_is_paid_once_or_not(
    sandbox: Sandbox, run_jobs: RunJobs, steps: list[tuple[object, ...]]
) -> None:
    town = build(sandbox, run_jobs)
    for step in steps:
        town.take(step)
    town.come_to_rest()
    for deal_id in town.deal_ids:
        paid = select(func.sum(Payment.amount)).where(
            Payment.deal_id == deal_id, Payment.state == PaymentState.SUCCEEDED
        )
        amount = int(db.session.scalar(paid) or 0)
        state, awaiting = state_of(deal_id), db.session.get_one(Deal, deal_id).awaiting_bank
        db.session.rollback()
        assert state in (State.FUNDING, State.PRODUCTION, State.CANCELLED)
        assert (amount > 0) is (state is State.PRODUCTION)
        assert held(escrow(deal_id, "CNY")) == amount
        assert held(refund_in_transit(deal_id, "CNY")) == 0
        assert not (awaiting and state is State.PRODUCTION)
    assert_books_balance()


def test_every_open_page_has_deals_that_can_take_its_money(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    """Not by chance: a page for two, then one of them by the other member, then the first page after all."""
    town = build(sandbox, run_jobs)
    for step in (("open", 0, {0, 1}), ("open", 1, {1, 2}), ("pay", 0, CARD), ("pay", 1, DEBIT), ("hear", 1)):
        town.take(step)
    assert [state_of(deal_id) for deal_id in town.deal_ids] == [State.FUNDING] * 3
    for step in (("open", 0, {0}), ("pay", 2, CARD), ("hear", 2), ("answer", True)):
        town.take(step)
    town.come_to_rest()
    assert [state_of(deal_id) for deal_id in town.deal_ids] == [State.PRODUCTION] * 3
    assert_books_balance()
