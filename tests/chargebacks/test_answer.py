"""The answer to a bank: assembled, corrected, checked by an administrator, sent once and in time, or given up."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from marketplace.chargebacks.answer import accept_loss, check_evidence, save_texts, send_answer
from marketplace.chargebacks.evidence import MOST_BYTES, MOST_PAGES, MOST_SIGNS, assemble
from marketplace.chargebacks.jobs import remind, sweep
from marketplace.chargebacks.models import Stage
from marketplace.deals.lifecycle import State
from marketplace.deals.messages import post_message
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid
from marketplace.ledger.accounts import PLATFORM, Account, AccountKind, chargebacks, creator_owes, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from tests.console.conftest import Admin, admin_at
from tests.support.bank import Bank, chargeback_of, told
from tests.support.evidence import assembled, read_file, seen_of, stake_of
from tests.support.market import PASSWORD
from tests.support.money import Parties, assert_books_balance, completed_deal, funded_deal, held, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def test_the_evidence_tells_what_was_agreed_delivered_and_accepted(bank: Bank) -> None:
    parties = completed_deal()
    with transaction():
        post_message(parties.brand.actor, parties.deal_id, "We love the rain in it.")
    dispute_id = bank.dispute(parties.deal_id)
    number, file_id = assembled(dispute_id)
    pages, words, _size = read_file(file_id)
    assert pages <= 5
    for told_there in (
        "CNY 12,600.00",
        "One film of 60 to 180 s",
        "Signed by Tidewell owner",
        "https://www.douyin.com/video/1",
        "Acceptance by the customer",
        "We love the rain in it.",
    ):
        assert told_there in words
    texts = chargeback_of(dispute_id).evidence
    db.session.rollback()
    assert texts["customer_name"].startswith("Tidewell")
    assert "accepted the published work" in texts["access_activity_log"]
    assert number


def test_evidence_that_is_too_long_is_cut_from_the_middle(bank: Bank) -> None:
    parties = funded_deal()
    with transaction():
        for place in range(400):
            post_message(parties.brand.actor, parties.deal_id, f"Message {place:03d}. " + "So it went on. " * 60)
    _number, file_id = assembled(bank.dispute(parties.deal_id))
    pages, words, size = read_file(file_id)
    assert pages <= MOST_PAGES
    assert size <= MOST_BYTES
    assert "Message 000." in words
    assert "Message 399." in words
    assert "left out for want of space" in words


def test_an_administrator_reads_corrects_and_sends_once(app: Flask, admin: Admin, bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number, _file_id = assembled(dispute_id)
    page = f"/console/chargebacks/{number}"
    assert "Answer in time" in admin.client.get(page).text
    assert admin.client.get(f"{page}/evidence.pdf").data.startswith(b"%PDF")
    kept = admin.client.post(f"{page}/evidence", data={"uncategorized_text": "winning_evidence"})
    assert kept.status_code == 303
    wrong = admin.client.post(f"{page}/submit", data={"seen": seen_of(number), "password": "not this one"})
    assert wrong.status_code == 422
    assert chargeback_of(dispute_id).checked_at is None
    db.session.rollback()
    sent = admin.client.post(f"{page}/submit", data={"seen": seen_of(number), "password": PASSWORD})
    assert sent.status_code == 303
    found = chargeback_of(dispute_id)
    assert (found.checked_by, found.submitted_at is not None) == (admin.user_id, True)
    db.session.rollback()
    again = admin.client.post(f"{page}/submit", data={"seen": seen_of(number), "password": PASSWORD})
    assert again.status_code == 409
    assert chargeback_of(dispute_id).stage is Stage.WON
    db.session.rollback()
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert "Won" in admin.client.get("/console/chargebacks?tab=closed").text
    assert_books_balance()


@pytest.mark.parametrize("change", ["file", "text"])
def test_an_answer_that_was_changed_since_it_was_read_is_not_sent(admin: Admin, bank: Bank, change: str) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number, _file_id = assembled(dispute_id)
    page, seen = f"/console/chargebacks/{number}", seen_of(number)
    assert f'value="{seen}"' in admin.client.get(page).text
    with transaction():
        if change == "file":
            assemble(number)
        else:
            save_texts(admin.actor, number, {"uncategorized_text": "Another administrator wrote this."})
    answer = admin.client.post(f"{page}/submit", data={"seen": seen, "password": PASSWORD})
    assert answer.status_code == 409
    assert "changed since you opened the page" in answer.text
    assert chargeback_of(dispute_id).checked_at is None


def test_accepting_the_loss_ends_it(admin: Admin, bank: Bank) -> None:
    parties = completed_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number = chargeback_of(dispute_id).id
    db.session.rollback()
    decision = {"seen": stake_of(number), "password": PASSWORD}
    answer = admin.client.post(f"/console/chargebacks/{number}/accept", data=decision)
    assert answer.status_code == 303
    assert chargeback_of(dispute_id).stage is Stage.LOST
    db.session.rollback()
    assert held(creator_owes(parties.creator.id, "CNY")) == 11_300_00
    assert "Propose to write it off" in admin.client.get("/console/chargebacks?tab=owed").text
    assert_books_balance()


def test_a_debt_is_written_off_through_its_page_and_never_more_than_is_owed(
    app: Flask, admin: Admin, bank: Bank
) -> None:
    parties = completed_deal()
    bank.advance(bank.dispute(parties.deal_id), "lost")
    with transaction():
        of_nobody = Account(PLATFORM, AccountKind.CREATOR_OWES, "CNY")
        post("manual.entry", "old", [debit(of_nobody, 1), credit(suspense("CNY"), 1)], "manual:1")
    page = admin.client.get("/console/chargebacks?tab=owed").text
    link = re.search(r'href="/console/books/manual/new\?([^"]+creator[^"]+)"', page)
    assert link is not None
    filled = {**dict(parse_qsl(unescape(link[1]))), "reason": "They have left."}
    proposed = [admin.client.post("/console/books/manual/new", data=filled).location for _ in range(2)]
    second = admin_at(app, "Second Reader").client
    answers = [second.post(f"{address}/approve", data={"password": PASSWORD}) for address in proposed]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "less than nothing" in answers[1].text
    assert held(creator_owes(parties.creator.id, "CNY")) == 0
    assert held(chargebacks("CNY")) == 11_300_00
    assert_books_balance()


@pytest.mark.parametrize(
    "fault",
    [
        {"path_prefix": path, "kind": kind}
        for path in ("/v1/files", "/v1/disputes")
        for kind in ("timeout_after_work", "connection_reset", "500")
    ],
    ids=lambda fault: f"{fault['kind']} at {fault['path_prefix']}",
)
def test_an_answer_that_breaks_in_the_middle_is_sent_once(
    sandbox: Sandbox, admin: Admin, bank: Bank, run_jobs: RunJobs, fault: dict[str, str]
) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number, _file_id = assembled(dispute_id)
    with transaction():
        check_evidence(admin.actor, number, seen_of(number))
    sandbox.command("moods", next_faults=[fault] * 3)
    try:
        send_answer(number)
    except gateway.ProviderUnavailable:
        sweep()
        run_jobs(allow_failures=True)
        send_answer(number)
    found = chargeback_of(dispute_id)
    assert found.submitted_at is not None
    assert found.stage is Stage.UNDER_REVIEW
    db.session.rollback()
    assert sandbox.stripe.v1.disputes.retrieve(dispute_id).evidence_details.submission_count == 1
    assert_books_balance()


def test_an_answer_that_stripe_refuses_is_an_administrators_again_and_they_are_told(
    admin: Admin, bank: Bank, run_jobs: RunJobs
) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number, file_id = assembled(dispute_id)
    with transaction():
        db.session.get_one(StoredFile, file_id).content = b"This is no PDF."
    page = f"/console/chargebacks/{number}"
    answer = {"seen": seen_of(number), "password": PASSWORD}
    sent = admin.client.post(f"{page}/submit", data=answer, follow_redirects=True)
    assert "Stripe refused it" in sent.text
    found = chargeback_of(dispute_id)
    assert (found.checked_by, found.checked_at, found.stripe_file_id, found.submitted_at) == (None, None, None, None)
    db.session.rollback()
    run_jobs()
    assert told(admin.user_id)[-1] == "chargeback.due.admin"
    assert admin.client.post(f"{page}/evidence", data={"uncategorized_text": "It was agreed."}).status_code == 303
    _number, file_id = assembled(dispute_id)
    sent = admin.client.post(f"{page}/submit", data={"seen": seen_of(number), "password": PASSWORD})
    assert sent.status_code == 303
    assert chargeback_of(dispute_id).submitted_at is not None
    db.session.rollback()
    assert_books_balance()


def test_an_answer_of_too_many_pages_is_said_to_be(monkeypatch: pytest.MonkeyPatch, admin: Admin, bank: Bank) -> None:
    """Stripe counts the pages of its own print, which the sandbox doesn't make."""

    def refuse(_order: gateway.EvidenceOrder) -> None:
        raise gateway.ProviderRefused("", "dispute_evidence_page_limit_exceeded")

    monkeypatch.setattr(gateway, "submit_evidence", refuse)
    parties = funded_deal()
    number, _file_id = assembled(bank.dispute(parties.deal_id))
    answer = {"seen": seen_of(number), "password": PASSWORD}
    sent = admin.client.post(f"/console/chargebacks/{number}/submit", data=answer, follow_redirects=True)
    assert "Shorten the texts" in sent.text


@pytest.mark.parametrize(("name", "most"), [("customer_name", 5_000), ("uncategorized_text", 20_000)])
def test_a_text_is_as_long_as_stripe_takes_it_and_no_longer(admin: Admin, bank: Bank, name: str, most: int) -> None:
    parties = funded_deal()
    number, _file_id = assembled(bank.dispute(parties.deal_id))
    page = f"/console/chargebacks/{number}"
    refused = admin.client.post(f"{page}/evidence", data={name: "x" * (most + 1)})
    assert refused.status_code == 422
    assert "I have read it: send" not in refused.text, "what was typed isn't what would be sent"
    with pytest.raises(Invalid, match=f"longer than {most} characters") as raised, transaction():
        save_texts(admin.actor, number, {name: "x" * (most + 1)})
    assert raised.value.field == name
    assert admin.client.post(f"{page}/evidence", data={name: "x" * most}).status_code == 303
    assert sum(MOST_SIGNS.values()) <= 150_000, "what Stripe takes of all of them"


def test_nothing_is_changed_once_it_is_answered(admin: Admin, bank: Bank) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    number, _file_id = assembled(dispute_id)
    with transaction():
        check_evidence(admin.actor, number, seen_of(number))
    tries: list[Callable[[], object]] = [
        lambda: save_texts(admin.actor, number, {}),
        lambda: check_evidence(admin.actor, number, seen_of(number)),
        lambda: accept_loss(admin.actor, number, stake_of(number)),
    ]
    for act in tries:
        with pytest.raises(Conflict), transaction():
            act()


def test_administrators_are_reminded_three_days_and_one_day_before_and_told_when_it_is_late(
    admin: Admin, bank: Bank, run_jobs: RunJobs
) -> None:
    parties: Parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    due = chargeback_of(dispute_id).evidence_due_at
    db.session.rollback()
    assert due is not None
    for before in (timedelta(days=4), timedelta(days=2), timedelta(hours=20), timedelta(hours=-1)):
        with clock.at(due - before):
            for _ in range(2):
                remind()
                run_jobs()
    kinds = [kind for kind in told(admin.user_id) if kind.startswith("chargeback.")]
    assert kinds == [
        "chargeback.taken.admin",
        "chargeback.due.admin",
        "chargeback.due.admin",
        "chargeback.overdue.admin",
    ]
    assert state_of(parties.deal_id) is State.FROZEN
