"""Who bears what of a chargeback: what of a settled deal is withheld, owed and paid by earnings, and whose it is again
when a bank gives it back.
"""

import pytest
from sqlalchemy import select

from marketplace.chargebacks.booking import bear
from marketplace.chargebacks.models import PartState, Stage
from marketplace.chargebacks.queries import list_debts
from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import fund_deals, start_funding
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, Refund, RefundState, Settlement
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.refund import refresh_refund
from marketplace.escrow.stuck import settle_by_hand
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargeback_held, chargebacks, creator_available, fees_brand, fees_creator
from marketplace.ledger.service import post_many
from marketplace.notifications.models import Notification
from marketplace.payouts.jobs import sweep
from marketplace.payouts.models import Transfer
from marketplace.payouts.reversal import send_again
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
    pay,
    publish,
    signed_deal,
    state_of,
)
from tests.support.payouts import LATER, RunJobs, onboarded, release
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def transfers() -> list[int]:
    """What left for payout accounts, in the order in which it did, that of one moment as a sum."""
    found: dict[int, int] = {}
    for transfer in db.session.scalars(select(Transfer).order_by(Transfer.created_at)):
        batch = round(transfer.created_at.timestamp() / 3600)
        found[batch] = found.get(batch, 0) + transfer.amount
    db.session.rollback()
    return list(found.values())


def earned_by(parties: Parties) -> int:
    found = db.session.scalars(select(Settlement.creator_amount).where(Settlement.deal_id == parties.deal_id)).one()
    db.session.rollback()
    return found


# --- What payees bear -------------------------------------------------------------------------------------------------


def test_of_a_settled_deal_nothing_more_is_sent_until_the_bank_decides(bank: Bank, run_jobs: RunJobs) -> None:
    parties = completed_deal()
    onboarded(parties.creator)
    dispute_id = bank.dispute(parties.deal_id)
    assert state_of(parties.deal_id) is State.COMPLETED
    assert held(chargeback_held(parties.deal_id, "CNY")) == 12_600_00
    release(run_jobs)
    assert held(creator_available(parties.creator.id, "CNY")) == 11_300_00
    assert_books_balance()
    with clock.at(clock.now() + LATER):
        bank.advance(dispute_id, "won")
        run_jobs()
        sweep()
        run_jobs()
    assert held(chargeback_held(parties.deal_id, "CNY")) == 0
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_lost_settled_deal_is_paid_from_its_own_earning_before_it_is_sent(bank: Bank, run_jobs: RunJobs) -> None:
    parties = completed_deal()
    onboarded(parties.creator)
    bank.advance(bank.dispute(parties.deal_id), "lost")
    assert owed(parties) == 11_300_00
    assert held(fees_creator("CNY")) == 0
    assert held(fees_brand("CNY")) == 0
    assert held(chargeback_held(parties.deal_id, "CNY")) == 0
    release(run_jobs)
    assert owed(parties) == 0
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert transfers() == []
    assert_books_balance()


def test_what_was_sent_already_is_recovered_from_the_next_earnings(bank: Bank, run_jobs: RunJobs) -> None:
    first = completed_deal()
    later = funded_deal(5_000_00, creator=first.creator), funded_deal(9_000_00, creator=first.creator)
    onboarded(first.creator)
    release(run_jobs)
    assert transfers() == [11_300_00]
    with clock.at(clock.now() + LATER):
        bank.advance(bank.dispute(first.deal_id), "lost")
        assert owed(first) == 11_300_00
        assert held(creator_available(first.creator.id, "CNY")) == 0
        for parties in later:
            publish(parties)
            accept(parties.brand.actor, parties.deal_id)
        earned = [earned_by(parties) for parties in later]
        release(run_jobs)
    assert owed(first) == 0
    assert transfers() == [11_300_00, sum(earned) - 11_300_00]
    assert_books_balance()


def test_a_part_of_a_settled_deal_is_borne_in_proportion(bank: Bank) -> None:
    parties = completed_deal()
    dispute_id = bank.dispute(parties.deal_id, amount=6_300_00)
    bank.advance(dispute_id, "lost")
    part = parts_of(dispute_id)[parties.deal_id]
    assert (part.creator_amount, part.platform_amount) == (5_650_00, 650_00)
    assert (held(fees_creator("CNY")), held(fees_brand("CNY"))) == (350_00, 300_00)
    assert_books_balance()


def paid_twice() -> tuple[Parties, str, str]:
    """A settled deal whose older page was paid after all: the charge that funded it, and the other one."""
    parties = signed_deal()
    older_page = start_funding(parties.brand.actor, parties.deal_id, "en")
    with transaction():
        older = db.session.scalars(select(Checkout)).one()
        older_id, older.state = older.id, CheckoutState.EXPIRED
        db.session.scalars(select(Payment)).one().state = PaymentState.EXPIRED
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    guest.pay(older_page)
    newer_id = db.session.scalars(select(Checkout.id).where(Checkout.id != older_id)).one()
    for checkout_id in (newer_id, older_id):
        confirm_checkout(str(checkout_id))
    publish(parties)
    accept(parties.brand.actor, parties.deal_id)
    charges = [db.session.get_one(Checkout, checkout_id).charge_id for checkout_id in (newer_id, older_id)]
    db.session.rollback()
    return parties, str(charges[0]), str(charges[1])


def test_a_chargeback_of_a_payment_that_the_deal_did_not_take_is_no_matter_of_its_payees(
    bank: Bank, run_jobs: RunJobs, sandbox: Sandbox
) -> None:
    parties, funding, other = paid_twice()
    onboarded(parties.creator)
    run_jobs()
    with transaction():
        sent = db.session.scalars(select(Refund.stripe_refund_id)).one()
    sandbox.command("triggers/fail_refund", refund=sent, reason="expired_or_canceled_card")
    refresh_refund(str(sent))
    with transaction():
        settle_by_hand(make_admin(), str(db.session.scalars(select(Refund.id)).one()))
    dispute_id = bank.dispute_charge(other)
    assert parts_of(dispute_id)[parties.deal_id].state is PartState.HELD
    release(run_jobs)
    assert transfers() == [11_300_00]
    with clock.at(clock.now() + LATER):
        bank.advance(dispute_id, "lost")
        run_jobs()
        assert owed(parties) == 0
        assert held(chargebacks("CNY")) == 12_600_00
        told = db.session.scalars(select(Notification.kind).where(Notification.user_id == parties.creator.user_id))
        assert not [kind for kind in told if kind.startswith("chargeback.")]
        db.session.rollback()
        assert_books_balance()
        # What the platform has borne of that payment lessens nothing of what it gives up of the other.
        funding_id = bank.dispute_charge(funding)
        bank.advance(funding_id, "lost")
        assert owed(parties) == 11_300_00
        with transaction():
            chargeback_of(dispute_id).closed_at = clock.now() + LATER
        assert [debt.since for debt in list_debts(5)] == [chargeback_of(funding_id).closed_at]
        db.session.rollback()
        assert held(chargebacks("CNY")) == 12_600_00
        assert_books_balance()


def test_what_debts_leave_of_a_lost_payments_earning_comes_out_of_our_own_balance(
    bank: Bank, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    """The debt was paid by an earning that was free before that of the lost payment itself."""
    lost = completed_deal()
    other = signed_deal(60_000_00, creator=lost.creator)
    pay(other, "4000000000000077")
    publish(other)
    accept(other.brand.actor, other.deal_id)
    onboarded(lost.creator)
    bank.advance(bank.dispute(lost.deal_id), "lost")
    with transaction():
        db.session.scalars(select(Settlement).where(Settlement.deal_id == lost.deal_id)).one().available_at += LATER
    release(run_jobs)
    assert (owed(lost), transfers()) == (0, [earned_by(other) - 11_300_00])
    with clock.at(clock.now() + LATER):
        release(run_jobs)
    (made,) = [one for one in sandbox.stripe.v1.transfers.list({}).data if one.amount == 11_300_00]
    assert made.source_transaction is None
    assert_books_balance()


# --- What a bank gives back -------------------------------------------------------------------------------------------


def test_what_a_bank_gives_back_of_several_deals_goes_to_who_bore_them_and_to_who_still_waits(bank: Bank) -> None:
    first = signed_deal()
    second = signed_deal(6_000_00, brand=first.brand)
    guest.pay(fund_deals(first.brand.actor, [first.deal_id, second.deal_id], "en"))
    confirm_newest(first.deal_id)
    for parties in (first, second):
        publish(parties)
        accept(parties.brand.actor, parties.deal_id)
    fees = held(fees_creator("CNY"))
    dispute_id = bank.dispute(first.deal_id)
    with transaction():
        chargeback, part = chargeback_of(dispute_id), parts_of(dispute_id)[first.deal_id]
        settlement = db.session.scalars(select(Settlement).where(Settlement.deal_id == first.deal_id)).one()
        posting = bear(chargeback, part, settlement)
        assert posting is not None
        post_many([posting])
        # As where a refund of the second deal was on its way when the bank decided.
        chargeback.stage = Stage.LOST
    bank.advance(dispute_id, "won")
    assert {part.state for part in parts_of(dispute_id).values()} == {PartState.REINSTATED}
    assert chargeback_of(dispute_id).closed_at is not None
    db.session.rollback()
    assert (owed(first), held(fees_creator("CNY"))) == (0, fees)
    assert_books_balance()


def test_what_a_bank_gives_back_in_part_is_booked_and_the_rest_is_borne(bank: Bank, run_jobs: RunJobs) -> None:
    settled, at_work = completed_deal(), funded_deal()
    dispute_id = bank.dispute(settled.deal_id)
    bank.advance(dispute_id, "won", amount=6_300_00)
    part = parts_of(dispute_id)[settled.deal_id]
    assert (part.state, part.given_back_amount, part.creator_amount) == (PartState.BORNE, 6_300_00, 5_650_00)
    assert (owed(settled), held(chargeback_held(settled.deal_id, "CNY"))) == (5_650_00, 0)
    bank.advance(bank.dispute(at_work.deal_id), "won", amount=600_00)
    run_jobs()
    assert state_of(at_work.deal_id) is State.REFUNDED
    refund = db.session.scalars(select(Refund).where(Refund.deal_id == at_work.deal_id)).one()
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, 600_00)
    db.session.rollback()
    assert_books_balance()


def test_a_bank_that_gives_back_what_it_had_kept_lessens_the_debt(bank: Bank, run_jobs: RunJobs) -> None:
    parties = completed_deal()
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    assert owed(parties) == 11_300_00
    bank.advance(dispute_id, "won", amount=6_300_00)
    assert owed(parties) == 5_650_00
    assert (held(fees_creator("CNY")), held(fees_brand("CNY"))) == (350_00, 300_00)
    assert chargeback_of(dispute_id).stage is Stage.WON
    run_jobs()
    assert_books_balance()


def test_a_debt_that_earnings_had_paid_is_their_payees_again(bank: Bank, run_jobs: RunJobs) -> None:
    """Of the next earning all was taken, and is sent after all; of the one after a part, and that waits to be sent."""
    first = completed_deal(20_000_00)
    later = funded_deal(12_000_00, creator=first.creator), funded_deal(12_000_00, creator=first.creator)
    onboarded(first.creator)
    release(run_jobs)
    sent = transfers()
    with clock.at(clock.now() + LATER):
        dispute_id = bank.dispute(first.deal_id)
        bank.advance(dispute_id, "lost")
        debt = owed(first)
        for parties in later:
            publish(parties)
            accept(parties.brand.actor, parties.deal_id)
        earned = [earned_by(parties) for parties in later]
        assert earned[0] < debt < sum(earned)
        release(run_jobs)
        assert (owed(first), sum(transfers())) == (0, sum(sent) + sum(earned) - debt)
        bank.advance(dispute_id, "won")
        run_jobs()
        assert parts_of(dispute_id)[first.deal_id].state is PartState.REINSTATED
        db.session.rollback()
        assert sum(transfers()) == sum(sent) + sum(earned) - debt + earned[0]
        (waiting,) = [one for one in db.session.scalars(select(Transfer)) if one.held_back]
        assert waiting.held_back == Money(debt - earned[0])
        waiting_id, seen = waiting.id, waiting.held_back
        db.session.rollback()
        with transaction():
            send_again(make_admin(), waiting_id, seen)
        run_jobs()
    assert sum(transfers()) == sum(sent) + sum(earned)
    assert held(creator_available(first.creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_deal_that_was_lost_sends_back_to_the_brand_what_its_bank_gives_back(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    run_jobs()
    bank.advance(dispute_id, "won")
    run_jobs()
    refund = db.session.scalars(select(Refund).where(Refund.deal_id == parties.deal_id)).one()
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, 12_600_00)
    db.session.rollback()
    assert_books_balance()
