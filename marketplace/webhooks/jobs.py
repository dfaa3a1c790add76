"""What an inbound event sets off. The event says only where to look; each verb asks Stripe for the truth."""

from collections.abc import Callable

from sqlalchemy import select

from marketplace.chargebacks.service import read_chargeback
from marketplace.escrow.models import Checkout
from marketplace.escrow.receive import confirm_checkout
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.inbox import InboxEvent
from marketplace.infra.jobs import job
from marketplace.kit import clock
from marketplace.payouts.onboarding import refresh_account


@job("webhooks.handle")
def handle(event_id: str) -> None:
    """Handle one event of the inbox; a repeat finds nothing left to do."""
    event = db.session.get_one(InboxEvent, event_id)
    kind, object_id, account_id, handled = event.type, event.object_id, event.account_id, event.handled_at is not None
    end_transaction()
    if handled:
        return
    act = _ACTS.get(kind)
    if act is not None:
        act(object_id, account_id)
    with transaction():
        db.session.get_one(InboxEvent, event_id).handled_at = clock.now()


def _checkout_changed(session_id: str, _account_id: str) -> None:
    checkout_id = db.session.scalar(select(Checkout.id).where(Checkout.session_id == session_id))
    end_transaction()
    if checkout_id is not None:
        confirm_checkout(str(checkout_id))


def _account_changed(stripe_account_id: str, _account_id: str) -> None:
    refresh_account(stripe_account_id)


def _dispute_changed(dispute_id: str, _account_id: str) -> None:
    read_chargeback(dispute_id)


# Each takes the id of the object that changed, and of the connected account that it is of: empty where it is our own.
_ACTS: dict[str, Callable[[str, str], None]] = {
    "checkout.session.completed": _checkout_changed,
    "checkout.session.async_payment_succeeded": _checkout_changed,
    "checkout.session.async_payment_failed": _checkout_changed,
    "checkout.session.expired": _checkout_changed,
    "account.updated": _account_changed,
    "charge.dispute.created": _dispute_changed,
    "charge.dispute.updated": _dispute_changed,
    "charge.dispute.funds_withdrawn": _dispute_changed,
    "charge.dispute.funds_reinstated": _dispute_changed,
    "charge.dispute.closed": _dispute_changed,
}
