"""Reads of the books. Balances come in an account's natural sign: what we owe and what we earned is positive, too."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.pages import cursor, page_length, parse_cursor
from marketplace.ledger.postings import Entry, Line

_line = aliased(LedgerLine)
# The running balance where one is kept, else the sum of the lines, which only then is worked out.
_TOTAL = func.coalesce(
    LedgerAccount.balance,
    select(func.sum(_line.amount)).where(_line.account_id == LedgerAccount.id).scalar_subquery(),
    0,
)


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry with its lines, as they were posted."""

    entry: Entry
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first; `older` is the cursor of the next page, None on the last."""

    entries: tuple[PostedEntry, ...]
    older: str | None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a list of entries is narrowed to; `since` counts in, `until` doesn't."""

    kind: str | None = None
    reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of an account in its natural sign, and what the account held after it."""

    entry: Entry
    line_no: int
    amount: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Newest first; `balance` is what the account holds now, `older` the cursor of the next page, None on the last."""

    account: Account
    balance: int
    lines: tuple[StatementLine, ...]
    older: str | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts with their balances, oldest first; `later` is where the next page goes on, None on the last."""

    accounts: tuple[tuple[Account, int], ...]
    later: int | None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """All accounts of one kind in one commodity: their net lies on one side."""

    kind: AccountKind
    commodity: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    rows: tuple[TrialRow, ...]

    @property
    def differences(self) -> dict[str, int]:
        """Debits less credits by commodity: all zero in books that balance."""
        found: dict[str, int] = defaultdict(int)
        for row in self.rows:
            found[row.commodity] += row.debit - row.credit
        return dict(found)

    @property
    def balances(self) -> bool:
        return not any(self.differences.values())


def balance(account: Account) -> int:
    """What one account holds, in minor units and its natural sign; zero where it was never opened."""
    return balances([account])[account]


def balances(accounts: Iterable[Account]) -> dict[Account, int]:
    """What many accounts hold, in one query."""
    wanted = list(dict.fromkeys(accounts))
    names = [(account.owner, account.kind, account.commodity) for account in wanted]
    key = tuple_(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity)
    found = _totals(select(*_NAME, _TOTAL).where(key.in_(names))) if names else {}
    return {account: found.get(account, 0) for account in wanted}


def balances_of(owners: Iterable[str]) -> dict[Account, int]:
    """What every account of these owners holds, in every commodity, in one query."""
    return _totals(select(*_NAME, _TOTAL).where(LedgerAccount.owner.in_(list(owners))).order_by(LedgerAccount.id))


_NAME = (LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity)


def _totals(query: Select[*tuple[Any, ...]]) -> dict[Account, int]:
    found = {}
    for owner, kind, commodity, total in db.session.execute(query):
        account = Account(owner, kind, commodity)
        found[account] = int(total) * account.natural_sign
    return found


def accounts(
    kind: AccountKind | None = None,
    *,
    owner: str | None = None,
    commodity: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> AccountPage:
    """A page of the accounts that were opened, with their balances."""
    length = page_length(limit)
    query = select(LedgerAccount.id, *_NAME, _TOTAL).where(LedgerAccount.id > after)
    for column, value in (
        (LedgerAccount.kind, kind),
        (LedgerAccount.owner, owner),
        (LedgerAccount.commodity, commodity),
    ):
        if value is not None:
            query = query.where(column == value)
    rows = db.session.execute(query.order_by(LedgerAccount.id).limit(length + 1)).all()
    named = [(Account(*row[1:4]), int(row[4])) for row in rows[:length]]
    signed = tuple((account, total * account.natural_sign) for account, total in named)
    return AccountPage(signed, rows[length - 1].id if len(rows) > length else None)


def statement(account: Account, before: str | None = None, limit: int = 50) -> StatementPage:
    """A page of an account's movements, each with the balance after it; an account that was never opened is empty.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    length = page_length(limit)
    rows = db.session.execute(_statement_query(account, before, length + 1)).all()
    if not rows:
        return StatementPage(account, balance(account), (), None)
    sign, held = account.natural_sign, int(rows[0].total) - int(rows[0].newer)
    lines = []
    for row in rows[:length]:
        lines.append(StatementLine(_entry(row.LedgerEntry), row.line_no, row.amount * sign, held * sign))
        held -= row.amount
    last = rows[length - 1] if len(rows) > length else None
    older = cursor(last.LedgerEntry.posted_at, last.LedgerEntry.id, last.line_no) if last else None
    return StatementPage(account, int(rows[0].total) * sign, tuple(lines), older)


def _statement_query(account: Account, before: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    """Lines, balance and the sum of newer lines in one statement, so that they agree whatever is posted meanwhile.

    The account is found by subqueries that depend on no line: each runs once, and the index gives the lines in order.
    """
    account_id = select(LedgerAccount.id).where(*_is(account)).scalar_subquery()
    total = select(_TOTAL).where(*_is(account)).scalar_subquery()
    newer: ColumnElement[int] = literal(0)
    within = [LedgerLine.account_id == account_id]
    if before is not None:
        edge = tuple_(*parse_cursor(before, 2))
        within.append(tuple_(LedgerLine.posted_at, LedgerLine.entry_id, LedgerLine.line_no) < edge)
        place = tuple_(_newer.posted_at, _newer.entry_id, _newer.line_no)
        shown = select(func.sum(_newer.amount)).where(_newer.account_id == account_id, place >= edge)
        newer = func.coalesce(shown.scalar_subquery(), 0)
    return (
        select(LedgerEntry, LedgerLine.line_no, LedgerLine.amount, total.label("total"), newer.label("newer"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(*within)
        .order_by(LedgerLine.posted_at.desc(), LedgerLine.entry_id.desc(), LedgerLine.line_no.desc())
        .limit(limit)
    )


_newer = aliased(LedgerLine)


def _is(account: Account) -> list[ColumnElement[bool]]:
    return [
        LedgerAccount.owner == account.owner,
        LedgerAccount.kind == account.kind,
        LedgerAccount.commodity == account.commodity,
    ]


def trial_balance() -> TrialBalance:
    """Every account's balance by kind and commodity; running balances are taken as kept, which `check` proves."""
    query = (
        select(LedgerAccount.kind, LedgerAccount.commodity, func.sum(_TOTAL))
        .group_by(LedgerAccount.kind, LedgerAccount.commodity)
        .order_by(LedgerAccount.commodity, LedgerAccount.kind)
    )
    rows = [(kind, commodity, int(net)) for kind, commodity, net in db.session.execute(query)]
    return TrialBalance(tuple(TrialRow(kind, commodity, max(net, 0), max(-net, 0)) for kind, commodity, net in rows))


def entries(filters: EntryFilter | None = None, before: str | None = None, limit: int = 50) -> EntryPage:
    """A page of entries with their lines, in two queries whatever its length.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    length = page_length(limit)
    query = select(LedgerEntry).where(*_conditions(filters or EntryFilter()))
    if before is not None:
        query = query.where(tuple_(LedgerEntry.posted_at, LedgerEntry.id) < tuple_(*parse_cursor(before, 1)))
    query = query.order_by(LedgerEntry.posted_at.desc(), LedgerEntry.id.desc()).limit(length + 1)
    rows = db.session.execute(query).scalars().all()
    older = cursor(rows[length - 1].posted_at, rows[length - 1].id) if len(rows) > length else None
    return EntryPage(_with_lines(rows[:length]), older)


def entry(entry_id: int) -> PostedEntry:
    """One entry with its lines.

    Raises:
        NotFound: there is none.
    """
    row = db.session.get(LedgerEntry, entry_id)
    if row is None:
        raise NotFound(_l("There is no such entry."))
    return _with_lines([row])[0]


def entry_by_key(key: str) -> PostedEntry | None:
    row = db.session.execute(select(LedgerEntry).where(LedgerEntry.idempotency_key == key)).scalar_one_or_none()
    return _with_lines([row])[0] if row is not None else None


def _conditions(filters: EntryFilter) -> list[ColumnElement[bool]]:
    wanted = []
    if filters.kind is not None:
        wanted.append(LedgerEntry.kind == filters.kind)
    if filters.reference is not None:
        wanted.append(LedgerEntry.reference == filters.reference)
    if filters.since is not None:
        wanted.append(LedgerEntry.posted_at >= filters.since)
    if filters.until is not None:
        wanted.append(LedgerEntry.posted_at < filters.until)
    return wanted


def _with_lines(rows: Sequence[LedgerEntry]) -> tuple[PostedEntry, ...]:
    lines: dict[int, list[Line]] = defaultdict(list)
    query = (
        select(LedgerLine.entry_id, *_NAME, LedgerLine.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.entry_id.in_([row.id for row in rows]))
        .order_by(LedgerLine.entry_id, LedgerLine.line_no)
    )
    for entry_id, owner, kind, commodity, amount in db.session.execute(query) if rows else ():
        lines[entry_id].append(Line(Account(owner, kind, commodity), amount))
    return tuple(PostedEntry(_entry(row), tuple(lines[row.id])) for row in rows)


def _entry(row: LedgerEntry) -> Entry:
    return Entry(row.id, row.kind, row.idempotency_key, row.reference, row.posted_at, row.description, row.reverses_id)
