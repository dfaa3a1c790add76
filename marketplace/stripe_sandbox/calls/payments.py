"""Payment intents: read by call, made and paid by the hosted checkout page."""

from typing import Any

from stripe.params import PaymentIntentListParams, PaymentIntentRetrieveParams

from ..ids import letters, new_id
from ..methods import offered
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, nulls
from . import charges

Params = dict[str, Any]
AUTHENTICATION = "payment_intent_authentication_failure"
ATTEMPT = "payment_intent_payment_attempt_failed"


@call("GET", "/v1/payment_intents/<intent>", PaymentIntentRetrieveParams, "")
def retrieve_intent(tx: Tx, _params: Params, intent: str) -> Obj:
    return tx.get("payment_intent", intent, param="intent")


@call("GET", "/v1/payment_intents", PaymentIntentListParams, "created customer ending_before limit starting_after")
def list_intents(tx: Tx, params: Params) -> Obj:
    return listing(tx, "payment_intent", "/v1/payment_intents", params, {"customer": params.get("customer")})


def create_intent(tx: Tx, session: Obj) -> Obj:
    """The intent that a session gets when somebody first tries to pay it."""
    data = session["payment_intent_data"]
    same = """description metadata receipt_email setup_future_usage statement_descriptor statement_descriptor_suffix
    transfer_group"""
    intent = _blank_intent(new_id("payment_intent"), tx.now)
    intent.update(
        {name: data[name] for name in same.split()},
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        payment_method_options=_card_options(session["payment_method_options"]),
        payment_method_types=offered(session["currency"]),
    )
    return tx.add(intent)


def _card_options(options: Obj) -> Obj:
    return {"card": options["card"]} if "card" in options else {}


def succeed(tx: Tx, intent: Obj, method: Obj) -> Obj:
    """Takes the money: one charge, its balance transaction, their events; gives the charge."""
    charge = charges.charge_for(tx, intent, method)
    charges.book(tx, charge)
    tx.add(charge)
    _paid(tx, intent, charge)
    return charge


def hold(tx: Tx, intent: Obj, method: Obj) -> Obj:
    """Asks a bank that answers in days: the charge is pending, the intent processing; gives the charge."""
    charge = tx.add(charges.charge_for(tx, intent, method))
    intent.update(
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status="processing",
    )
    tx.save(intent)
    tx.emit("charge.pending", charge)
    tx.emit("payment_intent.processing", intent)
    return charge


def confirm_held(tx: Tx, intent: Obj) -> Obj:
    charge = tx.get("charge", intent["latest_charge"], lock=True)
    charges.book(tx, charge)
    tx.save(charge)
    _paid(tx, intent, charge)
    return charge


def refuse_held(tx: Tx, intent: Obj, code: str, message: str) -> None:
    charge = tx.get("charge", intent["latest_charge"], lock=True)
    charges.refuse(charge, code, None, message)
    tx.save(charge)
    tx.emit("charge.failed", charge)
    method = tx.get("payment_method", charge["payment_method"])
    _without_payment(tx, intent, method, charge=charge, code=code, message=message)


def decline(tx: Tx, intent: Obj, method: Obj, *, code: str, decline_code: str | None, message: str) -> None:
    """The bank refuses at once: a failed charge, and an intent that waits for another way to pay."""
    charge = charges.charge_for(tx, intent, method)
    charges.refuse(charge, code, decline_code, message)
    tx.add(charge)
    tx.emit("charge.failed", charge)
    intent["latest_charge"] = charge["id"]
    _without_payment(tx, intent, method, charge=charge, code=code, decline_code=decline_code, message=message)


def fail(tx: Tx, intent: Obj, method: Obj, *, code: str, message: str) -> None:
    """The payer didn't confirm: nothing was tried at the bank, so there is no charge."""
    _without_payment(tx, intent, method, charge=None, code=code, message=message)


def ask(tx: Tx, intent: Obj, method: Obj, next_action: Obj) -> None:
    intent.update(next_action=next_action, payment_method=method["id"], status="requires_action")
    tx.save(intent)
    tx.emit("payment_intent.requires_action", intent)


def cancel_intent(tx: Tx, id_: str) -> None:
    """With its session expired nobody can pay it any more."""
    intent = tx.get("payment_intent", id_, lock=True)
    intent.update(canceled_at=tx.now, cancellation_reason="expired", next_action=None, status="canceled")
    tx.save(intent)
    tx.emit("payment_intent.canceled", intent)


def _paid(tx: Tx, intent: Obj, charge: Obj) -> None:
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=charge["payment_method"],
        status="succeeded",
    )
    tx.save(intent)
    tx.emit("charge.succeeded", charge)
    tx.emit("payment_intent.succeeded", intent)


def _without_payment(
    tx: Tx,
    intent: Obj,
    method: Obj,
    *,
    charge: Obj | None,
    code: str,
    message: str,
    decline_code: str | None = None,
) -> None:
    kind = "card_error" if charge and method["type"] == "card" else "invalid_request_error"
    error: Obj = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": method,
        "type": kind,
    }
    if charge:
        error["charge"] = charge["id"]
    if decline_code:
        error["decline_code"] = decline_code
    intent.update(last_payment_error=error, next_action=None, payment_method=None, status="requires_payment_method")
    tx.save(intent)
    tx.emit("payment_intent.payment_failed", intent)


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
        status="requires_payment_method",
    )
    return intent
