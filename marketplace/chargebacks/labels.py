"""What stages, reasons and texts of chargebacks are called."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.chargebacks.models import PartState, Stage
from marketplace.infra.labels import register

register(
    Stage,
    {
        Stage.WARNING_NEEDS_RESPONSE: _l("The bank asks"),
        Stage.WARNING_UNDER_REVIEW: _l("The bank reads our answer"),
        Stage.WARNING_CLOSED: _l("Closed, no money moved"),
        Stage.NEEDS_RESPONSE: _l("Needs an answer"),
        Stage.UNDER_REVIEW: _l("The bank decides"),
        Stage.WON: _l("Won"),
        Stage.LOST: _l("Lost"),
        Stage.PREVENTED: _l("Refunded before a claim"),
    },
)
register(
    PartState,
    {
        PartState.ASKED: _l("Asked about"),
        PartState.HELD: _l("With the bank"),
        PartState.REINSTATED: _l("Given back"),
        PartState.BORNE: _l("Kept by the bank"),
    },
)

_REASONS: dict[str, LazyString] = {
    "bank_cannot_process": _l("The bank can’t process it"),
    "check_returned": _l("Cheque returned"),
    "credit_not_processed": _l("A promised refund didn’t come"),
    "customer_initiated": _l("The customer’s own wish"),
    "debit_not_authorized": _l("Debit not authorised"),
    "duplicate": _l("Paid twice"),
    "fraudulent": _l("The payer doesn’t know the payment"),
    "general": _l("No particular reason"),
    "incorrect_account_details": _l("Wrong account details"),
    "insufficient_funds": _l("Not enough money on the account"),
    "noncompliant": _l("Against the network’s rules"),
    "product_not_received": _l("The work wasn’t received"),
    "product_unacceptable": _l("The work isn’t as described"),
    "subscription_canceled": _l("A cancelled subscription"),
    "unrecognized": _l("The payer doesn’t recognise the payment"),
}


def reason_words(reason: str) -> str:
    """The bank's reason; one that has no words yet is shown as the provider writes it."""
    return str(_REASONS[reason]) if reason in _REASONS else reason.replace("_", " ")


TEXT_LABELS: dict[str, LazyString] = {
    "product_description": _l("What was sold"),
    "service_date": _l("When it was delivered"),
    "customer_name": _l("Customer"),
    "customer_email_address": _l("Their e-mail address"),
    "customer_purchase_ip": _l("The network address that they signed from"),
    "access_activity_log": _l("What the customer did"),
    "refund_policy_disclosure": _l("When money goes back, and how they were told"),
    "uncategorized_text": _l("In short"),
}
