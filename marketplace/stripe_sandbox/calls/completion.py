"""How a checkout session ends: paid at once, or complete and waiting for a bank that confirms or refuses in days."""

from .. import appointments
from ..appointments import when_due
from ..cards import DEBITED_ACCOUNTS, card_of
from ..errors import Refusal
from ..store import Obj, Tx
from . import customers, disputes, payments, warnings
from .checkout import DAY, shown

LATE_AFTER = 4 * DAY
_WORDS = {
    "account_closed": "The customer's bank account has been closed.",
    "debit_declined": "The customer's bank has declined the debit.",
    "debit_not_authorized": "The customer has notified their bank that this payment was unauthorized.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "no_account": "The customer's bank account could not be located.",
}


def pay_now(tx: Tx, session: Obj, intent: Obj, method: Obj, *, save: bool = False) -> None:
    """The money is there; what the test card brings afterwards follows at once."""
    charge = payments.succeed(tx, intent, method)
    _close(tx, session, intent, method, save=save, paid=True)
    follow_up(tx, charge["id"], method)


def pay_later(tx: Tx, session: Obj, intent: Obj, method: Obj, *, save: bool = False) -> None:
    """Its bank answers in days of the sandbox's clock."""
    payments.hold(tx, intent, method)
    _close(tx, session, intent, method, save=save, paid=False)
    appointments.appoint(tx, "late answer", intent["id"], tx.now + LATE_AFTER)


def confirm_late(tx: Tx, intent_id: str) -> Obj:
    intent, session = _processing(tx, intent_id)
    payments.confirm_held(tx, intent)
    session["payment_status"] = "paid"
    tx.save(session)
    tx.emit("checkout.session.async_payment_succeeded", shown(session))
    return intent


def fail_late(tx: Tx, intent_id: str, code: str) -> Obj:
    intent, session = _processing(tx, intent_id)
    payments.refuse_held(tx, intent, code, _WORDS.get(code, "The payment attempt failed."))
    tx.emit("checkout.session.async_payment_failed", shown(session))
    return intent


def _processing(tx: Tx, intent_id: str) -> tuple[Obj, Obj]:
    """The session is locked before its intent, as everywhere."""
    found = tx.matching("checkout.session", "payment_intent", intent_id)
    if not found:
        raise Refusal(f"No such payment_intent: '{intent_id}'", status=404, code="resource_missing", param="intent")
    session = tx.get("checkout.session", found[0]["id"], lock=True)
    intent = tx.get("payment_intent", intent_id, lock=True)
    if intent["status"] != "processing":
        raise Refusal(f"This PaymentIntent's status is {intent['status']}: nothing is awaited.", param="intent")
    appointments.call_off(tx, "late answer", intent_id)
    return intent, session


@when_due("late answer")
def answer_late(tx: Tx, intent_id: str) -> None:
    """As the debited test account says."""
    method = tx.get("payment_method", tx.get("payment_intent", intent_id)["payment_method"])
    answers = {number[-4:]: code for number, code in DEBITED_ACCOUNTS[method["type"]].items()}
    code = answers[method[method["type"]]["last4"]]
    if code is None:
        confirm_late(tx, intent_id)
    else:
        fail_late(tx, intent_id, code)


def follow_up(tx: Tx, charge_id: str, method: Obj) -> None:
    card = card_of(method.get("card", {}).get("fingerprint"))
    if card and card.dispute:
        disputes.open_dispute(tx, charge_id, card.dispute, inquiry=card.inquiry)
    if card and card.warning:
        warnings.warn(tx, charge_id, card.warning)


def _close(tx: Tx, session: Obj, intent: Obj, method: Obj, *, save: bool, paid: bool) -> None:
    payer = method["billing_details"]
    _keep_method(tx, session, intent, method, save=save)
    session.update(
        customer_details={
            "address": None,
            "business_name": None,
            "email": payer["email"],
            "individual_name": None,
            "name": payer["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        payment_status="paid" if paid else "unpaid",
        status="complete",
    )
    tx.save(session)
    tx.emit("checkout.session.completed", shown(session))


def _keep_method(tx: Tx, session: Obj, intent: Obj, method: Obj, *, save: bool) -> None:
    """Attached when the payer ticked to be remembered, or when the platform means to charge again.

    https://docs.stripe.com/payments/save-customer-payment-methods says what each gives `allow_redisplay`.
    """
    if method["customer"] is None and session["customer"] is None and session["customer_creation"] == "always":
        made = customers.customer_for(tx, method["billing_details"])
        session["customer"] = intent["customer"] = made["id"]
        tx.save(intent)
    reused = intent["setup_future_usage"] is not None
    if session["customer"] is None or method["customer"] is not None or not (save or reused):
        return
    asked = session["payment_method_data"].get("allow_redisplay", "limited")
    customers.attach(tx, method, session["customer"], "always" if save else asked)
