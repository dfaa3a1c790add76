"""Charges: read by call, made when somebody pays; and what a transfer looks like in the account that gets it."""

from typing import Any

from stripe.params import ChargeListParams, ChargeRetrieveParams

from .. import money
from ..cards import Card, card_of
from ..expand import on_demand
from ..ids import new_id
from ..methods import billing_details, charged_details
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, nulls

Params = dict[str, Any]
_REASONS = {"fraudulent": "highest_risk_level"}


@call("GET", "/v1/charges/<charge>", ChargeRetrieveParams)
def retrieve_charge(tx: Tx, _params: Params, charge: str) -> Obj:
    return tx.get("charge", charge)


_LISTED = "created customer ending_before limit payment_intent starting_after transfer_group"


@call("GET", "/v1/charges", ChargeListParams, _LISTED)
def list_charges(tx: Tx, params: Params) -> Obj:
    filters = {name: params.get(name) for name in ("customer", "payment_intent", "transfer_group")}
    return listing(tx, "charge", "/v1/charges", params, filters)


@on_demand("charge", "refunds")
def refunds_of(tx: Tx, charge: Obj) -> Obj:
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": tx.matching("refund", "charge", charge["id"]), "has_more": False, "url": url}


def card_behind(charge: Obj) -> Card | None:
    details = charge.get("payment_method_details") or {}
    return card_of(details.get("card", {}).get("fingerprint"))


def charge_for(tx: Tx, intent: Obj, method: Obj) -> Obj:
    """The charge of an attempt to pay, not yet stored and not yet booked."""
    kind = "charge" if method["type"] == "card" else "payment"
    charge = blank_charge(new_id(kind), tx.now)
    challenged = method["type"] == "card" and intent["status"] == "requires_action"
    same = "currency customer description receipt_email statement_descriptor statement_descriptor_suffix transfer_group"
    charge.update(
        {name: intent[name] for name in same.split()},
        amount=intent["amount"],
        billing_details=method["billing_details"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=charged_details(method, intent["amount"], challenged=challenged),
    )
    return charge


def book(tx: Tx, charge: Obj) -> None:
    """The money has come: the charge succeeds, with its balance transaction and its receipt."""
    card = card_behind(charge)
    kept_back = 0 if card and card.ready else tx.config.settle_after_seconds
    txn = money.post(
        tx,
        type_="charge" if card else "payment",
        category="charge",
        amount=charge["amount"],
        currency=charge["currency"],
        source=charge["id"],
        fee=money.charge_fee(tx, charge["amount"], charge["currency"]),
        description=charge["description"],
        account=tx.account,
        available_on=tx.now + kept_back,
    )
    charge.update(
        amount_captured=charge["amount"],
        balance_transaction=txn["id"],
        captured=True,
        outcome=_outcome("authorized", "approved_by_network", None, "Payment complete."),
        paid=True,
        receipt_url=f"{tx.config.public_url}/checkout/receipts/{charge['id']}",
        status="succeeded",
    )


def refuse(charge: Obj, code: str, decline: str | None, message: str) -> None:
    """The bank said no: the charge failed, and has moved nothing."""
    blocked = decline in _REASONS
    words = "Stripe blocked this payment." if blocked else "The bank did not return any further details."
    status = "not_sent_to_network" if blocked else "declined_by_network"
    reason = _REASONS.get(decline or "", decline or code)
    charge.update(
        amount_captured=0,
        captured=False,
        failure_code=code,
        failure_message=message,
        outcome=_outcome("blocked" if blocked else "issuer_declined", status, reason, words),
        paid=False,
        status="failed",
    )


def _outcome(type_: str, status: str, reason: str | None, words: str) -> Obj:
    risk = {"risk_level": "highest" if type_ == "blocked" else "normal", "risk_score": 90 if type_ == "blocked" else 20}
    return {"network_status": status, "reason": reason, **risk, "seller_message": words, "type": type_}


def blank_charge(id_: str, now: int) -> Obj:
    charge: Obj = nulls(
        """application application_fee application_fee_amount balance_transaction customer description
        failure_balance_transaction failure_code failure_message on_behalf_of outcome payment_intent payment_method
        receipt_email receipt_number receipt_url review shipping source_transfer statement_descriptor
        statement_descriptor_suffix transfer_data transfer_group"""
    )
    charge.update(
        id=id_,
        object="charge",
        amount_captured=0,
        amount_refunded=0,
        calculated_statement_descriptor="SANDBOX",
        captured=False,
        created=now,
        disputed=False,
        fraud_details={},
        livemode=False,
        paid=False,
        refunded=False,
        status="pending",
    )
    return charge


def incoming_payment(tx: Tx, account: str, transfer: Obj, available_on: int) -> Obj:
    """What a transfer looks like in the account it goes to: a payment (`py_`) that came from it."""
    payment = blank_charge(new_id("payment"), tx.now)
    payment.update(
        amount=transfer["amount"],
        amount_captured=transfer["amount"],
        billing_details=billing_details({"email": None, "name": None}),
        captured=True,
        currency=transfer["currency"],
        description=transfer["description"],
        metadata={},
        paid=True,
        source_transfer=transfer["id"],
        status="succeeded",
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
        available_on=available_on,
    )
    payment["balance_transaction"] = txn["id"]
    return tx.add(payment, account=account)
