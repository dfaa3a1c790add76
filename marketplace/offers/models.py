"""Tables of offers and their priced packages."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from marketplace.creators.models import Category
from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.deal_kinds import ContentKind, DealKind
from marketplace.kit.money import Money


class OfferStatus(StrEnum):
    DRAFT = "draft"
    LISTED = "listed"
    PAUSED = "paused"


class Offer(Model):
    """What a creator sells. Only a listed offer of an eligible creator can be booked.

    `version` grows with every edit, so that a form opened before another's edit is refused. `listed_at` is when it was
    first listed. `lowest_amount` is the price of the cheapest package, kept with it for lists, in `currency`, which all
    its packages share. `position` is the creator's own order.
    """

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("status = 'draft' OR listed_at IS NOT NULL", name="listed_once"),
        CheckConstraint("lowest_amount > 0", name="lowest_positive"),
        Index("ix_offers_listed", text("listed_at DESC"), text("id DESC"), postgresql_where=text("status = 'listed'")),
        Index("ix_offers_listed_creator", "creator_id", "lowest_amount", postgresql_where=text("status = 'listed'")),
        Index(
            "ix_offers_title",
            "title",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops"},
            postgresql_where=text("status = 'listed'"),
        ),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    category: Mapped[Category] = enum_column(Category)
    status: Mapped[OfferStatus] = enum_column(OfferStatus)
    currency: Mapped[str]
    lowest_amount: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    lowest: Mapped[Money] = composite("lowest_amount", "currency")
    packages: Mapped[list["Package"]] = relationship(
        primaryjoin="and_(Offer.id == Package.offer_id, Package.position.is_not(None))",
        order_by="Package.position",
        viewonly=True,
    )
    addons: Mapped[list["Addon"]] = relationship(
        primaryjoin="and_(Offer.id == Addon.offer_id, Addon.position.is_not(None))",
        order_by="Addon.position",
        viewonly=True,
    )


class Package(Model):
    """One priced variant of an offer. A booking copies what it needs, so editing a package changes no deal.

    `position` is null once the creator has taken it out of the offer: bookings made before still refer to the row.
    `kind` is the deal kind of `content`, kept with it; `hours` are a live session's, `episodes` the films of a series.
    `included` are further lines of what the brand gets.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("offer_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("delivery_days > 0 AND revisions >= 0", name="promises"),
        CheckConstraint("(content = 'live_session') = (hours IS NOT NULL) AND hours > 0", name="hours_of_live_session"),
        CheckConstraint("(content = 'series') = (episodes IS NOT NULL) AND episodes > 1", name="episodes_of_series"),
        Index("ix_packages_kind", "kind", "offer_id", postgresql_where=text("position IS NOT NULL")),
    )

    id: Mapped[int] = pk()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    position: Mapped[int | None]
    name: Mapped[str]
    content: Mapped[ContentKind] = enum_column(ContentKind)
    kind: Mapped[DealKind] = enum_column(DealKind)
    hours: Mapped[int | None]
    episodes: Mapped[int | None]
    deliverables: Mapped[str]
    included: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    delivery_days: Mapped[int]
    revisions: Mapped[int]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    price: Mapped[Money] = composite("price_amount", "price_currency")

    offer: Mapped[Offer] = relationship()

    @property
    def hourly(self) -> Money | None:
        """What an hour of a live session comes to, rounded down."""
        return Money(self.price_amount // self.hours, self.price_currency) if self.hours else None


class AddonKind(StrEnum):
    USAGE_RIGHTS = "usage_rights"
    EXCLUSIVITY = "exclusivity"
    RAW_FILES = "raw_files"
    EXTRA_REVISION = "extra_revision"
    RUSH = "rush"


class Addon(Model):
    """What can be bought on top of an offer's packages, one of a kind.

    `days` is how much sooner a rush is, or how long a right lasts. `position` is null once the creator has
    taken it out; a booking copies what it needs.
    """

    __tablename__ = "addons"
    __table_args__ = (
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("days > 0", name="days_positive"),
        Index("ix_addons_offer", "offer_id"),
        Index("uq_addons_kind", "offer_id", "kind", unique=True, postgresql_where=text("position IS NOT NULL")),
    )

    id: Mapped[int] = pk()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    position: Mapped[int | None]
    kind: Mapped[AddonKind] = enum_column(AddonKind)
    details: Mapped[str] = mapped_column(default="")
    days: Mapped[int | None]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    price: Mapped[Money] = composite("price_amount", "price_currency")


class OfferExample(Model):
    """A work of the creator's portfolio that an offer shows, in order."""

    __tablename__ = "offer_examples"
    __table_args__ = (UniqueConstraint("offer_id", "work_id"),)

    id: Mapped[int] = pk()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    work_id: Mapped[int] = mapped_column(ForeignKey("works.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]


class BlockedDay(Model):
    """A day on which a creator takes no work, by the platform's time zone."""

    __tablename__ = "blocked_days"

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)


class Engagement(Model):
    """The days that one accepted selection takes of a creator; opened with its deal and ended (`ended_at`) with it.

    `title` is the selection's, kept for the creator's calendar, which knows no selections. An open engagement whose
    last day has passed is late and still takes the present day.
    """

    __tablename__ = "engagements"
    __table_args__ = (
        UniqueConstraint("selection_id"),
        CheckConstraint("ends_on >= starts_on", name="days_in_order"),
        Index("ix_engagements_open", "creator_id", "ends_on", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    selection_id: Mapped[int] = mapped_column(ForeignKey("selections.id"))
    title: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
