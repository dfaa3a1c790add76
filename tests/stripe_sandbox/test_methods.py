"""Ways to pay besides a card typed in: wallets, debits that confirm days later, methods kept for a customer."""

import urllib.request
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.guest import PageRefused, PaymentDeclined, pay

from .kit import Receiver, Running, available, new_session, paid_charge

LATE = {
    "usd": "us_bank_account",
    "eur": "sepa_debit",
    "cny": "sepa_debit",
}


def test_a_session_offers_what_its_currency_allows(client: stripe.StripeClient) -> None:
    assert new_session(client).payment_method_types == ["card", "alipay", "wechat_pay", "sepa_debit"]
    assert new_session(client, currency="thb").payment_method_types == ["card", "sepa_debit"]
    assert "us_bank_account" in new_session(client, currency="usd").payment_method_types


@pytest.mark.parametrize(
    ("wallet", "action"), [("alipay", "alipay_handle_redirect"), ("wechat_pay", "wechat_pay_display_qr_code")]
)
def test_a_wallet_asks_on_its_own_page(client: stripe.StripeClient, wallet: str, action: str) -> None:
    session = new_session(client)
    body = f"method={wallet}&email=a@b.example".encode()
    with urllib.request.urlopen(session.url, body, timeout=5) as answer:
        assert "Authorise the payment" in answer.read().decode()
    [intent] = client.v1.payment_intents.list().data
    assert intent.next_action
    assert (intent.status, intent.next_action.type) == ("requires_action", action)

    with pytest.raises(PaymentDeclined, match="wallet"):
        pay(session.url, method=wallet, confirm=False)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    assert pay(session.url, method=wallet).startswith("https://shop.example/paid")
    [charge] = client.v1.charges.list(params={"expand": ["data.balance_transaction"]}).data
    details, txn = charge.payment_method_details, charge.balance_transaction
    assert details
    assert isinstance(txn, stripe.BalanceTransaction)
    assert (charge.id[:3], details.type, txn.type, txn.net) == ("py_", wallet, "payment", 122_316)


def test_a_wallet_is_refunded_like_a_card(client: stripe.StripeClient) -> None:
    charge = paid_charge(client, method="alipay")

    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 1_000})

    txn = client.v1.balance_transactions.retrieve(str(refund.balance_transaction))
    assert (refund.id[:4], txn.type, txn.amount) == ("pyr_", "payment_refund", -1_000)


@pytest.mark.parametrize("currency", LATE)
def test_a_debit_is_paid_when_its_bank_confirms(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver, currency: str
) -> None:
    session = new_session(client, currency=currency)

    assert pay(session.url, method=LATE[currency]).startswith("https://shop.example/paid")

    waiting = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent.latest_charge"]})
    intent: Any = waiting.payment_intent
    assert (waiting.status, waiting.payment_status, intent.status) == ("complete", "unpaid", "processing")
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("pending", False)
    assert not client.v1.balance.retrieve().available
    assert [event.type for event in receiver.wait_for(3)] == [
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
    ]

    sandbox.days_later(5)

    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert available(client, currency=currency) == 122_316
    assert [event.type for event in receiver.wait_for(6)[3:]] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("000111111113", "account_closed"),
        ("000222222227", "insufficient_funds"),
        ("AT861904300235473202", "debit_declined"),
    ],
)
def test_a_debit_may_fail_days_later(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver, account: str, code: str
) -> None:
    currency = "eur" if account.startswith("AT") else "usd"
    session = new_session(client, currency=currency)
    pay(session.url, method=LATE[currency], account=account)

    sandbox.days_later(5)

    failed = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent.latest_charge"]})
    intent: Any = failed.payment_intent
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)
    assert not client.v1.balance.retrieve().available
    assert [event.type for event in receiver.wait_for(6)[3:]] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_a_trigger_answers_for_the_bank_once(sandbox: Running, client: stripe.StripeClient) -> None:
    good, bad = new_session(client), new_session(client)
    for session in (good, bad):
        pay(session.url, method="sepa_debit")
    intents = [str(client.v1.checkout.sessions.retrieve(session.id).payment_intent) for session in (good, bad)]

    assert sandbox.trigger("confirm_late_payment", intent=intents[0])["status"] == "succeeded"
    assert sandbox.trigger("fail_late_payment", intent=intents[1])["status"] == "requires_payment_method"

    with pytest.raises(OSError, match="400"):
        sandbox.trigger("confirm_late_payment", intent=intents[1])
    sandbox.days_later(5)
    assert client.v1.checkout.sessions.retrieve(bad.id).payment_status == "unpaid"
    assert len(client.v1.charges.list(params={"expand": ["data.balance_transaction"]}).data) == 2
    assert available(client) == 122_316


def test_a_debit_needs_a_test_account_and_can_be_refunded_only_once_paid(client: stripe.StripeClient) -> None:
    session = new_session(client)
    with pytest.raises(PageRefused, match="test bank accounts"):
        pay(session.url, method="sepa_debit", account="DE00000000000000000000")
    with pytest.raises(PageRefused, match="ways to pay"):
        pay(session.url, method="us_bank_account")
    pay(session.url, method="sepa_debit")

    [charge] = client.v1.charges.list().data
    with pytest.raises(stripe.InvalidRequestError, match="not been paid"):
        client.v1.refunds.create(params={"charge": charge.id})


def test_several_lines_are_one_payment(client: stripe.StripeClient) -> None:
    def line(name: str, amount: int) -> Any:
        return {
            "quantity": 1,
            "price_data": {"currency": "cny", "unit_amount": amount, "product_data": {"name": name}},
        }

    session = new_session(client, line_items=[line("Deal 7", 60_000), line("Deal 8", 40_000)])
    with urllib.request.urlopen(session.url, timeout=5) as page:
        text = page.read().decode()
    assert "Deal 7" in text
    assert "Deal 8" in text

    pay(session.url)

    [charge] = client.v1.charges.list().data
    assert charge.amount == 100_000
    assert len(client.v1.checkout.sessions.line_items.list(session.id).data) == 2


def test_a_receipt_is_a_page(client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    client.v1.refunds.create(params={"charge": charge.id, "amount": 1_000})

    assert charge.receipt_url
    with urllib.request.urlopen(charge.receipt_url, timeout=5) as page:
        text = page.read().decode()
    assert "CN¥1,260.00" in text
    assert "Visa •••• 4242" in text
    assert "CN¥10.00" in text


def customer_session(client: stripe.StripeClient, customer: str, **more: Any) -> Any:
    more.setdefault("saved_payment_method_options", {"payment_method_save": "enabled"})
    return new_session(client, customer=customer, customer_email=None, **more)


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create(params={"email": "brand@example.com", "name": "A brand"}).id


def test_a_method_is_kept_when_the_payer_ticks_it_and_shown_the_next_time(
    client: stripe.StripeClient, customer: str, receiver: Receiver
) -> None:
    pay(customer_session(client, customer).url, save=True)

    [kept] = client.v1.customers.payment_methods.list(customer).data
    assert (kept.customer, kept.allow_redisplay) == (customer, "always")
    assert "payment_method.attached" in [event.type for event in receiver.wait_for(5)]
    again = customer_session(client, customer)
    with urllib.request.urlopen(again.url, timeout=5) as page:
        assert "•••• 4242" in page.read().decode()

    pay(again.url, method=kept.id)

    [newest, _] = client.v1.charges.list(params={"customer": customer}).data
    assert newest.payment_method == kept.id
    assert len(client.v1.payment_methods.list(params={"customer": customer, "type": "card"}).data) == 1


def test_a_method_that_nobody_ticks_is_not_kept(client: stripe.StripeClient, customer: str) -> None:
    session = customer_session(client, customer)
    pay(session.url)

    assert client.v1.customers.payment_methods.list(customer).data == []
    assert client.v1.checkout.sessions.retrieve(session.id).customer == customer


@pytest.mark.parametrize(("asked", "kept"), [({}, "limited"), ({"allow_redisplay": "always"}, "always")])
def test_a_method_meant_for_later_is_kept_as_the_platform_says(
    client: stripe.StripeClient, customer: str, asked: Any, kept: str
) -> None:
    data = {"setup_future_usage": "off_session"}
    more: Any = {"payment_method_data": asked} if asked else {}
    pay(customer_session(client, customer, payment_intent_data=data, **more).url)

    [method] = client.v1.customers.payment_methods.list(customer).data
    assert method.allow_redisplay == kept
    [intent] = client.v1.payment_intents.list(params={"customer": customer}).data
    assert intent.setup_future_usage == "off_session"
    with urllib.request.urlopen(customer_session(client, customer).url, timeout=5) as page:
        assert ("•••• 4242" in page.read().decode()) is (kept == "always")


def test_a_saved_method_that_is_refused_takes_nothing(client: stripe.StripeClient, customer: str) -> None:
    pay(customer_session(client, customer).url, "4000002760003184", save=True)
    [kept] = client.v1.customers.payment_methods.list(customer).data

    with pytest.raises(PaymentDeclined, match="authentication"):
        pay(customer_session(client, customer).url, method=kept.id, confirm=False)


def test_a_detached_method_is_shown_no_more_and_anothers_never(client: stripe.StripeClient, customer: str) -> None:
    pay(customer_session(client, customer).url, save=True)
    [kept] = client.v1.customers.payment_methods.list(customer).data
    other = client.v1.customers.create(params={"email": "other@example.com"}).id

    with pytest.raises(PageRefused, match="ways to pay"):
        pay(customer_session(client, other).url, method=kept.id)
    assert client.v1.payment_methods.detach(kept.id).customer is None
    with pytest.raises(PageRefused, match="ways to pay"):
        pay(customer_session(client, customer).url, method=kept.id)

    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        client.v1.payment_methods.detach(kept.id)
    assert client.v1.payment_methods.retrieve(kept.id).type == "card"


def test_a_checkout_may_make_its_customer(client: stripe.StripeClient) -> None:
    session = new_session(client, customer_creation="always")
    pay(session.url, email="new@example.com")

    found = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["customer"]})
    assert isinstance(found.customer, stripe.Customer)
    assert found.customer.email == "new@example.com"


def test_a_customer_is_changed_and_listed(client: stripe.StripeClient, customer: str) -> None:
    client.v1.customers.update(customer, params={"name": "Another name", "metadata": {"brand": "3"}})

    found = client.v1.customers.retrieve(customer)
    assert (found.name, found.email) == ("Another name", "brand@example.com")
    assert [each.id for each in client.v1.customers.list(params={"email": "brand@example.com"}).data] == [customer]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"customer": "cus_none", "customer_email": None}, "customer"),
        ({"customer": "cus_none"}, None),
        (
            {"saved_payment_method_options": {"payment_method_save": "enabled"}},
            "saved_payment_method_options[payment_method_save]",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(client: stripe.StripeClient, changes: Any, param: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        new_session(client, **changes)
    assert caught.value.param == param
