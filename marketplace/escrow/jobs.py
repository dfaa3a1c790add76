"""Jobs of escrow: money's clocks, and what a crash or a silent provider left unfinished."""

from datetime import timedelta

import structlog
from sqlalchemy import func, select

from marketplace.accounts.actor import SYSTEM
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.escrow.fund import close_checkout, resume_checkout
from marketplace.escrow.holding import close_notices, note_stage, payments_to_notice
from marketplace.escrow.models import Checkout, CheckoutState, HoldingStage, Refund, RefundState
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.refund import send_refund
from marketplace.escrow.settle import accept_work, release_earnings
from marketplace.escrow.unplaced import notice_unplaced
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import Deferred, defer_missing, job, periodic
from marketplace.kit import clock

logger = structlog.get_logger(__name__)
_BATCH = 200
# What was prepared this long ago isn't in somebody's hands any more.
_LEFT_BEHIND = timedelta(minutes=2)
# Webhooks can be lost: an open checkout is asked about now and then.
_ASK_AGAIN = timedelta(minutes=10)


@job("escrow.confirm_checkout")
def confirm_checkout_job(checkout_id: str) -> None:
    confirm_checkout(checkout_id)


@job("escrow.close_checkout")
def close_checkout_job(deal_id: int) -> None:
    close_checkout(deal_id)


@job("escrow.resume_checkout")
def resume_checkout_job(checkout_id: str) -> None:
    resume_checkout(checkout_id)


@job("escrow.send_refund")
def send_refund_job(refund_id: str) -> None:
    send_refund(refund_id)


@periodic("escrow.accept_by_silence", "* * * * *")
def accept_by_silence() -> None:
    """Complete the deals whose brand stayed silent; each in a transaction of its own."""
    query = (
        select(Deal.id)
        .where(Deal.state == State.ACCEPTANCE, Deal.deadline_at <= clock.now())
        .order_by(Deal.deadline_at)
        .limit(_BATCH)
    )
    due = db.session.scalars(query).all()
    end_transaction()
    for deal_id in due:
        try:
            with transaction():
                _accept_if_still_due(deal_id)
        except Exception:
            # One deal that fails doesn't hold up the money of all that come after it.
            logger.exception("acceptance failed", deal_id=deal_id)


def _accept_if_still_due(deal_id: int) -> None:
    query = select(Deal).where(Deal.id == deal_id, Deal.state == State.ACCEPTANCE, Deal.deadline_at <= clock.now())
    if db.session.scalars(query.with_for_update(skip_locked=True)).first() is not None:
        accept_work(SYSTEM, deal_id)


@periodic("escrow.release_earnings", "* * * * *")
def release_earnings_job() -> None:
    with transaction():
        last = release_earnings(limit=_BATCH)
    while last is not None:
        with transaction():
            last = release_earnings(last, _BATCH)


@periodic("escrow.notice_holding", "*/10 * * * *")
def notice_holding() -> None:
    """Let both sides and administrators know of money that can't be held much longer, once at each stage."""
    with transaction():
        close_notices()
    for stage in HoldingStage:
        with transaction():
            for payment_id in payments_to_notice(stage, _BATCH):
                note_stage(payment_id, stage)


@periodic("escrow.notice_unplaced", "53 * * * *")
def notice_unplaced_job() -> None:
    with transaction():
        notice_unplaced()


@periodic("escrow.sweep", "* * * * *")
def sweep() -> None:
    """Enqueue again what was prepared and never finished, and ask about checkouts nobody told us of."""
    now = clock.now()
    left_behind, quiet = now - _LEFT_BEHIND, now - _ASK_AGAIN
    with transaction():
        prepared = _ids(Checkout, left_behind, CheckoutState.PREPARED)
        silent = _ids(Checkout, quiet, CheckoutState.OPEN, CheckoutState.CONFIRMING)
        unfinished = [_of_checkout("escrow.resume_checkout", checkout_id) for checkout_id in prepared]
        unfinished += [_of_checkout("escrow.confirm_checkout", checkout_id) for checkout_id in silent]
        for refund_id in _ids(Refund, left_behind, RefundState.PREPARED):
            unfinished.append(Deferred("escrow.send_refund", {"refund_id": refund_id}, lock=f"refund:{refund_id}"))
        defer_missing(unfinished)


def _of_checkout(name: str, checkout_id: str) -> Deferred:
    return Deferred(name, {"checkout_id": checkout_id}, lock=f"checkout:{checkout_id}")


def _ids(table: type[Checkout | Refund], before: object, *states: CheckoutState | RefundState) -> list[str]:
    """Some of them by lot: where there are more than a batch, none that stays as it is keeps the others waiting."""
    query = select(table.id).where(table.state.in_(states), table.created_at <= before).order_by(func.random())
    return [str(found) for found in db.session.scalars(query.limit(_BATCH))]
