"""The table of what creators state of their audience."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.creators.models import ReadingStatus
from marketplace.infra.db import Model, enum_column, pk


class AudienceStatement(Model):
    """How a creator's audience divides, as they state it; the newest counts, and nothing but the verdict changes.

    One without evidence stays pending and is never reviewed. `split` has for each of `gender`, `age` and `region` its
    shares by bucket, in basis points that sum to 10,000.
    """

    __tablename__ = "audience_statements"
    __table_args__ = (
        Index("ix_audience_statements_creator", "creator_id", text("id DESC")),
        Index(
            "ix_audience_statements_pending",
            "stated_at",
            postgresql_where=text("status = 'pending' AND evidence_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    split: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    status: Mapped[ReadingStatus] = enum_column(ReadingStatus)
    stated_at: Mapped[datetime]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
