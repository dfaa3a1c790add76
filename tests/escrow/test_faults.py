"""The money of a deal where a provider, a process or a person fails in the middle: once, and never lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.deals.closing import cancel
from marketplace.deals.lifecycle import State
from marketplace.escrow import jobs as escrow_jobs
from marketplace.escrow import settle
from marketplace.escrow.fund import start_funding
from marketplace.escrow.jobs import accept_by_silence, release_earnings_job, sweep
from marketplace.escrow.models import PaymentState, Refund
from marketplace.escrow.queries import newest_payment, settlement_of
from marketplace.escrow.refund import send_refund
from marketplace.escrow.settle import cancel_late
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import take_waiting
from marketplace.infra.stripe_gateway import checkouts as stripe_checkouts
from marketplace.infra.stripe_gateway import client as stripe_client
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.ledger.accounts import creator_available, creator_pending, refund_in_transit, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post, reverse
from marketplace.payouts import transfer as payouts_transfer
from marketplace.payouts.books import check_everything
from marketplace.payouts.jobs import sweep as sweep_payouts
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.queries import account_of
from marketplace.payouts.transfer import transfer_earnings
from marketplace.stripe_sandbox import guest
from tests.support.money import (
    assert_books_balance,
    completed_deal,
    confirm_newest,
    funded_deal,
    held,
    publish,
    signed_deal,
    state_of,
)
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
_SWEPT = {"escrow.confirm_checkout", "escrow.send_refund", "payouts.pay_due"}


def read_account(creator_id: int) -> None:
    """What the webhook's job does when the account has changed."""
    account = account_of(creator_id)
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)


def test_a_transfer_prepared_longer_ago_than_keys_last_is_looked_for_before_it_is_made_again(
    run_jobs: RunJobs, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies right after the provider did it, and comes back when the provider has forgotten the key."""
    parties = completed_deal()
    guest.onboard(start_onboarding(parties.creator.actor))
    read_account(parties.creator.id)

    class Killed(BaseException):
        pass

    def die(*_given: object) -> None:
        raise Killed

    real = payouts_transfer._record_sent
    monkeypatch.setattr(payouts_transfer, "_record_sent", die)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        settlement = settlement_of(parties.deal_id)
        assert settlement is not None
        settlement_id = settlement.id
        with pytest.raises(Killed):
            transfer_earnings(settlement_id)
    monkeypatch.setattr(payouts_transfer, "_record_sent", real)
    asked: list[object] = []
    monkeypatch.setattr(gateway, "create_transfer", asked.append)
    with clock.at(clock.now() + timedelta(days=6)):
        transfer_earnings(settlement_id)
    assert asked == []
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert_books_balance()


def test_one_deal_that_cannot_be_accepted_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = funded_deal(), funded_deal()
    for parties in (broken, sound):
        publish(parties)
    real = settle.accept_work

    def accept_work(actor: Actor, deal_id: int) -> object:
        if deal_id == broken.deal_id:
            raise RuntimeError("its books are in disorder")
        return real(actor, deal_id)

    monkeypatch.setattr(escrow_jobs, "accept_work", accept_work)
    with clock.at(clock.now() + timedelta(days=8)):
        accept_by_silence()
    assert state_of(broken.deal_id) is State.ACCEPTANCE
    assert state_of(sound.deal_id) is State.COMPLETED


def test_one_earning_that_cannot_be_posted_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    short, sound = completed_deal(), completed_deal()
    pending, available = (kind(short.creator.id, "CNY") for kind in (creator_pending, creator_available))
    lines = [debit(pending, 1), credit(suspense("CNY", "test"), 1)]
    with transaction():
        taken = post("test.taken", "test:taken", lines, "test").id
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        assert held(available) == 0
        assert held(creator_available(sound.creator.id, "CNY")) == 11_300_00
        assert "earnings not released" in caplog.text
        with transaction():
            reverse(taken, "test:given-back", "It was never owed.")
        release_earnings_job()
    assert held(available) == 11_300_00
    assert_books_balance()


def test_a_whole_batch_that_cannot_be_posted_does_not_hold_up_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escrow_jobs, "_BATCH", 1)
    short, sound = completed_deal(), completed_deal()
    lines = [debit(creator_pending(short.creator.id, "CNY"), 1), credit(suspense("CNY", "test"), 1)]
    with transaction():
        taken = post("test.taken", "test:taken", lines, "test").id
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        assert held(creator_available(sound.creator.id, "CNY")) == 11_300_00
        assert held(creator_available(short.creator.id, "CNY")) == 0
        with transaction():
            reverse(taken, "test:given-back", "It was never owed.")
        release_earnings_job()
    assert held(creator_available(short.creator.id, "CNY")) == 11_300_00
    assert_books_balance()


def test_a_sweep_adds_nothing_that_waits_already() -> None:
    """While Stripe is down, what it can't do waits once, however often the sweepers look."""
    paying, cancelled, earned = signed_deal(), funded_deal(), completed_deal()
    guest.onboard(start_onboarding(earned.creator.actor))
    read_account(earned.creator.id)
    start_funding(paying.brand.actor, paying.deal_id, "en")
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(cancelled.brand.actor, cancelled.deal_id, "The season is over.")
        release_earnings_job()
    with clock.at(clock.now() + timedelta(days=13)):
        for _ in range(3):
            sweep()
            sweep_payouts()
        with transaction():
            waiting = sorted(name for name, _args in take_waiting() if name in _SWEPT)
    assert waiting == sorted(_SWEPT)


def test_a_key_that_was_used_for_other_values_says_nothing_about_what_that_did() -> None:
    """After an update of ours a repeat may differ from the try it repeats: giving up on it would pay twice."""
    used = stripe.IdempotencyError("Keys for idempotent requests can only be used for the same request.")
    assert isinstance(stripe_client.refusal(used), gateway.ProviderFault)


def test_a_checkout_left_open_hides_nothing_that_is_missing_at_the_provider(sandbox: Sandbox) -> None:
    paid, waiting = funded_deal(), signed_deal()
    start_funding(waiting.brand.actor, waiting.deal_id, "en")
    assert_books_balance()
    payment = newest_payment(paid.deal_id)
    assert payment is not None
    assert payment.checkout.charge_id is not None
    charge_id = payment.checkout.charge_id
    sandbox.stripe.v1.refunds.create({"charge": charge_id, "amount": 1_00})
    # It is read as a movement that nobody has explained; that may take a day.
    assert_books_balance()
    with clock.at(clock.now() + timedelta(hours=25)):
        assert [problem.where for problem in check_everything()] == ["stripe_clearing:CNY"]


def test_a_payment_that_has_arrived_and_is_not_yet_booked_is_no_fault_of_the_books() -> None:
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    assert_books_balance()
    confirm_newest(parties.deal_id)
    assert_books_balance()


@pytest.mark.parametrize(
    ("intent", "dead"), [("requires_payment_method", True), ("canceled", True), ("processing", False)]
)
def test_a_bank_that_refuses_after_the_checkout_lets_the_brand_pay_again(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, intent: str, dead: bool
) -> None:
    """The sandbox has cards only, whose answer comes at once: what Stripe says of a debit is put in its mouth."""
    parties = signed_deal()
    first = start_funding(parties.brand.actor, parties.deal_id, "en")
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    said = {
        "id": payment.checkout.session_id,
        "object": "checkout.session",
        "url": None,
        "status": "complete",
        "payment_status": "unpaid",
        "payment_intent": {"id": "pi_1", "object": "payment_intent", "status": intent, "latest_charge": None},
    }
    session = stripe_checkouts.session_of(stripe.checkout.Session.construct_from(said, "key"))
    assert session.dead is dead
    monkeypatch.setattr(gateway, "get_checkout", lambda _id: session)
    if dead:
        assert start_funding(parties.brand.actor, parties.deal_id, "en") != first
    else:
        with pytest.raises(Conflict):
            start_funding(parties.brand.actor, parties.deal_id, "en")


def test_many_open_checkouts_do_not_keep_another_from_being_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks can be lost, and a brand may leave as many checkouts open as it likes."""
    for parties in (signed_deal(), signed_deal()):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    monkeypatch.setattr(escrow_jobs, "_BATCH", 1)
    asked = set()
    with clock.at(clock.now() + timedelta(minutes=20)):
        for _ in range(40):
            sweep()
            with transaction():
                waiting = take_waiting()
            asked |= {args["checkout_id"] for name, args in waiting if name == "escrow.confirm_checkout"}
    assert len(asked) == 2


def test_a_refund_that_the_provider_refuses_is_said_in_the_log_and_keeps_its_money_marked(
    run_jobs: RunJobs, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has given the money back by hand, on the provider's own pages."""
    parties = funded_deal()
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert payment.checkout.charge_id is not None
    sandbox.stripe.v1.refunds.create({"charge": payment.checkout.charge_id})
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        run_jobs()
    assert "refund failed" in caplog.text
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 12_600_00


def test_two_faults_of_one_refund_make_one_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    parties = funded_deal()

    def break_down(_order: gateway.RefundOrder) -> gateway.RefundMade:
        raise gateway.ProviderFault("It broke.")

    def break_down_twice(order: gateway.RefundOrder) -> gateway.RefundMade:
        monkeypatch.setattr(gateway, "create_refund", break_down)
        with pytest.raises(gateway.ProviderFault):
            send_refund(order.row)
        return break_down(order)

    monkeypatch.setattr(gateway, "create_refund", break_down_twice)
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
            refund_id = str(db.session.scalars(select(Refund.id)).one())
        with pytest.raises(gateway.ProviderFault):
            send_refund(refund_id)
    with transaction():
        assert db.session.scalars(select(Refund.tries)).all() == [1]


def test_ending_a_deal_closes_its_checkout_so_that_nobody_pays_in_vain(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    """A payment that comes back costs us the provider's fee: two who agree could take it from us again and again."""
    parties = signed_deal()
    start_funding(parties.brand.actor, parties.deal_id, "en")
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert payment.checkout.session_id is not None
    session_id = payment.checkout.session_id
    with transaction():
        cancel(parties.creator.actor, parties.deal_id, "I fell ill.")
    run_jobs()
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session_id).status == "expired"
    closed = newest_payment(parties.deal_id)
    assert closed is not None
    assert closed.state is PaymentState.EXPIRED
    assert_books_balance()


def test_what_was_paid_just_before_the_deal_ended_goes_back(run_jobs: RunJobs) -> None:
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    with transaction():
        cancel(parties.creator.actor, parties.deal_id, "I fell ill.")
    run_jobs()
    returned = newest_payment(parties.deal_id)
    assert returned is not None
    assert returned.state is PaymentState.RETURNED
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()
