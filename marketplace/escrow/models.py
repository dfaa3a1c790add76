"""Tables of the money of a deal on its way in, out and back. The books themselves are the ledger's."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.money import Money


class CheckoutState(StrEnum):
    """`confirming`: the payer has done their part and a bank answers later. `failed`: it answered no. `suspense`: it
    arrived in another amount than asked, and waits for a person; `returned`: that person sent it back."""

    PREPARED = "prepared"
    OPEN = "open"
    CONFIRMING = "confirming"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    SUSPENSE = "suspense"
    RETURNED = "returned"


class Customer(Model):
    """A brand as the payment provider knows it: its saved ways to pay hang on it there. Made once for each brand."""

    __tablename__ = "customers"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), primary_key=True)
    stripe_customer_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Checkout(Model):
    """One visit of a brand's member to the provider's page: one charge for one or many deals in one currency.

    Its id makes the idempotency key. `amount` is what we asked for, `received_amount` what arrived; `method` is the
    provider's word for the way it was paid, `failure` its code for why it wasn't. `read_at` is when it was last read
    from the provider; nothing where somebody has been sent to its page since.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_checkouts_brand", "brand_id", text("created_at DESC")),
        Index(
            "ix_checkouts_unfinished",
            "created_at",
            postgresql_where=text("state IN ('prepared', 'open', 'confirming')"),
        ),
        Index("ix_checkouts_suspense", "finished_at", postgresql_where=text("state = 'suspense'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[CheckoutState] = enum_column(CheckoutState)
    amount: Mapped[int]
    currency: Mapped[str]
    locale: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    received_amount: Mapped[int | None]
    method: Mapped[str] = mapped_column(default="")
    card_last4: Mapped[str] = mapped_column(default="")
    receipt_url: Mapped[str | None]
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")


class PaymentState(StrEnum):
    OPEN = "open"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"
    RETURNED = "returned"
    SUSPENSE = "suspense"


class Payment(Model):
    """One deal's part of a checkout; a deal has one live part at most.

    `brand_id` repeats the deal's. `open`: its checkout hasn't ended. `returned`: it arrived when the deal took no money
    any more, and goes back. `suspense`: its checkout arrived in another amount than asked.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("uq_payments_live_deal", "deal_id", unique=True, postgresql_where=text("state IN ('open', 'succeeded')")),
        # A company's spending is summed from the index alone, and listed in its order.
        Index(
            "ix_payments_brand",
            "brand_id",
            "finished_at",
            "deal_id",
            postgresql_include=["id", "amount", "currency"],
            postgresql_where=text("state = 'succeeded'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), index=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"), index=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    state: Mapped[PaymentState] = enum_column(PaymentState)
    amount: Mapped[int]
    currency: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")
    checkout: Mapped[Checkout] = relationship(lazy="joined", innerjoin=True)


class RefundState(StrEnum):
    """`failed`: the provider refused it, or sent it and had it back; its money is still on its way to nobody.
    `replaced`: another was made in its place. `by_hand`: its money waits for an entry that two administrators make."""

    PREPARED = "prepared"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REPLACED = "replaced"
    BY_HAND = "by_hand"


class Refund(Model):
    """Money on its way back to a brand. Prepared with the ledger entry that takes it out of escrow.

    `tries` counts those that broke at the provider: each gives the next another idempotency key. `pending`: it was
    sent, and the payer's bank hasn't taken it yet. One that failed is `replaced` by another, which takes over the money
    on its way. `failure_transaction_id` is the balance transaction by which a refund that was sent came back.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_refunds_prepared", "created_at", postgresql_where=text("state = 'prepared'")),
        Index("ix_refunds_stuck", "finished_at", postgresql_where=text("state IN ('failed', 'by_hand')")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"), index=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"))
    state: Mapped[RefundState] = enum_column(RefundState)
    amount: Mapped[int]
    currency: Mapped[str]
    stripe_refund_id: Mapped[str | None] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    failure_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    pending: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")


class BooksCheck(Model):
    """One run of the books' self-check: when, and what it found wrong, a sentence each."""

    __tablename__ = "books_checks"
    __table_args__ = (Index("ix_books_checks_at", text("at DESC")),)

    id: Mapped[int] = pk()
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Settlement(Model):
    """How a deal's escrow was split, once, when it ended: what went to the creator, to their agency, to the platform
    and back. The agency's part is none of the creator's: the five amounts sum to what the brand paid."""

    __tablename__ = "settlements"
    __table_args__ = (
        CheckConstraint(
            "creator_amount >= 0 AND agency_amount >= 0 AND creator_fee_amount >= 0 AND brand_fee_amount >= 0 "
            "AND refund_amount >= 0",
            name="parts_not_negative",
        ),
        CheckConstraint("agency_amount = 0 OR agency_id IS NOT NULL", name="agency_named"),
        Index("ix_settlements_policy", "policy_version", "settled_at"),
        # The parts are in the indexes, as rows are wide with their quotes and sums need none of those.
        Index(
            "uq_settlements_deal_id",
            "deal_id",
            unique=True,
            postgresql_include=["creator_amount", "agency_amount", "creator_fee_amount", "brand_fee_amount"],
        ),
        Index(
            "ix_settlements_creator",
            "creator_id",
            "settled_at",
            "id",
            postgresql_include=["currency", "creator_amount", "creator_fee_amount"],
        ),
        Index(
            "ix_settlements_agency",
            "agency_id",
            "settled_at",
            "id",
            postgresql_include=["currency", "agency_amount", "creator_fee_amount"],
            postgresql_where=text("agency_id IS NOT NULL"),
        ),
        Index("ix_settlements_unreleased", "available_at", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[int] = pk()
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    currency: Mapped[str]
    creator_amount: Mapped[int]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    agency_amount: Mapped[int] = mapped_column(default=0)
    creator_fee_amount: Mapped[int]
    brand_fee_amount: Mapped[int]
    refund_amount: Mapped[int]
    quote: Mapped[dict[str, Any]] = mapped_column(JSONB)
    policy_version: Mapped[int] = mapped_column(ForeignKey("fee_policies.version"))
    settled_at: Mapped[datetime]
    available_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    receives: Mapped[Money] = composite("creator_amount", "currency")

    @property
    def agency_receives(self) -> Money:
        return Money(self.agency_amount, self.currency)


class HoldingStage(StrEnum):
    """How near the provider's holding limit a payment is whose money is still in escrow."""

    WARNED = "warned"
    LAST_DAYS = "last_days"
    REACHED = "reached"


class HoldingNotice(Model):
    """That people were told, once for each stage, that a payment's money may not be held much longer.

    `in_escrow` is taken away some minutes after the money has left: what waits is counted without reading all of it.
    """

    __tablename__ = "holding_notices"
    __table_args__ = (Index("ix_holding_notices_in_escrow", "payment_id", postgresql_where=text("in_escrow")),)

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    stage: Mapped[HoldingStage] = enum_column(HoldingStage, primary_key=True)
    at: Mapped[datetime]
    in_escrow: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
