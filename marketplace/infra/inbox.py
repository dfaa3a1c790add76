"""Provider events as they arrive: inserted once by id, handled by a job. The event is the trigger, not the truth."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, db
from marketplace.infra.jobs import defer
from marketplace.kit import clock


class InboxEvent(Model):
    """One event from a provider; a second arrival of the same id changes nothing."""

    __tablename__ = "inbox_events"
    __table_args__ = (Index("ix_inbox_events_unhandled", "received_at", postgresql_where=text("handled_at IS NULL")),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    livemode: Mapped[bool]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


def receive(event_id: str, kind: str, object_id: str, *, livemode: bool) -> bool:
    """Keep an event and enqueue its handling, together; False where it was here before."""
    values = {
        "id": event_id,
        "type": kind,
        "object_id": object_id,
        "livemode": livemode,
        "received_at": clock.now(),
    }
    added = db.session.execute(insert(InboxEvent).values(values).on_conflict_do_nothing().returning(InboxEvent.id))
    if added.first() is None:
        return False
    defer("webhooks.handle", event_id=event_id, lock=f"provider:{object_id}")
    return True
