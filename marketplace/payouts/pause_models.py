"""The table of payees whose payouts an administrator has paused."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class PayoutPause(Model):
    """An administrator paused what is sent to a payee: who, when, why, and the same of its end. One at a time runs."""

    __tablename__ = "payout_pauses"
    __table_args__ = (
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint(
            "(resumed_at IS NULL) = (resumed_by IS NULL) AND (resumed_at IS NULL) = (resume_reason = '')",
            name="resumed_by_somebody",
        ),
        Index("uq_payout_pauses_creator", "creator_id", unique=True, postgresql_where=text("resumed_at IS NULL")),
        Index("uq_payout_pauses_agency", "agency_id", unique=True, postgresql_where=text("resumed_at IS NULL")),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    reason: Mapped[str]
    paused_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    paused_name: Mapped[str]
    paused_at: Mapped[datetime]
    resume_reason: Mapped[str] = mapped_column(default="")
    resumed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    resumed_name: Mapped[str] = mapped_column(default="")
    resumed_at: Mapped[datetime | None]
