"""Provider events as they arrive: inserted once by id, handled by a job. The event is the trigger, not the truth."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model


class InboxEvent(Model):
    """One event from a provider; a second arrival of the same id changes nothing."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        Index("ix_inbox_events_unhandled", "received_at", postgresql_where=text("handled_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    livemode: Mapped[bool]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
