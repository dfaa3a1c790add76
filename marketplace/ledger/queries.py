"""Reads of the books. Balances come in an account's natural sign: what we owe and what we earned is positive, too."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_

from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import PLATFORM, Account, AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.moments import HELD_NOW, Place, held, totals
from marketplace.ledger.pages import cursor, page_length, parse_cursor
from marketplace.ledger.postings import Entry, Line


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
    """Newest first, in the account's natural sign; `older` is the cursor of the next page, None on the last.

    `opening` and `closing` are what the account held at the two ends of the whole period, whatever page this is.
    """

    account: Account
    opening: int
    closing: int
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


def balance(account: Account, at: datetime | None = None) -> int:
    """What one account holds now, or held at a moment, in minor units and its natural sign; zero if never opened."""
    return balances([account], at)[account]


def balances(accounts: Iterable[Account], at: datetime | None = None) -> dict[Account, int]:
    """What many accounts hold, or held before `at`, in one query."""
    wanted = list(dict.fromkeys(accounts))
    names = [(account.owner, account.kind, account.commodity) for account in wanted]
    key = tuple_(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity)
    found = _totals(select(*_NAME, _held(at)).where(key.in_(names))) if names else {}
    return {account: found.get(account, 0) for account in wanted}


def balances_of(owners: Iterable[str], at: datetime | None = None) -> dict[Account, int]:
    """What every account of these owners holds, or held before `at`, in every commodity, in one query."""
    return _totals(select(*_NAME, _held(at)).where(LedgerAccount.owner.in_(list(owners))).order_by(LedgerAccount.id))


def _held(at: datetime | None) -> ColumnElement[int]:
    return HELD_NOW if at is None else held(LedgerAccount.id.expression, at)


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
    at: datetime | None = None,
    holding: bool = False,
    after: int = 0,
    limit: int = 50,
) -> AccountPage:
    """A page of the accounts that were opened, with what they hold, or held before `at`; only those if `holding`."""
    length = page_length(limit)
    query = select(LedgerAccount.id, *_NAME, _held(at)).where(LedgerAccount.id > after)
    if holding:
        query = query.where(_held(at) != 0)
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


def statement(
    account: Account,
    before: str | None = None,
    limit: int = 50,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> StatementPage:
    """A page of the account's lines in a period, with what it held after each; `since` counts in, `until` doesn't.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    length = page_length(limit)
    edge = parse_cursor(before, 2) if before is not None else None
    ends, query = _statement_queries(account, since, until, edge)
    found = db.session.execute(query.limit(length + 1)).all()
    rows, sign = found[:length], account.natural_sign
    if not found:
        opening, closing = db.session.execute(select(*ends)).one()
        return StatementPage(account, int(opening) * sign, int(closing) * sign, (), None)
    held_after, lines = int(found[0].held), []
    for row in rows:
        lines.append(StatementLine(named_entry(row), row.line_no, row.amount * sign, held_after * sign))
        held_after -= row.amount
    older = cursor(rows[-1].posted_at, rows[-1].id, rows[-1].line_no) if len(found) > length else None
    return StatementPage(account, int(found[0].opening) * sign, int(found[0].closing) * sign, tuple(lines), older)


def statement_lines(account: Account, since: datetime | None, until: datetime | None) -> Iterator[StatementLine]:
    """Every line of the account in a period, oldest first, each with what the account held after it.

    They stream through one cursor of the transaction, in flat memory however many they are.
    """
    account_id, sign = _id_of(account), account.natural_sign
    opening: ColumnElement[int] = held(account_id, at=since) if since is not None else literal(0)
    query = (
        select(*ENTRY, LedgerLine.line_no, LedgerLine.amount, opening.label("opening"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerLine.account_id == account_id, *_within(since, until))
        .order_by(LedgerLine.posted_at, LedgerLine.entry_id, LedgerLine.line_no)
    )
    held_before: int | None = None
    for row in db.session.execute(query, execution_options={"yield_per": _BATCH}):
        held_before = (int(row.opening) if held_before is None else held_before) + row.amount
        yield StatementLine(named_entry(row), row.line_no, row.amount * sign, held_before * sign)


_BATCH = 1_000


def _statement_queries(
    account: Account, since: datetime | None, until: datetime | None, edge: Place | None
) -> tuple[tuple[ColumnElement[int], ColumnElement[int]], Select[*tuple[Any, ...]]]:
    """The two ends of the period, and the lines with both ends and what was held after the first line of the page.

    All in one statement, so that they agree whatever is posted meanwhile. The account is found by subqueries that
    depend on no line: each runs once, and the index gives the lines in order.
    """
    account_id = _id_of(account)
    opening: ColumnElement[int] = held(account_id, at=since) if since is not None else literal(0)
    now = func.coalesce(select(HELD_NOW).where(*_is(account)).scalar_subquery(), 0)
    closing = held(account_id, at=until) if until is not None else now
    top = held(account_id, at=until, before=edge) if edge is not None else closing
    ends = (opening.label("opening"), closing.label("closing"))
    place = tuple_(LedgerLine.posted_at, LedgerLine.entry_id, LedgerLine.line_no)
    query: Select[*tuple[Any, ...]] = (
        select(*ENTRY, LedgerLine.line_no, LedgerLine.amount, *ends, top.label("held"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerLine.account_id == account_id, *_within(since, until))
        .order_by(LedgerLine.posted_at.desc(), LedgerLine.entry_id.desc(), LedgerLine.line_no.desc())
    )
    return ends, query.where(place < tuple_(*edge)) if edge is not None else query


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    found = [LedgerLine.posted_at >= since] if since is not None else []
    return [*found, LedgerLine.posted_at < until] if until is not None else found


def _id_of(account: Account) -> ColumnElement[int]:
    return select(LedgerAccount.id).where(*_is(account)).scalar_subquery()


def _is(account: Account) -> list[ColumnElement[bool]]:
    return [
        LedgerAccount.owner == account.owner,
        LedgerAccount.kind == account.kind,
        LedgerAccount.commodity == account.commodity,
    ]


def trial_balance(at: datetime | None = None) -> TrialBalance:
    """Every account's balance by kind and commodity, now or at a moment (what was posted before it)."""
    return TrialBalance(
        tuple(TrialRow(kind, commodity, max(net, 0), max(-net, 0)) for kind, commodity, net in totals(at))
    )


def moved_between(kinds: Sequence[AccountKind], edges: Sequence[datetime]) -> dict[tuple[AccountKind, str], list[int]]:
    """What the platform's own accounts of these kinds moved from each edge to the next, and from the last until now: by
    kind and commodity, in the natural sign. One query, which begins at the balances kept near the edges."""
    ends = [held(LedgerAccount.id.expression, at=edge) for edge in edges]
    query = select(*_NAME, *ends, HELD_NOW).where(LedgerAccount.kind.in_(kinds), LedgerAccount.owner == PLATFORM)
    found = {}
    for owner, kind, commodity, *held_at in db.session.execute(query):
        sign = Account(owner, kind, commodity).natural_sign
        found[kind, commodity] = [int(after - before) * sign for before, after in pairwise(held_at)]
    return found


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
    return tuple(PostedEntry(named_entry(row), tuple(lines[row.id])) for row in rows)


ENTRY = (
    LedgerEntry.id,
    LedgerEntry.kind,
    LedgerEntry.idempotency_key,
    LedgerEntry.reference,
    LedgerEntry.posted_at,
    LedgerEntry.description,
    LedgerEntry.reverses_id,
)


def named_entry(row: Any) -> Entry:
    """From the columns of `ENTRY`, or from the whole row."""
    return Entry(row.id, row.kind, row.idempotency_key, row.reference, row.posted_at, row.description, row.reverses_id)
