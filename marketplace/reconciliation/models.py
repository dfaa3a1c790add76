"""Tables of reconciliation: the provider's balance transactions as it reports them, each run that read them, what the
books say that the provider never did, and how soon each day's movements were explained."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class BalanceTransaction(Model):
    """One movement of our balance at the provider, in minor units; `net` is `amount` less `fee`.

    `explained_at` is when the entries of the books that carry its id came to just `net`; until then it is unmatched.
    `read_at` is when the provider first reported it to us, `alerted_at` when administrators were told that it is late.
    """

    __tablename__ = "balance_transactions"
    __table_args__ = (
        Index("ix_balance_transactions_unexplained", "created_at", "id", postgresql_where=text("explained_at IS NULL")),
        Index("ix_balance_transactions_created", "created_at", "id"),
        Index("ix_balance_transactions_source", "source"),
        # Rows come in the order of this column, so that a few pages name all of a day's.
        Index("ix_balance_transactions_read_at", "read_at", postgresql_using="brin"),
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
    alerted_at: Mapped[datetime | None]


class Reconciliation(Model):
    """One run: what it read of the provider's account, newest first, and what it matched and booked after that.

    It reads what was created since `since` (from the account's first movement if empty) and has come down to the
    movement `after`; all was read at `all_read_at`. Then it matches, the oldest first, and has come to the movement
    `matched`. So whoever takes it up goes on from there. `through` is the creation of the newest movement that it met,
    `touched_at` when it got on last.
    """

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_started", text("started_at DESC")),)

    id: Mapped[int] = pk()
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    through: Mapped[datetime | None]
    after: Mapped[str] = mapped_column(default="")
    all_read_at: Mapped[datetime | None]
    matched: Mapped[str] = mapped_column(default="")
    whole: Mapped[bool]
    read: Mapped[int] = mapped_column(default=0)
    explained: Mapped[int] = mapped_column(default=0)
    booked: Mapped[int] = mapped_column(default=0)


class UnreportedEntry(Model):
    """An entry that moves the clearing account, and a day later the provider has reported no movement for it; its
    `external_id` is empty where it names none. `amount` is what it says that arrived, in minor units, negative for what
    left. `resolved_at` is when the movement was reported after all, or the entry reversed."""

    __tablename__ = "unreported_entries"
    __table_args__ = (
        Index("ix_unreported_entries_open", "posted_at", "entry_id", postgresql_where=text("resolved_at IS NULL")),
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    external_id: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(primary_key=True)
    posted_at: Mapped[datetime]
    found_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]


class ReconciliationDay(Model):
    """The movements that the provider reported on one day (UTC): how many, and of how many the explanation came within
    a day, and within four. The newest days are counted anew by each run."""

    __tablename__ = "reconciliation_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    reported: Mapped[int]
    within_a_day: Mapped[int]
    within_four_days: Mapped[int]
