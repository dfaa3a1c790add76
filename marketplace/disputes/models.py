"""Tables of disputes, what each side said, and rulings."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.deals.models import DealSide
from marketplace.infra.db import Model, enum_column, pk


class DisputeStatus(StrEnum):
    OPEN = "open"
    RULED = "ruled"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    LIMIT = "limit"
    CHARGEBACK = "chargeback"


class DisputeReason(StrEnum):
    LATE = "late"
    NOT_AS_AGREED = "not_as_agreed"
    NOT_PUBLISHED = "not_published"
    REMOVED = "removed"
    UNRESPONSIVE = "unresponsive"
    HOLDING_LIMIT = "holding_limit"
    OTHER = "other"


class Dispute(Model):
    """A formal disagreement on a deal; a deal has one open at most. A ruling, once made, never changes.

    The clock opens one too, where the deal's money can't be held much longer; `limit`: nobody had decided when the time
    was over, and the money moved as docs/deals.md says. `chargeback`: the payer's bank took the money while it was open
    and kept it, so that nothing is left to decide.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("(status = 'ruled') = (ruled_at IS NOT NULL)", name="ruled_once"),
        CheckConstraint("creator_part_amount IS NULL OR creator_part_amount >= 0", name="creator_part_not_negative"),
        CheckConstraint(
            "(creator_part_amount IS NOT NULL) = (status IN ('ruled', 'agreed', 'limit'))", name="part_when_decided"
        ),
        CheckConstraint("(user_id IS NULL) = (opened_by = 'clock')", name="somebody_opened_it"),
        Index("uq_disputes_open_deal", "deal_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_disputes_open", "opened_at", postgresql_where=text("status = 'open'")),
    )

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"), index=True)
    opened_by: Mapped[DealSide] = enum_column(DealSide)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[DisputeReason] = enum_column(DisputeReason)
    status: Mapped[DisputeStatus] = enum_column(DisputeStatus)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    ruled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ruled_at: Mapped[datetime | None]
    creator_part_amount: Mapped[int | None]
    ruling_reasons: Mapped[str] = mapped_column(default="")

    statements: Mapped[list["Statement"]] = relationship(back_populates="dispute", order_by="Statement.id")


class Statement(Model):
    """What one side says in a dispute, with what it wants of the price for itself, and a file. Never changed."""

    __tablename__ = "dispute_statements"
    __table_args__ = (Index("ix_dispute_statements_dispute", "dispute_id", "id"),)

    id: Mapped[int] = pk()
    dispute_id: Mapped[int] = mapped_column(ForeignKey("disputes.id"))
    side: Mapped[DealSide] = enum_column(DealSide)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    wants_amount: Mapped[int | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    at: Mapped[datetime]

    dispute: Mapped[Dispute] = relationship(back_populates="statements")
