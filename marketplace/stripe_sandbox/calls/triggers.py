"""What no API call does: what banks, networks, Stripe's reviewers and time do to the objects. For the page, the
commands, the clock and the tests.

Each takes an id of the object it acts on, whoever's it is, and gives the object as it then is. Each raises a Refusal
when there is no such object or it is past that point; `param` of the Refusal then names the argument.
"""

from collections.abc import Sequence

from ..store import Obj, Tx
from . import disputes
from .checkout import expire_due

DISPUTE_STEPS = ("escalate", "under_review", "won", "lost", "warning_closed")


def open_dispute(
    tx: Tx, charge: str, reason: str = "fraudulent", *, amount: int | None = None, inquiry: bool = False
) -> Obj:
    """The payer's bank disputes a charge, whole or `amount` of it. An inquiry takes no money yet; gives the dispute."""
    if amount is not None or inquiry:
        raise NotImplementedError
    return disputes.open_dispute(tx, charge, reason)


def advance_dispute(tx: Tx, dispute: str, step: str) -> Obj:
    """One of DISPUTE_STEPS: an inquiry escalates to a chargeback; evidence is taken as submitted; the bank decides."""
    raise NotImplementedError


def warn_of_fraud(tx: Tx, charge: str) -> Obj:
    """The issuer's early fraud warning on a charge; gives the warning."""
    raise NotImplementedError


def settle_refund(tx: Tx, refund: str) -> Obj:
    """A pending refund arrives."""
    raise NotImplementedError


def fail_refund(tx: Tx, refund: str, reason: str = "expired_or_canceled_card") -> Obj:
    """A pending or succeeded refund comes back: its money is the platform's again, by a refund_failure transaction."""
    raise NotImplementedError


def confirm_late_payment(tx: Tx, intent: str) -> Obj:
    """The bank confirms a payment that was processing; gives the payment intent."""
    raise NotImplementedError


def fail_late_payment(tx: Tx, intent: str, code: str = "payment_intent_payment_attempt_failed") -> Obj:
    """The bank refuses a payment that was processing; gives the payment intent."""
    raise NotImplementedError


def require(tx: Tx, account: str, names: Sequence[str], *, days: int | None = None, error: str | None = None) -> Obj:
    """Stripe asks an account for more: currently due, with a deadline in `days`, past due at once when None.

    `error` is a code of the requirement's error, such as verification_document_expired.
    """
    raise NotImplementedError


def check_details(tx: Tx, account: str, names: Sequence[str]) -> Obj:
    """Stripe verifies what an account gave: pending_verification until `clear` or `require` says how it ended."""
    raise NotImplementedError


def clear(tx: Tx, account: str) -> Obj:
    """All that an account was asked for is met, and it is able again."""
    raise NotImplementedError


def restrict(tx: Tx, account: str, reason: str = "under_review") -> Obj:
    """Stripe pauses an account's transfers and payouts; `reason` is its disabled_reason."""
    raise NotImplementedError


def reject(tx: Tx, account: str, reason: str = "rejected.fraud") -> Obj:
    """Stripe closes an account for good."""
    raise NotImplementedError


def pay_out(tx: Tx, account: str = "") -> list[Obj]:
    """The automatic payouts of an account ('' is the platform), now, whatever its schedule: one a currency."""
    raise NotImplementedError


def complete_payout(tx: Tx, payout: str) -> Obj:
    """A payout arrives at the bank."""
    raise NotImplementedError


def fail_payout(tx: Tx, payout: str, code: str = "account_closed") -> Obj:
    """The bank sends a payout back: its money is on the balance again, and the bank account is `errored`."""
    raise NotImplementedError


def top_up(tx: Tx, amount: int, currency: str) -> Obj:
    """The platform's bank sends money (minor units) to its balance; gives the top-up."""
    raise NotImplementedError


def due(tx: Tx) -> None:
    """All that time brings by `tx.now`: expiry, maturing, late confirmations, overdue evidence, refunds, payouts.

    Does a bounded part of what is due, so that it may be called again and again.
    """
    expire_due(tx)
