"""What no API call does: what banks, networks, Stripe's reviewers and time do to the objects. For the page, the
commands, the clock and the tests.

Each takes an id of the object it acts on, whoever's it is, and gives the object as it then is. Each raises a Refusal
when there is no such object or it is past that point; `param` of the Refusal then names the argument.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .. import currencies, money
from ..appointments import keep_next
from ..errors import Refusal, resource_missing
from ..store import Obj, Tx
from . import completion, disputes, payouts, refunds, requirements, topups, warnings
from .checkout import expire_due

DISPUTE_STEPS = ("escalate", "under_review", "won", "lost", "warning_closed")


def open_dispute(
    tx: Tx, charge: str, reason: str = "fraudulent", *, amount: int | None = None, inquiry: bool = False
) -> Obj:
    """The payer's bank disputes a charge, whole or `amount` of it. An inquiry takes no money yet; gives the dispute."""
    with _for_owner(tx, charge, "charge"):
        if not inquiry:
            refunds.fail_pending_of(tx, charge)
        return disputes.open_dispute(tx, charge, reason, amount=amount, inquiry=inquiry)


def advance_dispute(tx: Tx, dispute: str, step: str, *, amount: int | None = None) -> Obj:
    """One of DISPUTE_STEPS: an inquiry escalates to a chargeback; evidence is taken as submitted; the bank decides,
    also anew after it had kept the money or given it back. `amount` of what is won comes back, all of it where it isn't
    named."""
    if step not in DISPUTE_STEPS:
        raise Refusal(f"Invalid step: must be one of {', '.join(DISPUTE_STEPS)}", param="step")
    with _for_owner(tx, dispute, "dispute"):
        if step == "escalate":
            return disputes.escalate(tx, dispute)
        if step == "under_review":
            return disputes.hand_in(tx, dispute)
        return disputes.decide_by_id(tx, dispute, step, amount)


def warn_of_fraud(tx: Tx, charge: str) -> Obj:
    """The issuer's early fraud warning on a charge; gives the warning."""
    with _for_owner(tx, charge, "charge"):
        return warnings.warn(tx, charge)


def settle_refund(tx: Tx, refund: str) -> Obj:
    """A pending refund arrives."""
    with _for_owner(tx, refund, "refund"):
        return refunds.settle(tx, refund)


def fail_refund(tx: Tx, refund: str, reason: str = "expired_or_canceled_card") -> Obj:
    """A pending or succeeded refund comes back: its money is the platform's again, by a refund_failure transaction."""
    if reason not in refunds.REASONS:
        raise Refusal(f"Invalid reason: must be one of {', '.join(refunds.REASONS)}", param="reason")
    with _for_owner(tx, refund, "refund"):
        return refunds.fail(tx, refund, reason)


def cancel_refund(tx: Tx, refund: str) -> Obj:
    """Somebody stops a pending refund in Stripe's dashboard, which no API call does."""
    with _for_owner(tx, refund, "refund"):
        return refunds.cancel_pending(tx, refund)


def confirm_late_payment(tx: Tx, intent: str) -> Obj:
    """The bank confirms a payment that was processing; gives the payment intent."""
    with _for_owner(tx, intent, "intent"):
        return completion.confirm_late(tx, intent)


def fail_late_payment(tx: Tx, intent: str, code: str = "payment_intent_payment_attempt_failed") -> Obj:
    """The bank refuses a payment that was processing; gives the payment intent."""
    with _for_owner(tx, intent, "intent"):
        return completion.fail_late(tx, intent, code)


def require(tx: Tx, account: str, names: Sequence[str], *, days: int | None = None, error: str | None = None) -> Obj:
    """Stripe asks an account for more: currently due, with a deadline in `days`, past due at once when None.

    `error` is a code of the requirement's error, such as verification_document_expired.
    """
    return requirements.require(tx, _account(tx, account), names, days, error)


def check_details(tx: Tx, account: str, names: Sequence[str]) -> Obj:
    """Stripe verifies what an account gave: pending_verification until `clear` or `require` says how it ended."""
    return requirements.check_details(tx, _account(tx, account), names)


def clear(tx: Tx, account: str) -> Obj:
    """All that an account was asked for is met, and it is able again."""
    found = requirements.clear(tx, _account(tx, account))
    payouts.plan(tx, account)
    return found


def restrict(tx: Tx, account: str, reason: str = "under_review") -> Obj:
    """Stripe pauses an account's transfers and payouts; `reason` is its disabled_reason."""
    if reason not in requirements.RESTRICTIONS:
        raise Refusal(f"Invalid reason: must be one of {', '.join(requirements.RESTRICTIONS)}", param="reason")
    return requirements.disable(tx, _account(tx, account), reason)


def reject(tx: Tx, account: str, reason: str = "rejected.fraud") -> Obj:
    """Stripe closes an account for good."""
    if reason not in requirements.REJECTIONS:
        raise Refusal(f"Invalid reason: must be one of {', '.join(requirements.REJECTIONS)}", param="reason")
    return requirements.disable(tx, _account(tx, account), reason)


def take_fee(tx: Tx, account: str, amount: int, currency: str) -> Obj:
    """Stripe charges a connected account; its balance may go below zero. Gives the balance transaction."""
    owner = _account(tx, account)["id"]
    return money.post(
        tx,
        type_="stripe_fee",
        category="fee",
        amount=-currencies.check_amount(amount),
        currency=currencies.check_currency(currency),
        source=None,
        description="Stripe fee",
        account=owner,
    )


def pay_out(tx: Tx, account: str = "") -> list[Obj]:
    """The automatic payouts of an account ('' is the platform), now, whatever its schedule: one a currency."""
    if account:
        _account(tx, account)
    with _speaking_for(tx, account):
        return payouts.pay_out(tx, account)


def complete_payout(tx: Tx, payout: str) -> Obj:
    """A payout arrives at the bank."""
    with _for_owner(tx, payout, "payout"):
        return payouts.complete(tx, payout)


def fail_payout(tx: Tx, payout: str, code: str = "account_closed") -> Obj:
    """The bank sends a payout back: its money is on the balance again, and the bank account is `errored`."""
    with _for_owner(tx, payout, "payout"):
        return payouts.fail(tx, payout, code)


def top_up(tx: Tx, amount: int, currency: str) -> Obj:
    """The platform's bank sends money (minor units) to its balance; gives the top-up."""
    with _speaking_for(tx, ""):
        return topups.arrive(tx, topups.create_topup(tx, {"amount": amount, "currency": currency})["id"])


def due(tx: Tx) -> None:
    """All that time brings by `tx.now`: expiry, maturing, late confirmations, overdue evidence, refunds, payouts.

    Does a part of what is due, so that it may be called again and again, each time in a transaction of its own.
    """
    with _speaking_for(tx, ""):
        expire_due(tx)
        money.mature(tx)
        keep_next(tx)


def next_due(tx: Tx) -> int | None:
    """The second at which time brings something next, where anything is awaited; it may be past."""
    row = tx.run(
        "select least((select min(due_at) from stripe_sandbox.appointments),"
        " (select min(available_on) from stripe_sandbox.maturing),"
        " (select min((data->>'expires_at')::bigint) from stripe_sandbox.objects"
        " where kind = 'checkout.session' and data->>'status' = 'open')) as second"
    ).fetchone()
    found: int | None = row["second"] if row else None
    return found


@contextmanager
def _speaking_for(tx: Tx, account: str) -> Iterator[None]:
    before, tx.account = tx.account, account
    try:
        yield
    finally:
        tx.account = before


@contextmanager
def _for_owner(tx: Tx, id_: str, param: str) -> Iterator[None]:
    row = tx.run("select account from stripe_sandbox.objects where id = %s", id_).fetchone()
    if row is None:
        raise resource_missing(param, id_, param=param, in_path=False)
    with _speaking_for(tx, row["account"]):
        yield


def _account(tx: Tx, id_: str) -> Obj:
    found = tx.find("account", id_, account="", lock=True)
    if found is None:
        raise resource_missing("account", id_, param="account", in_path=False)
    return found
