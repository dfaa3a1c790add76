"""What an administrator decides of a chargeback is of the one that they saw; what only asks stands in no way."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from marketplace.chargebacks.answer import accept_loss, at_stake, send_answer
from marketplace.chargebacks.evidence import fingerprint
from marketplace.chargebacks.models import Chargeback, Stage
from marketplace.console.manual import Proposal, propose
from marketplace.console.stuck import failed_refunds
from marketplace.deals.lifecycle import State
from marketplace.escrow.stuck import settle_by_hand
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger.accounts import platform_bank, suspense
from marketplace.ledger.postings import Line
from marketplace.payouts.at_stripe import Made, objects_of
from tests.console.conftest import Admin, admin_at
from tests.escrow.test_stuck import cancelled, fail_at_the_bank
from tests.support.bank import Bank, chargeback_of
from tests.support.market import PASSWORD
from tests.support.money import assert_books_balance, completed_deal, funded_deal, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def number_and_stake(dispute_id: str) -> tuple[int, str]:
    found = chargeback_of(dispute_id)
    both = found.id, at_stake(found)
    db.session.rollback()
    return both


def test_a_loss_accepted_on_the_page_of_a_question_isnt_that_of_the_chargeback_it_became(
    admin: Admin, bank: Bank
) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    number, stake = number_and_stake(dispute_id)
    page = f"/console/chargebacks/{number}"
    assert f'id="accept-seen" name="seen" type="hidden" value="{stake}"' in admin.client.get(page).text
    bank.advance(dispute_id, "escalate")
    late = admin.client.post(f"{page}/accept", data={"password": PASSWORD, "seen": stake})
    assert late.status_code == 409
    assert "Nothing was accepted" in late.text
    found = chargeback_of(dispute_id)
    assert (found.accepted_by, found.stage) == (None, Stage.NEEDS_RESPONSE)
    assert state_of(parties.deal_id) is State.FROZEN
    assert_books_balance()


def test_a_question_that_became_a_chargeback_unheard_is_not_closed_with_a_loss(admin: Admin, sandbox: Sandbox) -> None:
    parties = funded_deal()
    dispute_id = Bank(sandbox).dispute(parties.deal_id, inquiry=True)
    number, stake = number_and_stake(dispute_id)
    Bank(sandbox, told=False).advance(dispute_id, "escalate")
    decision = {"password": PASSWORD, "seen": stake}
    answer = admin.client.post(f"/console/chargebacks/{number}/accept", data=decision, follow_redirects=True)
    assert "The bank has taken the money meanwhile" in answer.text
    assert chargeback_of(dispute_id).accepted_by is None
    db.session.rollback()
    assert sandbox.stripe.v1.disputes.retrieve(dispute_id).status == "needs_response"
    assert state_of(parties.deal_id) is State.FROZEN
    assert_books_balance()


def test_a_question_is_closed_without_an_answer(admin: Admin, bank: Bank) -> None:
    parties = funded_deal()
    number, stake = number_and_stake(bank.dispute(parties.deal_id, inquiry=True))
    with transaction():
        accept_loss(admin.actor, number, stake)
    assert send_answer(number) == ""
    assert db.session.get_one(Chargeback, number).closed_at is not None
    db.session.rollback()
    assert state_of(parties.deal_id) is State.PRODUCTION


def test_a_loss_that_was_accepted_as_the_bank_decided_for_us_is_not_said_to_be_booked(
    admin: Admin, sandbox: Sandbox
) -> None:
    parties = completed_deal()
    dispute_id = Bank(sandbox).dispute(parties.deal_id)
    number, stake = number_and_stake(dispute_id)
    Bank(sandbox, told=False).advance(dispute_id, "won")
    decision = {"password": PASSWORD, "seen": stake}
    answer = admin.client.post(f"/console/chargebacks/{number}/accept", data=decision, follow_redirects=True)
    assert "is accepted and booked" not in answer.text
    assert "The bank had decided before" in answer.text
    assert_books_balance()


def test_an_answer_is_read_anew_when_the_bank_wants_another_one(bank: Bank) -> None:
    dispute_id = bank.dispute(funded_deal().deal_id, inquiry=True)
    asked = fingerprint(chargeback_of(dispute_id))
    bank.advance(dispute_id, "escalate")
    assert fingerprint(chargeback_of(dispute_id)) != asked


def test_a_question_of_a_bank_stands_in_no_refunds_way_and_its_claim_does(
    run_jobs: RunJobs, admin: Admin, sandbox: Sandbox, bank: Bank
) -> None:
    parties = cancelled(run_jobs)
    fail_at_the_bank(sandbox, parties)
    dispute_id = bank.dispute(parties.deal_id, inquiry=True)
    page = admin.client.get("/console/refunds").text
    assert "Try again" in page
    assert "Settle by hand" in page
    assert "A bank has claimed" not in page
    bank.advance(dispute_id, "escalate")
    (found,) = failed_refunds()
    assert (found.claimed, found.claim_id) == (True, number_and_stake(dispute_id)[0])
    page = admin.client.get("/console/refunds").text
    assert "Settle by hand" not in page
    assert "A bank has claimed" in page


def test_what_a_bank_gives_back_late_stands_where_it_was_booked(bank: Bank) -> None:
    parties = completed_deal()
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    closed_at = chargeback_of(dispute_id).closed_at
    db.session.rollback()
    late = clock.now() + timedelta(days=40)
    with clock.at(late):
        bank.advance(dispute_id, "won")
    given_back = objects_of(parties.deal_id)[-1]
    db.session.rollback()
    assert closed_at is not None
    assert (given_back.made, given_back.at) == (Made.REINSTATED, late)
    assert_books_balance()


def test_who_approves_an_entry_by_hand_reads_first_of_a_claim_that_came_after_it_was_proposed(
    app: Flask, run_jobs: RunJobs, admin: Admin, sandbox: Sandbox, bank: Bank
) -> None:
    parties = cancelled(run_jobs)
    refund_id, deal = fail_at_the_bank(sandbox, parties), f"deal:{parties.deal_id}"
    with transaction():
        settle_by_hand(admin.actor, refund_id)
        lines = Line(suspense("CNY", deal), 12_600_00), Line(platform_bank("CNY"), -12_600_00)
        manual_id = propose(admin.actor, Proposal("Paid by bank transfer 81.", deal, lines)).id
    second, page = admin_at(app, "Second").client, f"/console/books/manual/{manual_id}"
    assert "A bank has money" not in second.get(page).text
    dispute_id = bank.dispute(parties.deal_id)
    late = second.post(f"{page}/approve", data={"password": PASSWORD, "seen": ""})
    assert late.status_code == 409
    assert "A bank has money of this payment" in late.text
    number = number_and_stake(dispute_id)[0]
    assert f"/console/chargebacks/{number}" in late.text
    seen = re.search(r'name="seen"[^>]* value="([^"]+)"', late.text)
    assert seen is not None
    assert second.post(f"{page}/approve", data={"password": PASSWORD, "seen": seen[1]}).status_code == 303
    assert "A bank has money" not in second.get(page).text
    assert_books_balance()
