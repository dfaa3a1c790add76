"""Checkout, as the SDK drives it and as a person pays it."""

import re
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.guest import PageRefused, PaymentDeclined, pay

from .kit import Receiver, Running, new_session, session_params


def test_a_session_is_open_and_unpaid_until_somebody_pays(client: stripe.StripeClient) -> None:
    session = new_session(client)

    assert re.fullmatch(r"cs_test_[A-Za-z0-9]{58}", session.id)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (126_000, "cny", False)
    assert (session.client_reference_id, session.metadata["funding"]) == ("funding-7", "7")


def test_paying_leads_to_the_success_address_and_books_the_charge(client: stripe.StripeClient) -> None:
    session = new_session(client)

    assert pay(session.url) == f"https://shop.example/paid?session={session.id}"

    paid = client.v1.checkout.sessions.retrieve(
        session.id, params={"expand": ["line_items", "payment_intent.latest_charge.balance_transaction"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.line_items
    assert paid.line_items.data[0].description == "Deal 7: a review"
    intent: Any = paid.payment_intent
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received, intent.transfer_group) == ("succeeded", 126_000, "deal-7")
    assert (charge.metadata["deal"], charge.description, charge.paid) == ("7", "Deal 7", True)
    txn = charge.balance_transaction
    assert (txn.type, txn.amount, txn.fee, txn.net, txn.source) == ("charge", 126_000, 3_684, 122_316, charge.id)


def test_the_events_of_a_payment_are_signed_webhooks(client: stripe.StripeClient, receiver: Receiver) -> None:
    session = new_session(client)
    pay(session.url)

    events = receiver.wait_for(3)

    assert [event.type for event in events] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    completed = events[2]
    assert re.fullmatch(r"evt_[A-Za-z0-9]{24}", completed.id)
    assert completed.data.object["id"] == session.id
    assert completed.data.object["payment_status"] == "paid"
    assert client.v1.events.retrieve(completed.id).type == "checkout.session.completed"


@pytest.mark.parametrize(
    ("card", "words"),
    [("4000000000000002", "declined"), ("4000000000009995", "insufficient funds")],
)
def test_a_refused_card_takes_nothing_and_leaves_the_page_open(
    client: stripe.StripeClient, receiver: Receiver, card: str, words: str
) -> None:
    session = new_session(client)

    with pytest.raises(PaymentDeclined, match=words):
        pay(session.url, card)

    failed, event = receiver.wait_for(2)
    assert (failed.type, event.type) == ("charge.failed", "payment_intent.payment_failed")
    assert failed.data.object["id"] == event.data.object["last_payment_error"]["charge"]
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert not client.v1.balance.retrieve().available
    assert pay(session.url).startswith("https://shop.example/paid")
    assert len(client.v1.payment_intents.list().data) == 1


def test_3d_secure_pays_only_when_confirmed(client: stripe.StripeClient) -> None:
    session = new_session(client)

    with pytest.raises(PaymentDeclined, match="authentication"):
        pay(session.url, "4000002500003155", confirm=False)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    assert pay(session.url, "4000002500003155").startswith("https://shop.example/paid")
    [charge] = client.v1.charges.list().data
    assert charge.payment_method_details
    assert charge.payment_method_details.card
    assert charge.payment_method_details.card.three_d_secure


def test_a_disputed_card_pays_and_is_charged_back_afterwards(client: stripe.StripeClient, receiver: Receiver) -> None:
    pay(new_session(client).url, "4000000000000259")

    events = receiver.wait_for(5)

    assert [event.type for event in events][-3:] == [
        "checkout.session.completed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    dispute = client.v1.disputes.retrieve(events[3].data.object["id"], params={"expand": ["charge"]})
    assert (dispute.status, dispute.amount) == ("needs_response", 126_000)
    assert isinstance(dispute.charge, stripe.Charge)
    assert dispute.charge.disputed
    assert client.v1.balance.retrieve().available[0].amount == 126_000 - 3_684 - 126_000 - 1_500


def test_paying_twice_at_once_charges_once(client: stripe.StripeClient) -> None:
    session = new_session(client)
    gone: list[str] = []
    payers = [threading.Thread(target=lambda: gone.append(pay(session.url))) for _ in range(4)]

    for payer in payers:
        payer.start()
    for payer in payers:
        payer.join()

    assert len(gone) == 4
    assert set(gone) == {f"https://shop.example/paid?session={session.id}"}
    assert len(client.v1.charges.list().data) == 1
    assert len(client.v1.events.list(params={"type": "checkout.session.completed"}).data) == 1


def test_an_expired_session_says_so_and_takes_nothing(client: stripe.StripeClient, receiver: Receiver) -> None:
    session = new_session(client)

    assert client.v1.checkout.sessions.expire(session.id).status == "expired"

    with pytest.raises(PageRefused, match="expired"):
        pay(session.url)
    assert receiver.wait_for(1)[0].type == "checkout.session.expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(session.id)


def test_time_expires_a_session_that_nobody_looks_at(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    session = new_session(client, expires_at=int(time.time()) + 1_900)
    sandbox.command("moods", {"now": int(time.time()) + 2_000})

    [event] = receiver.wait_for(1)

    assert event.type == "checkout.session.expired"
    assert event.data.object["id"] == session.id
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        (
            {"line_items": [{"quantity": 1, "price_data": {"currency": "cny", "unit_amount": 5, "colour": "red"}}]},
            "line_items[0][price_data][colour]",
            "parameter_unknown",
        ),
        ({"payment_intent_data": {"metadata": {"a": {"b": "c"}}}}, "payment_intent_data[metadata][a]", None),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"mode": "gift"}, "mode", None),
        ({"locale": "tlh"}, "locale", None),
        (
            {"line_items": [{"quantity": "two", "price_data": {"currency": "cny", "unit_amount": 5}}]},
            "line_items[0][quantity]",
            "parameter_invalid_integer",
        ),
        (
            {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 5}}]},
            "line_items[0][price_data][currency]",
            "parameter_missing",
        ),
        ({"success_url": "javascript:alert(1)"}, "success_url", "url_invalid"),
        ({"expires_at": 1}, "expires_at", None),
        ({"customer_email": "nobody"}, "customer_email", "email_invalid"),
        ({"metadata": {"k" * 41: "v"}}, "metadata", None),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax.enabled", None),
    ],
)
def test_what_stripe_refuses_is_refused(
    client: stripe.StripeClient, changes: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(params=session_params(**changes))

    assert (caught.value.param, caught.value.code) == (param, code)
    assert client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card_number", "4242424242424241"),
        ("card_number", "4111111111111111"),
        ("card_number", "x" * 400),
        ("expiry", "13 / 40"),
        ("expiry", "12 / 20"),
        ("cvc", "12"),
        ("name", ""),
        ("email", "<script>"),
    ],
)
def test_a_wrong_field_is_marked_and_nothing_is_taken(client: stripe.StripeClient, field: str, value: str) -> None:
    session = new_session(client)
    typed = {"email": "a@b.example", "card_number": "4242424242424242", "expiry": "12/34", "cvc": "123", "name": "A"}
    body = "&".join(f"{name}={text}" for name, text in {**typed, field: value}.items()).replace(" ", "+")

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(session.url, body.encode(), timeout=5)

    with caught.value as answer:
        page = answer.read().decode()
    assert answer.code == 422
    assert f'id="{field}-error"' in page
    assert "<script>" not in page
    assert client.v1.charges.list().data == []


@pytest.mark.parametrize(
    ("locale", "browser", "words"),
    [
        ("zh", "en", "支付"),
        ("en", "zh-CN", "How do you want to pay?"),
        ("auto", "zh-CN,zh;q=0.9", "支付"),
        (None, "de", "How do you want to pay?"),
    ],
)
def test_the_page_speaks_the_sessions_language(
    client: stripe.StripeClient, locale: str | None, browser: str, words: str
) -> None:
    session = client.v1.checkout.sessions.create(params=session_params(locale=locale))
    request = urllib.request.Request(session.url or "", headers={"Accept-Language": browser})

    with urllib.request.urlopen(request, timeout=5) as response:
        page = response.read().decode()

    assert words in page
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert " style=" not in page
    assert "<script" not in page


@pytest.mark.parametrize(("currency", "amount", "shown"), [("jpy", 1_200, "¥1,200"), ("kwd", 1_234, "KWD")])
def test_currencies_keep_their_minor_units(client: stripe.StripeClient, currency: str, amount: int, shown: str) -> None:
    session = new_session(client, amount, currency)

    with urllib.request.urlopen(session.url, timeout=5) as response:
        assert shown in response.read().decode()
    pay(session.url)

    [charge] = client.v1.charges.list(params={"expand": ["data.balance_transaction"]}).data
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    fixed = {"jpy": 0, "kwd": 300}[currency]
    assert (charge.amount, charge.balance_transaction.fee) == (amount, (amount * 290 + 5_000) // 10_000 + fixed)
