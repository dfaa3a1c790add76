"""Tables of reconciliation: the provider's balance transactions as it reports them, and each run that read them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class BalanceTransaction(Model):
    """One movement of our balance at the provider, in minor units; `net` is `amount` less `fee`.

    `explained_at` is when the entries of the books that carry its id came to just `net`; until then it is unmatched.
    """

    __tablename__ = "balance_transactions"
    __table_args__ = (
        Index("ix_balance_transactions_unexplained", "created_at", "id", postgresql_where=text("explained_at IS NULL")),
        Index("ix_balance_transactions_created", "created_at", "id"),
        Index("ix_balance_transactions_source", "source"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    category: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int]
    net: Mapped[int]
    currency: Mapped[str]
    source: Mapped[str]
    description: Mapped[str]
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    read_at: Mapped[datetime]
    explained_at: Mapped[datetime | None]


class Reconciliation(Model):
    """One run: what it read of the provider's account up to a moment, what it matched and booked, what is left.

    `through` is the creation moment of the newest balance transaction read; the next run begins a while before it.
    """

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_started", text("started_at DESC")),)

    id: Mapped[int] = pk()
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    through: Mapped[datetime | None]
    read: Mapped[int] = mapped_column(default=0)
    explained: Mapped[int] = mapped_column(default=0)
    booked: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
