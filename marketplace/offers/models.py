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
    """What a creator sells. Only a listed offer of an eligible creator can be booked."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("ix_offers_listed", text("listed_at DESC"), text("id DESC"), postgresql_where=text("status = 'listed'")),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    category: Mapped[Category] = enum_column(Category)
    status: Mapped[OfferStatus] = enum_column(OfferStatus)
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]

    packages: Mapped[list["Package"]] = relationship(
        back_populates="offer", order_by="Package.position", cascade="all, delete-orphan"
    )


class Package(Model):
    """One priced variant of an offer. A booking copies what it needs, so editing a package changes no deal."""

    __tablename__ = "packages"
    __table_args__ = (
        UniqueConstraint("offer_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("delivery_days > 0 AND revisions >= 0", name="promises"),
    )

    id: Mapped[int] = pk()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    position: Mapped[int]
    name: Mapped[str]
    kind: Mapped[DealKind] = enum_column(DealKind)
    deliverables: Mapped[str]
    delivery_days: Mapped[int]
    revisions: Mapped[int]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    price: Mapped[Money] = composite("price_amount", "price_currency")

    offer: Mapped[Offer] = relationship(back_populates="packages")
