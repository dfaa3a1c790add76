"""The money of a deal, from the checkout to the creator's account, through the verbs and a Stripe that answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import start_funding
from marketplace.escrow.jobs import accept_by_silence, release_earnings_job, sweep
from marketplace.escrow.models import PaymentState
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed, NotFound
from marketplace.ledger.accounts import (
    creator_available,
    creator_pending,
    escrow,
    fees_brand,
    fees_creator,
    refund_in_transit,
    stripe_clearing,
    stripe_fees,
    transfer_in_transit,
)
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.books import final_escrow_is_zero, on_its_way_is_prepared
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.queries import account_of
from marketplace.stripe_sandbox import guest
from tests.support.market import make_brand, make_member
from tests.support.money import (
    accept,
    assert_books_balance,
    completed_deal,
    confirm_newest,
    funded_deal,
    held,
    pay,
    publish,
    signed_deal,
    state_of,
)
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
CARD_DECLINED = "4000000000000002"


def read_account(creator_id: int) -> None:
    """What the webhook's job does when the account has changed."""
    account = account_of(creator_id)
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)


def test_paying_brings_the_money_into_escrow_and_starts_the_work() -> None:
    parties = funded_deal()
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert held(stripe_clearing("CNY")) == 12_600_00 - held(stripe_fees("CNY"))
    assert held(stripe_fees("CNY")) > 0
    assert_books_balance()


def test_accepting_settles_each_part_and_leaves_escrow_empty() -> None:
    parties = completed_deal()
    assert state_of(parties.deal_id) is State.COMPLETED
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(creator_pending(parties.creator.id, "CNY")) == 11_300_00
    assert held(fees_creator("CNY")) == 700_00
    assert held(fees_brand("CNY")) == 600_00
    assert_books_balance()


def test_a_declined_card_takes_nothing_and_the_brand_can_pay_again() -> None:
    parties = signed_deal()
    with pytest.raises(guest.PaymentDeclined):
        pay(parties, CARD_DECLINED)
    confirm_newest(parties.deal_id)
    assert state_of(parties.deal_id) is State.FUNDING
    pay(parties)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert_books_balance()


def test_opening_the_payment_twice_leads_to_the_same_checkout() -> None:
    parties = signed_deal()
    first = start_funding(parties.brand.actor, parties.deal_id, "en")
    assert start_funding(parties.brand.actor, parties.deal_id, "zh") == first


def test_paying_a_paid_deal_again_is_refused() -> None:
    parties = signed_deal()
    checkout = start_funding(parties.brand.actor, parties.deal_id, "en")
    guest.pay(checkout)
    with pytest.raises(Conflict):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    with pytest.raises(Conflict):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_confirming_again_and_again_books_once() -> None:
    parties = funded_deal()
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    checkout_id = str(payment.checkout_id)
    for _ in range(3):
        confirm_checkout(checkout_id)
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_money_for_a_deal_that_expired_meanwhile_is_booked_and_sent_back(run_jobs: RunJobs) -> None:
    parties = signed_deal()
    checkout = start_funding(parties.brand.actor, parties.deal_id, "en")
    guest.pay(checkout)
    with clock.at(clock.now() + timedelta(days=8)):
        with transaction():
            enforce_deadline(parties.deal_id)
        assert state_of(parties.deal_id) is State.EXPIRED
        confirm_newest(parties.deal_id)
        run_jobs()
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert payment.state is PaymentState.RETURNED
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert held(stripe_clearing("CNY")) == -held(stripe_fees("CNY"))
    assert_books_balance()


def test_a_brand_that_stays_silent_accepts_by_its_clock(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    publish(parties)
    with clock.at(clock.now() + timedelta(days=6)):
        accept_by_silence()
        assert state_of(parties.deal_id) is State.ACCEPTANCE
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        accept_by_silence()
        run_jobs()
    assert state_of(parties.deal_id) is State.COMPLETED
    assert_books_balance()


def test_earnings_wait_for_their_hold_and_then_reach_the_connected_account(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    guest.onboard(start_onboarding(parties.creator.actor))
    read_account(parties.creator.id)
    run_jobs()
    assert held(creator_pending(parties.creator.id, "CNY")) == 11_300_00
    with clock.at(clock.now() + timedelta(days=3, minutes=1)):
        release_earnings_job()
        run_jobs()
    assert held(creator_pending(parties.creator.id, "CNY")) == 0
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert held(stripe_clearing("CNY")) == 12_600_00 - held(stripe_fees("CNY")) - 11_300_00
    assert_books_balance()


def test_without_an_account_earnings_stay_available_and_follow_when_it_is_ready(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
        assert held(creator_available(parties.creator.id, "CNY")) == 11_300_00
        guest.onboard(start_onboarding(parties.creator.actor))
        read_account(parties.creator.id)
        run_jobs()
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_late_draft_lets_the_brand_cancel_and_get_all_back(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    with pytest.raises(NotAllowed), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        run_jobs()
    assert state_of(parties.deal_id) is State.CANCELLED
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()


def test_strangers_and_the_creator_cannot_pay_or_accept() -> None:
    parties = signed_deal()
    with transaction():
        stranger = make_brand("Northmoss")
        viewer = make_member(parties.brand, "viewer")
        finance = make_member(parties.brand, "finance")
    with pytest.raises(NotFound):
        start_funding(stranger.actor, parties.deal_id, "en")
    for actor in (parties.creator.actor, viewer.actor):
        with pytest.raises(NotAllowed):
            start_funding(actor, parties.deal_id, "en")
    guest.pay(start_funding(finance.actor, parties.deal_id, "en"))
    confirm_newest(parties.deal_id)
    publish(parties)
    for actor in (parties.creator.actor, finance.actor):
        with pytest.raises(NotAllowed):
            accept(actor, parties.deal_id)
    with pytest.raises(NotFound):
        accept(stranger.actor, parties.deal_id)
    assert state_of(parties.deal_id) is State.ACCEPTANCE
    assert_books_balance()


@pytest.mark.parametrize("kind", ["timeout_after_work", "connection_reset", "500", "429"])
def test_a_refund_whose_answer_is_lost_or_broken_is_made_and_recorded_once(
    run_jobs: RunJobs, sandbox: Sandbox, kind: str
) -> None:
    parties = funded_deal()
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/refunds", "kind": kind}] * 3)
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        run_jobs(allow_failures=True)
    with clock.at(clock.now() + timedelta(days=13)):
        sweep()
        run_jobs(allow_failures=True)
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert held(stripe_clearing("CNY")) == -held(stripe_fees("CNY"))
    assert_books_balance()


def test_the_check_of_a_day_finds_what_lies_where_nothing_should() -> None:
    over, before = completed_deal(), clock.now() - timedelta(days=1)
    funded_deal(price=900_00)
    on_its_way = transfer_in_transit(over.creator.id, "CNY")
    for check in (final_escrow_is_zero, on_its_way_is_prepared):
        assert list(check(closed=before)) == []
    with transaction():
        for place in (escrow(over.deal_id, "CNY"), on_its_way):
            lines = [debit(fees_brand("CNY"), 1), credit(place, 1)]
            post("test.misplaced", f"test:{place}", lines, "test")
    assert [problem.where for problem in final_escrow_is_zero(closed=before)] == [f"deal:{over.deal_id}"]
    assert [problem.where for problem in on_its_way_is_prepared(closed=before)] == [f"account {on_its_way}"]
