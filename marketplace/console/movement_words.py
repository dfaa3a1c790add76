"""What Stripe's movements are called, and what one that nobody explains probably is, for administrators.

Stripe's words: docs.stripe.com/reports/balance-transaction-types."""

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.reconciliation.booking import BANK, FEES, RESERVES, Books

_TYPES: Final[dict[str, LazyString]] = {
    "adjustment": _l("Adjustment"),
    "charge": _l("Charge"),
    "payment": _l("Payment"),
    "payment_failure_refund": _l("Payment that failed later"),
    "payment_refund": _l("Refund"),
    "payment_reversal": _l("Payment reversed"),
    "payout": _l("Payout to our bank"),
    "payout_cancel": _l("Payout cancelled"),
    "payout_failure": _l("Payout failed"),
    "refund": _l("Refund"),
    "refund_failure": _l("Refund that failed"),
    "stripe_fee": _l("Stripe’s fee"),
    "stripe_fx_fee": _l("Stripe’s fee for changing money"),
    "tax_fee": _l("Tax on Stripe’s fees"),
    "topup": _l("Top-up"),
    "topup_reversal": _l("Top-up reversed"),
    "transfer": _l("Transfer"),
    "transfer_cancel": _l("Transfer cancelled"),
    "transfer_failure": _l("Transfer that failed"),
    "transfer_refund": _l("Transfer reversed"),
}
_PAID, _REFUND = frozenset({"charge", "payment"}), frozenset({"refund", "payment_refund"})
_REVERSED = frozenset({"transfer_refund", "transfer_cancel", "transfer_failure"})


def movement_words(type_: str) -> str:
    """A type that has no words here is shown as Stripe writes it."""
    return str(_TYPES.get(type_, type_.replace("_", " ").capitalize()))


def probable_cause(found: Books) -> LazyString:
    """What stands behind a movement that the books don't explain, most likely, and where to look."""
    if found.others:
        return _l("The books have entries for it, but of another amount. Look at both.")
    if found.type in _PAID:
        return _l(
            "Somebody paid and we haven’t recorded it: look whether its checkout is confirmed, or whether it was taken"
            " in Stripe’s dashboard."
        )
    if found.type in _REFUND:
        return _l("A refund that was made in Stripe’s dashboard, or one of ours that isn’t recorded yet.")
    if found.type == "transfer":
        return _l("A transfer that was made in Stripe’s dashboard, or one of ours that isn’t recorded yet.")
    if found.type in _REVERSED:
        return _l("A transfer came back, and we haven’t recorded it.")
    if found.type in ("adjustment", "payment_reversal"):
        return _l(
            "A bank took a payment back or gave it back: look at its chargeback. It is booked as soon as its dispute is"
            " read, but for what a bank gives back a second time of the same: propose that entry."
        )
    if found.type in ("refund_failure", "payment_failure_refund"):
        return _l("A refund or a payment failed after it was made, and we haven’t recorded it.")
    if found.type in FEES or found.type in BANK or found.type in RESERVES:
        return _l("It is booked by itself with the next run.")
    return _l("Nothing of ours makes such movements: look at it at Stripe.")
