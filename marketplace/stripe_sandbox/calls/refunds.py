"""Refunds of a charge, whole or in parts, never more than the charge; the fee is not returned."""

from typing import Any

from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams, RefundUpdateParams

from .. import currencies, money
from ..errors import Refusal
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata

Params = dict[str, Any]


@call("POST", "/v1/refunds", RefundCreateParams, "amount charge payment_intent metadata reason")
def create_refund(tx: Tx, params: Params) -> Obj:
    charge = _charge_to_refund(tx, params)
    amount = _amount(charge, params.get("amount"))
    refund = _refund(tx, charge, amount, params)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    tx.save(charge)
    tx.add(refund)
    tx.emit("refund.created", refund)
    tx.emit("charge.refunded", charge, previous=before)
    return refund


@call("GET", "/v1/refunds/<refund>", RefundRetrieveParams)
def retrieve_refund(tx: Tx, _params: Params, refund: str) -> Obj:
    return tx.get("refund", refund)


@call("POST", "/v1/refunds/<refund>", RefundUpdateParams)
def update_refund(tx: Tx, params: Params, refund: str) -> Obj:
    found = tx.get("refund", refund, lock=True)
    before = found["metadata"]
    found["metadata"] = metadata(params.get("metadata"), before)
    tx.save(found)
    tx.emit("refund.updated", found, previous={"metadata": before})
    return found


@call("GET", "/v1/refunds", RefundListParams, "charge created ending_before limit payment_intent starting_after")
def list_refunds(tx: Tx, params: Params) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(tx, "refund", "/v1/refunds", params, filters)


def _charge_to_refund(tx: Tx, params: Params) -> Obj:
    if "charge" in params and "payment_intent" in params:
        raise Refusal(
            "You may only specify one of these parameters: charge, payment_intent.", code="parameters_exclusive"
        )
    if "charge" in params:
        return tx.get("charge", params["charge"], lock=True, param="charge", in_path=False)
    if "payment_intent" not in params:
        raise Refusal(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = tx.get("payment_intent", params["payment_intent"], param="payment_intent", in_path=False)
    if intent["latest_charge"] is None:
        raise Refusal(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return tx.get("charge", intent["latest_charge"], lock=True)


def _amount(charge: Obj, wanted: int | None) -> int:
    if charge["refunded"]:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    left: int = charge["amount"] - charge["amount_refunded"]
    amount = left if wanted is None else currencies.check_amount(wanted)
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge"
            f" ({left} {charge['currency']})",
            param="amount",
        )
    return amount


def _refund(tx: Tx, charge: Obj, amount: int, params: Params) -> Obj:
    refund: Obj = {
        "id": new_id("refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": metadata(params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    txn = money.post(
        tx,
        type_="refund",
        category="refund",
        amount=-amount,
        currency=charge["currency"],
        source=refund["id"],
        description=f"REFUND FOR CHARGE ({charge['description']})" if charge["description"] else "REFUND FOR CHARGE",
        account=tx.account,
    )
    refund["balance_transaction"] = txn["id"]
    return refund
