"""The table of reviews."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.deals.models import DealSide
from marketplace.infra.db import Model, enum_column, pk


class Review(Model):
    """What one side says of the other once their deal is completed: stars from one to five and words, never changed.

    Shown (`shown_at`) when the other side has written theirs, or when the time to write has passed.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("deal_id", "side"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars_bounds"),
        Index("ix_reviews_creator", "creator_id", text("id DESC"), postgresql_where=text("shown_at IS NOT NULL")),
        Index("ix_reviews_brand", "brand_id", text("id DESC"), postgresql_where=text("shown_at IS NOT NULL")),
        Index("ix_reviews_waiting", "written_at", postgresql_where=text("shown_at IS NULL")),
    )

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    side: Mapped[DealSide] = enum_column(DealSide)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    stars: Mapped[int]
    text: Mapped[str] = mapped_column(default="")
    written_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
