"""Disputes, as Stripe tells of them (https://docs.stripe.com/disputes): opened by a bank, never by an API call.

An inquiry (`warning_…`) takes no money; a chargeback takes the amount and a fee at once. Evidence is handed in once;
the bank then decides. In test mode the words `winning_evidence` and `losing_evidence` decide at once.
"""

from copy import deepcopy
from typing import Any

from stripe.params import DisputeCloseParams, DisputeListParams, DisputeRetrieveParams, DisputeUpdateParams

from .. import appointments, currencies, money
from ..appointments import when_due
from ..errors import Refusal, resource_missing
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata, nulls, short

Params = dict[str, Any]
_DAY = 24 * 3600
_ANSWER_WITHIN = 9 * _DAY
_BANK_WAITS = _DAY
_INQUIRY_LASTS = 120 * _DAY
_MOST_TEXT = 150_000
_MOST_LISTED = 2
_UNANSWERED = ("needs_response", "warning_needs_response")
# The network's own code for a reason, at Visa: https://docs.stripe.com/disputes/reason-codes-defense-requirements
_NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "duplicate": "12.6", "general": "13.3"}

_FILES = [
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
]
_TEXTS = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
]
# The others have up to 5,000 signs.
_LONG_TEXTS = frozenset(
    {
        "access_activity_log",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "duplicate_charge_explanation",
        "product_description",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "uncategorized_text",
    }
)
_SETTABLE = " ".join(["metadata", "submit", *(f"evidence.{name}" for name in (*_FILES, *_TEXTS))])


@call("GET", "/v1/disputes/<dispute>", DisputeRetrieveParams)
def retrieve_dispute(tx: Tx, _params: Params, dispute: str) -> Obj:
    return tx.get("dispute", dispute)


@call("GET", "/v1/disputes", DisputeListParams)
def list_disputes(tx: Tx, params: Params) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(tx, "dispute", "/v1/disputes", params, filters)


@call("POST", "/v1/disputes/<dispute>", DisputeUpdateParams, _SETTABLE)
def update_dispute(tx: Tx, params: Params, dispute: str) -> Obj:
    """Evidence is staged, and handed in unless `submit` is false; what was handed in can't be changed."""
    found = _locked(tx, dispute)
    before = {"metadata": found["metadata"], "evidence_details": dict(found["evidence_details"])}
    found["metadata"] = metadata(params.get("metadata"), found["metadata"])
    if "evidence" in params or params.get("submit"):
        _stage(tx, found, params.get("evidence") or {})
        if params.get("submit", True):
            _hand_in(found)
    tx.save(found)
    tx.emit("charge.dispute.updated", found, previous=before)
    answer = deepcopy(found)
    _decide_by_words(tx, found)
    return answer


@call("POST", "/v1/disputes/<dispute>/close", DisputeCloseParams)
def close_dispute(tx: Tx, _params: Params, dispute: str) -> Obj:
    """The platform accepts it: https://docs.stripe.com/api/disputes/close."""
    found = _locked(tx, dispute)
    if found["status"] not in _UNANSWERED:
        raise Refusal("This dispute is already closed or under review and cannot be closed.")
    return decide(tx, found, "warning_closed" if found["status"].startswith("warning") else "lost")


def open_dispute(
    tx: Tx, charge_id: str, reason: str = "fraudulent", *, amount: int | None = None, inquiry: bool = False
) -> Obj:
    """Takes the disputed amount (all that isn't refunded, unless named) and the dispute fee, unless it only asks."""
    charge = tx.get("charge", charge_id, lock=True, param="charge", in_path=False)
    if charge["disputed"] or charge["refunded"] or charge["status"] != "succeeded":
        raise Refusal(
            f"Charge {charge_id} can't be disputed: it isn't paid, or is disputed or refunded already.", param="charge"
        )
    left = charge["amount"] - charge["amount_refunded"]
    disputed = left if amount is None else currencies.check_amount(amount)
    if disputed > left:
        raise Refusal(f"Only {left} of charge {charge_id} can be disputed.", param="amount")
    dispute = _dispute(tx, charge, reason, disputed, inquiry=inquiry)
    charge["disputed"] = True
    tx.save(charge)
    if not inquiry:
        _withdraw(tx, dispute, disputed)
    tx.add(dispute)
    appointments.appoint(tx, "evidence due", dispute["id"], dispute["evidence_details"]["due_by"])
    tx.emit("charge.dispute.created", dispute)
    if not inquiry:
        tx.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def escalate(tx: Tx, dispute_id: str) -> Obj:
    """The bank isn't content with an inquiry and takes the money: the same dispute, with a new time to answer."""
    dispute = _locked(tx, dispute_id)
    if dispute["status"] not in ("warning_needs_response", "warning_under_review"):
        raise Refusal(f"This dispute's status is {dispute['status']}: only an inquiry escalates.", param="step")
    dispute.update(is_charge_refundable=False, status="needs_response")
    dispute["evidence_details"].update(due_by=tx.now + _ANSWER_WITHIN, past_due=False, submission_count=0)
    if "payment_method_details" in dispute:
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    _withdraw(tx, dispute, dispute["amount"])
    tx.save(dispute)
    appointments.call_off(tx, "inquiry over", dispute_id)
    appointments.call_off(tx, "evidence due", dispute_id)
    appointments.appoint(tx, "evidence due", dispute_id, dispute["evidence_details"]["due_by"])
    tx.emit("charge.dispute.updated", dispute)
    tx.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def hand_in(tx: Tx, dispute_id: str) -> Obj:
    """What is staged goes to the bank."""
    dispute = _locked(tx, dispute_id)
    _hand_in(dispute)
    tx.save(dispute)
    tx.emit("charge.dispute.updated", dispute)
    return dispute


def decide(tx: Tx, dispute: Obj, status: str, amount: int | None = None) -> Obj:
    """`won` brings the amount back, or `amount` of it (not the fee), `lost` leaves it taken, `warning_closed` ends an
    inquiry. A bank may give back later what it had kept, and take again what it had given back."""
    inquiry, changed = dispute["status"].startswith("warning"), {dispute["status"], status} == {"won", "lost"}
    over = dispute["status"] in ("won", "lost", "warning_closed") and not changed
    if inquiry != (status == "warning_closed") or over:
        raise Refusal(f"This dispute's status is {dispute['status']}: it can't become {status}.", param="step")
    before = {"status": dispute["status"]}
    dispute["status"] = status
    if status == "won":
        back = dispute["amount"] if amount is None else currencies.check_amount(amount)
        if back > dispute["amount"]:
            raise Refusal(f"Only {dispute['amount']} was taken.", param="amount")
        _list_on(dispute, _move(tx, dispute, back, "dispute_reversal"))
        dispute["is_charge_refundable"] = True
    elif changed:
        _withdraw(tx, dispute, _given_back_last(tx, dispute))
        dispute["is_charge_refundable"] = False
    tx.save(dispute)
    for what in ("evidence due", "bank decides", "inquiry over"):
        appointments.call_off(tx, what, dispute["id"])
    if status == "won":
        tx.emit("charge.dispute.funds_reinstated", dispute)
    elif changed:
        tx.emit("charge.dispute.funds_withdrawn", dispute)
    tx.emit("charge.dispute.closed", dispute, previous=before)
    return dispute


def decide_by_id(tx: Tx, dispute_id: str, status: str, amount: int | None = None) -> Obj:
    return decide(tx, _locked(tx, dispute_id), status, amount)


def held_by_disputes(tx: Tx, charge: Obj) -> int:
    """What of a charge disputes have taken, so that it can't be refunded too. Minor units."""
    if not charge["disputed"]:
        return 0
    found = tx.matching("dispute", "charge", charge["id"])
    return -sum(int(moved["amount"]) for dispute in found for moved in _moved_by(tx, dispute))


def close_inquiries(tx: Tx, charge: Obj) -> None:
    """A charge that is refunded whole leaves its inquiry nothing to ask for."""
    for dispute in tx.matching("dispute", "charge", charge["id"]):
        if dispute["status"] in ("warning_needs_response", "warning_under_review"):
            decide(tx, _locked(tx, dispute["id"]), "warning_closed")


@when_due("evidence due")
def let_evidence_lapse(tx: Tx, dispute_id: str) -> None:
    """Nothing was handed in by the last day: late evidence is still taken until the bank decides without it."""
    dispute = _locked(tx, dispute_id)
    if dispute["status"] not in _UNANSWERED:
        return
    dispute["evidence_details"]["past_due"] = True
    tx.save(dispute)
    tx.emit("charge.dispute.updated", dispute)
    if dispute["status"] == "needs_response":
        appointments.appoint(tx, "bank decides", dispute_id, tx.now + _BANK_WAITS)
    else:
        appointments.appoint(tx, "inquiry over", dispute_id, dispute["created"] + _INQUIRY_LASTS)


@when_due("bank decides")
def lose_unanswered(tx: Tx, dispute_id: str) -> None:
    if (dispute := _locked(tx, dispute_id))["status"] == "needs_response":
        decide(tx, dispute, "lost")


@when_due("inquiry over")
def close_old_inquiry(tx: Tx, dispute_id: str) -> None:
    decide(tx, _locked(tx, dispute_id), "warning_closed")


def _locked(tx: Tx, id_: str) -> Obj:
    return tx.get("dispute", id_, lock=True)


def _stage(tx: Tx, dispute: Obj, given: Params) -> None:
    if dispute["status"] not in _UNANSWERED:
        raise Refusal("This dispute is closed or its evidence is handed in already: no more evidence is taken.")
    for name, value in given.items():
        if name in _FILES and value:
            _check_file(tx, value, f"evidence[{name}]")
        dispute["evidence"][name] = short(value, f"evidence[{name}]", 20_000 if name in _LONG_TEXTS else 5_000)
    if sum(len(dispute["evidence"][name] or "") for name in _TEXTS) > _MOST_TEXT:
        raise Refusal(f"The combined evidence text can have up to {_MOST_TEXT} characters.", param="evidence")
    dispute["evidence_details"]["has_evidence"] = any(dispute["evidence"][name] for name in (*_FILES, *_TEXTS))


def _check_file(tx: Tx, id_: str, param: str) -> None:
    file = tx.find("file", id_)
    if file is None:
        raise resource_missing("file upload", id_, param=param, in_path=False)
    if file["purpose"] != "dispute_evidence":
        raise Refusal(f"File {id_} must have purpose dispute_evidence.", param=param)


def _hand_in(dispute: Obj) -> None:
    if dispute["status"] not in _UNANSWERED:
        raise Refusal("This dispute is closed or its evidence is handed in already.", param="submit")
    dispute["evidence_details"]["submission_count"] += 1
    dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"


def _decide_by_words(tx: Tx, dispute: Obj) -> None:
    """Stripe's words for tests: https://docs.stripe.com/testing#evidence."""
    text = dispute["evidence"]["uncategorized_text"] or ""
    if dispute["status"] not in ("under_review", "warning_under_review"):
        return
    if text in ("winning_evidence", "losing_evidence"):
        verdict = "won" if text == "winning_evidence" else "lost"
        decide(tx, dispute, verdict if dispute["status"] == "under_review" else "warning_closed")


def _withdraw(tx: Tx, dispute: Obj, amount: int) -> None:
    fee = currencies.in_minor_units(tx.config.dispute_fee_hundredths, dispute["currency"])
    _list_on(dispute, _move(tx, dispute, -amount, "dispute", fee))


def _list_on(dispute: Obj, moved: Obj) -> None:
    """A dispute lists zero, one or two movements, whatever a bank does: https://docs.stripe.com/api/disputes/object."""
    if len(dispute["balance_transactions"]) < _MOST_LISTED:
        dispute["balance_transactions"].append(moved)


def _moved_by(tx: Tx, dispute: Obj) -> list[Obj]:
    return tx.matching("balance_transaction", "source", dispute["id"])


def _given_back_last(tx: Tx, dispute: Obj) -> int:
    return next(int(moved["amount"]) for moved in _moved_by(tx, dispute) if moved["amount"] > 0)


def _move(tx: Tx, dispute: Obj, amount: int, category: str, fee: int = 0) -> Obj:
    what = "withdrawal" if amount < 0 else "reversal"
    return money.post(
        tx,
        type_="adjustment",
        category=category,
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        fee=fee,
        fee_words="Dispute fee",
        description=f"Chargeback {what} for {dispute['charge']}",
        account=tx.account,
    )


def _dispute(tx: Tx, charge: Obj, reason: str, amount: int, *, inquiry: bool) -> Obj:
    dispute: Obj = {
        "id": new_id("dispute"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**nulls(" ".join([*_FILES, *_TEXTS])), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": tx.now + _ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    if card := (charge["payment_method_details"] or {}).get("card"):
        dispute["payment_method_details"] = {"card": _card_of(card, reason, inquiry=inquiry), "type": "card"}
    return dispute


def _card_of(card: Obj, reason: str, *, inquiry: bool) -> Obj:
    return {
        "brand": card["brand"],
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": card["brand"],
        "network_reason_code": _NETWORK_CODES.get(reason, "13.7"),
    }
