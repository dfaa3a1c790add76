"""Tables of offers and their priced packages."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from marketplace.creators.models import Category
from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


class OfferStatus(StrEnum):
    DRAFT = "draft"
    LISTED = "listed"
    PAUSED = "paused"


class Offer(Model):
    """What a creator sells. Only a listed offer of an eligible creator can be booked.

    `version` grows with every edit, so that a form opened before another's edit is refused. `listed_at` is when it was
    first listed. `lowest_amount` is the price of the cheapest package, kept with it for lists, in `currency`, which all
    its packages share.
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
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    lowest: Mapped[Money] = composite("lowest_amount", "currency")
    packages: Mapped[list["Package"]] = relationship(
        primaryjoin="and_(Offer.id == Package.offer_id, Package.position.is_not(None))",
        order_by="Package.position",
        viewonly=True,
    )


class Package(Model):
    """One priced variant of an offer. A booking copies what it needs, so editing a package changes no deal.

    `position` is null once the creator has taken it out of the offer: bookings made before still refer to the row.
    """

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("offer_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("delivery_days > 0 AND revisions >= 0", name="promises"),
    )

    id: Mapped[int] = pk()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    position: Mapped[int | None]
    name: Mapped[str]
    kind: Mapped[DealKind] = enum_column(DealKind)
    deliverables: Mapped[str]
    delivery_days: Mapped[int]
    revisions: Mapped[int]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    price: Mapped[Money] = composite("price_amount", "price_currency")

    offer: Mapped[Offer] = relationship()
