"""Payments of another amount than asked: held apart, sent back by an administrator, and the deals paid anew."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select

from marketplace.console.stuck import count_stuck, get_held, held_checkouts
from marketplace.documents.models import Document
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState
from marketplace.escrow.receive import confirm_session
from marketplace.escrow.stuck import return_checkout
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import stripe_clearing, stripe_fees, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.spending import spending_totals
from marketplace.stripe_sandbox import guest
from tests.escrow.visiting import console, visit
from tests.support.bank import told
from tests.support.market import PASSWORD, make_admin
from tests.support.money import Parties, assert_books_balance, confirm_newest, held, signed_deal

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
AGAIN = {"password": PASSWORD}


def suspended(*deals: Parties) -> str:
    """A payment that arrived with 100 too much; the id of its checkout."""
    address = fund_deals(deals[0].brand.actor, [parties.deal_id for parties in deals], "en")
    guest.pay(address)
    with transaction():
        checkout = db.session.scalars(select(Checkout)).one()
        checkout.amount -= 100_00
        checkout_id = str(checkout.id)
    confirm_session(address.rpartition("/")[2])
    return checkout_id


def test_a_payment_held_apart_goes_back_and_the_deals_can_be_paid_anew(run_jobs: RunJobs, app: Flask) -> None:
    with transaction():
        admin = make_admin()
    first = signed_deal()
    second = signed_deal(6_000_00, brand=first.brand)
    checkout_id = suspended(first, second)
    account = suspense("CNY", f"checkout:{checkout_id}")
    assert held(account) == 18_900_00
    assert_books_balance()
    client = console(app, admin)
    page = client.get("/console/refunds").text
    assert "Payments held apart" in page
    assert "Send it back" in page
    link = re.search(r'href="(/console/books/manual/new[^"]+)"', page)
    assert link is not None
    assert 'value="18900.00"' in client.get(unescape(link[1])).text
    asked = client.get(f"/console/payments/{checkout_id}/return").text
    assert "18,900.00" in asked
    wrong = client.post(f"/console/payments/{checkout_id}/return", data={"password": "not this one"})
    assert (wrong.status_code, "isn’t your password" in wrong.text) == (422, True)
    assert held(account) == 18_900_00
    assert client.post(f"/console/payments/{checkout_id}/return", data=AGAIN).status_code == 303
    assert client.post(f"/console/payments/{checkout_id}/return", data=AGAIN).status_code == 409
    assert_books_balance()
    run_jobs()
    assert held(account) == 0
    assert held(stripe_clearing("CNY")) == -held(stripe_fees("CNY"))
    assert {payment.state for payment in db.session.scalars(select(Payment))} == {PaymentState.RETURNED}
    assert db.session.get_one(Checkout, checkout_id).state is CheckoutState.RETURNED
    assert db.session.scalars(select(Document)).all() == [], "nothing was invoiced, so nothing is taken back"
    assert spending_totals(first.brand.id) == []
    db.session.rollback()
    brand = visit(app, first.brand)
    assert "goes back to you" in brand.get(f"/payments/{checkout_id}").text
    address = fund_deals(first.brand.actor, [first.deal_id, second.deal_id], "en")
    guest.pay(address)
    confirm_session(address.rpartition("/")[2])
    assert_books_balance()


def test_sending_it_back_locks_the_deals_before_their_payment_as_everybody_does() -> None:
    with transaction():
        admin = make_admin()
    checkout_id = suspended(signed_deal())
    locked = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FOR UPDATE" in statement:
            locked.append(statement.partition("FROM ")[2].split()[0])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with transaction():
            return_checkout(admin, checkout_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert locked[:2] == ["deals", "checkouts"]
    assert_books_balance()


def test_a_payment_of_which_a_part_was_placed_is_not_sent_back_whole(app: Flask) -> None:
    with transaction():
        admin = make_admin()
    parties = signed_deal()
    checkout_id = suspended(parties)
    with transaction():
        checkout = db.session.get_one(Checkout, checkout_id)
        checkout.received_amount = 12_000_00
    with pytest.raises(Conflict, match="Return it at Stripe"), transaction():
        return_checkout(admin, checkout_id)
    with pytest.raises(NotAllowed), transaction():
        return_checkout(parties.brand.actor, checkout_id)
    client = console(app, admin)
    for asked in (client.get, client.post):
        answer = asked(f"/console/payments/{checkout_id}/return")
        assert (answer.status_code, "Return it at Stripe" in answer.text) == (409, True)
    assert held(suspense("CNY", f"checkout:{checkout_id}")) == 12_600_00


def test_administrators_hear_of_a_payment_that_stripe_changed_into_another_currency(
    monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    """Without a bank account in the currency that was asked, Stripe changes what is paid. It counts as stuck."""
    with transaction():
        admin = make_admin()
    address = fund_deals((parties := signed_deal()).brand.actor, [parties.deal_id], "en")
    guest.pay(address)
    session = gateway.get_checkout(address.rpartition("/")[2])
    assert session.charge is not None
    changed = replace(session, charge=replace(session.charge, booked=Money(1_740_00, "USD")))
    monkeypatch.setattr(gateway, "get_checkout", lambda _id: changed)
    confirm_newest(parties.deal_id)
    assert db.session.scalar(count_stuck()) == 1
    assert [one.held for one in held_checkouts()] == [Money(1_740_00, "USD")]
    db.session.rollback()
    run_jobs()
    assert "payment.held" in told(admin.user_id or 0)


def test_what_else_is_held_of_a_payment_in_another_currency_is_shown_apart_and_stays(app: Flask) -> None:
    with transaction():
        admin = make_admin()
    checkout_id = suspended(signed_deal())
    owner = f"checkout:{checkout_id}"
    with transaction():
        post("manual.entry", "by hand", [debit(stripe_fees("USD"), 5_00), credit(suspense("USD", owner), 5_00)], owner)
    shown = {(one.held, one.returnable) for one in held_checkouts()}
    assert shown == {(Money(12_600_00), True), (Money(5_00, "USD"), False)}
    assert get_held(UUID(checkout_id)).held == Money(12_600_00)
    db.session.rollback()
    client = console(app, admin)
    asked = client.get(f"/console/payments/{checkout_id}/return").text
    assert ("12,600.00" in asked, "$5" in asked) == (True, False)
    assert client.post(f"/console/payments/{checkout_id}/return", data=AGAIN).status_code == 303
    assert (held(suspense("CNY", owner)), held(suspense("USD", owner))) == (0, 5_00)
    assert_books_balance()
