"""The table of selections: one side choosing the other."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


class SelectionKind(StrEnum):
    """Application: creator to brief. Invitation: brand to creator. Booking: brand to a package of an offer."""

    APPLICATION = "application"
    INVITATION = "invitation"
    BOOKING = "booking"


class SelectionStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Selection(Model):
    """One side's choice, waiting for the other's. What was offered never changes; the status leaves `open` once."""

    __tablename__ = "selections"
    __table_args__ = (
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("(kind = 'booking') = (package_id IS NOT NULL)", name="booking_has_package"),
        CheckConstraint("kind = 'booking' OR brief_id IS NOT NULL", name="others_have_brief"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_once_closed"),
        Index("uq_selections_open_brief", "brief_id", "creator_id", unique=True, postgresql_where=text("status = 'open' AND brief_id IS NOT NULL")),
        Index("uq_selections_open_package", "package_id", "brand_id", unique=True, postgresql_where=text("status = 'open' AND package_id IS NOT NULL")),
        Index("ix_selections_creator", "creator_id", text("id DESC")),
        Index("ix_selections_brand", "brand_id", text("id DESC")),
        Index("ix_selections_expiry", "expires_at", postgresql_where=text("status = 'open'")),
    )

    id: Mapped[int] = pk()
    kind: Mapped[SelectionKind] = enum_column(SelectionKind)
    status: Mapped[SelectionStatus] = enum_column(SelectionStatus)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    brief_id: Mapped[int | None] = mapped_column(ForeignKey("briefs.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    title: Mapped[str]
    deal_kind: Mapped[DealKind] = enum_column(DealKind)
    deliverables: Mapped[str]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    message: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")

    price: Mapped[Money] = composite("price_amount", "price_currency")
