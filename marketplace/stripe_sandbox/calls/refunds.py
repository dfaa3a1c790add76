"""Refunds of a charge, whole or in parts, never more than the charge; the fee is not returned.

A refund may be pending first, and may fail after it succeeded: then its money is the platform's again
(https://docs.stripe.com/refunds#failed-refunds).
"""

from typing import Any

from stripe.params import (
    RefundCancelParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
    RefundUpdateParams,
)

from .. import appointments, currencies, money
from ..appointments import when_due
from ..errors import Refusal
from ..ids import new_id
from ..methods import DEBITS
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata
from . import disputes
from .charges import card_behind

Params = dict[str, Any]
_BANK_ANSWERS_AFTER = 24 * 3600
REASONS = ("expired_or_canceled_card", "lost_or_stolen_card", "declined", "insufficient_funds", "unknown")


@call("POST", "/v1/refunds", RefundCreateParams, "amount charge payment_intent metadata reason")
def create_refund(tx: Tx, params: Params) -> Obj:
    charge = _charge_to_refund(tx, params)
    amount = _amount(tx, charge, params.get("amount"))
    refund = _refund(tx, charge, amount, params)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    _count(charge, amount)
    tx.save(charge)
    tx.add(refund)
    tx.emit("refund.created", refund)
    tx.emit("charge.refunded", charge, previous=before)
    if charge["disputed"] and charge["refunded"]:
        disputes.close_inquiries(tx, charge)
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


@call("POST", "/v1/refunds/<refund>/cancel", RefundCancelParams)
def cancel_refund(tx: Tx, _params: Params, refund: str) -> Obj:
    """None of the methods here makes a refund that waits for its payer, and Stripe cancels no other by call."""
    found = tx.get("refund", refund)
    raise Refusal(
        f"Refund {refund} cannot be canceled: its status is {found['status']}, and only a refund with status"
        " requires_action can be canceled."
    )


@call("GET", "/v1/refunds", RefundListParams, "charge created ending_before limit payment_intent starting_after")
def list_refunds(tx: Tx, params: Params) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(tx, "refund", "/v1/refunds", params, filters)


@when_due("refund arrives")
def settle(tx: Tx, refund_id: str) -> Obj:
    """A pending refund arrives."""
    refund, _ = _with_charge(tx, refund_id)
    if refund["status"] != "pending":
        raise Refusal(f"Refund {refund_id} isn't pending: its status is {refund['status']}.", param="refund")
    del refund["pending_reason"]
    refund["status"] = "succeeded"
    return _changed(tx, refund, {"status": "pending"})


@when_due("refund fails")
def fail(tx: Tx, refund_id: str, reason: str = "expired_or_canceled_card") -> Obj:
    """The bank sends it back; the charge is less refunded than it was."""
    refund = _undo(tx, refund_id, "failed", reason)
    tx.emit("refund.failed", refund)
    return refund


def cancel_pending(tx: Tx, refund_id: str) -> Obj:
    """Somebody stops a pending refund in Stripe's dashboard."""
    if tx.get("refund", refund_id)["status"] != "pending":
        raise Refusal(f"Refund {refund_id} isn't pending any more.", param="refund")
    return _undo(tx, refund_id, "canceled", "merchant_request")


def fail_pending_of(tx: Tx, charge_id: str) -> None:
    """A dispute ends the refunds under way: the payer gets the money by the dispute."""
    for refund in tx.matching("refund", "charge", charge_id):
        if refund["status"] == "pending":
            fail(tx, refund["id"], "charge_for_pending_refund_disputed")


def _undo(tx: Tx, refund_id: str, status: str, reason: str) -> Obj:
    refund, charge = _with_charge(tx, refund_id)
    if refund["status"] not in ("pending", "succeeded"):
        raise Refusal(f"Refund {refund_id} is {refund['status']} already.", param="refund")
    before = {"status": refund["status"]}
    txn = money.post(
        tx,
        type_="refund_failure",
        category="refund_failure",
        amount=refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        description=f"REFUND FAILURE ({refund['charge']})",
        account=tx.account,
    )
    refund.pop("pending_reason", None)
    refund.update(failure_balance_transaction=txn["id"], failure_reason=reason, status=status)
    _count(charge, -refund["amount"])
    tx.save(charge)
    appointments.call_off(tx, "refund arrives", refund_id)
    appointments.call_off(tx, "refund fails", refund_id)
    return _changed(tx, refund, before)


def _with_charge(tx: Tx, refund_id: str) -> tuple[Obj, Obj]:
    """The charge is locked before its refund, as when a refund is made."""
    charge = tx.get("charge", tx.get("refund", refund_id)["charge"], lock=True)
    return tx.get("refund", refund_id, lock=True), charge


def _changed(tx: Tx, refund: Obj, before: Obj) -> Obj:
    """Told twice: `charge.refund.updated` is the older name of the same news."""
    tx.save(refund)
    tx.emit("refund.updated", refund, previous=before)
    tx.emit("charge.refund.updated", refund, previous=before)
    return refund


def _count(charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


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
    if intent["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return tx.get("charge", intent["latest_charge"], lock=True)


def _amount(tx: Tx, charge: Obj, wanted: int | None) -> int:
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} has not been paid; cannot issue a refund.", param="charge")
    if charge["refunded"]:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    left: int = charge["amount"] - charge["amount_refunded"] - disputes.held_by_disputes(tx, charge)
    if left <= 0:
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    amount = left if wanted is None else currencies.check_amount(wanted)
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge"
            f" ({left} {charge['currency']})",
            param="amount",
        )
    return amount


def _refund(tx: Tx, charge: Obj, amount: int, params: Params) -> Obj:
    card = card_behind(charge)
    fate = card.refund if card else None
    refund: Obj = {
        "id": new_id("refund" if card else "payment_refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "destination_details": _destination(charge),
        "metadata": metadata(params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if fate == "pending" else "succeeded",
        "transfer_reversal": None,
    }
    if fate == "pending":
        refund["pending_reason"] = "processing"
    if fate:
        what = "refund arrives" if fate == "pending" else "refund fails"
        appointments.appoint(tx, what, refund["id"], tx.now + _BANK_ANSWERS_AFTER)
    txn = money.post(
        tx,
        type_="refund" if card else "payment_refund",
        category="refund",
        amount=-amount,
        currency=charge["currency"],
        source=refund["id"],
        description=f"REFUND FOR CHARGE ({charge['description']})" if charge["description"] else "REFUND FOR CHARGE",
        account=tx.account,
    )
    refund["balance_transaction"] = txn["id"]
    return refund


def _destination(charge: Obj) -> Obj:
    type_ = (charge["payment_method_details"] or {}).get("type", "card")
    if type_ == "card":
        reference = "acquirer_reference_number"
        return {"card": {"reference_status": "pending", "reference_type": reference, "type": "refund"}, "type": "card"}
    # Stripe has nothing to tell of where a refund of a debit goes.
    return {"type": type_} if type_ in DEBITS else {type_: {}, "type": type_}
