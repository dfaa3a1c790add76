"""The lines of the books behind a figure of a brand's spending, found by the keys that they were posted under."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from marketplace.chargebacks.models import ChargebackPart
from marketplace.chargebacks.queries import OWES
from marketplace.deals.lifecycle import FINAL
from marketplace.deals.models import Deal
from marketplace.escrow.models import Payment, Refund, Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.pages import cursor, parse_cursor
from marketplace.payouts.spending import SpendingFilter, deal_conditions, theirs

_BATCH = 500


class Figure(StrEnum):
    """The figures of the page of spending."""

    PAID = "paid"
    IN_ESCROW = "in-escrow"
    TO_CREATORS = "to-creators"
    COMMISSION = "commission"
    SERVICE_FEE = "service-fee"
    REFUNDED = "refunded"
    BY_BANK = "by-bank"


register(
    Figure,
    {
        Figure.PAID: _l("Paid"),
        Figure.IN_ESCROW: _l("In escrow now"),
        Figure.TO_CREATORS: _l("To creators"),
        Figure.COMMISSION: _l("Commission"),
        Figure.SERVICE_FEE: _l("Service fee"),
        Figure.REFUNDED: _l("Given back"),
        Figure.BY_BANK: _l("Taken back by a bank"),
    },
)
# The accounts whose lines make a figure, in the entries that moved it.
_KINDS = {
    Figure.PAID: (AccountKind.ESCROW,),
    Figure.IN_ESCROW: (AccountKind.ESCROW,),
    Figure.TO_CREATORS: (AccountKind.CREATOR_PENDING, AccountKind.AGENCY_PENDING, *OWES),
    Figure.COMMISSION: (AccountKind.FEES_CREATOR,),
    Figure.SERVICE_FEE: (AccountKind.FEES_BRAND,),
    Figure.REFUNDED: (AccountKind.REFUND_IN_TRANSIT,),
    Figure.BY_BANK: (AccountKind.ESCROW, *OWES, AccountKind.FEES_CREATOR, AccountKind.FEES_BRAND),
}
# What a bank takes is put on these accounts, and lessens what is on them in the other figures.
_BANKS = (Figure.IN_ESCROW, Figure.TO_CREATORS, Figure.COMMISSION, Figure.SERVICE_FEE, Figure.BY_BANK)
# What a payee had paid of a debt that a bank makes none waits here for them.
_PAID = (Figure.TO_CREATORS, Figure.BY_BANK)
_OF_BANKS = ("withdrawn", "borne", "reinstated")
_SETTLED_PART = {
    Figure.TO_CREATORS: Settlement.creator_amount + Settlement.agency_amount,
    Figure.COMMISSION: Settlement.creator_fee_amount,
    Figure.SERVICE_FEE: Settlement.brand_fee_amount,
}


@dataclass(frozen=True, slots=True)
class SpendingLine:
    """One entry of the books and what it put into the figure."""

    deal_id: int
    title: str
    entry_id: int
    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class SpendingLines:
    """Newest first; `older` is the cursor of the next page, None on the last."""

    lines: list[SpendingLine]
    older: str | None


def spending_lines(
    brand_id: int | None, figure: Figure, filters: SpendingFilter, before: str | None = None, limit: int = 50
) -> SpendingLines:
    """A page of the entries that make a figure of the brand's, for the deals of the filter.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    moved = _moved(brand_id, figure, filters).subquery()
    some = select(moved).order_by(moved.c.at.desc(), moved.c.deal_id.desc()).limit(limit + 1)
    if before is not None:
        some = some.where(tuple_(moved.c.at, moved.c.deal_id) < tuple_(*parse_cursor(before, 1)))
    page = some.subquery()
    rows = db.session.execute(_with_lines(page, figure).order_by(page.c.at.desc(), page.c.deal_id.desc())).all()
    last = rows[limit - 1] if len(rows) > limit else None
    older = cursor(last.at, last.deal_id) if last is not None else None
    return SpendingLines([_line(row) for row in rows[:limit]], older)


def every_spending_line(brand_id: int | None, figure: Figure, filters: SpendingFilter) -> Iterator[SpendingLine]:
    """All of them, oldest first, streamed through one cursor of the transaction."""
    moved = _moved(brand_id, figure, filters).subquery()
    query = _with_lines(moved, figure).order_by(moved.c.at, moved.c.deal_id)
    for row in db.session.execute(query, execution_options={"yield_per": _BATCH}):
        yield _line(row)


def _moved(brand_id: int | None, figure: Figure, filters: SpendingFilter) -> Select[*tuple[Any, ...]]:
    """Deals that something of the figure is of, when it moved, and the key of the entry."""
    if figure is Figure.BY_BANK:
        return _moved_by_banks(brand_id, figure, filters)
    own = _moved_by_us(brand_id, figure, filters)
    if figure not in _BANKS:
        return own
    both = union_all(own, _moved_by_banks(brand_id, figure, filters)).subquery()
    return select(*both.c)


def _moved_by_banks(brand_id: int | None, figure: Figure, filters: SpendingFilter) -> Select[*tuple[Any, ...]]:
    """The entries of chargebacks that touch the figure's accounts."""
    names = [
        literal("chargeback:") + cast(ChargebackPart.chargeback_id, String) + f":{what}:deal:" + cast(Deal.id, String)
        for what in _OF_BANKS
    ]
    touching = exists().where(LedgerLine.entry_id == LedgerEntry.id, LedgerAccount.id == LedgerLine.account_id)
    query = (
        _paid(LedgerEntry.posted_at, LedgerEntry.idempotency_key)
        .join(ChargebackPart, ChargebackPart.payment_id == Payment.id)
        .join(LedgerEntry, LedgerEntry.idempotency_key.in_(names))
        .where(ChargebackPart.deal_id == Payment.deal_id, touching.where(_on_accounts(figure)))
    )
    query = query.where(Deal.state.not_in(FINAL)) if figure is Figure.IN_ESCROW else query
    return query.where(*theirs(brand_id, filters), *deal_conditions(filters))


def _on_accounts(figure: Figure) -> ColumnElement[bool]:
    on = or_(*(LedgerAccount.kind == kind for kind in _KINDS[figure]))
    payees = LedgerAccount.owner.like("creator:%") | LedgerAccount.owner.like("agency:%")
    return on | (LedgerAccount.kind == AccountKind.SUSPENSE) & payees if figure in _PAID else on


def _moved_by_us(brand_id: int | None, figure: Figure, filters: SpendingFilter) -> Select[*tuple[Any, ...]]:
    match figure:
        case Figure.PAID | Figure.IN_ESCROW:
            key: Any = literal("payment:") + cast(Payment.id, String) + ":received"
            query = _paid(Payment.finished_at, key)
            query = query.where(Deal.state.not_in(FINAL)) if figure is Figure.IN_ESCROW else query
        case Figure.REFUNDED:
            settled = func.coalesce(Settlement.refund_amount, 0) > 0
            prepared = literal("refund:") + cast(Refund.id, String) + ":prepared"
            query = _paid(Refund.created_at, case((settled, _settled_key()), else_=prepared))
            query = query.join(Refund, (Refund.payment_id == Payment.id) & Refund.replaces_id.is_(None))
            query = query.outerjoin(Settlement, Settlement.deal_id == Deal.id)
        case _:
            query = _paid(Settlement.settled_at, _settled_key()).join(Settlement, Settlement.deal_id == Deal.id)
            query = query.where(_SETTLED_PART[figure] > 0)
    return query.where(*theirs(brand_id, filters), *deal_conditions(filters))


def _paid(at: Any, key: Any) -> Select[*tuple[Any, ...]]:
    columns = (Deal.id.label("deal_id"), Deal.title.label("title"), at.label("at"), key.label("key"))
    return select(*columns).select_from(Deal).join(Payment, Payment.deal_id == Deal.id)


def _settled_key() -> Any:
    return literal("deal:") + cast(Deal.id, String) + ":settled"


def _with_lines(moved: Subquery, figure: Figure) -> Select[*tuple[Any, ...]]:
    """The entries under the keys, each with its own lines on the figure's accounts."""
    sign = 1 if figure is Figure.BY_BANK else -1
    lines = (
        select(func.sum(sign * LedgerLine.amount).label("amount"), LedgerLine.commodity.label("commodity"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.entry_id == LedgerEntry.id, _on_accounts(figure))
        .group_by(LedgerLine.commodity)
        .lateral()
    )
    return (
        select(moved, LedgerEntry.id.label("entry_id"), lines.c.amount, lines.c.commodity)
        .join(LedgerEntry, LedgerEntry.idempotency_key == moved.c.key)
        .join(lines, literal(value=True))
    )


def _line(row: Any) -> SpendingLine:
    return SpendingLine(row.deal_id, row.title, row.entry_id, row.at, Money(int(row.amount), row.commodity))
