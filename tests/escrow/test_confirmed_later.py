"""Ways to pay that a bank confirms days later, or doesn't: the deal waits, and nobody pays twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.deals.closing import cancel
from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.deals.policy import whose_turn
from marketplace.escrow.fund import start_funding
from marketplace.escrow.models import CheckoutState, PaymentState
from marketplace.escrow.queries import newest_payment
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.ledger.accounts import escrow
from marketplace.notifications.models import Notification
from marketplace.stripe_sandbox import guest
from tests.escrow.visiting import checkout_of, visit
from tests.support.market import BrandSide, CreatorSide
from tests.support.money import Parties, assert_books_balance, confirm_newest, held, pay, signed_deal, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def pay_late(parties: Parties) -> str:
    """By a debit that a bank confirms in days; the id of the payment at the provider."""
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"), method="sepa_debit")
    confirm_newest(parties.deal_id)
    intent = checkout_of(parties).payment_intent_id
    db.session.rollback()
    assert intent is not None
    return intent


def deal_of(parties: Parties) -> Deal:
    db.session.expire_all()
    return db.session.get_one(Deal, parties.deal_id)


def told(side: BrandSide | CreatorSide) -> set[str]:
    return set(db.session.scalars(select(Notification.kind).where(Notification.user_id == side.actor.user_id)))


def test_a_bank_that_confirms_later_is_waited_for_and_then_the_work_begins(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    parties = signed_deal()
    intent = pay_late(parties)
    deal = deal_of(parties)
    assert (deal.state, deal.awaiting_bank, whose_turn(deal)) == (State.FUNDING, True, None)
    assert deal.deadline_at is not None
    assert timedelta(days=13) < deal.deadline_at - clock.now() <= timedelta(days=14)
    run_jobs()
    assert {"deal.await_bank.brand"} <= told(parties.brand)
    assert {"deal.await_bank.creator"} <= told(parties.creator)
    assert held(escrow(parties.deal_id, "CNY")) == 0
    sandbox.command("triggers/confirm_late_payment", intent=intent)
    confirm_newest(parties.deal_id)
    deal = deal_of(parties)
    assert (deal.state, deal.awaiting_bank) == (State.PRODUCTION, False)
    assert checkout_of(parties).method == "sepa_debit"
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_the_funding_deadline_does_not_end_a_deal_whose_payment_a_bank_confirms() -> None:
    parties = signed_deal()
    pay_late(parties)
    with clock.at(clock.now() + timedelta(days=8)), transaction():
        assert enforce_deadline(parties.deal_id) is None
    with clock.at(clock.now() + timedelta(days=15)), transaction():
        enforce_deadline(parties.deal_id)
    assert state_of(parties.deal_id) is State.EXPIRED
    assert_books_balance()


def test_a_bank_that_refuses_lets_the_brand_pay_again(run_jobs: RunJobs, sandbox: Sandbox, app: Flask) -> None:
    parties = signed_deal()
    intent = pay_late(parties)
    sandbox.command("triggers/fail_late_payment", intent=intent, code="insufficient_funds")
    confirm_newest(parties.deal_id)
    deal = deal_of(parties)
    assert (deal.state, deal.awaiting_bank) == (State.FUNDING, False)
    assert deal.deadline_at is not None
    assert deal.deadline_at - clock.now() > timedelta(days=6)
    checkout = checkout_of(parties)
    assert (checkout.state, checkout.failure) == (CheckoutState.FAILED, "insufficient_funds")
    run_jobs()
    assert "deal.bank_refused.brand" in told(parties.brand)
    client = visit(app, parties.brand)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "The bank didn’t confirm the payment" in page.text
    assert "didn’t have enough" in page.text
    assert "didn’t have enough" in client.get(f"/deals/{parties.deal_id}/fund").text
    pay(parties)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert_books_balance()


@pytest.mark.parametrize("ends", ["cancelled", "expired"])
def test_money_that_a_bank_confirms_after_the_deal_has_ended_goes_back(
    run_jobs: RunJobs, sandbox: Sandbox, ends: str
) -> None:
    parties = signed_deal()
    intent = pay_late(parties)
    with clock.at(clock.now() + timedelta(days=15)):
        with transaction():
            if ends == "cancelled":
                cancel(parties.creator.actor, parties.deal_id, "I fell ill.")
            else:
                enforce_deadline(parties.deal_id)
        run_jobs()
    kind = "deal.cancel_at_bank.brand" if ends == "cancelled" else "deal.expire_at_bank.brand"
    assert kind in told(parties.brand)
    sandbox.command("triggers/confirm_late_payment", intent=intent)
    confirm_newest(parties.deal_id)
    run_jobs()
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert payment.state is PaymentState.RETURNED
    assert state_of(parties.deal_id).value == ends
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert_books_balance()


def test_while_a_bank_confirms_nobody_pays_twice_and_every_page_says_so(app: Flask) -> None:
    parties = signed_deal()
    pay_late(parties)
    with pytest.raises(Conflict, match="A bank is confirming"):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    client = visit(app, parties.brand)
    deal = client.get(f"/deals/{parties.deal_id}").text
    assert "Your payment is being confirmed by a bank" in deal
    assert f'/deals/{parties.deal_id}/fund"' not in deal
    assert "Bank confirms" in client.get("/deals?tab=theirs").text
    assert "A bank is confirming ¥12,600.00" in client.get("/spending").text
    assert "Nothing waits for a payment" in client.get("/pay").text
    back = client.get(f"/deals/{parties.deal_id}/fund", follow_redirects=True).text
    assert "A bank is confirming your payment" in back
    assert "SEPA" in back
    assert "has paid, and a bank confirms it" in visit(app, parties.creator).get(f"/deals/{parties.deal_id}").text


def test_another_amount_that_a_bank_confirms_late_is_held_apart_and_the_deal_can_be_paid(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    parties = signed_deal()
    intent = pay_late(parties)
    with transaction():
        checkout_of(parties).amount = 12_000_00
    sandbox.command("triggers/confirm_late_payment", intent=intent)
    confirm_newest(parties.deal_id)
    assert checkout_of(parties).state is CheckoutState.SUSPENSE
    deal = deal_of(parties)
    assert (deal.state, deal.awaiting_bank) == (State.FUNDING, False)
    assert deal.deadline_at is not None
    assert deal.deadline_at - clock.now() <= timedelta(days=7)
    run_jobs()
    assert "deal.hold_apart.brand" in told(parties.brand)
    page = visit(app, parties.brand).get(f"/deals/{parties.deal_id}").text
    assert "arrived in another amount than asked" in page
    assert "Nothing was taken" not in page
    pay(parties)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert_books_balance()
