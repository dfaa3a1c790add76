"""Tables of the books. Triggers of migration 0002 defend them: what they refuse is listed in docs/ledger.md."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk
from marketplace.ledger.accounts import BALANCED_KINDS, GUARDED_KINDS, AccountKind


def _one_of(kinds: tuple[AccountKind, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


class LedgerAccount(Model):
    """One owner's account of one kind in one commodity.

    Only `balance` ever changes, and only by the database itself as lines arrive: debit positive, NULL for kinds that
    keep none. A guarded account is one that we owe to its owner, so its balance is never above zero.
    """

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("owner", "kind", "commodity"),
        CheckConstraint("owner <> ''", name="owner_present"),
        CheckConstraint("commodity ~ '^[A-Z]{3,8}$'", name="commodity_code"),
        CheckConstraint(f"guarded = ({_one_of(GUARDED_KINDS)})", name="guarded_kinds"),
        CheckConstraint(f"(balance IS NOT NULL) = ({_one_of(BALANCED_KINDS)})", name="balanced_kinds"),
        CheckConstraint("NOT guarded OR balance <= 0", name="no_overdraft"),
        Index("ix_ledger_accounts_kind", "kind", "id"),
    )

    id: Mapped[int] = pk()
    owner: Mapped[str]
    kind: Mapped[AccountKind] = enum_column(AccountKind)
    commodity: Mapped[str]
    guarded: Mapped[bool]
    balance: Mapped[int | None]


class LedgerEntry(Model):
    """One event in the books, posted once under its key. Never changed, never deleted: a correction is a new entry.

    `external_id` is the provider's movement (Stripe: balance transaction) that the entry books, empty where it books
    none; one movement may need several entries.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index(
            "uq_ledger_entries_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        CheckConstraint("kind <> '' AND idempotency_key <> '' AND reference <> ''", name="named"),
        CheckConstraint("reverses_id < id", name="reverses_an_earlier_one"),
        Index("ix_ledger_entries_posted_at", "posted_at", "id"),
        Index("ix_ledger_entries_kind", "kind", "posted_at", "id"),
        Index("ix_ledger_entries_reference", "reference", "posted_at", "id"),
        Index("ix_ledger_entries_external", "external_id", postgresql_where=text("external_id <> ''")),
    )

    id: Mapped[int] = pk()
    kind: Mapped[str]
    idempotency_key: Mapped[str]
    input_hash: Mapped[str]
    reference: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))
    posted_at: Mapped[datetime]
    description: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="", server_default=text("''"))


class LedgerLine(Model):
    """One side of an entry, in the account's commodity, debit positive. Never changed, deleted or added later.

    `posted_at` and `commodity` repeat the entry's and the account's, so that statements and sums need no join. Both are
    checked by the trigger, not by foreign keys, which would write a lock into the row of a busy account, and of each
    entry, with every posting.
    """

    __tablename__ = "ledger_lines"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index(
            "ix_ledger_lines_account",
            "account_id",
            "posted_at",
            "entry_id",
            "line_no",
            postgresql_include=["amount"],
        ),
        # Lines arrive in the order of their moments, so that a few pages say where a day's lines lie.
        Index(
            "ix_ledger_lines_posted_at", "posted_at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}
        ),
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    posted_at: Mapped[datetime]
    account_id: Mapped[int]
    commodity: Mapped[str]
    amount: Mapped[int]


class LedgerClosing(Model):
    """A moment (UTC) before which nothing is posted any more: the database refuses it from the row's commit on.

    `finished_at` is set, once, when the balances at that moment are written; reads begin at the newest finished one.
    """

    __tablename__ = "ledger_closings"
    __table_args__ = (UniqueConstraint("through"), CheckConstraint("through <= closed_at", name="past"))

    id: Mapped[int] = pk()
    through: Mapped[datetime]
    closed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class LedgerClosingTotal(Model):
    """What all accounts of one kind in one commodity came to at a closing, debit positive. Never changed."""

    __tablename__ = "ledger_closing_totals"

    closing_id: Mapped[int] = mapped_column(ForeignKey("ledger_closings.id"), primary_key=True)
    kind: Mapped[AccountKind] = enum_column(AccountKind, primary_key=True)
    commodity: Mapped[str] = mapped_column(primary_key=True)
    balance: Mapped[int]


class LedgerClosingBalance(Model):
    """What one account held at a closing, debit positive, kept for accounts that moved much since their last such row:
    a read of a past moment begins here instead of at the account's first line. Never changed."""

    __tablename__ = "ledger_closing_balances"

    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    through: Mapped[datetime] = mapped_column(ForeignKey("ledger_closings.through"), primary_key=True)
    balance: Mapped[int]
