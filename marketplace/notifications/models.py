"""The table behind the bell."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class Notification(Model):
    """One thing one person is told. `cause` names what caused it, so that a job that runs twice tells once.

    `acting` is the place that the page it leads to must be read in, as the session keeps it. Who wants only mails of it
    has it not `in_bell`: the row is there for the mail's link, and so that a second job sends no second mail.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "cause"),
        Index("ix_notifications_user", "user_id", text("id DESC"), postgresql_where=text("in_bell")),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("in_bell AND read_at IS NULL")),
    )

    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    acting: Mapped[str | None]
    cause: Mapped[str]
    endpoint: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    in_bell: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class NotificationPreference(Model):
    """Whether a person wants to be told of one topic (`kind`) behind the bell and by mail. No row: both."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    bell: Mapped[bool]
    mail: Mapped[bool]
