"""Entries by hand: proposed by one administrator, posted by another, once, and never against a check."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import OWN_PASSWORD, guard
from marketplace.console.manual import Proposal, propose, propose_reversal, refuse, withdraw
from marketplace.console.manual_approval import approve, effects_of, objections
from marketplace.console.models import ManualEntry, ManualEntryState
from marketplace.escrow.refund import prepare_refund, received_payment
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    creator_available,
    creator_pending,
    escrow,
    fees_brand,
    fees_creator,
    stripe_clearing,
    stripe_fees,
    suspense,
)
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import Line, Overdraft, credit, debit
from marketplace.ledger.queries import entry, entry_by_key
from marketplace.ledger.service import post
from marketplace.notifications.models import Notification
from tests.console.conftest import Admin, admin_at
from tests.support.market import PASSWORD, make_admin, make_creator
from tests.support.money import Parties, assert_books_balance, completed_deal, funded_deal, held
from tests.support.races import at_once
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
NEW = "/console/books/manual/new"


@pytest.fixture
def second(app: Flask, admin: Admin) -> Admin:
    """The administrator who is asked."""
    return admin_at(app, "Second Reader")


RENAMED = (debit(fees_brand("CNY"), 500_00), credit(fees_creator("CNY"), 500_00))
"""Part of a fee was a commission: no check has anything against it."""


def released(parties: Parties, amount: int) -> tuple[Line, ...]:
    """Part of the creator's earnings goes from on hold to available."""
    creator = parties.creator.id
    return (debit(creator_pending(creator, "CNY"), amount), credit(creator_available(creator, "CNY"), amount))


def proposed(actor: Actor, lines: tuple[Line, ...], reference: str = "") -> int:
    with transaction():
        return propose(actor, Proposal("It was a commission.", reference, lines)).id


def state(manual_id: int) -> ManualEntryState:
    db.session.rollback()
    found = db.session.get_one(ManualEntry, manual_id).state
    db.session.rollback()
    return found


def entries() -> int:
    found = db.session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    db.session.rollback()
    return found


# --- One proposes, another approves -----------------------------------------------------------------------------------
def test_a_second_administrator_posts_it(admin: Admin, second: Admin) -> None:
    parties = completed_deal()
    manual_id = proposed(admin.actor, RENAMED, f"deal:{parties.deal_id}")
    assert held(fees_creator("CNY")) == 700_00
    posted = approve(second.actor, manual_id)
    assert held(fees_creator("CNY")) == 1_200_00
    found = entry(posted.id)
    assert (found.entry.kind, found.entry.key) == ("manual.entry", f"manual:{manual_id}")
    assert (found.entry.reference, found.entry.description) == (f"deal:{parties.deal_id}", "It was a commission.")
    row = db.session.get_one(ManualEntry, manual_id)
    assert (row.state, row.entry_id, row.decided_by) == (ManualEntryState.POSTED, posted.id, second.user_id)
    assert_books_balance()


def test_without_a_reference_it_belongs_to_its_proposal(admin: Admin, second: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    assert approve(second.actor, manual_id).reference == f"manual:{manual_id}"
    assert_books_balance()


def test_whoever_proposed_it_cannot_approve_or_refuse_it(admin: Admin) -> None:
    manual_id, before = proposed(admin.actor, RENAMED), entries()
    with pytest.raises(NotAllowed, match="another administrator decides"):
        approve(admin.actor, manual_id)
    with pytest.raises(NotAllowed, match="another administrator decides"), transaction():
        refuse(admin.actor, manual_id, "No.")
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


def test_the_table_refuses_one_persons_word(admin: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    values = {"state": "refused", "decided_by": admin.user_id, "decided_at": func.now()}
    with pytest.raises(Exception, match="ck_manual_entries_four_eyes"), transaction():
        db.session.execute(update(ManualEntry).where(ManualEntry.id == manual_id).values(values))


def test_the_table_refuses_a_decision_of_nobody(admin: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    values = {"state": "refused", "decided_by": None, "decided_at": func.now()}
    with pytest.raises(Exception, match="ck_manual_entries_four_eyes"), transaction():
        db.session.execute(update(ManualEntry).where(ManualEntry.id == manual_id).values(values))


@pytest.mark.parametrize("column", ["lines", "reason", "proposed_by"])
def test_the_table_refuses_another_proposal_than_was_made(admin: Admin, second: Admin, column: str) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    values = {"lines": [], "reason": "Another one.", "proposed_by": second.user_id}
    with pytest.raises(Exception, match="only grows"), transaction():
        db.session.execute(update(ManualEntry).where(ManualEntry.id == manual_id).values({column: values[column]}))


def test_nobody_else_proposes_or_decides(admin: Admin) -> None:
    parties = funded_deal()
    manual_id = proposed(admin.actor, RENAMED)
    with pytest.raises(NotAllowed), transaction():
        propose(parties.creator.actor, Proposal("Please.", "", RENAMED))
    with pytest.raises(NotAllowed):
        approve(parties.brand.actor, manual_id)
    with pytest.raises(NotFound):
        approve(admin.actor, 999_999)
    assert state(manual_id) is ManualEntryState.PROPOSED


def test_whoever_guessed_their_password_too_often_reads_it_where_they_typed_it(admin: Admin, second: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    for _ in range(OWN_PASSWORD.tries):
        guard((OWN_PASSWORD, str(second.user_id)))
    answer = second.client.post(f"/console/books/manual/{manual_id}/approve", data={"password": PASSWORD})
    assert answer.status_code == 422
    assert "Too many tries" in answer.text
    assert "It was a commission." in answer.text, "the entry's own page"
    assert state(manual_id) is ManualEntryState.PROPOSED


def test_only_whoever_proposed_it_withdraws_it(admin: Admin, second: Admin) -> None:
    manual_id, before = proposed(admin.actor, RENAMED), entries()
    with pytest.raises(NotAllowed, match="Arbiter Wei"), transaction():
        withdraw(second.actor, manual_id)
    with transaction():
        withdraw(admin.actor, manual_id)
    with pytest.raises(Conflict, match="has withdrawn this entry"):
        approve(second.actor, manual_id)
    assert (state(manual_id), entries()) == (ManualEntryState.WITHDRAWN, before)


def test_a_refusal_says_why_and_stays(admin: Admin, second: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    with pytest.raises(Invalid, match="Write why"), transaction():
        refuse(second.actor, manual_id, "  ")
    with transaction():
        refuse(second.actor, manual_id, "The hold is not over.")
    with pytest.raises(Exception, match=r"manual_entry_decided|it only grows"), transaction():
        db.session.execute(update(ManualEntry).where(ManualEntry.id == manual_id).values(decision_note="Well."))
    db.session.rollback()
    assert db.session.get_one(ManualEntry, manual_id).decision_note == "The hold is not over."


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((debit(suspense("CNY"), 100), credit(fees_brand("CNY"), 90)), "the debits are ¥0.10 more than the credits"),
        ((debit(suspense("CNY"), 5), credit(fees_brand("CNY"), 700_05)), "the credits are ¥700.00 more"),
        ((debit(suspense("JPY"), 700), credit(fees_brand("CNY"), 700)), "In JPY the debits are JP¥700 more"),
        ((debit(suspense("CNY"), 0),), "at least two lines"),
        ((debit(suspense("CNY"), 1), credit(fees_brand("CNY"), 1)) * 11, "at most 20 lines"),
    ],
)
def test_lines_that_are_off_say_by_how_much(admin: Admin, lines: tuple[Line, ...], says: str) -> None:
    with pytest.raises(Invalid, match=says), transaction():
        propose(admin.actor, Proposal("So.", "", lines))


def test_a_reason_is_needed(admin: Admin) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        propose(admin.actor, Proposal("  ", "", (debit(suspense("CNY"), 1), credit(fees_brand("CNY"), 1))))
    assert refused.value.field == "reason"


# --- What the ledger and the checks refuse ----------------------------------------------------------------------------
def test_what_the_ledger_refuses_stays_proposed(admin: Admin, second: Admin) -> None:
    manual_id, before = proposed(admin.actor, released(completed_deal(), 1_000_000_00)), entries()
    with pytest.raises(Overdraft):
        approve(second.actor, manual_id)
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


def test_the_escrow_of_a_deal_at_work_stays_what_was_paid(admin: Admin, second: Admin) -> None:
    parties = funded_deal()
    lines = (debit(escrow(parties.deal_id, "CNY"), 100), credit(fees_brand("CNY"), 100))
    manual_id, before = proposed(admin.actor, lines), entries()
    with pytest.raises(Conflict, match=rf"M-{parties.deal_id}: The brand paid 1260000 and escrow holds 1259900"):
        approve(second.actor, manual_id)
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


@pytest.mark.parametrize(
    ("on_debit", "on_credit"), [("fees", "available"), ("pending", "fees"), ("pending", "available")]
)
def test_what_a_payee_holds_stays_what_they_earned(admin: Admin, second: Admin, on_debit: str, on_credit: str) -> None:
    """No transfer would ever send what is put there, and each would fail for want of what is taken."""
    creator_id = completed_deal().creator.id
    accounts = {
        "fees": fees_brand("CNY"),
        "pending": creator_pending(creator_id, "CNY"),
        "available": creator_available(creator_id, "CNY"),
    }
    manual_id = proposed(admin.actor, (debit(accounts[on_debit], 100), credit(accounts[on_credit], 100)))
    before = entries()
    with pytest.raises(Conflict, match=r"settlements and transfers leave (0|1130000) of them to be sent"):
        approve(second.actor, manual_id)
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


def test_a_settlement_is_not_reversed_under_a_deal_that_has_ended(admin: Admin, second: Admin) -> None:
    parties = completed_deal()
    settled = entry_by_key(f"deal:{parties.deal_id}:settled")
    assert settled is not None
    with transaction():
        manual_id = propose_reversal(admin.actor, settled.entry.id, "Not accepted after all.").id
    with pytest.raises(Conflict, match="its escrow still holds"):
        approve(second.actor, manual_id)
    assert_books_balance()


def test_what_is_on_its_way_is_not_reversed_by_hand(admin: Admin, second: Admin) -> None:
    parties = funded_deal()
    with transaction():
        payment = received_payment(parties.deal_id)
        prepared = prepare_refund(payment, Money(100_00))
        key = f"refund:{prepared.id}:prepared"
    found = entry_by_key(key)
    assert found is not None
    with transaction():
        manual_id = propose_reversal(admin.actor, found.entry.id, "It should stay.").id
    with pytest.raises(Conflict, match="what was prepared comes to 10000"):
        approve(second.actor, manual_id)
    assert state(manual_id) is ManualEntryState.PROPOSED


def test_what_stripe_holds_is_asked_before_an_entry_says_otherwise(admin: Admin, second: Admin) -> None:
    completed_deal()
    lines = (debit(stripe_fees("CNY"), 100), credit(stripe_clearing("CNY"), 100))
    manual_id, before = proposed(admin.actor, lines), entries()
    with pytest.raises(Conflict, match="stripe_clearing:CNY: Our clearing holds"):
        approve(second.actor, manual_id)
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


def test_an_entry_may_mend_what_a_check_finds(admin: Admin, second: Admin) -> None:
    """The clearing is off by what was booked twice, until two administrators say so."""
    completed_deal()
    lines = (debit(stripe_clearing("CNY"), 100), credit(fees_brand("CNY"), 100))
    with transaction():
        post("stripe.fee", "booked twice", lines, "payment:1")
    mend = proposed(admin.actor, tuple(Line(line.account, -line.amount) for line in lines))
    approve(second.actor, mend)
    assert state(mend) is ManualEntryState.POSTED
    assert_books_balance()


def test_an_entry_is_reversed_by_two_and_once(admin: Admin, second: Admin) -> None:
    manual_id = proposed(admin.actor, RENAMED)
    posted = approve(second.actor, manual_id)
    with transaction():
        back = propose_reversal(admin.actor, posted.id, "It was right before.").id
    with pytest.raises(Conflict, match="waits for a second administrator"), transaction():
        propose_reversal(second.actor, posted.id, "It was right before.")
    reversal = approve(second.actor, back)
    found = entry(reversal.id).entry
    assert (found.kind, found.reverses_id) == ("manual.entry.reversed", posted.id)
    with pytest.raises(Conflict, match="reversed already"), transaction():
        propose_reversal(admin.actor, posted.id, "Once more.")
    with pytest.raises(NotFound), transaction():
        propose_reversal(admin.actor, 999_999, "Once more.")
    assert_books_balance()


def test_trying_an_entry_leaves_nothing_behind(admin: Admin) -> None:
    parties = completed_deal()
    before = entries()
    with transaction():
        assert objections(RENAMED) == ""
        assert objections(released(parties, 1_000_000_00)) == "There is not enough money in the account for this."
        effects = effects_of(released(parties, 1_000_000_00))
    assert [effect.overdraws for effect in effects] == [True, False]
    assert entries() == before


# --- Two at once ------------------------------------------------------------------------------------------------------
@pytest.fixture
def rivals(second: Admin) -> tuple[Actor, Actor]:
    """Two administrators other than the one who proposes."""
    with transaction():
        third = make_admin("Third Reader")
    return second.actor, third


def test_two_who_approve_at_once_post_one_entry(app: Flask, admin: Admin, rivals: tuple[Actor, Actor]) -> None:
    manual_id, before = proposed(admin.actor, RENAMED), entries()
    steps = [partial(approve, who, manual_id) for who in rivals]
    assert at_once(app, *steps, owned=True) == ["Conflict", "done"]
    assert entries() == before + 1
    assert held(fees_creator("CNY")) == 500_00
    assert_books_balance()


def test_approval_and_withdrawal_at_once_have_one_effect(app: Flask, admin: Admin, rivals: tuple[Actor, Actor]) -> None:
    manual_id, before = proposed(admin.actor, RENAMED), entries()

    def take_back() -> None:
        with transaction():
            withdraw(admin.actor, manual_id)

    assert at_once(app, lambda: approve(rivals[0], manual_id), take_back, owned=True) == ["Conflict", "done"]
    assert entries() == before + (state(manual_id) is ManualEntryState.POSTED)
    assert_books_balance()


def test_approval_and_refusal_at_once_have_one_effect(app: Flask, admin: Admin, rivals: tuple[Actor, Actor]) -> None:
    manual_id, before = proposed(admin.actor, RENAMED), entries()

    def decline() -> None:
        with transaction():
            refuse(rivals[1], manual_id, "Not yet.")

    assert at_once(app, lambda: approve(rivals[0], manual_id), decline, owned=True) == ["Conflict", "done"]
    assert entries() == before + (state(manual_id) is ManualEntryState.POSTED)
    assert_books_balance()


# --- Pages ------------------------------------------------------------------------------------------------------------
def typed(*lines: tuple[str, str, str, str], **more: str) -> dict[str, str]:
    """The form: for each line kind, owner, debit, credit; in CNY."""
    sent = {"reason": "It was a commission.", "reference": "", **more}
    for number, (kind, owner, on_debit, on_credit) in enumerate(lines):
        values = {"kind": kind, "owner": owner, "currency": "CNY", "debit": on_debit, "credit": on_credit}
        sent |= {f"lines-{number}-{name}": value for name, value in values.items()}
    return sent


def rename(parties: Parties) -> dict[str, str]:
    lines = ("fees_brand", "", "500", ""), ("fees_creator", "", "", "¥500.00")
    return typed(*lines, reference=f"M-{parties.deal_id}")


def release(parties: Parties) -> dict[str, str]:
    handle = parties.creator.handle
    lines = ("creator_pending", handle, "900,000", ""), ("creator_available", f"@{handle}", "", "¥900,000.00")
    return typed(*lines, reference=f"M-{parties.deal_id}")


def proposal_at(client: Client, sent: dict[str, str]) -> int:
    answer = client.post(NEW, data=sent)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("/")[2])


def test_an_entry_goes_through_its_pages(admin: Admin, second: Admin) -> None:
    parties = completed_deal()
    manual_id = proposal_at(admin.client, rename(parties))
    path = f"/console/books/manual/{manual_id}"
    mine = admin.client.get(path).text
    assert "Nothing is posted before another administrator approves it." in mine
    assert "Withdraw it" in mine
    assert "Approve and post" not in mine
    theirs = second.client.get(path).text
    assert re.search(r"Brand service fees.*?¥500<small>.00</small>.*?Would hold", theirs, re.DOTALL)
    assert second.client.post(f"{path}/approve", data={"password": "not this one"}).status_code == 422
    assert state(manual_id) is ManualEntryState.PROPOSED
    answer = second.client.post(f"{path}/approve", data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, path)
    page = second.client.get(path).text
    assert "You approved the entry: it is posted." in page
    posted = re.search(r'href="(/console/books/entries/\d+)"', page)
    assert posted is not None
    lines = admin.client.get(posted[1]).text
    assert "Entry by hand" in lines
    assert "Proposed by Arbiter Wei, approved by Second Reader" in lines
    assert_books_balance()


def test_the_proposer_in_a_second_tab_is_refused_in_words(app: Flask, admin: Admin) -> None:
    """Both tabs were opened before; and a second session of the same person is no second person."""
    manual_id = proposal_at(admin.client, rename(completed_deal()))
    before = entries()
    for action, sent in (("approve", {"password": PASSWORD}), ("refuse", {"note": "No."})):
        answer = admin.client.post(f"/console/books/manual/{manual_id}/{action}", data=sent)
        assert answer.status_code == 403
        assert "You proposed this entry, so another administrator decides." in answer.text
        assert "Withdraw it" in answer.text, "what can be done instead stands there"
    assert (state(manual_id), entries()) == (ManualEntryState.PROPOSED, before)
    assert_books_balance()


def test_the_loser_reads_who_was_faster(app: Flask, admin: Admin, second: Admin) -> None:
    third = admin_at(app, "Third Reader")
    manual_id = proposal_at(admin.client, rename(completed_deal()))
    path = f"/console/books/manual/{manual_id}"
    second.client.post(f"{path}/approve", data={"password": PASSWORD})
    for client, action, sent in (
        (third.client, "approve", {"password": PASSWORD}),
        (third.client, "refuse", {"note": "No."}),
        (admin.client, "withdraw", {}),
    ):
        answer = client.post(f"{path}/{action}", data=sent)
        assert answer.status_code == 409
        assert "Second Reader was faster and approved this entry: it is posted." in answer.text
    assert_books_balance()


def test_what_the_ledger_refuses_is_said_on_its_page(admin: Admin, second: Admin) -> None:
    sent = release(completed_deal())
    manual_id = proposal_at(admin.client, sent)
    told_at_once = admin.client.get("/console/books").text
    assert "As things stand, its approval would be refused: There is not enough money" in told_at_once
    path = f"/console/books/manual/{manual_id}"
    page = second.client.get(path).text
    assert "More than is in" in page
    answer = second.client.post(f"{path}/approve", data={"password": PASSWORD})
    assert answer.status_code == 409
    assert "There is not enough money in the account for this." in answer.text
    assert "Approve and post" in answer.text, "it stays proposed"


def test_the_preview_says_what_each_account_would_hold(admin: Admin) -> None:
    parties = completed_deal()
    before = entries()
    answer = admin.client.post(NEW, data={**rename(parties), "preview": "1"})
    assert answer.status_code == 200
    assert "Nothing speaks against it now." in answer.text
    assert "Would hold" in answer.text
    assert entries() == before
    off = admin.client.post(NEW, data={**rename(parties), "lines-1-credit": "499.5", "preview": "1"})
    assert off.status_code == 422
    assert "In CNY the debits are ¥0.50 more than the credits." in off.text
    assert 'value="499.5"' in off.text, "what was typed is kept"
    assert db.session.scalar(select(func.count()).select_from(ManualEntry)) == 0


def test_lines_are_added_and_removed_without_scripts(admin: Admin) -> None:
    sent = rename(completed_deal())
    page = admin.client.post(NEW, data={**sent, "add": "1"}).text
    assert page.count("<fieldset") == 3
    assert 'value="¥500.00"' in page
    three = {**sent, "lines-2-kind": "suspense", "lines-2-owner": "", "lines-2-currency": "USD", "lines-2-debit": "7"}
    page = admin.client.post(NEW, data={**three, "remove": "0"}).text
    assert page.count("<fieldset") == 2
    assert 'value="¥500.00"' in page
    assert 'value="7"' in page
    assert admin.client.post(NEW, data={**sent, "remove": "0"}).text.count("<fieldset") == 2, "two lines stay"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "Fill this in."),
        ({"lines-0-kind": ""}, "Choose one of the options."),
        ({"lines-0-kind": "programme_spent"}, "Choose one of the options."),
        ({"lines-0-owner": "nobody"}, "Name a creator that there is"),
        ({"lines-0-kind": "escrow", "lines-0-owner": "M-999999"}, "Name a deal that there is, such as M-1001."),
        ({"lines-0-kind": "escrow", "lines-0-owner": "deal:" + "9" * 30}, "Name a deal that there is"),
        ({"lines-0-kind": "agency_pending", "lines-0-owner": "agency:7"}, "Name an agency that there is"),
        ({"lines-0-kind": "transfer_in_transit", "lines-0-owner": "agency:x"}, "Name an agency that there is"),
        ({"lines-0-kind": "creator_owes", "lines-0-owner": ""}, "Name a creator that there is"),
        ({"lines-0-kind": "agency_owes", "lines-0-owner": "platform"}, "Name an agency that there is"),
        ({"lines-0-kind": "chargeback_held", "lines-0-owner": ""}, "Name a deal that there is"),
        ({"lines-0-kind": "suspense", "lines-0-owner": "payment:x"}, "There is no such account."),
        ({"lines-0-kind": "fees_brand"}, "These accounts are the platform’s own"),
        ({"lines-0-currency": "XYZ"}, "Choose one of the options."),
        ({"lines-0-debit": "-5"}, "The amount can’t be negative."),
        ({"lines-0-debit": "5.005"}, "Write at most 2 decimals for CNY."),
        ({"lines-0-currency": "JPY", "lines-0-debit": "5.5"}, "Amounts in JPY have no decimals."),
        ({"lines-0-debit": ""}, "Write a debit or a credit."),
        ({"lines-0-credit": "500"}, "A line has a debit or a credit, not both."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin: Admin, change: dict[str, str], says: str) -> None:
    with transaction():
        handle = make_creator().handle
    sent = typed(("creator_pending", handle, "500", ""), ("creator_available", handle, "", "500"))
    answer = admin.client.post(NEW, data=sent | change)
    assert answer.status_code == 422
    assert says in answer.text
    assert db.session.scalar(select(func.count()).select_from(ManualEntry)) == 0


def test_a_reversal_is_proposed_from_the_entry(admin: Admin, second: Admin) -> None:
    posted = approve(second.actor, proposed(admin.actor, RENAMED))
    path = f"/console/books/entries/{posted.id}"
    assert admin.client.post(f"{path}/reverse", data={"reason": ""}).status_code == 422
    answer = admin.client.post(f"{path}/reverse", data={"reason": "It was right before."})
    assert answer.status_code == 303
    assert "Its reversal waits" in admin.client.get(path).text
    again = second.client.post(f"{path}/reverse", data={"reason": "It was right before."})
    assert again.status_code == 409
    assert "waits for a second administrator" in again.text
    second.client.post(f"{answer.location}/approve", data={"password": PASSWORD})
    assert "Reversed by" in admin.client.get(path).text
    assert_books_balance()


def test_administrators_are_told_and_see_what_waits(admin: Admin, second: Admin, run_jobs: Callable[..., None]) -> None:
    manual_id = proposal_at(admin.client, rename(completed_deal()))
    run_jobs()
    heard = told("manual_entry.proposed")
    assert second.user_id in heard
    assert admin.user_id not in heard, "nobody is told what they did themselves"
    waits = re.compile(r'href="/console/books"[^>]*>.*?Books<b class="nav-count">1<', re.DOTALL)
    assert waits.search(second.client.get("/console").text)
    assert "It was a commission." in second.client.get("/console/books/manual").text
    second.client.post(f"/console/books/manual/{manual_id}/approve", data={"password": PASSWORD})
    run_jobs()
    assert told("manual_entry.posted") == {admin.user_id}
    assert "It was a commission." not in second.client.get("/console/books/manual").text
    assert "It was a commission." in second.client.get("/console/books/manual?tab=decided").text


def told(kind: str) -> set[int]:
    found = set(db.session.scalars(select(Notification.user_id).where(Notification.kind == kind)))
    db.session.rollback()
    return found
