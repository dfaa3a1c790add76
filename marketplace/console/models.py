"""What administrators did to accounts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class StandingChange(Model):
    """An administrator suspended somebody's account or reinstated it: who, when, why. Appended, never changed."""

    __tablename__ = "standing_changes"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_given"),
        Index("ix_standing_changes_user", "user_id", "id"),
    )

    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    suspended: Mapped[bool]
    reason: Mapped[str]
    changed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    admin_name: Mapped[str]
    at: Mapped[datetime]
