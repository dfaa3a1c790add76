"""A payee's own accounts, line by line: what was pending, available, on its way and transferred, in a period."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, select, tuple_

from marketplace.deals.models import Deal
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.kit.periods import Period
from marketplace.ledger.accounts import Account, deal_owner
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.pages import cursor, parse_cursor
from marketplace.ledger.queries import StatementLine, balances_of, statement, statement_lines
from marketplace.payouts.payee import Payee
from marketplace.payouts.words import movement_words

# What leaves the account of transfers on their way, and comes back: what was transferred in all.
_SENT = ("transfer.sent", "transfer.sent.reversed", "transfer.taken_back")
_BATCH = 500


class Which(StrEnum):
    """The places of a payee's money: three accounts, what left them for good, and what the payee owes."""

    PENDING = "pending"
    AVAILABLE = "available"
    ON_ITS_WAY = "on-its-way"
    TRANSFERRED = "transferred"
    OWED = "owed"


register(
    Which,
    {
        Which.PENDING: _l("Pending"),
        Which.AVAILABLE: _l("Available"),
        Which.ON_ITS_WAY: _l("On its way"),
        Which.TRANSFERRED: _l("Transferred"),
        Which.OWED: _l("Owed for chargebacks"),
    },
)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places of one payee's money, in one currency."""

    payee: Payee
    which: Which
    currency: str

    @property
    def account(self) -> Account:
        match self.which:
            case Which.PENDING:
                return self.payee.pending(self.currency)
            case Which.AVAILABLE:
                return self.payee.available(self.currency)
            case Which.OWED:
                return self.payee.owes(self.currency)
            case _:
                return self.payee.in_transit(self.currency)


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line of the books: what it moved, which deal it is for, and what was there after it."""

    entry_id: int
    at: datetime
    words: str
    deal_id: int | None
    title: str
    amount: Money
    after: Money


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Newest first. `opening` and `closing` are what was there at the period's two ends, whatever page is shown."""

    opening: Money
    closing: Money
    lines: list[MoneyLine]
    older: str | None


@dataclass(frozen=True, slots=True)
class _Moved:
    """A line before its words: minor units, positive where it adds to the place."""

    entry_id: int
    at: datetime
    kind: str
    reference: str
    line_no: int
    amount: int
    after: int


def currencies_of(payee: Payee) -> list[str]:
    """The currencies that the payee has accounts in."""
    return sorted({account.commodity for account in balances_of([payee.owner])})


def lines_of(place: Place, period: Period, before: str | None = None, limit: int = 50) -> LinesPage:
    """A page of the lines of one place.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    if place.which is Which.TRANSFERRED:
        return _sent_page(place, period, before, limit)
    page, currency = statement(place.account, before, limit, since=period.since, until=period.until), place.currency
    moved = [_moved(line) for line in page.lines]
    return LinesPage(Money(page.opening, currency), Money(page.closing, currency), _told(moved, currency), page.older)


def every_line(place: Place, period: Period) -> Iterator[MoneyLine]:
    """All lines of the period, oldest first, streamed."""
    found = _stream(place, period)
    while some := list(islice(found, _BATCH)):
        yield from _told(some, place.currency)


def _stream(place: Place, period: Period) -> Iterator[_Moved]:
    if place.which is not Which.TRANSFERRED:
        yield from map(_moved, statement_lines(place.account, period.since, period.until))
        return
    after = _sent_until(place.account, LedgerLine.posted_at < period.since)
    query = _sent(place.account, period).order_by(LedgerLine.posted_at, LedgerLine.entry_id, LedgerLine.line_no)
    for row in db.session.execute(query, execution_options={"yield_per": _BATCH}):
        after += row.amount
        yield _Moved(row.id, row.posted_at, row.kind, row.reference, row.line_no, row.amount, after)


def _moved(line: StatementLine) -> _Moved:
    entry = line.entry
    return _Moved(entry.id, entry.posted_at, entry.kind, entry.reference, line.line_no, line.amount, line.balance_after)


def _sent_page(place: Place, period: Period, before: str | None, limit: int) -> LinesPage:
    key = tuple_(LedgerLine.posted_at, LedgerLine.entry_id, LedgerLine.line_no)
    edge = (key < tuple_(*parse_cursor(before, 2)),) if before is not None else ()
    newest_first = (LedgerLine.posted_at.desc(), LedgerLine.entry_id.desc(), LedgerLine.line_no.desc())
    query = _sent(place.account, period).where(*edge).order_by(*newest_first).limit(limit + 1)
    rows = db.session.execute(query).all()
    within = LedgerLine.posted_at < period.until
    opening = _sent_until(place.account, LedgerLine.posted_at < period.since)
    closing = _sent_until(place.account, within)
    after = _sent_until(place.account, within, *edge) if edge else closing
    moved = []
    for row in rows[:limit]:
        moved.append(_Moved(row.id, row.posted_at, row.kind, row.reference, row.line_no, row.amount, after))
        after -= row.amount
    last = moved[-1] if len(rows) > limit else None
    older = cursor(last.at, last.entry_id, last.line_no) if last is not None else None
    ends = Money(opening, place.currency), Money(closing, place.currency)
    return LinesPage(*ends, _told(moved, place.currency), older)


def _sent(account: Account, period: Period) -> Select[*tuple[Any, ...]]:
    """What left for good, as debits of the account of transfers on their way."""
    columns = (LedgerEntry.id, LedgerEntry.posted_at, LedgerEntry.kind, LedgerEntry.reference)
    return (
        select(*columns, LedgerLine.line_no, LedgerLine.amount)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerLine.account_id == _id_of(account), LedgerEntry.kind.in_(_SENT))
        .where(LedgerLine.posted_at >= period.since, LedgerLine.posted_at < period.until)
    )


def _sent_until(account: Account, *until: ColumnElement[bool]) -> int:
    query = (
        select(func.coalesce(func.sum(LedgerLine.amount), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerLine.account_id == _id_of(account), LedgerEntry.kind.in_(_SENT), *until)
    )
    return int(db.session.scalar(query) or 0)


def _id_of(account: Account) -> ColumnElement[int]:
    named = (LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity)
    query = select(LedgerAccount.id).where(tuple_(*named) == tuple_(account.owner, account.kind, account.commodity))
    return query.scalar_subquery()


def _told(moved: Sequence[_Moved], currency: str) -> list[MoneyLine]:
    titles = _titles(line.reference for line in moved)
    return [
        MoneyLine(
            entry_id=line.entry_id,
            at=line.at,
            words=str(movement_words(line.kind)),
            deal_id=deal_id,
            title=title,
            amount=Money(line.amount, currency),
            after=Money(line.after, currency),
        )
        for line in moved
        for deal_id, title in [titles.get(line.reference, (None, ""))]
    ]


def _titles(references: Iterable[str]) -> dict[str, tuple[int, str]]:
    """The deals that the lines of one's own accounts belong to, by their reference."""
    numbers = [reference.partition(":")[2] for reference in references if reference.startswith("deal:")]
    ids = {int(number) for number in numbers if number.isdecimal()}
    query = select(Deal.id, Deal.title).where(Deal.id.in_(ids))
    return {deal_owner(deal_id): (deal_id, title) for deal_id, title in db.session.execute(query)} if ids else {}
