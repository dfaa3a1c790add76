"""Provider events as they arrive: inserted once by id, handled by a job. The event is the trigger, not the truth."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, db, pk
from marketplace.infra.jobs import defer
from marketplace.kit import clock


class InboxEvent(Model):
    """One event from a provider; a second arrival of the same id changes nothing.

    `account_id` is the connected account it is about, empty where it is our own; `polled`: it never came as a webhook
    and was found by asking.
    """

    __tablename__ = "inbox_events"
    __table_args__ = (Index("ix_inbox_events_unhandled", "received_at", postgresql_where=text("handled_at IS NULL")),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(default="", server_default=text("''"))
    livemode: Mapped[bool]
    polled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class RefusedEvent(Model):
    """A webhook that wasn't taken: signed wrongly, too old, or of the other mode (live or test). Nothing came of it."""

    __tablename__ = "refused_events"
    __table_args__ = (Index("ix_refused_events_at", text("at DESC")),)

    id: Mapped[int] = pk()
    at: Mapped[datetime]
    reason: Mapped[str]
    event_id: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="")
    livemode: Mapped[bool | None]


def receive(event_id: str, kind: str, object_id: str, account_id: str, *, livemode: bool) -> bool:
    """Keep an event and enqueue its handling, together; False where it was here before."""
    values = {
        "id": event_id,
        "type": kind,
        "object_id": object_id,
        "account_id": account_id,
        "livemode": livemode,
        "received_at": clock.now(),
    }
    added = db.session.execute(insert(InboxEvent).values(values).on_conflict_do_nothing().returning(InboxEvent.id))
    if added.first() is None:
        return False
    defer("webhooks.handle", event_id=event_id, lock=f"provider:{object_id}")
    return True
