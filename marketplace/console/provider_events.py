"""Reads of the provider's events: which wait, which were refused, which never came as webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from marketplace.infra.db import db
from marketplace.infra.inbox import EventPoll, InboxEvent, RefusedEvent
from marketplace.kit import clock

_SHOWN = 30
_MOST = 10_000
# A healthy worker has handled an event by then.
_PATIENCE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Counts of a day end at ten thousand."""

    unhandled: Sequence[InboxEvent]
    waiting: int
    arrived: int
    found: int
    polled_at: datetime | None
    refused: Sequence[RefusedEvent]


def waiting_events() -> Select[int]:
    """The query of how many events have waited longer than they should."""
    late = (InboxEvent.handled_at.is_(None), InboxEvent.received_at < clock.now() - _PATIENCE)
    return select(func.count()).select_from(select(InboxEvent.id).where(*late).limit(_MOST).subquery())


def event_page() -> EventPage:
    """Three queries, whatever there is."""
    since = clock.now() - _DAY
    today = select(InboxEvent.polled).where(InboxEvent.received_at > since).limit(_MOST).subquery()
    arrived = select(func.count(), func.count().filter(today.c.polled)).select_from(today).subquery()
    polled = select(EventPoll.through).scalar_subquery()
    waiting, all_, found, polled_at = db.session.execute(
        select(waiting_events().scalar_subquery(), arrived.c[0], arrived.c[1], polled).select_from(arrived)
    ).one()
    late = (InboxEvent.handled_at.is_(None), InboxEvent.received_at < clock.now() - _PATIENCE)
    unhandled = select(InboxEvent).where(*late)
    return EventPage(
        db.session.scalars(unhandled.order_by(InboxEvent.received_at).limit(_SHOWN)).all(),
        waiting,
        all_,
        found,
        polled_at,
        db.session.scalars(select(RefusedEvent).order_by(RefusedEvent.id.desc()).limit(_SHOWN)).all(),
    )
