"""Tables of the connected accounts of creators and agencies, and of the money on its way to them and to their banks."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.money import Money

# Accounts that were complete, or work, and of which the provider wants something or has stopped something.
ASKED = "replaced_at IS NULL AND details_submitted AND (cardinality(requirements) > 0 OR disabled_reason <> '')"


class ConnectedAccount(Model):
    """A creator's or an agency's account at the payment provider, as last read from it. Each has one that isn't
    replaced at most.

    `requirements` are the names of what the provider wants now, `requirement_details` all that it says of them (due,
    past due, being checked, errors, by when). `balances` are what lies there by currency, as `available` and `pending`
    minor units; `in_debt` says that one of them is below zero, as the payee owes the provider. `bank` names where
    payouts go: a bank and the last four digits; `bank_schedule` is when the provider makes them. `read_at` is when all
    of this was asked for.
    """

    __tablename__ = "connected_accounts"
    __table_args__ = (
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        Index("uq_connected_accounts_creator", "creator_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
        Index("uq_connected_accounts_agency", "agency_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
        Index("ix_connected_accounts_newest", text("created_at DESC"), postgresql_where=text("replaced_at IS NULL")),
        Index("ix_connected_accounts_asked", text("read_at DESC"), postgresql_where=text(ASKED)),
        Index("ix_connected_accounts_read", "read_at", postgresql_where=text("replaced_at IS NULL")),
        Index("ix_connected_accounts_in_debt", "id", postgresql_where=text("in_debt")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    stripe_account_id: Mapped[str | None] = mapped_column(unique=True)
    country: Mapped[str] = mapped_column(default="")
    details_submitted: Mapped[bool] = mapped_column(default=False)
    transfers_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    requirement_details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    disabled_reason: Mapped[str] = mapped_column(default="")
    balances: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB, default=dict)
    in_debt: Mapped[bool] = mapped_column(default=False)
    bank: Mapped[str] = mapped_column(default="")
    bank_schedule: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class Schedule(StrEnum):
    """When a payee's available earnings are transferred: at once, with each payday, or when they ask."""

    AS_EARNED = "as_earned"
    WEEKLY = "weekly"
    ON_DEMAND = "on_demand"


class PayoutPlan(Model):
    """How a payee wants to be paid; who has no row has the marketplace's plan. `minimums` are minor units by currency:
    less than that waits."""

    __tablename__ = "payout_plans"
    __table_args__ = (
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        UniqueConstraint("creator_id"),
        UniqueConstraint("agency_id"),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    schedule: Mapped[Schedule] = enum_column(Schedule)
    minimums: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    changed_at: Mapped[datetime]


class PaydayState(StrEnum):
    PREPARING = "preparing"
    SENDING = "sending"
    FINISHED = "finished"


class Payday(Model):
    """One run that pays all payees with a weekly plan. It goes on from its cursors after any stop; one runs at a time.

    `sent_through` is the last transfer that a worker has taken to send in the present pass, `told_through` the last
    that its payee was told of. No call is made before `next_call_at`; `troubles` counts the groups in a row in which
    the provider failed. `counts` is what the report says, minor units by currency, as it was at `counted_at`. Nobody
    started it: the clock did.
    """

    __tablename__ = "paydays"
    __table_args__ = (
        Index("uq_paydays_running", text("(true)"), unique=True, postgresql_where=text("state <> 'finished'")),
    )

    id: Mapped[int] = pk()
    state: Mapped[PaydayState] = enum_column(PaydayState)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    sent_through: Mapped[uuid.UUID | None]
    told_through: Mapped[uuid.UUID | None]
    next_call_at: Mapped[datetime | None]
    troubles: Mapped[int] = mapped_column(default=0)
    prepared_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    counted_at: Mapped[datetime | None]


class PaydayShare(Model):
    """The creators, or the agencies, of a payday with ids behind `after` up to `last`: one worker at a time prepares
    their transfers, and `through` is the last payee whose are. `counts` is what it found, as the payday's."""

    __tablename__ = "payday_shares"

    id: Mapped[int] = pk()
    payday_id: Mapped[int] = mapped_column(ForeignKey("paydays.id"), index=True)
    agencies: Mapped[bool]
    after: Mapped[int]
    last: Mapped[int]
    through: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class TransferState(StrEnum):
    PREPARED = "prepared"
    PAID = "paid"
    FAILED = "failed"


class Transfer(Model):
    """One payee's part of a settlement on its way to their connected account. Its id makes the idempotency key.

    A settlement has one live transfer at most to its creator, and one to their agency where that has a share; others of
    it send again what came back of one (`resends_id`). `tries` counts those that broke at the provider: each gives the
    next another key. Before `called_at` nobody has asked the provider for it. `reversed_amount` came back from the
    payee's account, and `restored_amount` of its settlement had paid a debt that is none any more; `resent_amount` of
    both was sent again or settled what they owe, and the rest waits until an administrator says so.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        Index(
            "uq_transfers_live_creator",
            "settlement_id",
            unique=True,
            postgresql_where=text("state IN ('prepared', 'paid') AND creator_id IS NOT NULL AND resends_id IS NULL"),
        ),
        Index(
            "uq_transfers_live_agency",
            "settlement_id",
            unique=True,
            postgresql_where=text("state IN ('prepared', 'paid') AND agency_id IS NOT NULL AND resends_id IS NULL"),
        ),
        # Most rows have none of these, and would stand in each index for nothing.
        Index("ix_transfers_agency", "agency_id", postgresql_where=text("agency_id IS NOT NULL")),
        Index("ix_transfers_resends", "resends_id", postgresql_where=text("resends_id IS NOT NULL")),
        Index(
            "uq_transfers_stripe_transfer_id",
            "stripe_transfer_id",
            unique=True,
            postgresql_where=text("stripe_transfer_id IS NOT NULL"),
        ),
        Index(
            "uq_transfers_balance_transaction_id",
            "balance_transaction_id",
            unique=True,
            postgresql_where=text("balance_transaction_id IS NOT NULL"),
        ),
        Index("ix_transfers_prepared", "created_at", postgresql_where=text("state = 'prepared'")),
        Index("ix_transfers_failed", "settlement_id", postgresql_where=text("state = 'failed'")),
        Index("ix_transfers_payday", "payday_id", "state", "id", postgresql_where=text("payday_id IS NOT NULL")),
        Index(
            "ix_transfers_held_back", "id", postgresql_where=text("resent_amount < reversed_amount + restored_amount")
        ),
        CheckConstraint("reversed_amount BETWEEN 0 AND amount", name="reversed_within"),
        CheckConstraint("restored_amount >= 0", name="restored_not_negative"),
        CheckConstraint("resent_amount BETWEEN 0 AND reversed_amount + restored_amount", name="resent_within"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"), index=True)
    payday_id: Mapped[int | None] = mapped_column(ForeignKey("paydays.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("connected_accounts.id"))
    resends_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transfers.id"))
    state: Mapped[TransferState] = enum_column(TransferState)
    amount: Mapped[int]
    currency: Mapped[str]
    reversed_amount: Mapped[int] = mapped_column(default=0)
    restored_amount: Mapped[int] = mapped_column(default=0)
    resent_amount: Mapped[int] = mapped_column(default=0)
    stripe_transfer_id: Mapped[str | None]
    balance_transaction_id: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")

    @property
    def left(self) -> Money:
        """What of it is still with the payee."""
        return Money(self.amount - self.reversed_amount, self.currency)

    @property
    def held_back(self) -> Money:
        """What of it came back, or of its settlement was restored, and waits for an administrator."""
        return Money(self.reversed_amount + self.restored_amount - self.resent_amount, self.currency)


class TransferReversal(Model):
    """Money taken back out of a payee's connected account: by an administrator, or in the provider's dashboard, where
    no user of ours is named. `tries` as in a transfer."""

    __tablename__ = "transfer_reversals"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_transfer_reversals_prepared", "created_at", postgresql_where=text("state = 'prepared'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    transfer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transfers.id"), index=True)
    state: Mapped[TransferState] = enum_column(TransferState)
    amount: Mapped[int]
    currency: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    stripe_reversal_id: Mapped[str | None] = mapped_column(unique=True)
    balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")


class PayoutState(StrEnum):
    """The provider's words for a payout's states."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class Payout(Model):
    """A payout from a connected account to its bank, as last read from the provider, which makes it by itself."""

    __tablename__ = "payouts"
    __table_args__ = (
        Index("ix_payouts_account", "account_id", text("created_at DESC")),
        Index("ix_payouts_failed", "created_at", postgresql_where=text("state = 'failed'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connected_accounts.id"))
    state: Mapped[PayoutState] = enum_column(PayoutState)
    amount: Mapped[int]
    currency: Mapped[str]
    arrives_on: Mapped[date]
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime]

    total: Mapped[Money] = composite("amount", "currency")
