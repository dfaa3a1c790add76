"""Payouts from payees' accounts to their banks: Stripe makes them, we read them, and say what a failed one needs.

These verbs talk to Stripe, so they own their transactions.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.payouts.models import ConnectedAccount, Payout, PayoutState
from marketplace.payouts.onboarding import refresh_account
from marketplace.payouts.standing import GONE

# Two readings may be written in the wrong order: a later state isn't given up for an earlier one. What was paid may
# still come back from the bank.
_ORDER = {
    PayoutState.PENDING: 0,
    PayoutState.IN_TRANSIT: 1,
    PayoutState.PAID: 2,
    PayoutState.FAILED: 3,
    PayoutState.CANCELED: 3,
}
# A bank sends one back within some working days, seldom later.
_MAY_COME_BACK = timedelta(days=14)


def read_payout(payout_id: str, stripe_account_id: str) -> None:
    """Read one payout of a payee's account, and the account, whose balance and bank it changes.

    Raises:
        ProviderUnavailable: it can't be read now.
    """
    account_id = _account_id(stripe_account_id)
    if account_id is None:
        return
    found = gateway.get_payout(payout_id, stripe_account_id)
    with transaction():
        _keep(account_id, found)
    refresh_account(stripe_account_id)


def read_account(stripe_account_id: str) -> None:
    """Read all of an account again, its payouts back to the last that we know too: for events that never came.

    Raises:
        ProviderUnavailable: it can't be read now.
    """
    refresh_account(stripe_account_id)
    account_id = _account_id(stripe_account_id)
    if account_id is None:
        return
    with transaction():
        since = _unsure_since(account_id)
    for found in reversed(gateway.list_payouts(stripe_account_id, since)):
        with transaction():
            _keep(account_id, found)


def _unsure_since(account_id: uuid.UUID) -> datetime | None:
    """Payouts from then on may be others than we know: those since the newest one, those that were under way, and those
    that were paid not long before and whose bank may have sent them back. None where we know of none at all."""
    theirs = Payout.account_id == account_id
    under_way = Payout.state.in_((PayoutState.PENDING, PayoutState.IN_TRANSIT))
    paid, unfinished = func.max(Payout.created_at) - _MAY_COME_BACK, func.min(Payout.created_at).filter(under_way)
    return db.session.scalar(select(func.least(paid, unfinished)).where(theirs))


def _account_id(stripe_account_id: str) -> uuid.UUID | None:
    """None where it isn't a payee's, or can't be read any more."""
    end_transaction()
    query = select(ConnectedAccount.id).where(
        ConnectedAccount.stripe_account_id == stripe_account_id,
        ConnectedAccount.details_submitted,
        ConnectedAccount.disabled_reason != GONE,
    )
    found = db.session.scalar(query)
    end_transaction()
    return found


def _keep(account_id: uuid.UUID, found: gateway.BankPayout) -> None:
    query = select(ConnectedAccount).where(ConnectedAccount.id == account_id).with_for_update()
    account = db.session.scalars(query.execution_options(populate_existing=True)).one()
    state = PayoutState(found.status)
    payout = db.session.get(Payout, found.id, populate_existing=True)
    before = payout.state if payout is not None else None
    if before is not None and _ORDER[before] > _ORDER[state]:
        return
    if payout is None:
        payout = Payout(id=found.id, account_id=account_id, created_at=found.created)
        db.session.add(payout)
    payout.state, payout.failure, payout.read_at = state, found.failure, clock.now()
    payout.amount, payout.currency, payout.arrives_on = found.amount, found.currency, found.arrives_on
    db.session.flush()
    if state is PayoutState.FAILED and before is not PayoutState.FAILED:
        _tell_failed(account, payout)


def _tell_failed(account: ConnectedAccount, payout: Payout) -> None:
    defer(
        "notifications.tell_payee",
        kind="payout_failed",
        cause=payout.id,
        creator_id=account.creator_id,
        agency_id=account.agency_id,
        amount=payout.amount,
        currency=payout.currency,
        failure=payout.failure,
    )
