"""Refunds that are pending, refused or come back: what the books, people and the console say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.chargebacks.service import read_chargeback
from marketplace.console.manual_approval import approve
from marketplace.console.models import ManualEntry
from marketplace.console.stuck import count_stuck
from marketplace.documents.models import Document, DocumentKind
from marketplace.escrow.fund import start_funding
from marketplace.escrow.models import Refund, RefundState
from marketplace.escrow.queries import refunds_of
from marketplace.escrow.refund import refresh_refund, send_refund
from marketplace.escrow.settle import cancel_late
from marketplace.escrow.stuck import retry_refund, settle_by_hand
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.ledger.accounts import (
    chargeback_held,
    platform_bank,
    refund_in_transit,
    stripe_clearing,
    stripe_fees,
    suspense,
)
from marketplace.ledger.models import LedgerEntry
from marketplace.notifications.models import Notification
from marketplace.payouts.jobs import notice_unanswered_job
from marketplace.payouts.spending import spending_totals
from marketplace.stripe_sandbox import guest
from tests.escrow.visiting import console, visit
from tests.support.bank import Bank
from tests.support.market import PASSWORD, make_admin
from tests.support.money import Parties, assert_books_balance, confirm_newest, held, signed_deal
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
AGAIN = {"password": PASSWORD}
FAILS_LATER, PENDING = "4000000000005126", "4000000000007726"


def cancelled(run_jobs: RunJobs, card: str = "4242424242424242") -> Parties:
    """A deal whose whole price was sent back to the card that paid."""
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"), card)
    confirm_newest(parties.deal_id)
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        run_jobs()
    return parties


def newest_refund(parties: Parties) -> Refund:
    """The one that no other has replaced."""
    db.session.expire_all()
    return next(refund for refund in refunds_of(parties.deal_id) if refund.state is not RefundState.REPLACED)


def fail_at_the_bank(sandbox: Sandbox, parties: Parties, reason: str = "expired_or_canceled_card") -> str:
    """What the bank and then the webhook's job do; our id of the refund."""
    refund = newest_refund(parties)
    refund_id, at_stripe = str(refund.id), refund.stripe_refund_id
    db.session.rollback()
    assert at_stripe is not None
    sandbox.command("triggers/fail_refund", refund=at_stripe, reason=reason)
    refresh_refund(at_stripe)
    return refund_id


def kinds_told(actor: Actor) -> set[str]:
    return set(db.session.scalars(select(Notification.kind).where(Notification.user_id == actor.user_id)))


def in_transit(parties: Parties) -> int:
    return held(refund_in_transit(parties.deal_id, "CNY"))


def test_a_refund_that_a_bank_has_not_taken_yet_is_said_to_be_pending(
    run_jobs: RunJobs, app: Flask, sandbox: Sandbox
) -> None:
    parties = cancelled(run_jobs, PENDING)
    assert (newest_refund(parties).state, newest_refund(parties).pending) == (RefundState.SUCCEEDED, True)
    client = visit(app, parties.brand)
    assert "the bank hasn’t taken it yet" in client.get(f"/deals/{parties.deal_id}").text
    at_stripe = newest_refund(parties).stripe_refund_id
    db.session.rollback()
    sandbox.command("triggers/settle_refund", refund=at_stripe)
    refresh_refund(str(at_stripe))
    assert not newest_refund(parties).pending
    assert "Banks take up to ten days" in client.get(f"/deals/{parties.deal_id}").text
    assert_books_balance()


def test_a_refund_that_comes_back_is_booked_and_told(run_jobs: RunJobs, app: Flask, sandbox: Sandbox) -> None:
    with transaction():
        admin = make_admin()
    parties = cancelled(run_jobs)
    assert in_transit(parties) == 0
    refund_id = fail_at_the_bank(sandbox, parties)
    for _ in range(2):
        refresh_refund(str(newest_refund(parties).stripe_refund_id))
    refund = newest_refund(parties)
    assert (refund.state, refund.failure) == (RefundState.FAILED, "expired_or_canceled_card")
    assert in_transit(parties) == 12_600_00
    assert held(stripe_clearing("CNY")) == 12_600_00 - held(stripe_fees("CNY"))
    query = select(LedgerEntry.external_id).where(LedgerEntry.idempotency_key == f"refund:{refund_id}:failed")
    assert db.session.scalar(query) == newest_refund(parties).failure_transaction_id
    run_jobs()
    assert "money.refund_failed" in kinds_told(parties.brand.actor)
    assert "refund.failed" in kinds_told(admin)
    client = visit(app, parties.brand)
    assert "hasn’t reached you" in client.get(f"/deals/{parties.deal_id}").text
    assert_books_balance()


def test_trying_again_makes_one_new_refund_that_takes_over_the_money(
    run_jobs: RunJobs, app: Flask, sandbox: Sandbox
) -> None:
    with transaction():
        admin = make_admin()
    parties = cancelled(run_jobs)
    spent = spending_totals(parties.brand.id)
    refund_id = fail_at_the_bank(sandbox, parties)
    client = console(app, admin)
    page = client.get("/console/refunds").text
    assert "has expired or was cancelled" in page
    assert f"M-{parties.deal_id}" in page
    assert "Try the refund again" in client.get(f"/console/refunds/{refund_id}/retry").text
    assert client.post(f"/console/refunds/{refund_id}/retry").status_code == 422
    assert newest_refund(parties).state is RefundState.FAILED
    assert client.post(f"/console/refunds/{refund_id}/retry", data=AGAIN).status_code == 303
    again = client.post(f"/console/refunds/{refund_id}/retry", data=AGAIN)
    assert again.status_code == 409
    assert "isn’t waiting for a decision any more" in again.text
    assert in_transit(parties) == 12_600_00
    assert_books_balance()
    run_jobs()
    second, first = sorted(refunds_of(parties.deal_id), key=lambda refund: refund.replaces_id is None)
    assert (first.state, second.state) == (RefundState.REPLACED, RefundState.SUCCEEDED)
    assert second.replaces_id == first.id
    assert in_transit(parties) == 0
    assert held(stripe_clearing("CNY")) == -held(stripe_fees("CNY"))
    assert spending_totals(parties.brand.id) == spent, "one refund, whichever way it took"
    notes = db.session.scalars(select(Document).where(Document.kind == DocumentKind.CREDIT_NOTE)).all()
    assert len(notes) == 1
    told = db.session.scalars(select(Notification).where(Notification.kind == "money.refunded")).all()
    assert len(told) == 2, "the brand hears that it left, each time"
    db.session.rollback()
    assert "Nothing is stuck" in client.get("/console/refunds").text
    assert_books_balance()


def test_a_second_try_that_fails_as_well_stands_in_the_queue_again(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    with transaction():
        admin = make_admin()
    parties = cancelled(run_jobs)
    for _ in range(2):
        refund_id = fail_at_the_bank(sandbox, parties, "declined")
        with transaction():
            retry_refund(admin, refund_id)
        run_jobs()
    fail_at_the_bank(sandbox, parties)
    states = sorted(refund.state for refund in refunds_of(parties.deal_id))
    assert states == [RefundState.FAILED, RefundState.REPLACED, RefundState.REPLACED]
    db.session.rollback()
    assert in_transit(parties) == 12_600_00
    assert_books_balance()


def test_one_settled_by_hand_waits_for_an_entry_that_two_administrators_make(
    run_jobs: RunJobs, app: Flask, sandbox: Sandbox
) -> None:
    with transaction():
        first, second = make_admin(), make_admin()
    parties = cancelled(run_jobs)
    refund_id = fail_at_the_bank(sandbox, parties)
    client = console(app, first)
    answer = client.post(f"/console/refunds/{refund_id}/by-hand", data=AGAIN)
    assert answer.status_code == 303
    assert client.post(f"/console/refunds/{refund_id}/by-hand", data=AGAIN).status_code == 409
    assert newest_refund(parties).state is RefundState.BY_HAND
    assert in_transit(parties) == 0
    owner = f"deal:{parties.deal_id}"
    assert held(suspense("CNY", owner)) == 12_600_00
    assert_books_balance()
    form = client.get(answer.location).text
    assert 'value="12600.00"' in form
    assert f'value="{owner}"' in form
    assert "To be settled by hand" in client.get("/console/refunds").text
    lines = {
        "lines-0-kind": "suspense", "lines-0-owner": owner, "lines-0-currency": "CNY", "lines-0-debit": "12600.00",
        "lines-1-kind": "platform_bank", "lines-1-owner": "", "lines-1-currency": "CNY", "lines-1-credit": "12600.00",
    }  # fmt: skip
    proposed = client.post(
        "/console/books/manual/new", data={"reason": "Paid by bank transfer 81.", "reference": owner, **lines}
    )
    assert proposed.status_code == 303
    manual_id = db.session.scalars(select(ManualEntry.id)).one()
    db.session.rollback()
    approve(second, manual_id)
    assert held(suspense("CNY", owner)) == 0
    assert held(platform_bank("CNY")) == -12_600_00
    assert "Nothing is stuck" in client.get("/console/refunds").text
    assert_books_balance()


def test_a_refund_of_a_payment_that_a_bank_has_claimed_is_not_settled_by_hand_as_well(
    run_jobs: RunJobs, app: Flask, sandbox: Sandbox
) -> None:
    """The bank may keep the money, and then the brand has it; if it gives it back the refund is sent by itself."""
    with transaction():
        admin = make_admin()
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    confirm_newest(parties.deal_id)
    with clock.at(clock.now() + timedelta(days=12)), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
    bank = Bank(sandbox, told=False)
    dispute_id = bank.dispute(parties.deal_id)
    refund_id = str(newest_refund(parties).id)
    db.session.rollback()
    send_refund(refund_id)
    assert newest_refund(parties).failure == "charge_disputed"
    db.session.rollback()
    client = console(app, admin)
    before_it_is_heard_of = client.post(f"/console/refunds/{refund_id}/by-hand", data=AGAIN)
    assert before_it_is_heard_of.status_code == 409
    assert "nobody is paid twice" in before_it_is_heard_of.text
    read_chargeback(dispute_id)
    assert client.post(f"/console/refunds/{refund_id}/by-hand", data=AGAIN).status_code == 409
    page = client.get("/console/refunds").text
    assert "A bank has claimed this payment" in page
    assert "Settle by hand" not in page
    bank.advance(dispute_id, "lost")
    read_chargeback(dispute_id)
    assert {refund.state for refund in refunds_of(parties.deal_id)} == {RefundState.REPLACED}
    assert in_transit(parties) == 0
    assert_books_balance()


def test_a_refund_that_is_refused_at_once_is_said_in_words(run_jobs: RunJobs, app: Flask, sandbox: Sandbox) -> None:
    with transaction():
        admin = make_admin()
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    confirm_newest(parties.deal_id)
    charge = sandbox.stripe.v1.charges.list().data[0]
    sandbox.stripe.v1.refunds.create({"charge": charge.id})
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        run_jobs()
    client = console(app, admin)
    assert "refunded already" in client.get("/console/refunds").text
    assert in_transit(parties) == 12_600_00


def test_a_card_whose_refunds_fail_by_themselves_is_found_by_the_webhook(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    parties = cancelled(run_jobs, FAILS_LATER)
    assert newest_refund(parties).state is RefundState.SUCCEEDED
    db.session.rollback()
    sandbox.command("clock", advance_seconds=2 * 24 * 3600)
    sandbox.wait_for_webhooks()
    run_jobs()
    assert newest_refund(parties).state is RefundState.FAILED
    db.session.rollback()
    assert_books_balance()


def test_news_of_a_refund_before_ours_was_recorded_is_recorded_once(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    """The worker dies after the provider did it; the webhook is faster than the sweeper."""
    parties = cancelled(run_jobs)
    refund = newest_refund(parties)
    refund_id, at_stripe = str(refund.id), str(refund.stripe_refund_id)
    with transaction():
        lost = db.session.get_one(Refund, refund_id)
        lost.stripe_refund_id = None
    refresh_refund(at_stripe)
    assert newest_refund(parties).stripe_refund_id == at_stripe
    send_refund(refund_id)
    made_by_hand = sandbox.stripe.v1.refunds.list().data
    assert len(made_by_hand) == 1
    assert_books_balance()


def test_what_the_provider_gives_no_answer_about_for_a_day_is_counted_listed_and_told(
    run_jobs: RunJobs, app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restricted key lacks a permission. A bank that takes the money meanwhile is booked all the same."""
    with transaction():
        admin = make_admin()
    monkeypatch.setattr(gateway, "create_refund", unavailable)
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    confirm_newest(parties.deal_id)
    with clock.at(clock.now() + timedelta(days=12)), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
    with clock.at(clock.now() + timedelta(days=12, hours=23)):
        assert db.session.scalar(count_stuck()) == 0
        db.session.rollback()
    with clock.at(clock.now() + timedelta(days=13, minutes=1)):
        assert db.session.scalar(count_stuck()) == 1
        db.session.rollback()
        page = console(app, admin).get("/console/refunds").text
        assert "Without an answer" in page
        assert "¥12,600" in page
        for _ in range(2):
            notice_unanswered_job()
        run_jobs(allow_failures=True)
        assert "unanswered.day" in kinds_told(admin)
        db.session.rollback()
        Bank(sandbox).dispute(parties.deal_id)
        assert held(chargeback_held(parties.deal_id, "CNY")) == in_transit(parties) == 12_600_00
        assert_books_balance()


def unavailable(_order: gateway.RefundOrder) -> gateway.RefundMade:
    raise gateway.ProviderUnavailable("It says nothing.")


def test_only_administrators_decide_and_only_of_what_failed(run_jobs: RunJobs) -> None:
    with transaction():
        admin = make_admin()
    parties = cancelled(run_jobs)
    refund_id = str(newest_refund(parties).id)
    db.session.rollback()
    for verb in (retry_refund, settle_by_hand):
        with pytest.raises(NotAllowed), transaction():
            verb(parties.brand.actor, refund_id)
        with pytest.raises(NotAllowed), transaction():
            verb(SYSTEM, refund_id)
        with pytest.raises(Conflict), transaction():
            verb(admin, refund_id)
    assert_books_balance()
