"""Tables of watched words and of reports."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk


class WatchedWord(Model):
    """A word or phrase of one language that holds a text back for review, in any case and width of its letters.

    `folded` is the form in which it is compared (`moderation.text.fold`). A row is added or removed, never changed.
    """

    __tablename__ = "watched_words"
    __table_args__ = (UniqueConstraint("locale", "folded"),)

    id: Mapped[int] = pk()
    locale: Mapped[str]
    text: Mapped[str]
    folded: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class ReportReason(StrEnum):
    SCAM = "scam"
    ILLEGAL = "illegal"
    OFFENSIVE = "offensive"
    OFF_PLATFORM = "off_platform"
    OTHER = "other"


class Report(Model):
    """One person's report of something, by its key (`brief:12`, `creator:5`, `offer:7`); a person reports it once.

    `title` is what it was called then. Only the verdict is written later: `upheld` says whether the administrator
    agreed, `note` why, for other administrators.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("uq_reports_open", "subject", "reported_by", unique=True, postgresql_where=text("decided_at IS NULL")),
        Index("ix_reports_open", "reported_at", postgresql_where=text("decided_at IS NULL")),
        Index("ix_reports_subject", "subject", text("id DESC")),
        Index("ix_reports_decided", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
        Index("ix_reports_reported_by", "reported_by", text("id DESC")),
    )

    id: Mapped[int] = pk()
    subject: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    reason: Mapped[ReportReason] = enum_column(ReportReason)
    text: Mapped[str] = mapped_column(default="")
    reported_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reported_at: Mapped[datetime]
    upheld: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
