"""A chargeback through its stages: what a bank takes and keeps, in the books and in the deal's life."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM
from marketplace.chargebacks.answer import accept_loss, at_stake
from marketplace.chargebacks.check import frozen_escrow_is_the_rest
from marketplace.chargebacks.jobs import sweep as ask_about_open_ones
from marketplace.chargebacks.models import Chargeback, PartState, Stage
from marketplace.chargebacks.queries import Heap, list_chargebacks
from marketplace.chargebacks.service import read_chargeback
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.disputes.models import Dispute, DisputeReason, DisputeStatus
from marketplace.disputes.queries import list_disputes
from marketplace.disputes.service import Claim, open_dispute, rule
from marketplace.escrow.jobs import accept_by_silence
from marketplace.escrow.models import Refund, RefundState
from marketplace.escrow.settle import cancel_late
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import take_waiting
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    chargeback_held,
    chargebacks,
    creator_pending,
    escrow,
    refund_in_transit,
    stripe_clearing,
    stripe_fees,
)
from tests.support.bank import Bank, chargeback_of, chargebacks_of, owed, parts_of
from tests.support.market import make_admin
from tests.support.money import accept, assert_books_balance, completed_deal, funded_deal, held, publish, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def test_a_bank_that_takes_the_money_of_a_deal_at_work_stops_it(bank: Bank) -> None:
    parties = funded_deal()
    fees, clearing = held(stripe_fees("CNY")), held(stripe_clearing("CNY"))
    dispute_id = bank.dispute(parties.deal_id)
    assert state_of(parties.deal_id) is State.FROZEN
    assert held(escrow(parties.deal_id, "CNY")) == 0
    dispute_fee = held(stripe_fees("CNY")) - fees
    assert dispute_fee > 0
    assert held(stripe_clearing("CNY")) == clearing - 12_600_00 - dispute_fee
    chargeback = chargeback_of(dispute_id)
    assert (chargeback.stage, chargeback.total) == (Stage.NEEDS_RESPONSE, Money(12_600_00))
    assert chargeback.evidence_due_at is not None
    assert parts_of(dispute_id)[parties.deal_id].state is PartState.HELD
    assert_books_balance()


def test_a_deal_whose_money_comes_back_goes_on_where_it_stood(bank: Bank) -> None:
    parties = funded_deal()
    publish(parties)
    before = db.session.get_one(Deal, parties.deal_id).deadline_at
    db.session.rollback()
    assert before is not None
    dispute_id = bank.dispute(parties.deal_id)
    assert db.session.get_one(Deal, parties.deal_id).deadline_at is None
    db.session.rollback()
    bank.advance(dispute_id, "under_review")
    bank.advance(dispute_id, "won")
    assert state_of(parties.deal_id) is State.ACCEPTANCE
    after = db.session.get_one(Deal, parties.deal_id).deadline_at
    db.session.rollback()
    assert after is not None
    assert after >= before
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert chargeback_of(dispute_id).closed_at is not None
    accept(parties.brand.actor, parties.deal_id)
    assert held(creator_pending(parties.creator.id, "CNY")) == 11_300_00
    assert_books_balance()


def test_a_deal_whose_money_is_lost_is_over_and_nobody_owes_anything(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    bank.advance(bank.dispute(parties.deal_id), "lost")
    run_jobs()
    assert state_of(parties.deal_id) is State.REFUNDED
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert owed(parties) == 0
    assert held(chargebacks("CNY")) == 0
    assert_books_balance()


def test_what_a_bank_leaves_of_a_lost_deal_goes_back_to_the_brand(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, amount=12_500_00)
    assert held(escrow(parties.deal_id, "CNY")) == 100_00
    bank.advance(dispute_id, "lost")
    run_jobs()
    assert state_of(parties.deal_id) is State.REFUNDED
    assert held(escrow(parties.deal_id, "CNY")) == 0
    refund = db.session.scalars(select(Refund).where(Refund.deal_id == parties.deal_id)).one()
    assert (refund.state, refund.total) == (RefundState.SUCCEEDED, Money(100_00))
    db.session.rollback()
    assert_books_balance()


def test_a_bank_that_only_asks_moves_no_money_and_stops_nothing(bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    assert chargeback_of(dispute_id).stage is Stage.WARNING_NEEDS_RESPONSE
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert parts_of(dispute_id)[parties.deal_id].state is PartState.ASKED
    bank.advance(dispute_id, "warning_closed")
    assert chargeback_of(dispute_id).closed_at is not None
    assert_books_balance()


def test_a_question_can_become_a_chargeback(bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    bank.advance(dispute_id, "under_review")
    bank.advance(dispute_id, "escalate")
    assert chargeback_of(dispute_id).stage is Stage.NEEDS_RESPONSE
    assert chargeback_of(dispute_id).submitted_at is None
    assert state_of(parties.deal_id) is State.FROZEN
    assert_books_balance()


def test_all_that_happened_is_booked_by_one_late_reading(sandbox: Sandbox) -> None:
    parties, silent = funded_deal(), Bank(sandbox, told=False)
    dispute_id = silent.dispute(parties.deal_id)
    silent.advance(dispute_id, "won")
    read_chargeback(dispute_id)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    other = completed_deal()
    dispute_id = silent.dispute(other.deal_id)
    silent.advance(dispute_id, "lost")
    for _ in range(3):
        read_chargeback(dispute_id)
    assert owed(other) == 11_300_00
    assert_books_balance()


def test_an_answer_that_is_older_than_the_last_changes_no_stage(bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    with clock.at(clock.now() + timedelta(minutes=5)):
        bank.advance(dispute_id, "lost")
    with transaction():
        chargeback_of(dispute_id).stage = Stage.UNDER_REVIEW
    read_chargeback(dispute_id)
    assert chargeback_of(dispute_id).stage is Stage.UNDER_REVIEW
    assert_books_balance()


def test_webhooks_lead_to_the_same(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    parties, silent = completed_deal(), Bank(sandbox, told=False)
    dispute_id = silent.dispute(parties.deal_id)
    sandbox.wait_for_webhooks()
    run_jobs()
    assert held(chargeback_held(parties.deal_id, "CNY")) == 12_600_00
    silent.advance(dispute_id, "lost")
    sandbox.wait_for_webhooks()
    run_jobs()
    assert owed(parties) == 11_300_00
    assert_books_balance()


def test_a_refund_that_the_bank_was_faster_than_costs_nobody_a_second_time(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
        bank.told = False
        dispute_id = bank.dispute(parties.deal_id)
        bank.told = True
        run_jobs(allow_failures=True)
        read_chargeback(dispute_id)
        assert held(refund_in_transit(parties.deal_id, "CNY")) == 12_600_00
        assert held(chargeback_held(parties.deal_id, "CNY")) == 12_600_00
        assert_books_balance()
        bank.advance(dispute_id, "lost")
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert held(chargebacks("CNY")) == 0
    assert parts_of(dispute_id)[parties.deal_id].returned_amount == 12_600_00
    assert_books_balance()


def test_a_chargeback_stops_a_dispute_and_a_lost_one_ends_it(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    with transaction():
        admin = make_admin()
        claim = Claim("The draft isn’t what we agreed on.", Money(3_000_00))
        case_id = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.NOT_AS_AGREED, claim).id
    assert [row.dispute.id for row in list_disputes(DisputeStatus.OPEN, 5)] == [case_id]
    dispute_id = bank.dispute(parties.deal_id)
    assert state_of(parties.deal_id) is State.FROZEN
    assert list_disputes(DisputeStatus.OPEN, 5) == [], "nobody can rule it now"
    db.session.rollback()
    with pytest.raises(Conflict, match="bank has taken the payment back"), transaction():
        rule(admin, case_id, Money(3_000_00), "Half of it was made.")
    bank.advance(dispute_id, "lost")
    run_jobs()
    assert db.session.get_one(Dispute, case_id).status is DisputeStatus.CHARGEBACK
    db.session.rollback()
    assert_books_balance()


def test_a_dispute_goes_on_when_the_bank_gives_the_money_back(bank: Bank) -> None:
    parties = funded_deal()
    with transaction():
        admin = make_admin()
        claim = Claim("The draft isn’t what we agreed on.", Money(3_000_00))
        case_id = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.NOT_AS_AGREED, claim).id
    bank.advance(bank.dispute(parties.deal_id), "won")
    assert state_of(parties.deal_id) is State.DISPUTED
    with transaction():
        rule(admin, case_id, Money(3_000_00), "A quarter of it was made.")
    assert state_of(parties.deal_id) is State.COMPLETED
    assert_books_balance()


def test_nothing_happens_by_silence_while_a_deal_is_frozen(bank: Bank) -> None:
    parties = funded_deal()
    publish(parties)
    bank.dispute(parties.deal_id)
    with pytest.raises(Conflict):
        accept(SYSTEM, parties.deal_id)
    with clock.at(clock.now() + timedelta(days=30)):
        accept_by_silence()
    assert state_of(parties.deal_id) is State.FROZEN
    assert_books_balance()


def test_a_second_banks_claim_takes_no_more_out_of_escrow_than_is_left(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe's balance is no matter here, as the sandbox opens one dispute of a charge."""
    parties = funded_deal()
    first = gateway.get_dispute(bank.dispute(parties.deal_id, amount=10_000_00))
    taken = gateway.BankMovement("txn_of_another", Money(-5_000_00), Money(0), clock.now())
    second = replace(first, id="du_of_another", amount=Money(5_000_00), movements=(taken,))
    monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id: second)
    for _ in range(2):
        read_chargeback(second.id)
    assert parts_of(second.id)[parties.deal_id].total == Money(2_600_00)
    assert (held(escrow(parties.deal_id, "CNY")), held(chargebacks("CNY"))) == (0, 2_400_00)
    assert list(frozen_escrow_is_the_rest()) == []
    db.session.rollback()


def test_a_chargeback_isnt_over_before_what_the_bank_took_is_listed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties, real = completed_deal(), gateway.get_dispute
    monkeypatch.setattr(gateway, "get_dispute", lambda dispute_id: replace(real(dispute_id), movements=()))
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    assert chargeback_of(dispute_id).closed_at is None
    db.session.rollback()
    monkeypatch.setattr(gateway, "get_dispute", real)
    with clock.at(clock.now() + timedelta(hours=2)):
        ask_about_open_ones()
        assert [name for name, _arguments in take_waiting() if name == "chargebacks.read"]
        read_chargeback(dispute_id)
    assert chargeback_of(dispute_id).closed_at is not None
    assert owed(parties) == 11_300_00
    assert_books_balance()


def test_a_loss_accepted_of_a_question_is_not_accepted_of_the_chargeback(bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    with transaction():
        found = chargeback_of(dispute_id)
        accept_loss(make_admin(), found.id, at_stake(found))
    bank.advance(dispute_id, "escalate")
    assert chargeback_of(dispute_id).accepted_by is None
    assert_books_balance()


def test_a_question_that_was_closed_and_takes_the_money_after_all_waits_for_an_answer_again(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe's balance is no matter here, as the sandbox's questions stay closed."""
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    bank.advance(dispute_id, "warning_closed")
    taken = gateway.BankMovement("txn_after_all", Money(-12_600_00), Money(0), clock.now())
    late = replace(gateway.get_dispute(dispute_id), stage="needs_response", movements=(taken,))
    monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id: late)
    read_chargeback(dispute_id)
    found = chargeback_of(dispute_id)
    assert (found.stage, found.closed_at) == (Stage.NEEDS_RESPONSE, None)
    assert state_of(parties.deal_id) is State.FROZEN


def test_a_dispute_of_somebody_elses_charge_is_none_of_ours(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    found = gateway.get_dispute(bank.dispute(funded_deal().deal_id))
    foreign = replace(found, id="du_foreign", charge_id="ch_foreign", reference="checkout:theirs")
    monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id: foreign)
    read_chargeback("du_foreign")
    assert chargebacks_of("du_foreign") == []


def test_the_queue_goes_on_from_page_to_page_by_when_evidence_is_due(bank: Bank) -> None:
    found = chargeback_of(bank.dispute(funded_deal().deal_id))
    later, due = found.id, found.evidence_due_at
    assert due is not None
    same = {"checkout_id": found.checkout_id, "reason": "general", "amount": 1, "currency": "CNY"}
    same |= {"opened_at": found.opened_at, "read_at": found.read_at, "stage": Stage.NEEDS_RESPONSE}
    sooner = Chargeback(stripe_dispute_id="du_sooner", evidence_due_at=due - timedelta(days=1), **same)
    unasked = Chargeback(stripe_dispute_id="du_unasked", **same | {"stage": Stage.UNDER_REVIEW})
    db.session.add_all([unasked, sooner])
    db.session.flush()
    order, place = list[int](), None
    while (page := list_chargebacks(Heap.OPEN, 1, place)).rows:
        order += [row.chargeback.id for row in page.rows]
        if (place := page.place) is None:
            break
    assert order == [sooner.id, later, unasked.id]
    db.session.rollback()
