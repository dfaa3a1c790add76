"""The table of briefs."""

from datetime import date, datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.creators.models import Category
from marketplace.infra.db import Model, enum_column, pk
from marketplace.infra.labels import register
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


class BriefStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


register(
    BriefStatus,
    {BriefStatus.DRAFT: _l("Draft"), BriefStatus.OPEN: _l("Open"), BriefStatus.CLOSED: _l("Closed")},
)


class Brief(Model):
    """What a brand wants made. The budget is for each slot; `apply_by` is the last day, in the platform's time zone.

    `slots_filled` counts the accepted selections, written with each of them; `version` grows with every edit, so that a
    form opened before another's edit is refused.
    """

    __tablename__ = "briefs"
    __table_args__ = (
        CheckConstraint("budget_min_amount > 0 AND budget_max_amount >= budget_min_amount", name="budget_range"),
        CheckConstraint("slots > 0", name="slots_positive"),
        CheckConstraint("slots_filled BETWEEN 0 AND slots", name="slots_filled_fit"),
        CheckConstraint("publish_by >= apply_by", name="dates_in_order"),
        CheckConstraint("cardinality(platforms) > 0", name="some_platform"),
        CheckConstraint("(status = 'draft') = (opened_at IS NULL)", name="opened_unless_draft"),
        CheckConstraint("minimum_fans >= 0", name="minimum_fans_not_negative"),
        Index("ix_briefs_open", text("opened_at DESC"), text("id DESC"), postgresql_where=text("status = 'open'")),
    )

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    goal: Mapped[str]
    deliverables: Mapped[str]
    kind: Mapped[DealKind] = enum_column(DealKind)
    category: Mapped[Category] = enum_column(Category)
    platforms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    minimum_fans: Mapped[int]
    budget_min_amount: Mapped[int]
    budget_max_amount: Mapped[int]
    currency: Mapped[str]
    slots: Mapped[int]
    slots_filled: Mapped[int] = mapped_column(default=0)
    apply_by: Mapped[date]
    publish_by: Mapped[date]
    status: Mapped[BriefStatus] = enum_column(BriefStatus)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    budget_min: Mapped[Money] = composite("budget_min_amount", "currency")
    budget_max: Mapped[Money] = composite("budget_max_amount", "currency")

    @property
    def slots_left(self) -> int:
        return self.slots - self.slots_filled
