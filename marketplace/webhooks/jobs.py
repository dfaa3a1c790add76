"""What an inbound event sets off. The event says only where to look; each verb asks Stripe for the truth."""

from collections.abc import Callable

import structlog

from marketplace.chargebacks.service import read_chargeback
from marketplace.escrow.receive import confirm_payment, confirm_session
from marketplace.escrow.refund import refresh_refund
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.inbox import InboxEvent
from marketplace.infra.jobs import job, periodic
from marketplace.kit import clock
from marketplace.payouts.arrivals import read_payout
from marketplace.payouts.onboarding import refresh_account
from marketplace.payouts.reversal import read_reversals
from marketplace.webhooks import keeping
from marketplace.webhooks.polling import poll_events

logger = structlog.get_logger(__name__)


@job("webhooks.handle")
def handle(event_id: str) -> None:
    """Handle one event of the inbox; a repeat finds nothing left to do."""
    event = db.session.get_one(InboxEvent, event_id)
    kind, object_id, account_id, handled = event.type, event.object_id, event.account_id, event.handled_at is not None
    end_transaction()
    if handled:
        return
    act = _ACTS.get(kind)
    if act is not None and (not account_id or kind.startswith(_OF_ACCOUNTS)):
        try:
            act(object_id, account_id)
        except (gateway.ProviderRefused, gateway.ProviderUnavailable) as refusal:
            if refusal.code not in _GONE:
                raise
            logger.warning("an event of what is gone", event_id=event_id, type=kind, code=refusal.code)
    with transaction():
        db.session.get_one(InboxEvent, event_id).handled_at = clock.now()


def _checkout_changed(session_id: str, _account_id: str) -> None:
    confirm_session(session_id)


def _payment_tried(payment_intent_id: str, _account_id: str) -> None:
    """A declined try leaves the checkout open, and is no event of its own there."""
    confirm_payment(payment_intent_id)


def _refund_changed(refund_id: str, _account_id: str) -> None:
    refresh_refund(refund_id)


def _account_changed(object_id: str, account_id: str) -> None:
    """The object may be the account, its bank account or a capability; all are read with the account."""
    refresh_account(account_id or object_id)


def _payout_changed(payout_id: str, account_id: str) -> None:
    """Those of our own account are reconciliation's."""
    if account_id:
        read_payout(payout_id, account_id)


def _transfer_changed(transfer_id: str, _account_id: str) -> None:
    read_reversals(transfer_id)


def _dispute_changed(dispute_id: str, _account_id: str) -> None:
    read_chargeback(dispute_id)


# Each takes the id of the object that changed, and of the connected account that it is of: empty where it is our own.
_ACTS: dict[str, Callable[[str, str], None]] = {
    "checkout.session.completed": _checkout_changed,
    "checkout.session.async_payment_succeeded": _checkout_changed,
    "checkout.session.async_payment_failed": _checkout_changed,
    "checkout.session.expired": _checkout_changed,
    "payment_intent.payment_failed": _payment_tried,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "charge.refund.updated": _refund_changed,
    "account.updated": _account_changed,
    "account.application.deauthorized": _account_changed,
    "account.external_account.created": _account_changed,
    "account.external_account.updated": _account_changed,
    "account.external_account.deleted": _account_changed,
    "capability.updated": _account_changed,
    "balance.available": _account_changed,
    "payout.created": _payout_changed,
    "payout.updated": _payout_changed,
    "payout.paid": _payout_changed,
    "payout.failed": _payout_changed,
    "payout.canceled": _payout_changed,
    "transfer.reversed": _transfer_changed,
    "transfer.updated": _transfer_changed,
    "charge.dispute.created": _dispute_changed,
    "charge.dispute.updated": _dispute_changed,
    "charge.dispute.funds_withdrawn": _dispute_changed,
    "charge.dispute.funds_reinstated": _dispute_changed,
    "charge.dispute.closed": _dispute_changed,
}
# What Stripe says of an object that it doesn't know, as in an event sent for trial, or of an account that left us:
# however often it is asked, neither comes back.
_GONE = ("resource_missing", "account_invalid")
# Of connected accounts Stripe lists no events to us: payouts reads those accounts again, the longest unread first.
_OF_ACCOUNTS = ("account.", "capability.", "balance.", "payout.")
OWN_TYPES = tuple(kind for kind in _ACTS if not kind.startswith(_OF_ACCOUNTS))


@periodic("webhooks.poll", "*/5 * * * *")
def poll() -> None:
    """Find the events that never came."""
    poll_events(OWN_TYPES)


@periodic("webhooks.try_again", "17 * * * *")
def try_again() -> None:
    """Handle again what failed for as long as its job was tried."""
    keeping.try_again()


@periodic("webhooks.prune", "47 3 * * *")
def prune() -> None:
    keeping.prune()
