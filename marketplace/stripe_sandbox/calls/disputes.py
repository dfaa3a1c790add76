"""Disputes: opened by a test card or by a command, never by an API call; read by call."""

from typing import Any

from stripe.params import DisputeListParams, DisputeRetrieveParams

from .. import currencies, money
from ..errors import Refusal
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, nulls

Params = dict[str, Any]
_ANSWER_WITHIN = 9 * 24 * 3600

_EVIDENCE = """access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description
receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation
shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number uncategorized_file
uncategorized_text"""


@call("GET", "/v1/disputes/<dispute>", DisputeRetrieveParams)
def retrieve_dispute(tx: Tx, _params: Params, dispute: str) -> Obj:
    return tx.get("dispute", dispute)


@call("GET", "/v1/disputes", DisputeListParams)
def list_disputes(tx: Tx, params: Params) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(tx, "dispute", "/v1/disputes", params, filters)


def open_dispute(tx: Tx, charge_id: str, reason: str = "fraudulent") -> Obj:
    """Takes the unrefunded amount and the dispute fee back at once, as Stripe does."""
    charge = tx.get("charge", charge_id, lock=True, param="charge", in_path=False)
    if charge["disputed"] or charge["refunded"]:
        raise Refusal(f"Charge {charge_id} can't be disputed: it is already disputed or refunded.", param="charge")
    dispute = _dispute(tx, charge, reason)
    txn = money.post(
        tx,
        type_="adjustment",
        category="dispute",
        amount=-dispute["amount"],
        currency=dispute["currency"],
        source=dispute["id"],
        fee=currencies.in_minor_units(tx.config.dispute_fee_hundredths, dispute["currency"]),
        fee_words="Dispute fee",
        description=f"Chargeback withdrawal for {charge_id}",
        account=tx.account,
    )
    dispute["balance_transactions"] = [txn]
    charge["disputed"] = True
    tx.save(charge)
    tx.add(dispute)
    tx.emit("charge.dispute.created", dispute)
    return dispute


def _dispute(tx: Tx, charge: Obj, reason: str) -> Obj:
    card = charge["payment_method_details"]["card"]
    return {
        "id": new_id("dispute"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**nulls(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": tx.now + _ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "chargeback",
                "network": card["brand"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
