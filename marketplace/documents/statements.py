"""Monthly statements and yearly summaries of many owners of one side: drafts made of what their books say."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from marketplace.deals.models import Deal
from marketplace.documents.invoices import fee_lines
from marketplace.documents.issue import Draft
from marketplace.documents.models import DocumentKind
from marketplace.documents.movements import Book, Movement, books_of, side_of
from marketplace.documents.parties import Party, parties
from marketplace.escrow.models import Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.kit.periods import Period, month_key
from marketplace.ledger.closings import LAG

SETTLED = "deal.settled"
# What was sent, and what came back of it.
TRANSFERRED = ("transfer.sent", "transfer.taken_back")


class _Work(NamedTuple):
    """A deal that an entry is about, and how its escrow was split, if it was."""

    reference: str
    title: str
    settlement: Settlement | None


def draft_statements(owners: Sequence[str], period: Period) -> list[Draft]:
    """The statements of a month: one for each owner and currency with any money or movement. Owners of one side."""
    books, named, works = _gathered(owners, period)
    return [
        Draft(
            kind=DocumentKind.STATEMENT,
            owner=owner,
            reference=f"statement:{month_key(period.start)}",
            cause=f"statement:{owner}:{currency}:{month_key(period.start)}",
            total=Money(book.closed_with, currency),
            data={**_head(named[owner], period, book), "rows": _rows(book, side_of(owner), works)},
            period=period,
        )
        for (owner, currency), book in sorted(books.items())
    ]


def draft_summaries(owners: Sequence[str], period: Period) -> list[Draft]:
    """The summaries of a year's earnings, one for each owner and currency. Owners of one side; brands have none."""
    if side_of(owners[0]) == "brand":
        return []
    books, named, works = _gathered(owners, period)
    return [
        Draft(
            kind=DocumentKind.ANNUAL_SUMMARY,
            owner=owner,
            reference=f"summary:{period.start.year}",
            cause=f"summary:{owner}:{currency}:{period.start.year}",
            total=Money(sum(month["received"] for month in months), currency),
            data={**_head(named[owner], period, book), "months": months},
            period=period,
        )
        for (owner, currency), book in sorted(books.items())
        for months in [_months(book, period, works)]
    ]


def _gathered(
    owners: Sequence[str], period: Period
) -> tuple[dict[tuple[str, str], Book], dict[str, Party], dict[int, _Work]]:
    books = books_of(owners, period)
    named = parties({owner for owner, _currency in books})
    return books, named, _works(movement for book in books.values() for movement in book.movements)


def _works(movements: Iterable[Movement]) -> dict[int, _Work]:
    deal_ids = {movement.deal_id for movement in movements if movement.deal_id is not None}
    if not deal_ids:
        return {}
    query = select(Deal.id, Deal.title, Settlement).outerjoin(Settlement, Settlement.deal_id == Deal.id)
    rows = db.session.execute(query.where(Deal.id.in_(deal_ids)))
    return {deal_id: _Work(f"M-{deal_id}", title, settlement) for deal_id, title, settlement in rows}


def _head(recipient: Party, period: Period, book: Book) -> dict[str, Any]:
    return {
        "recipient": recipient,
        "period": {"start": period.start.isoformat(), "end": period.last.isoformat(), "zone": period.zone},
        "accounts": [
            {"kind": kind, "opening": opening, "moved": book.moved[kind], "closing": book.closing(kind)}
            for kind, opening in sorted(book.opening.items())
        ],
    }


def _rows(book: Book, side: str, works: dict[int, _Work]) -> list[dict[str, Any]]:
    return [_row(movement, side, works.get(movement.deal_id or 0)) for movement in book.movements]


def _row(movement: Movement, side: str, work: _Work | None) -> dict[str, Any]:
    settlement = work.settlement if work is not None and movement.kind == SETTLED else None
    return {
        "entry": movement.entry_id,
        "at": movement.at.isoformat(),
        "kind": movement.kind,
        "reference": movement.reference,
        "deal": {"reference": work.reference, "title": work.title} if work is not None else None,
        "amounts": movement.amounts,
        "settlement": _split(settlement, side) if settlement is not None else None,
    }


def _split(settlement: Settlement, side: str) -> dict[str, Any]:
    """How the price was divided, as far as it is the reader's: what a creator earns is not the brand's to know."""
    figures = _figures(settlement)
    if side == "brand":
        fee, refund = settlement.brand_fee_amount, settlement.refund_amount
        return {"price": figures["price"], "service_fee": fee, "refund": refund}
    if side == "agency":
        return dict(figures)
    part = FeeQuote.from_json(settlement.quote).partial(Money(figures["price"], settlement.currency))
    return {**figures, "fee_lines": fee_lines(part.creator_lines)}


def _figures(settlement: Settlement) -> dict[str, int]:
    creator, agency, fee = settlement.creator_amount, settlement.agency_amount, settlement.creator_fee_amount
    return {"price": creator + agency + fee, "commission": fee, "creator": creator, "agency": agency}


class _Sums(NamedTuple):
    """A month of earnings. `received` and `transferred` are the books', `other` what neither deals nor transfers
    moved: received + other - transferred is what the accounts grew by."""

    price: int = 0
    commission: int = 0
    creator: int = 0
    agency: int = 0
    received: int = 0
    transferred: int = 0
    other: int = 0

    def plus(self, more: "_Sums") -> "_Sums":
        return _Sums(*(mine + theirs for mine, theirs in zip(self, more, strict=True)))


def _months(book: Book, period: Period, works: dict[int, _Work]) -> list[dict[str, Any]]:
    sums = {month: _Sums() for month in period.months}
    for movement in book.movements:
        month = month_of(movement, period)
        sums[month] = sums[month].plus(_sums(movement, works.get(movement.deal_id or 0)))
    return [{"month": month_key(month), **found._asdict()} for month, found in sums.items()]


def month_of(movement: Movement, period: Period) -> date:
    """The first day of the month in which it was posted, where the period's clock stands."""
    return movement.at.astimezone(period.since.tzinfo).date().replace(day=1)


def _sums(movement: Movement, work: _Work | None) -> _Sums:
    net = sum(movement.amounts.values())
    if movement.kind in TRANSFERRED:
        return _Sums(transferred=-net)
    if movement.kind != SETTLED or work is None or work.settlement is None:
        return _Sums(other=net)
    return _Sums(**_figures(work.settlement), received=net)


def is_over(period: Period) -> bool:
    """Whether nothing is posted into it any more: its last day has ended by the clock it is counted by, and whoever
    was posting then has had the time to end."""
    return clock.now() >= period.until + LAG
