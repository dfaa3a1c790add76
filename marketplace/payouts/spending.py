"""Reads of what a brand paid and what became of it: by deal, by month, by brief, and in sums for each currency.

Everything stands on the deals that were paid for, so that any slice is whole: what was paid in it is what went to
creators, in fees and back, what a bank took back, and what is still in escrow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Label, Select, Subquery, case, exists, func, or_, select, true, tuple_
from sqlalchemy.sql.selectable import LateralFromClause

from marketplace.briefs.models import Brief
from marketplace.chargebacks.models import ChargebackPart, PartState
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FINAL, State
from marketplace.deals.models import Deal
from marketplace.escrow.models import Payment, PaymentState, Refund, Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.kit.periods import Period
from marketplace.ledger.pages import cursor, parse_cursor

NO_BRIEF = 0
_LARGEST_ID = 2**63 - 1
_BATCH = 500


class Became(StrEnum):
    """What became of a deal's money: still held, settled, or all of it given back."""

    HELD = "held"
    SETTLED = "settled"
    RETURNED = "returned"


register(
    Became,
    {
        Became.HELD: _l("In escrow"),
        Became.SETTLED: _l("Settled"),
        Became.RETURNED: _l("Given back"),
    },
)


@dataclass(frozen=True, slots=True)
class SpendingFilter:
    """Which paid deals: paid for in a period, of a brief (`NO_BRIEF` for those without), by what became of them, in one
    currency; all where None."""

    period: Period | None = None
    brief_id: int | None = None
    became: Became | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid and where it went, in one currency: `paid` is the sum of all the others."""

    paid: Money
    in_escrow: Money
    to_creators: Money
    commission: Money
    service_fee: Money
    refunded: Money
    by_bank: Money

    @property
    def fees(self) -> Money:
        return self.commission + self.service_fee

    @property
    def came_back(self) -> Money:
        """By a refund, or by the payer's bank."""
        return self.refunded + self.by_bank


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """One deal that a brand has paid for, and what became of the money."""

    deal_id: int
    title: str
    state: State
    brief_id: int | None
    brief: str
    creator: str
    spent: Spent
    paid_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SpendingPage:
    """Newest payment first; `older` is the cursor of the next page, None on the last."""

    rows: list[SpendingRow]
    older: str | None


@dataclass(frozen=True, slots=True)
class BriefSpending:
    """What the deals of one brief cost; without an id, those of all bookings."""

    brief_id: int | None
    title: str
    deals: int
    spent: Spent


def _paid_deals(brand_id: int | None, filters: SpendingFilter) -> Select[*tuple[Any, ...]]:
    """The brand's payments for deals, with where their money went; refunds count from when they left escrow.

    What a bank has taken of a deal at work counts from then; of a settled one once it has kept it, and then it is less
    that creators and the platform have. What a bank gives to the brand a second time is no part of what was paid.
    Without a condition on the deals, sums are worked out from indexes alone.
    """
    taken = _taken_by_banks()
    back = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        # One that takes the place of another moved nothing out of escrow.
        Refund.deal_id == Payment.deal_id,
        Refund.payment_id == Payment.id,
        Refund.replaces_id.is_(None),
    )
    query = (
        select(
            Payment.deal_id.label("deal_id"),
            Payment.currency.label("currency"),
            Payment.finished_at.label("paid_at"),
            Payment.amount.label("paid"),
            (func.coalesce(Settlement.creator_amount + Settlement.agency_amount, 0) - taken.c.payees).label(
                "to_creators"
            ),
            (func.coalesce(Settlement.creator_fee_amount, 0) - taken.c.commission).label("commission"),
            (func.coalesce(Settlement.brand_fee_amount, 0) - taken.c.service_fee).label("service_fee"),
            back.correlate(Payment).scalar_subquery().label("refunded"),
            (taken.c.escrow + taken.c.payees + taken.c.commission + taken.c.service_fee).label("by_bank"),
        )
        .select_from(Payment)
        .outerjoin(Settlement, Settlement.deal_id == Payment.deal_id)
        .join(taken, true())
        .where(*theirs(brand_id, filters))
    )
    narrowed = deal_conditions(filters)
    if not narrowed:
        return query
    return query.where(Payment.deal_id.in_(select(Deal.id).where(Deal.brand_id == brand_id, *narrowed)))


def _taken_by_banks() -> LateralFromClause:
    """One row for each payment: what banks have taken of it out of escrow, and what they kept of what payees and the
    platform had."""
    part = ChargebackPart
    gone = part.from_escrow & part.state.in_((PartState.HELD, PartState.BORNE))
    sums = {
        "escrow": case((gone, part.amount - part.given_back_amount), else_=0),
        "payees": part.creator_amount + part.agency_amount,
        "commission": part.commission_amount,
        "service_fee": part.service_fee_amount,
    }
    columns = [func.coalesce(func.sum(amount), 0).label(name) for name, amount in sums.items()]
    return select(*columns).where(part.deal_id == Payment.deal_id, part.payment_id == Payment.id).lateral("taken")


def theirs(brand_id: int | None, filters: SpendingFilter) -> list[ColumnElement[bool]]:
    """The filter's conditions on payments: those that funded deals of the brand."""
    wanted: list[ColumnElement[bool]] = [Payment.brand_id == brand_id, Payment.state == PaymentState.SUCCEEDED]
    if filters.period is not None:
        wanted += [Payment.finished_at >= filters.period.since, Payment.finished_at < filters.period.until]
    if filters.currency is not None:
        wanted.append(Payment.currency == filters.currency)
    return wanted


def deal_conditions(filters: SpendingFilter) -> list[ColumnElement[bool]]:
    """The filter's conditions on deals."""
    wanted: list[ColumnElement[bool]] = []
    if filters.brief_id == NO_BRIEF:
        wanted.append(Deal.brief_id.is_(None))
    elif filters.brief_id is not None:
        wanted.append(Deal.brief_id == min(filters.brief_id, _LARGEST_ID))
    match filters.became:
        case Became.HELD:
            wanted.append(Deal.state.not_in(FINAL))
        case Became.SETTLED:
            wanted.append(Deal.state == State.COMPLETED)
        case Became.RETURNED:
            wanted.append(or_(Deal.state == State.REFUNDED, Deal.state == State.CANCELLED))
        case None:
            pass
    return wanted


def _sums(paid: Subquery) -> list[Label[Any]]:
    columns = paid.c
    names = ("paid", "to_creators", "commission", "service_fee", "refunded", "by_bank")
    return [func.coalesce(func.sum(columns[name]), 0).label(name) for name in names]


def _spent(row: Any, currency: str) -> Spent:
    columns = (row.to_creators, row.commission, row.service_fee, row.refunded, row.by_bank)
    paid, gone = int(row.paid), [int(amount) for amount in columns]
    return Spent(*(Money(amount, currency) for amount in (paid, paid - sum(gone), *gone)))


def spending_totals(brand_id: int | None, filters: SpendingFilter | None = None) -> list[Spent]:
    """One sum for each currency that the brand has paid in, by its code."""
    paid = _paid_deals(brand_id, filters or SpendingFilter()).subquery()
    query = select(paid.c.currency, *_sums(paid)).group_by(paid.c.currency).order_by(paid.c.currency)
    return [_spent(row, row.currency) for row in db.session.execute(query)]


def spending_by_month(brand_id: int | None, period: Period, filters: SpendingFilter) -> list[tuple[date, Spent]]:
    """The months of a period by when the money was paid, oldest first, empty ones too; the filter names a currency."""
    assert filters.currency is not None
    within = SpendingFilter(period, filters.brief_id, filters.became, filters.currency)
    paid = _paid_deals(brand_id, within).subquery()
    month = func.date_trunc("month", func.timezone(period.zone, paid.c.paid_at)).label("month")
    rows = db.session.execute(select(month, *_sums(paid)).group_by(month))
    found = {row.month.date(): _spent(row, filters.currency) for row in rows}
    nothing = Spent(*[Money.zero(filters.currency)] * 7)
    return [(start, found.get(start, nothing)) for start in period.months]


def spending_by_brief(brand_id: int | None, filters: SpendingFilter, limit: int, offset: int) -> list[BriefSpending]:
    """What each brief's deals cost, the dearest first; the filter names a currency."""
    assert filters.currency is not None
    paid = _paid_deals(brand_id, filters).subquery()
    sums = select(Deal.brief_id, func.count().label("deals"), *_sums(paid)).join(paid, paid.c.deal_id == Deal.id)
    sums = sums.where(Deal.brand_id == brand_id).group_by(Deal.brief_id)
    some = sums.order_by(func.sum(paid.c.paid).desc(), Deal.brief_id).limit(limit).offset(offset).subquery()
    query = select(some, Brief.title).outerjoin(Brief, Brief.id == some.c.brief_id)
    rows = db.session.execute(query.order_by(some.c.paid.desc(), some.c.brief_id))
    return [BriefSpending(row.brief_id, row.title or "", row.deals, _spent(row, filters.currency)) for row in rows]


def spending(brand_id: int | None, filters: SpendingFilter, before: str | None = None, limit: int = 50) -> SpendingPage:
    """A page of the deals that the brand has paid for.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    query = _paid_deals(brand_id, filters).order_by(Payment.finished_at.desc(), Payment.deal_id.desc())
    if before is not None:
        query = query.where(tuple_(Payment.finished_at, Payment.deal_id) < tuple_(*parse_cursor(before, 1)))
    page = query.limit(limit + 1).subquery()
    query = _named(page).order_by(page.c.paid_at.desc(), page.c.deal_id.desc())
    rows = [_row(row) for row in db.session.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return SpendingPage(rows[:limit], cursor(last.paid_at, last.deal_id) if last is not None else None)


def every_spending(brand_id: int | None, filters: SpendingFilter) -> Iterator[SpendingRow]:
    """All of them, oldest payment first, streamed through one cursor of the transaction."""
    paid = _paid_deals(brand_id, filters).subquery()
    query = _named(paid).order_by(paid.c.paid_at, paid.c.deal_id)
    for row in db.session.execute(query, execution_options={"yield_per": _BATCH}):
        yield _row(row)


def _named(paid: Subquery) -> Select[*tuple[Any, ...]]:
    """Paid deals with their words."""
    words = (Deal.title, Deal.state, Deal.brief_id, Brief.title.label("brief"), Creator.name.label("creator"))
    return (
        select(paid, *words, Settlement.settled_at)
        .join(Deal, Deal.id == paid.c.deal_id)
        .join(Creator, Creator.id == Deal.creator_id)
        .outerjoin(Brief, Brief.id == Deal.brief_id)
        .outerjoin(Settlement, Settlement.deal_id == Deal.id)
    )


def _row(row: Any) -> SpendingRow:
    return SpendingRow(
        deal_id=row.deal_id,
        title=row.title,
        state=row.state,
        brief_id=row.brief_id,
        brief=row.brief or "",
        creator=row.creator,
        spent=_spent(row, row.currency),
        paid_at=row.paid_at,
        settled_at=row.settled_at,
    )


def first_payment_year(brand_id: int | None, zone: str) -> int | None:
    """The year of the brand's first payment, None where it has paid nothing yet."""
    first = select(func.min(Payment.finished_at)).where(*theirs(brand_id, SpendingFilter())).scalar_subquery()
    query = select(func.timezone(zone, first))
    found = db.session.scalar(query)
    return found.year if found is not None else None


def paid_briefs(brand_id: int | None, limit: int) -> Sequence[tuple[int, str]]:
    """The brand's newest briefs that it has paid something for, to choose one."""
    paid = exists().where(Deal.brief_id == Brief.id, Payment.deal_id == Deal.id, *theirs(brand_id, SpendingFilter()))
    query = select(Brief.id, Brief.title).where(Brief.brand_id == brand_id, paid)
    rows = db.session.execute(query.order_by(Brief.id.desc()).limit(limit))
    return [(row.id, row.title) for row in rows]
