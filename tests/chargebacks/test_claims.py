"""Claims of banks on payments in which refunds, other debts and other deals have a part: nobody is paid twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.chargebacks.models import PartState
from marketplace.chargebacks.service import read_chargeback
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.models import Refund, RefundState
from marketplace.escrow.queries import refunds_of
from marketplace.escrow.refund import refresh_refund
from marketplace.escrow.settle import cancel_late
from marketplace.escrow.stuck import settle_by_hand
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargebacks, creator_available, creator_owes, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.stripe_sandbox import guest
from tests.support.bank import Bank, chargeback_of, owed, parts_of
from tests.support.market import make_admin
from tests.support.money import (
    Parties,
    accept,
    assert_books_balance,
    completed_deal,
    confirm_newest,
    funded_deal,
    held,
    publish,
    signed_deal,
)
from tests.support.payouts import LATER, RunJobs, onboarded, release
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
PENDING = "4000000000007726"


@pytest.fixture
def silent(sandbox: Sandbox) -> Bank:
    """Nobody reads what it does by itself."""
    return Bank(sandbox, told=False)


@pytest.fixture
def together(run_jobs: RunJobs) -> tuple[Parties, Parties]:
    """Two deals of one payment: of the first all is on its way back to the card, the other is at work."""
    first = signed_deal()
    second = signed_deal(6_000_00, brand=first.brand)
    guest.pay(fund_deals(first.brand.actor, [first.deal_id, second.deal_id], "en"), PENDING)
    confirm_newest(first.deal_id)
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(first.brand.actor, first.deal_id, "The season is over.")
        run_jobs()
    return first, second


def read_refund(parties: Parties) -> str:
    """The deal's refund, which the bank has ended, read from Stripe; its id."""
    (at_stripe,) = [str(refund.stripe_refund_id) for refund in refunds_of(parties.deal_id)]
    db.session.rollback()
    refresh_refund(at_stripe)
    db.session.expire_all()
    (failed,) = refunds_of(parties.deal_id)
    assert (failed.state, failed.failure) == (RefundState.FAILED, "charge_for_pending_refund_disputed")
    refund_id = str(failed.id)
    db.session.rollback()
    return refund_id


def test_a_refund_that_a_claim_on_another_deal_has_ended_is_settled_by_hand(
    silent: Bank, together: tuple[Parties, Parties]
) -> None:
    """The bank took nothing of its deal: whatever it decides, the brand has this money from nobody else."""
    first, second = together
    dispute_id = silent.dispute(second.deal_id, amount=6_300_00)
    read_chargeback(dispute_id)
    assert list(parts_of(dispute_id)) == [second.deal_id]
    db.session.rollback()
    refund_id = read_refund(first)
    with transaction():
        settle_by_hand(make_admin(), refund_id)
    assert held(suspense("CNY", f"deal:{first.deal_id}")) == 12_600_00
    assert_books_balance()


def test_a_refund_that_a_claim_has_ended_under_way_is_sent_again_when_the_bank_gives_back(
    silent: Bank, together: tuple[Parties, Parties], run_jobs: RunJobs
) -> None:
    first, second = together
    dispute_id = silent.dispute(second.deal_id)
    read_refund(first)
    read_chargeback(dispute_id)
    assert parts_of(dispute_id)[first.deal_id].state is PartState.HELD
    db.session.rollback()
    silent.advance(dispute_id, "won")
    read_chargeback(dispute_id)
    run_jobs()
    db.session.expire_all()
    found = sorted(refund.state for refund in refunds_of(first.deal_id))
    assert found == [RefundState.REPLACED, RefundState.SUCCEEDED]
    db.session.rollback()
    assert_books_balance()


def test_a_claim_that_is_over_does_not_tell_why_a_later_refund_failed(silent: Bank) -> None:
    """Another claim, which nobody has read yet, may pay the brand."""
    parties = funded_deal()
    dispute_id = silent.dispute(parties.deal_id)
    silent.advance(dispute_id, "won")
    read_chargeback(dispute_id)
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
            refund = db.session.scalars(select(Refund).where(Refund.deal_id == parties.deal_id)).one()
            refund.state, refund.failure, refund.finished_at = RefundState.FAILED, "charge_disputed", clock.now()
            refund_id = str(refund.id)
        with transaction():
            admin = make_admin()
        with pytest.raises(Conflict), transaction():
            settle_by_hand(admin, refund_id)
    assert_books_balance()


def test_what_the_platform_had_written_off_is_not_paid_to_the_payee_when_a_bank_gives_it_back(
    silent: Bank, run_jobs: RunJobs
) -> None:
    """Their earning has paid another debt, which still stands."""
    first = completed_deal()
    creator, owner = first.creator, f"creator:{first.creator.id}"
    second, third = completed_deal(6_000_00, creator=creator), funded_deal(9_000_00, creator=creator)
    onboarded(creator)
    release(run_jobs)
    with clock.at(clock.now() + LATER):
        given_back, kept = silent.dispute(first.deal_id), silent.dispute(second.deal_id)
        for dispute_id in (given_back, kept):
            silent.advance(dispute_id, "lost")
        read_chargeback(given_back)
        written_off = Money(owed(first))
        with transaction():
            lines = [debit(chargebacks("CNY"), written_off), credit(creator_owes(creator.id, "CNY"), written_off)]
            post("manual.entry", "manual:1", lines, owner)
        read_chargeback(kept)
        assert owed(first) > 0
        publish(third)
        accept(third.brand.actor, third.deal_id)
        release(run_jobs)
        assert owed(first) == 0
        silent.advance(given_back, "won")
        read_chargeback(given_back)
        release(run_jobs)
    assert held(suspense("CNY", owner)) == written_off.amount
    assert held(creator_available(creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_loss_of_which_nothing_is_ever_listed_is_closed_and_booked_if_it_comes_after_all(silent: Bank) -> None:
    parties = completed_deal()
    dispute_id, real = silent.dispute(parties.deal_id), gateway.get_dispute
    silent.advance(dispute_id, "lost")
    with pytest.MonkeyPatch.context() as unlisted:
        unlisted.setattr(gateway, "get_dispute", lambda found_id: replace(real(found_id), movements=()))
        read_chargeback(dispute_id)
        due_at = chargeback_of(dispute_id).evidence_due_at
        assert chargeback_of(dispute_id).closed_at is None
        assert due_at is not None
        db.session.rollback()
        with clock.at(due_at + timedelta(days=7)):
            read_chargeback(dispute_id)
        assert chargeback_of(dispute_id).closed_at is not None
        db.session.rollback()
    with clock.at(due_at + timedelta(days=30)):
        read_chargeback(dispute_id)
    assert chargeback_of(dispute_id).closed_at == due_at + timedelta(days=30)
    assert owed(parties) == 11_300_00
    assert_books_balance()
