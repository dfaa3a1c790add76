"""Tables of the connected accounts of creators and agencies, and of the transfers to them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.infra.db import Model, enum_column
from marketplace.kit.money import Money


class ConnectedAccount(Model):
    """A creator's or an agency's account at the payment provider, as last read from it. Made once for each."""

    __tablename__ = "connected_accounts"
    __table_args__ = (CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), unique=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), unique=True)
    stripe_account_id: Mapped[str | None] = mapped_column(unique=True)
    details_submitted: Mapped[bool] = mapped_column(default=False)
    transfers_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class TransferState(StrEnum):
    PREPARED = "prepared"
    PAID = "paid"
    FAILED = "failed"


class Transfer(Model):
    """One payee's part of a settlement on its way to their connected account. Its id makes the idempotency key.

    A settlement has one live transfer at most to its creator, and one to their agency where that has a share. `tries`
    counts those that broke at the provider: each gives the next another key.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        Index(
            "uq_transfers_live_creator",
            "settlement_id",
            unique=True,
            postgresql_where=text("state IN ('prepared', 'paid') AND creator_id IS NOT NULL"),
        ),
        Index(
            "uq_transfers_live_agency",
            "settlement_id",
            unique=True,
            postgresql_where=text("state IN ('prepared', 'paid') AND agency_id IS NOT NULL"),
        ),
        Index("ix_transfers_prepared", "created_at", postgresql_where=text("state = 'prepared'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"), index=True)
    state: Mapped[TransferState] = enum_column(TransferState)
    amount: Mapped[int]
    currency: Mapped[str]
    stripe_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")
