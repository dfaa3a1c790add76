"""Payment intents and charges: read by call, made and paid by the hosted checkout page."""

from typing import Any

from stripe.params import (
    ChargeListParams,
    ChargeRetrieveParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
)

from .. import money
from ..cards import Card
from ..expand import on_demand
from ..ids import letters, new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, nulls

Params = dict[str, Any]


@call("GET", "/v1/payment_intents/<intent>", PaymentIntentRetrieveParams, "")
def retrieve_intent(tx: Tx, _params: Params, intent: str) -> Obj:
    return tx.get("payment_intent", intent, param="intent")


@call("GET", "/v1/payment_intents", PaymentIntentListParams, "created ending_before limit starting_after")
def list_intents(tx: Tx, params: Params) -> Obj:
    return listing(tx, "payment_intent", "/v1/payment_intents", params)


@call("GET", "/v1/charges/<charge>", ChargeRetrieveParams)
def retrieve_charge(tx: Tx, _params: Params, charge: str) -> Obj:
    return tx.get("charge", charge)


_LISTED = "created ending_before limit payment_intent starting_after transfer_group"


@call("GET", "/v1/charges", ChargeListParams, _LISTED)
def list_charges(tx: Tx, params: Params) -> Obj:
    filters = {"payment_intent": params.get("payment_intent"), "transfer_group": params.get("transfer_group")}
    return listing(tx, "charge", "/v1/charges", params, filters)


@on_demand("charge", "refunds")
def refunds_of(tx: Tx, charge: Obj) -> Obj:
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": tx.matching("refund", "charge", charge["id"]), "has_more": False, "url": url}


def create_intent(tx: Tx, session: Obj) -> Obj:
    """The intent that a session gets when somebody first tries to pay it."""
    data = session["payment_intent_data"]
    intent = _blank_intent(new_id("payment_intent"), tx.now)
    intent.update(
        amount=session["amount_total"],
        currency=session["currency"],
        description=data["description"],
        metadata=data["metadata"],
        receipt_email=data["receipt_email"],
        statement_descriptor=data["statement_descriptor"],
        statement_descriptor_suffix=data["statement_descriptor_suffix"],
        transfer_group=data["transfer_group"],
    )
    return tx.add(intent)


def create_method(tx: Tx, card: Card, payer: Obj) -> Obj:
    return tx.add(
        {
            "id": new_id("payment_method"),
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": billing_details(payer),
            "card": {
                "brand": card.brand,
                "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
                "country": "US",
                "display_brand": card.brand,
                "exp_month": payer["exp_month"],
                "exp_year": payer["exp_year"],
                "fingerprint": card.number[-4:].rjust(16, "F"),
                "funding": "credit",
                "generated_from": None,
                "last4": card.number[-4:],
                "networks": {"available": [card.brand], "preferred": None},
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "created": tx.now,
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
        }
    )


def billing_details(payer: Obj) -> Obj:
    address = nulls("city country line1 line2 postal_code state")
    return {"address": address, "email": payer["email"], "name": payer["name"], "phone": None, "tax_id": None}


def succeed(tx: Tx, intent: Obj, method: Obj) -> Obj:
    """Takes the money: one charge, its balance transaction, their events; gives the charge."""
    charge = _charge(tx, intent, method)
    txn = money.post(
        tx,
        type_="charge",
        category="charge",
        amount=charge["amount"],
        currency=charge["currency"],
        source=charge["id"],
        fee=money.charge_fee(tx, charge["amount"], charge["currency"]),
        description=charge["description"],
        account=tx.account,
        available_on=tx.now + tx.config.settle_after_seconds,
    )
    charge["balance_transaction"] = txn["id"]
    tx.add(charge)
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status="succeeded",
    )
    tx.save(intent)
    tx.emit("charge.succeeded", charge)
    tx.emit("payment_intent.succeeded", intent)
    return charge


def fail(tx: Tx, intent: Obj, method: Obj, *, code: str, decline: str | None, message: str) -> None:
    error: Obj = {"code": code, "message": message, "payment_method": method, "type": "card_error"}
    if decline:
        error["decline_code"] = decline
    intent.update(last_payment_error=error, next_action=None, payment_method=None, status="requires_payment_method")
    tx.save(intent)
    tx.emit("payment_intent.payment_failed", intent)


def ask_for_confirmation(tx: Tx, intent: Obj, method: Obj, url: str) -> None:
    intent.update(
        next_action={"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}},
        payment_method=method["id"],
        status="requires_action",
    )
    tx.save(intent)


def cancel_intent(tx: Tx, id_: str) -> None:
    """With its session expired nobody can pay it any more."""
    intent = tx.get("payment_intent", id_, lock=True)
    intent.update(canceled_at=tx.now, cancellation_reason="expired", next_action=None, status="canceled")
    tx.save(intent)


def _charge(tx: Tx, intent: Obj, method: Obj) -> Obj:
    card = method["card"]
    charge = _blank_charge(new_id("charge"), tx.now)
    charge.update(
        amount=intent["amount"],
        amount_captured=intent["amount"],
        billing_details=method["billing_details"],
        currency=intent["currency"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"card": _charged_card(card, intent), "type": "card"},
        receipt_email=intent["receipt_email"],
        statement_descriptor=intent["statement_descriptor"],
        statement_descriptor_suffix=intent["statement_descriptor_suffix"],
        transfer_group=intent["transfer_group"],
    )
    return charge


def _charged_card(card: Obj, intent: Obj) -> Obj:
    names = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    challenged = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
    return {
        **{name: card[name] for name in names},
        "amount_authorized": intent["amount"],
        "authorization_code": letters(6).upper(),
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": challenged if intent["status"] == "requires_action" else None,
    }


def _blank_intent(id_: str, now: int) -> Obj:
    intent: Obj = nulls(
        """application application_fee_amount automatic_payment_methods canceled_at cancellation_reason customer
        customer_account description last_payment_error latest_charge next_action on_behalf_of payment_method
        payment_method_configuration_details processing receipt_email review setup_future_usage shipping
        statement_descriptor statement_descriptor_suffix transfer_data transfer_group"""
    )
    intent.update(
        id=id_,
        object="payment_intent",
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic_async",
        client_secret=f"{id_}_secret_{letters(25)}",
        confirmation_method="automatic",
        created=now,
        livemode=False,
        payment_method_options={},
        payment_method_types=["card"],
        status="requires_payment_method",
    )
    return intent


def _blank_charge(id_: str, now: int) -> Obj:
    charge: Obj = nulls(
        """application application_fee application_fee_amount balance_transaction customer description
        failure_balance_transaction failure_code failure_message on_behalf_of payment_intent payment_method
        receipt_email receipt_number receipt_url review shipping source_transfer statement_descriptor
        statement_descriptor_suffix transfer_data transfer_group"""
    )
    charge.update(
        id=id_,
        object="charge",
        amount_refunded=0,
        calculated_statement_descriptor="SANDBOX",
        captured=True,
        created=now,
        disputed=False,
        fraud_details={},
        livemode=False,
        outcome={
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        paid=True,
        refunded=False,
        status="succeeded",
    )
    return charge


def incoming_payment(tx: Tx, account: str, transfer: Obj) -> Obj:
    """What a transfer looks like in the account it goes to: a payment (`py_`) that came from it."""
    payment = _blank_charge(new_id("payment"), tx.now)
    payment.update(
        amount=transfer["amount"],
        amount_captured=transfer["amount"],
        billing_details=billing_details({"email": None, "name": None}),
        currency=transfer["currency"],
        description=transfer["description"],
        metadata={},
        source_transfer=transfer["id"],
        transfer_group=transfer["transfer_group"],
    )
    txn = money.post(
        tx,
        type_="payment",
        category="charge",
        amount=transfer["amount"],
        currency=transfer["currency"],
        source=payment["id"],
        description=transfer["description"],
        account=account,
    )
    payment["balance_transaction"] = txn["id"]
    return tx.add(payment, account=account)
