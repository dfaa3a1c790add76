"""The test cards: what each makes happen, and what Stripe's objects then say."""

from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.cards import CARDS, passes_luhn
from marketplace.stripe_sandbox.guest import PaymentDeclined, pay

from .kit import Receiver, Running, available, config_for, new_session, paid_charge, running

PAYING = [number for number, card in CARDS.items() if card.code is None and not card.challenge]
REFUSED = [number for number, card in CARDS.items() if card.code and not card.challenge]


def test_every_card_is_one_of_its_own() -> None:
    assert all(passes_luhn(number) for number in CARDS)
    assert len({card.fingerprint for card in CARDS.values()}) == len(CARDS)


@pytest.mark.parametrize("number", PAYING)
def test_a_good_card_pays_and_shows_its_brand(client: stripe.StripeClient, number: str) -> None:
    charge = paid_charge(client, card=number)

    details = charge.payment_method_details
    assert details
    assert details.card
    card = CARDS[number]
    shown = (details.card.brand, details.card.last4, details.card.country, details.card.funding)
    assert shown == (card.brand, number[-4:], card.country, card.funding)


@pytest.mark.parametrize("number", REFUSED)
def test_a_refused_card_says_why(client: stripe.StripeClient, number: str) -> None:
    session = new_session(client)
    with pytest.raises(PaymentDeclined):
        pay(session.url, number)

    intent: Any = client.v1.payment_intents.list(params={"expand": ["data.latest_charge"]}).data[0]
    card = CARDS[number]
    error = intent.last_payment_error
    assert (error.code, error.decline_code, error.message, error.type) == (
        card.code,
        card.decline,
        card.message,
        "card_error",
    )
    assert intent.status == "requires_payment_method"
    charge = intent.latest_charge
    assert (charge.status, charge.failure_code, charge.balance_transaction) == ("failed", card.code, None)
    assert charge.outcome.type == ("blocked" if card.decline == "fraudulent" else "issuer_declined")
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        client.v1.refunds.create(params={"payment_intent": intent.id})


@pytest.mark.parametrize(
    ("number", "problem"), [("4000008260003178", "insufficient"), ("4000008400001629", "declined")]
)
def test_a_challenge_that_is_met_may_still_be_refused(client: stripe.StripeClient, number: str, problem: str) -> None:
    with pytest.raises(PaymentDeclined, match=problem):
        pay(new_session(client).url, number)

    [charge] = client.v1.charges.list().data
    assert charge.status == "failed"


def test_a_challenge_may_be_asked_for_whatever_the_card(client: stripe.StripeClient) -> None:
    session = new_session(client, payment_method_options={"card": {"request_three_d_secure": "challenge"}})

    with pytest.raises(PaymentDeclined, match="authentication"):
        pay(session.url, confirm=False)

    [intent] = client.v1.payment_intents.list().data
    assert intent.last_payment_error
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert client.v1.charges.list().data == []
    assert pay(session.url).startswith("https://shop.example/paid")


@pytest.mark.parametrize(
    ("number", "status", "reason", "taken"),
    [
        ("4000000000000259", "needs_response", "fraudulent", 127_500),
        ("4000000000002685", "needs_response", "product_not_received", 127_500),
        ("4000000000001976", "warning_needs_response", "fraudulent", 0),
    ],
)
def test_a_disputed_card_brings_its_dispute(
    client: stripe.StripeClient, number: str, status: str, reason: str, taken: int
) -> None:
    charge = paid_charge(client, card=number)

    [dispute] = client.v1.disputes.list(params={"charge": charge.id}).data
    assert (dispute.status, dispute.reason, dispute.amount) == (status, reason, 126_000)
    assert available(client) == 122_316 - taken


def test_an_early_warning_moves_nothing(client: stripe.StripeClient, receiver: Receiver) -> None:
    charge = paid_charge(client, card="4000000000005423")

    event = receiver.wait_for(4)[3]
    assert event.type == "radar.early_fraud_warning.created"
    assert event.data.object["charge"] == charge.id
    assert available(client) == 122_316


def test_a_warning_is_read_again(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    made = sandbox.trigger("warn_of_fraud", charge=charge.id)
    warnings = client.v1.radar.early_fraud_warnings

    found = warnings.retrieve(made["id"])

    assert (found.charge, found.actionable, found.fraud_type) == (charge.id, True, "made_with_stolen_card")
    assert [each.id for each in warnings.list(params={"charge": charge.id}).data] == [made["id"]]


def test_money_of_one_card_is_there_at_once(sandbox: Running, database_url: str) -> None:
    with running(config_for(database_url, None, settle_after_seconds=172_800)) as slow:
        paid_charge(slow.client())
        assert available(slow.client()) == 0
        paid_charge(slow.client(), card="4000000000000077")
        assert available(slow.client()) == 122_316
