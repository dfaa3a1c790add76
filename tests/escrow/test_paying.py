"""Paying: what a member reads at each moment of it, what went wrong, and what was saved."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.deals.lifecycle import State
from marketplace.escrow.declines import Family, decline_words, family_of
from marketplace.escrow.fund import start_funding
from marketplace.escrow.models import Customer, Payment, PaymentState
from marketplace.escrow.receive import _record as record_session
from marketplace.escrow.receive import confirm_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.kit import clock
from marketplace.ledger.accounts import suspense
from marketplace.stripe_sandbox import guest
from tests.escrow.visiting import checkout_of, visit
from tests.support.market import make_brand, make_member
from tests.support.money import assert_books_balance, confirm_newest, funded_deal, held, pay, signed_deal, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")


# --- What went wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("4000000000009995", "didn’t have enough"),
        ("4000000000000069", "has expired"),
        ("4000000000000127", "what was typed"),
        ("4000000000000119", "between the banks"),
        ("4000000000000002", "gave no reason"),
    ],
)
def test_coming_back_from_a_declined_card_says_why_and_what_to_do(app: Flask, card: str, words: str) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    checkout = client.post(f"/deals/{parties.deal_id}/fund").location
    with pytest.raises(guest.PaymentDeclined):
        guest.pay(checkout, card)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "Nothing was taken" in page.text
    assert words in page.text
    assert words in client.get(f"/deals/{parties.deal_id}/fund").text
    assert client.post("/pay", data={"deals": parties.deal_id}).location == checkout, "it is gone on with"
    guest.pay(checkout)
    confirm_newest(parties.deal_id)
    assert checkout_of(parties).failure == ""
    assert state_of(parties.deal_id) is State.PRODUCTION


def test_a_payment_that_wasnt_confirmed_with_the_bank_says_so(app: Flask) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    with pytest.raises(guest.PaymentDeclined):
        guest.pay(client.post(f"/deals/{parties.deal_id}/fund").location, "4000002500003155", confirm=False)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "asked you to confirm" in page.text


def test_a_declined_try_is_kept_though_nobody_comes_back(sandbox: Sandbox) -> None:
    """The provider tells of the payment, not of the checkout that it belongs to."""
    parties = signed_deal()
    with pytest.raises(guest.PaymentDeclined):
        guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"), "4000000000009995")
    session_id = checkout_of(parties).session_id
    db.session.rollback()
    assert session_id is not None
    intent = sandbox.stripe.v1.checkout.sessions.retrieve(session_id).payment_intent
    confirm_payment(str(intent))
    assert checkout_of(parties).failure == "insufficient_funds"
    confirm_payment("pi_of_somebody_else")


def test_each_family_of_declines_has_words_in_every_language() -> None:
    for language in ("en", "zh"):
        with reader(language, "Asia/Shanghai"):
            for family in Family:
                words = decline_words(family)
                assert str(words.why)
                assert str(words.then)
    assert family_of("a_code_of_next_year") is Family.OTHER
    assert family_of("lost_card") is family_of("stolen_card") is Family.OTHER, "nobody is told who holds a stolen card"


# --- The page after paying --------------------------------------------------------------------------------------------


def test_a_page_left_too_long_says_that_it_is_closed_and_leads_on(app: Flask, sandbox: Sandbox) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    client.post(f"/deals/{parties.deal_id}/fund")
    session_id = checkout_of(parties).session_id
    db.session.rollback()
    assert session_id is not None
    sandbox.stripe.v1.checkout.sessions.expire(session_id)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "This payment page is closed" in page.text
    assert client.post("/pay", data={"deals": parties.deal_id}).status_code == 303


def test_a_provider_that_is_silent_is_said_and_nobody_is_asked_to_pay_again(app: Flask, sandbox: Sandbox) -> None:
    parties = signed_deal()
    client = visit(app, parties.brand)
    guest.pay(client.post(f"/deals/{parties.deal_id}/fund").location)
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/checkout", "kind": "500"}] * 3)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "can’t see yet what became of it" in page.text
    assert "Pay now" not in page.text


def test_a_payment_is_nobody_elses_to_see(app: Flask) -> None:
    parties = funded_deal()
    checkout_id = checkout_of(parties).id
    with transaction():
        stranger, viewer = make_brand("Northmoss"), make_member(parties.brand, "viewer")
    assert visit(app, stranger).get(f"/payments/{checkout_id}").status_code == 404
    assert visit(app, parties.creator).get(f"/payments/{checkout_id}").status_code == 403
    assert visit(app, viewer).get(f"/payments/{checkout_id}").status_code == 303
    assert visit(app, viewer).get("/pay").status_code == 403
    assert visit(app, stranger).get("/payments/not-a-number").status_code == 404


def test_the_receipt_goes_to_whoever_paid_and_stands_on_the_deals_page(app: Flask, sandbox: Sandbox) -> None:
    parties = funded_deal()
    checkout = checkout_of(parties)
    charge_id, receipt = checkout.charge_id, checkout.receipt_url
    email = db.session.get_one(User, checkout.user_id).email
    db.session.rollback()
    assert charge_id is not None
    assert receipt
    assert sandbox.stripe.v1.charges.retrieve(charge_id).receipt_email == email
    assert receipt in visit(app, parties.brand).get(f"/deals/{parties.deal_id}").text
    assert receipt not in visit(app, parties.creator).get(f"/deals/{parties.deal_id}").text


def test_a_payment_of_another_amount_is_held_apart_and_said(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    with transaction():
        checkout_of(parties).amount = 12_000_00
    client = visit(app, parties.brand)
    page = client.get(f"/deals/{parties.deal_id}/fund/return", follow_redirects=True)
    assert "We are looking into your payment" in page.text
    assert held(suspense("CNY", f"checkout:{checkout_of(parties).id}")) == 12_600_00
    assert state_of(parties.deal_id) is State.FUNDING
    assert_books_balance()


def test_a_charge_of_a_session_that_is_not_paid_is_no_money_yet() -> None:
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    session_id = checkout_of(parties).session_id
    db.session.rollback()
    assert session_id is not None
    session = gateway.get_checkout(session_id)
    assert session.charge is not None
    with transaction():
        record_session(checkout_of(parties).id, replace(session, paid=False))
    assert checkout_of(parties).charge_id is None
    assert state_of(parties.deal_id) is State.FUNDING
    confirm_newest(parties.deal_id)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert_books_balance()


def test_the_page_of_a_payment_asks_stripe_while_it_may_say_more_and_not_at_each_load(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = signed_deal()
    address = start_funding(parties.brand.actor, parties.deal_id, "en")
    page, client = f"/payments/{checkout_of(parties).id}", visit(app, parties.brand)
    asked: list[str] = []
    get = gateway.get_checkout

    def counted(session_id: str) -> gateway.CheckoutSession:
        asked.append(session_id)
        return get(session_id)

    monkeypatch.setattr(gateway, "get_checkout", counted)
    now = clock.now()
    with clock.at(now):
        for _ in range(3):
            assert "Nothing is paid yet" in client.get(page).text
    assert len(asked) == 1
    with clock.at(now + timedelta(seconds=5)):
        client.get(page)
    assert len(asked) == 2
    start_funding(parties.brand.actor, parties.deal_id, "en")
    guest.pay(address)
    asked.clear()
    assert client.get(page).location.endswith(f"/deals/{parties.deal_id}"), "who comes back reads what is true then"
    for _ in range(2):
        with clock.at(clock.now() + timedelta(hours=1)):
            client.get(page)
    assert len(asked) == 1
    assert_books_balance()


# --- Saved ways to pay ------------------------------------------------------------------------------------------------


def test_a_saved_card_is_listed_for_owner_and_finance_and_can_be_removed(app: Flask) -> None:
    parties = signed_deal()
    with transaction():
        finance, manager = make_member(parties.brand, "finance"), make_member(parties.brand, "manager")
        stranger = make_brand("Northmoss")
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"), save=True)
    page = visit(app, finance).get("/payment-methods")
    assert "4242" in page.text
    assert visit(app, manager).get("/payment-methods").status_code == 403
    assert "Nothing is saved" in visit(app, stranger).get("/payment-methods").text
    owner = visit(app, parties.brand)
    method = page.text.partition("/payment-methods/")[2].partition("/remove")[0]
    visit(app, stranger).post(f"/payment-methods/{method}/remove")
    assert "4242" in owner.get("/payment-methods").text, "another company removes nothing"
    assert visit(app, manager).post(f"/payment-methods/{method}/remove").status_code == 403
    for _ in range(2):
        assert owner.post(f"/payment-methods/{method}/remove").status_code == 303
    assert "Nothing is saved" in owner.get("/payment-methods").text


def test_a_company_is_one_customer_whoever_of_it_pays(sandbox: Sandbox) -> None:
    parties = funded_deal()
    with transaction():
        finance = make_member(parties.brand, "finance")
    other = signed_deal(brand=parties.brand)
    guest.pay(start_funding(finance.actor, other.deal_id, "zh"))
    confirm_newest(other.deal_id)
    made = sandbox.stripe.v1.customers.list().data
    assert [db.session.scalars(select(Customer.stripe_customer_id)).one()] == [customer.id for customer in made]
    assert_books_balance()


def test_a_customer_that_was_deleted_at_the_provider_is_made_anew() -> None:
    parties = signed_deal()
    with transaction():
        db.session.add(
            Customer(brand_id=parties.brand.id, stripe_customer_id="cus_deleted_there", created_at=clock.now())
        )
    with pytest.raises(Exception, match="refused"):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    pay(parties)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert {payment.state for payment in db.session.scalars(select(Payment))} == {
        PaymentState.EXPIRED,
        PaymentState.SUCCEEDED,
    }
    assert_books_balance()
