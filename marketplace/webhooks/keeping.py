"""The inbox looked after: what failed is tried again, what is long done is removed."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from marketplace.infra.db import db, transaction
from marketplace.infra.inbox import InboxEvent, RefusedEvent, handle_again
from marketplace.kit import clock

_BATCH = 200
_REMOVED = 5_000
# By then the tries of its own job are nearly over.
_FAILED = timedelta(hours=1)
KEPT = timedelta(days=90)


def try_again() -> None:
    """Enqueue the events that nobody has handled, some of them by lot, so that none keeps the others waiting."""
    left = select(InboxEvent).where(InboxEvent.handled_at.is_(None), InboxEvent.received_at < clock.now() - _FAILED)
    with transaction():
        handle_again(db.session.scalars(left.order_by(func.random()).limit(_BATCH)).all())


def prune() -> None:
    """Remove handled events and refusals after ninety days, a batch at a time, the oldest first."""
    until = clock.now() - KEPT
    while True:
        with transaction():
            old = select(InboxEvent.id).where(InboxEvent.received_at < until, InboxEvent.handled_at.is_not(None))
            some = old.order_by(InboxEvent.received_at).limit(_REMOVED)
            gone = delete(InboxEvent).where(InboxEvent.id.in_(some)).returning(InboxEvent.id)
            removed = len(db.session.scalars(gone).all())
        if removed < _REMOVED:
            break
    with transaction():
        db.session.execute(delete(RefusedEvent).where(RefusedEvent.at < until))
