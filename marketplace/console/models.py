"""What administrators did to accounts, and what they ask to be posted by hand."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk


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


class ManualEntryState(StrEnum):
    PROPOSED = "proposed"
    POSTED = "posted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ManualEntry(Model):
    """An entry that an administrator asks for by hand and a second one posts or refuses. Only the decision comes later.

    `lines` are `{"owner", "kind", "commodity", "amount"}`, debit positive, minor units; empty where it only reverses
    `reverses_id`. The entry's key is made of this row's id, so that it is posted once.
    """

    __tablename__ = "manual_entries"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint(
            "state NOT IN ('posted', 'refused') OR decided_by IS NOT NULL AND decided_by <> proposed_by",
            name="four_eyes",
        ),
        CheckConstraint("(state = 'posted') = (entry_id IS NOT NULL)", name="posted_has_entry"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_has_moment"),
        Index("ix_manual_entries_waiting", "id", postgresql_where=text("state = 'proposed'")),
    )

    id: Mapped[int] = pk()
    state: Mapped[ManualEntryState] = enum_column(ManualEntryState)
    reason: Mapped[str]
    reference: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_name: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), unique=True)
