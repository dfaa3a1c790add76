"""The table of selections: one side choosing the other."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, or_, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief
from marketplace.creators.models import Creator
from marketplace.infra.db import Model, enum_column, pk
from marketplace.infra.labels import register
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


class DeclineReason(StrEnum):
    """Why somebody says no, in a word that either side reads in their own language; their own words may follow."""

    PRICE = "price"
    DATES = "dates"
    FIT = "fit"
    FILLED = "filled"
    BUSY = "busy"
    OTHER = "other"


register(
    SelectionKind,
    {
        SelectionKind.APPLICATION: _l("Application"),
        SelectionKind.INVITATION: _l("Invitation"),
        SelectionKind.BOOKING: _l("Booking"),
    },
)
register(
    SelectionStatus,
    {
        SelectionStatus.OPEN: _l("Waiting for an answer"),
        SelectionStatus.ACCEPTED: _l("Accepted"),
        SelectionStatus.DECLINED: _l("Declined"),
        SelectionStatus.WITHDRAWN: _l("Withdrawn"),
        SelectionStatus.EXPIRED: _l("Lapsed"),
    },
)
register(
    DeclineReason,
    {
        DeclineReason.PRICE: _l("The price doesn’t fit"),
        DeclineReason.DATES: _l("The dates don’t fit"),
        DeclineReason.FIT: _l("It doesn’t suit what we do"),
        DeclineReason.FILLED: _l("Somebody else was chosen"),
        DeclineReason.BUSY: _l("Too much else at the moment"),
        DeclineReason.OTHER: _l("Another reason"),
    },
)

_OPEN_FOR_BRIEF = text("status = 'open' AND brief_id IS NOT NULL")
_OPEN_FOR_PACKAGE = text("status = 'open' AND package_id IS NOT NULL")
_UNREAD_BY_CREATOR = text("creator_seen_at IS NULL OR creator_seen_at < changed_at")
_UNREAD_BY_BRAND = text("brand_seen_at IS NULL OR brand_seen_at < changed_at")
_TO_REMIND = text("status = 'open' AND remind_at IS NOT NULL")


class Selection(Model):
    """One side's choice, waiting for the other's. What was offered never changes; the status leaves `open` once.

    All that is on offer is copied here: a brief or a package edited later changes no selection. `publish_by` comes from
    the brief, `delivery_days` and `revisions` from the package, `addons` are those booked with it (kind, details, days,
    amount), whose price is in `price`. `offer_id` is an offer that an application points to. `remind_at` is emptied
    once the reminder went out. `holds_place` while a place and the price are held in the brief for it. `wanted_on` is
    the day a booking's draft is wanted; `decline_reason` are the words that follow `declined_for`.

    `shortlisted_at` and `brand_note` are the brand's own and shown to nobody else. `changed_at` against `*_seen_at`
    says what each side hasn't read yet.
    """

    __tablename__ = "selections"
    __table_args__ = (
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("(kind = 'booking') = (package_id IS NOT NULL)", name="booking_has_package"),
        CheckConstraint("kind = 'booking' OR brief_id IS NOT NULL", name="others_have_brief"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_once_closed"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        CheckConstraint("status <> 'declined' OR declined_for IS NOT NULL", name="declined_for_something"),
        Index("uq_selections_open_brief", "brief_id", "creator_id", unique=True, postgresql_where=_OPEN_FOR_BRIEF),
        Index("uq_selections_open_package", "package_id", "brand_id", unique=True, postgresql_where=_OPEN_FOR_PACKAGE),
        Index("ix_selections_brief", "brief_id", text("id DESC"), postgresql_where=text("brief_id IS NOT NULL")),
        CheckConstraint("NOT holds_place OR (status = 'open' AND kind <> 'application')", name="holds_while_open"),
        Index("ix_selections_creator", "creator_id", text("id DESC")),
        Index("ix_selections_creator_open", "creator_id", "expires_at", postgresql_where=text("status = 'open'")),
        Index("ix_selections_brand_open", "brand_id", "expires_at", postgresql_where=text("status = 'open'")),
        Index("ix_selections_creator_made", "creator_id", "created_at"),
        Index("ix_selections_brand", "brand_id", text("id DESC")),
        Index("ix_selections_creator_unread", "creator_id", postgresql_where=_UNREAD_BY_CREATOR),
        Index("ix_selections_brand_unread", "brand_id", postgresql_where=_UNREAD_BY_BRAND),
        Index("ix_selections_expiry", "expires_at", postgresql_where=text("status = 'open'")),
        Index("ix_selections_reminder", "remind_at", postgresql_where=_TO_REMIND),
    )

    id: Mapped[int] = pk()
    kind: Mapped[SelectionKind] = enum_column(SelectionKind)
    status: Mapped[SelectionStatus] = enum_column(SelectionStatus)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    brief_id: Mapped[int | None] = mapped_column(ForeignKey("briefs.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    title: Mapped[str]
    deal_kind: Mapped[DealKind] = enum_column(DealKind)
    deliverables: Mapped[str]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    publish_by: Mapped[date | None]
    wanted_on: Mapped[date | None]
    delivery_days: Mapped[int | None]
    revisions: Mapped[int | None]
    usage_rights: Mapped[str] = mapped_column(default="")
    disclosure: Mapped[str] = mapped_column(default="")
    addons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    views_promised: Mapped[int | None]
    message: Mapped[str]
    holds_place: Mapped[bool] = mapped_column(default=False)
    shortlisted_at: Mapped[datetime | None]
    brand_note: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    creator_seen_at: Mapped[datetime | None]
    brand_seen_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_by_name: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_by_name: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    declined_for: Mapped[DeclineReason | None] = enum_column(DeclineReason)
    decline_reason: Mapped[str] = mapped_column(default="")

    price: Mapped[Money] = composite("price_amount", "price_currency")

    creator: Mapped[Creator] = relationship(lazy="raise_on_sql", viewonly=True)
    brand: Mapped[Brand] = relationship(lazy="raise_on_sql", viewonly=True)
    brief: Mapped[Brief | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def price_per_thousand(self) -> Money:
        """The price for a thousand of the creator's verified fans, rounded down."""
        return Money(self.price_amount * 1000 // max(self.creator.verified_fans, 1), self.price_currency)


CREATOR_UNREAD = or_(Selection.creator_seen_at.is_(None), Selection.creator_seen_at < Selection.changed_at)
BRAND_UNREAD = or_(Selection.brand_seen_at.is_(None), Selection.brand_seen_at < Selection.changed_at)
