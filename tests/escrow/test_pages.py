"""The pages around a deal's money: what they show, whom they refuse, and that nothing typed changes an amount."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.escrow.models import Payment, PaymentState
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger.accounts import escrow
from marketplace.stripe_sandbox import guest
from tests.support.market import BrandSide, CreatorSide, make_brand, sign_in
from tests.support.money import (
    assert_books_balance,
    completed_deal,
    funded_deal,
    held,
    negotiating_deal,
    publish,
    signed_deal,
    state_of,
)
from tests.support.sandbox import Sandbox
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def visit(app: Flask, side: BrandSide | CreatorSide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, side)
    return client


def payments() -> int:
    return db.session.scalar(select(func.count()).select_from(Payment)) or 0


def test_the_quote_is_shown_line_by_line_and_the_button_names_the_amount(app: Flask) -> None:
    parties = signed_deal()
    page = visit(app, parties.brand).get(f"/deals/{parties.deal_id}/fund")
    assert page.status_code == 200
    for words in ("¥12,000", "5 % of the price (rule B1)", "Pay ¥12,600.00 into escrow", "¥11,300"):
        assert words in page.text
    assert "this month" not in page.text, "the brand is not told what the creator earns elsewhere"


def test_paying_leads_to_the_checkout_whatever_amount_the_browser_sends(app: Flask) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    typed = {"amount": "1", "price": "0.01", "currency": "JPY", "state": "completed", "deal_id": "1"}
    answer = client.post(f"/deals/{parties.deal_id}/fund", data=typed)
    assert answer.status_code == 303
    guest.pay(answer.location)
    back = client.get(client.get(f"/deals/{parties.deal_id}/fund/return").location)
    assert back.status_code == 303
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_pressing_pay_twice_opens_one_checkout(app: Flask) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    first, second = (client.post(f"/deals/{parties.deal_id}/fund").location for _ in range(2))
    assert first == second
    assert payments() == 1


def test_coming_back_without_paying_says_that_nothing_was_taken(app: Flask) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    client.post(f"/deals/{parties.deal_id}/fund")
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert page.status_code == 200
    assert "Nothing is paid yet" in page.text
    assert state_of(parties.deal_id) is State.FUNDING


def test_a_provider_that_is_down_is_said_and_the_next_try_goes_through(app: Flask, sandbox: Sandbox) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/checkout", "kind": "500"}] * 2)
    page = client.post(f"/deals/{parties.deal_id}/fund")
    assert page.status_code == 503
    assert "Nothing was taken" in page.text
    assert client.post(f"/deals/{parties.deal_id}/fund").status_code == 303
    live = select(func.count()).where(Payment.state == PaymentState.OPEN)
    assert db.session.scalar(live) == 1


def test_paying_a_deal_that_is_not_signed_or_is_paid_changes_nothing(app: Flask) -> None:
    parties = negotiating_deal()
    client = visit(app, parties.brand)
    assert client.post(f"/deals/{parties.deal_id}/fund").status_code == 409
    paid = funded_deal(brand=parties.brand)
    assert client.post(f"/deals/{paid.deal_id}/fund").status_code == 303
    assert payments() == 1


def test_accepting_needs_the_box_and_happens_once(app: Flask) -> None:
    parties = funded_deal()
    publish(parties)
    client = visit(app, parties.brand)
    address = f"/deals/{parties.deal_id}/accept"
    assert "https://www.douyin.com/video/1" in client.get(address).text
    refused = client.post(address, data={})
    assert refused.status_code == 422
    assert "Tick this" in refused.text
    assert state_of(parties.deal_id) is State.ACCEPTANCE
    assert client.post(address, data={"seen": "y"}).status_code == 303
    assert client.post(address, data={"seen": "y"}).status_code == 409
    assert state_of(parties.deal_id) is State.COMPLETED
    assert_books_balance()


def test_cancelling_before_the_grace_is_over_is_refused(app: Flask) -> None:
    parties = funded_deal()
    client = visit(app, parties.brand)
    address = f"/deals/{parties.deal_id}/cancel-late"
    assert client.get(address).status_code == 409
    assert client.post(address, data={"why": "I changed my mind."}).status_code in (403, 409)
    assert state_of(parties.deal_id) is State.PRODUCTION
    with clock.at(clock.now() + timedelta(days=12)):
        assert client.get(address).status_code == 200
        assert client.post(address, data={"why": ""}).status_code == 422
        assert client.post(address, data={"why": "x" * 2001}).status_code == 422
        assert client.post(address, data={"why": "\0"}).status_code == 422
        assert client.post(address, data={"why": "The season\0 is over."}).status_code == 303
    assert state_of(parties.deal_id) is State.CANCELLED


def test_money_pages_of_others_are_nowhere(app: Flask) -> None:
    parties = funded_deal()
    publish(parties)
    with transaction():
        stranger = make_brand("Northmoss")
    client = visit(app, stranger)
    for path in ("fund", "fund/return", "accept", "cancel-late"):
        assert client.get(f"/deals/{parties.deal_id}/{path}").status_code == 404
    for path in ("fund", "accept", "cancel-late"):
        assert client.post(f"/deals/{parties.deal_id}/{path}", data={"seen": "y", "why": "mine"}).status_code == 404
    creator = visit(app, parties.creator)
    assert creator.post(f"/deals/{parties.deal_id}/accept", data={"seen": "y"}).status_code == 403
    assert state_of(parties.deal_id) is State.ACCEPTANCE


def test_spending_lists_each_payment_with_what_became_of_it(app: Flask) -> None:
    parties = completed_deal()
    client = visit(app, parties.brand)
    page = client.get("/spending")
    assert page.status_code == 200
    assert "¥12,600" in page.text
    assert f"M-{parties.deal_id}" in page.text
    assert client.get("/spending?before=nonsense").status_code == 200
    with transaction():
        other = make_brand("Northmoss")
    assert "Nothing paid yet" in visit(app, other).get("/spending").text


def test_a_payment_that_expired_makes_room_for_another(app: Flask) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    first = client.post(f"/deals/{parties.deal_id}/fund").location
    payment = db.session.scalars(select(Payment)).one()
    session_id = payment.checkout.session_id
    db.session.rollback()
    assert session_id is not None
    gateway.expire_checkout(session_id)
    second = client.post(f"/deals/{parties.deal_id}/fund").location
    assert second != first
    states = set(db.session.scalars(select(Payment.state)))
    assert states == {PaymentState.EXPIRED, PaymentState.OPEN}
