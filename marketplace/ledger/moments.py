"""What accounts held at a moment, as SQL: it begins at the newest closing before it, so that history costs nothing.

A moment parts the books in two: a line counts if it was posted before it. Amounts are debit positive.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select, text, true, tuple_
from sqlalchemy.orm import aliased

from marketplace.infra.db import db
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerClosing, LedgerClosingBalance, LedgerLine

_line = aliased(LedgerLine)
_BEGINNING: ColumnElement[datetime] = literal_column("CAST('-infinity' AS timestamptz)")

Place = tuple[datetime, *tuple[int, ...]]
"""A line's moment, entry and number: where it stands in the order of its account."""


def held(account_id: ColumnElement[int], at: datetime | None = None, before: Place | None = None) -> ColumnElement[int]:
    """What the account held at `at`, and before the line at `before`; with neither, what it holds now.

    Reads the lines since the account's newest kept balance: a few hundred and those of the day at most.
    """
    kept = LedgerClosingBalance
    rows = [kept.account_id == account_id]
    lines = [_line.account_id == account_id]
    if at is not None:
        rows.append(kept.through <= at)
        lines.append(_line.posted_at < at)
    if before is not None:
        rows.append(kept.through <= before[0])
        lines.append(tuple_(_line.posted_at, _line.entry_id, _line.line_no) < tuple_(*before))

    def newest(column: Any) -> ColumnElement[Any]:
        query = select(column).where(*rows).order_by(kept.through.desc()).limit(1)
        return query.correlate(LedgerAccount).scalar_subquery()

    lines.append(_line.posted_at >= func.coalesce(newest(kept.through), _BEGINNING))
    moved = select(func.sum(_line.amount)).where(*lines).correlate(LedgerAccount).scalar_subquery()
    return func.coalesce(newest(kept.balance), 0) + func.coalesce(moved, 0)


# The running balance where one is kept; only where none is are lines summed.
HELD_NOW: ColumnElement[int] = func.coalesce(LedgerAccount.balance, held(LedgerAccount.id.expression))


@dataclass(frozen=True, slots=True)
class Base:
    """The closing that a sum by kind begins at; none before the first."""

    closing_id: int | None
    through: datetime | None


def base_of(at: datetime | None) -> Base:
    """The newest finished closing at or before the moment."""
    reached = LedgerClosing.through <= at if at is not None else true()
    query = select(LedgerClosing.id, LedgerClosing.through).where(and_(LedgerClosing.finished_at.is_not(None), reached))
    found = db.session.execute(query.order_by(LedgerClosing.through.desc()).limit(1)).first()
    return Base(found.id, found.through) if found is not None else Base(None, None)


_TOTALS = """
    SELECT kind, commodity, sum(balance) AS balance FROM (
        SELECT kind, commodity, balance FROM ledger_closing_totals WHERE closing_id = :closing_id
        UNION ALL
        SELECT account.kind, account.commodity, moved.balance
        FROM (SELECT account_id, sum(amount) AS balance FROM ledger_lines WHERE {period} GROUP BY account_id) moved
        CROSS JOIN LATERAL (SELECT kind, commodity FROM ledger_accounts WHERE id = moved.account_id OFFSET 0) account
    ) parts GROUP BY kind, commodity ORDER BY commodity, kind
"""


def totals(at: datetime | None) -> list[tuple[AccountKind, str, int]]:
    """What all accounts of each kind and commodity come to at the moment, or now: the closing and the lines since.

    The bounds are values of the statement, not subqueries, so that the planner knows how little lies between them; and
    OFFSET 0 makes it look up the accounts that moved one by one, rather than read all that there are.
    """
    base = base_of(at)
    bounds = {"since": base.through, "until": at}
    words = {"since": "posted_at >= :since", "until": "posted_at < :until"}
    period = " AND ".join(words[name] for name, moment in bounds.items() if moment is not None) or "true"
    values = {name: moment for name, moment in bounds.items() if moment is not None}
    rows = db.session.execute(text(_TOTALS.format(period=period)), {"closing_id": base.closing_id, **values})
    return [(AccountKind(kind), commodity, int(balance)) for kind, commodity, balance in rows]
