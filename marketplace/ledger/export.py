"""The books as a file, line by line as they stream out of the database: nothing here holds more than one entry.

Days are UTC, the first and the last count in. Amounts are debit positive, as in the tables.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TextIO

from sqlalchemy import ColumnElement, exists, literal, or_, select, true

from marketplace.infra.csv_files import safe_cell
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.moments import HELD_NOW, held
from marketplace.ledger.postings import Entry, Line
from marketplace.ledger.queries import ENTRY, named_entry

_BATCH = 2_000
_STREAMED = {"yield_per": _BATCH}

HEADS = (
    "entry", "line", "posted_at", "kind", "key", "reference", "owner", "account", "commodity", "amount_minor", "amount",
    "description", "reverses",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """`since` counts in, `until` doesn't; None is the beginning, or now."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of_days(cls, first: date | None, last: date | None) -> "Period":
        """
        Raises:
            OverflowError: no day follows `last`, the calendar's own last one.
        """
        since = datetime.combine(first, time(), UTC) if first is not None else None
        return cls(since, datetime.combine(last, time(), UTC) + timedelta(days=1) if last is not None else None)

    def within(self, moment: ColumnElement[datetime]) -> ColumnElement[bool]:
        after = moment >= self.since if self.since is not None else true()
        return after & (moment < self.until if self.until is not None else true())


@dataclass(frozen=True, slots=True)
class Held:
    """What an account held at the two ends of a period, debit positive."""

    account: Account
    opening: int
    closing: int


def freeze() -> None:
    """Every later read of this transaction, which must be its first, sees the books as they stand now."""
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def entries_of(period: Period) -> Iterator[tuple[Entry, list[Line]]]:
    """Every entry of the period with its lines, in the order of time."""
    account = (LedgerAccount.owner, LedgerAccount.kind.label("account_kind"), LedgerAccount.commodity)
    query = (
        select(*ENTRY, *account, LedgerLine.amount)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(period.within(LedgerEntry.posted_at.expression))
        .order_by(LedgerEntry.posted_at, LedgerEntry.id, LedgerLine.line_no)
    )
    entry: Entry | None = None
    lines: list[Line] = []
    for row in db.session.execute(query, execution_options=_STREAMED):
        if entry is None or row.id != entry.id:
            if entry is not None:
                yield entry, lines
            entry, lines = named_entry(row), []
        lines.append(Line(Account(row.owner, row.account_kind, row.commodity), row.amount))
    if entry is not None:
        yield entry, lines


def accounts_of(period: Period) -> Iterator[Held]:
    """Every account that held something when the period began or moved in it, in the order of owners and kinds."""
    nothing: ColumnElement[int] = literal(0)
    opening = held(LedgerAccount.id.expression, period.since) if period.since is not None else nothing
    closing = held(LedgerAccount.id.expression, period.until) if period.until is not None else HELD_NOW
    moved = exists().where(LedgerLine.account_id == LedgerAccount.id, period.within(LedgerLine.posted_at.expression))
    query = (
        select(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity, opening, closing)
        .where(or_(moved, opening != 0))
        .order_by(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity)
    )
    for owner, kind, commodity, at_first, at_last in db.session.execute(query, execution_options=_STREAMED):
        yield Held(Account(owner, kind, commodity), int(at_first), int(at_last))


def write_csv(out: TextIO, period: Period) -> None:
    """One row a line; amounts in minor and in major units."""
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for entry, lines in entries_of(period):
        shared = (entry.posted_at.astimezone(UTC).isoformat(), entry.kind, safe_cell(entry.key))
        reference, said = safe_cell(entry.reference), safe_cell(entry.description)
        for number, line in enumerate(lines, 1):
            account = line.account
            name = (safe_cell(account.owner), account.kind.value, account.commodity)
            amounts = (line.amount, major(line.amount, account.commodity))
            writer.writerow((entry.id, number, *shared, reference, *name, *amounts, said, entry.reverses_id))


def major(amount: int, commodity: str) -> str:
    """Minor units in major ones with all their decimals; a commodity that is no currency has whole units."""
    try:
        return f"{Money(amount, commodity).major:f}"
    except ValueError:
        return str(amount)
