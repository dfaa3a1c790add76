"""Tables of deals: negotiation, what happened, what was handed in, what was said."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Interval, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import Action, State
from marketplace.infra.db import Model, enum_column, pk
from marketplace.infra.storage import StoredFile
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


class DealSide(StrEnum):
    """Who did something in a deal: one of the two sides, an administrator, or the clock."""

    CREATOR = "creator"
    BRAND = "brand"
    ADMIN = "admin"
    CLOCK = "clock"


class Deal(Model):
    """One creator's and one brand's deal. `state` and `deadline_at` are written by `deals.move.move_deal` alone.

    `quote` is the fee quote as JSON, frozen when both have signed, and `agency_id` then names the agency that has a
    share in it. `awaiting_bank`: the brand has paid in a way that its bank confirms later, or had when the deal ended.
    `paused_*` keep what a dispute interrupted, `frozen_*` what a chargeback did, a dispute among it.
    """

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("selection_id"),
        Index("ix_deals_creator", "creator_id", text("id DESC")),
        Index("ix_deals_brand", "brand_id", text("id DESC")),
        Index("ix_deals_agency", "agency_id", text("id DESC"), postgresql_where=text("agency_id IS NOT NULL")),
        Index("ix_deals_deadline", "deadline_at", postgresql_where=text("deadline_at IS NOT NULL")),
        Index("ix_deals_state", "state", text("id DESC")),
        # The deals of a month of signing, by creator: what a change of the fee rules is tried on.
        Index(
            "ix_deals_signed",
            text("left(quote ->> 'on', 7)"),
            "creator_id",
            "id",
            postgresql_where=text("quote IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True, start=1001), primary_key=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    brief_id: Mapped[int | None] = mapped_column(ForeignKey("briefs.id"), index=True)
    selection_id: Mapped[int] = mapped_column(ForeignKey("selections.id"))
    title: Mapped[str]
    kind: Mapped[DealKind] = enum_column(DealKind)
    state: Mapped[State] = enum_column(State)
    state_since: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    reminders_sent: Mapped[int] = mapped_column(default=0)
    proposed_by: Mapped[DealSide] = enum_column(DealSide)
    accepted_terms_id: Mapped[int | None] = mapped_column(
        ForeignKey("terms.id", use_alter=True, name="fk_deals_accepted_terms_id")
    )
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    quote: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    revisions_used: Mapped[int] = mapped_column(default=0)
    awaiting_bank: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    paused_state: Mapped[State | None] = enum_column(State)
    paused_remaining: Mapped[timedelta | None] = mapped_column(Interval)
    frozen_state: Mapped[State | None] = enum_column(State)
    frozen_remaining: Mapped[timedelta | None] = mapped_column(Interval)
    created_at: Mapped[datetime]

    terms: Mapped[list["Terms"]] = relationship(
        back_populates="deal", order_by="Terms.number", foreign_keys="Terms.deal_id"
    )
    accepted_terms: Mapped["Terms | None"] = relationship(foreign_keys=[accepted_terms_id], post_update=True)
    events: Mapped[list["DealEvent"]] = relationship(back_populates="deal", order_by="DealEvent.id")
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="deal", order_by="Delivery.id")
    creator: Mapped[Creator] = relationship(lazy="raise_on_sql", viewonly=True)
    brand: Mapped[Brand] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def reference(self) -> str:
        """The name people use for it: M-1001."""
        return f"M-{self.id}"


class Terms(Model):
    """One numbered proposal of what is delivered, when and for how much. Immutable."""

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        CheckConstraint("price_amount > 0", name="price_positive"),
        CheckConstraint("publish_on >= draft_due_on", name="dates_in_order"),
        CheckConstraint("revisions >= 0", name="revisions_not_negative"),
    )

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    number: Mapped[int]
    proposed_by: Mapped[DealSide] = enum_column(DealSide)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deliverables: Mapped[str]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    draft_due_on: Mapped[date]
    publish_on: Mapped[date]
    revisions: Mapped[int]
    usage_rights: Mapped[str] = mapped_column(default="")
    disclosure: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    price: Mapped[Money] = composite("price_amount", "price_currency")
    deal: Mapped[Deal] = relationship(back_populates="terms", foreign_keys=[deal_id])


class DealEvent(Model):
    """One thing that happened to a deal: who, when, from where to where, why. Appended, never changed."""

    __tablename__ = "deal_events"
    __table_args__ = (Index("ix_deal_events_deal", "deal_id", "id"),)

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    at: Mapped[datetime]
    action: Mapped[Action] = enum_column(Action)
    side: Mapped[DealSide] = enum_column(DealSide)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str]
    from_state: Mapped[State | None] = enum_column(State)
    to_state: Mapped[State] = enum_column(State)
    why: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    deal: Mapped[Deal] = relationship(back_populates="events")


class DeliveryKind(StrEnum):
    DRAFT = "draft"
    PUBLICATION = "publication"


class Verdict(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REVISION = "revision"


class Delivery(Model):
    """What the creator handed in: a draft (link or file) or the proof of publication. Only the verdict comes later."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("deal_id", "kind", "number"),
        CheckConstraint("url <> '' OR file_id IS NOT NULL", name="something_handed_in"),
    )

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[DeliveryKind] = enum_column(DeliveryKind)
    number: Mapped[int]
    url: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    note: Mapped[str] = mapped_column(default="")
    submitted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime]
    verdict: Mapped[Verdict] = enum_column(Verdict)
    verdict_note: Mapped[str] = mapped_column(default="")
    verdict_at: Mapped[datetime | None]

    file: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql", viewonly=True)
    deal: Mapped[Deal] = relationship(back_populates="deliveries")


class Message(Model):
    """What one side wrote to the other in a deal. Never changed."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_deal", "deal_id", "id"),)

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    side: Mapped[DealSide] = enum_column(DealSide)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime]
