"""Reads of what a payee earned: settlements of a period, by month, and what is on hold until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.chargebacks.queries import recovered, withheld
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.escrow.queries import settled_quote
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.kit.periods import Period
from marketplace.ledger.pages import cursor, parse_cursor
from marketplace.payouts.models import Transfer, TransferState
from marketplace.payouts.payee import Payee

_LARGEST_ID = 2**63 - 1
_BATCH = 500


@dataclass(frozen=True, slots=True)
class EarningRow:
    """One settled deal of a payee: what it brought them, what was taken before, and where the money is.

    `quote` is the quote on what was settled, so its price less its commission is `gross`: what the creator's side
    received. `agreed` is the price of the contract. `share` is the agency's part of `gross`: one line less for the
    creator, all that there is for the agency. `withheld`: a bank has the payment, and nothing more is sent of it.
    `recovered` paid what the payee owed of chargebacks.
    """

    settlement_id: int
    deal_id: int
    title: str
    creator_id: int
    creator_name: str
    quote: FeeQuote
    agreed: Money
    fee: Money
    gross: Money
    share: Money
    receives: Money
    settled_at: datetime
    available_at: datetime
    released: bool
    withheld: bool
    recovered: Money
    transfer_state: TransferState | None
    transferred_at: datetime | None


@dataclass(frozen=True, slots=True)
class EarningsList:
    """Newest first; `older` is the cursor of the next page, None on the last."""

    rows: list[EarningRow]
    older: str | None


@dataclass(frozen=True, slots=True)
class EarningFilter:
    """Which settlements: those of a period, of one currency and, for an agency, of one creator; all where None."""

    period: Period | None = None
    currency: str | None = None
    creator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """What one month's settlements brought a payee, and the commission on them."""

    start: date
    received: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Hold:
    """What becomes available on one day by the platform's clock; `at` is when the first of it does."""

    at: datetime
    amount: Money


def earnings(payee: Payee, limit: int, before: str | None = None, filters: EarningFilter | None = None) -> EarningsList:
    """A page of the payee's settled deals.

    Raises:
        Invalid: `before` is no cursor of ours.
    """
    query = _settled(payee, filters or EarningFilter())
    if before is not None:
        query = query.where(tuple_(Settlement.settled_at, Settlement.id) < tuple_(*parse_cursor(before, 1)))
    query = query.order_by(Settlement.settled_at.desc(), Settlement.id.desc()).limit(limit + 1)
    rows = [_earning(payee, *row) for row in db.session.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return EarningsList(rows[:limit], cursor(last.settled_at, last.settlement_id) if last is not None else None)


def every_earning(payee: Payee, filters: EarningFilter) -> Iterator[EarningRow]:
    """All of them, oldest first, streamed through one cursor of the transaction."""
    query = _settled(payee, filters).order_by(Settlement.settled_at, Settlement.id)
    for row in db.session.execute(query, execution_options={"yield_per": _BATCH}):
        yield _earning(payee, *row)


def _settled(payee: Payee, filters: EarningFilter) -> Select[*tuple[Any, ...]]:
    live = (Transfer.settlement_id == Settlement.id) & (Transfer.state != TransferState.FAILED)
    live &= Transfer.resends_id.is_(None)
    of_chargebacks = withheld().label("withheld"), recovered(to_agencies=payee.is_agency).label("recovered")
    return (
        select(Settlement, Deal.title, Creator.name, *of_chargebacks, Transfer.state, Transfer.finished_at)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Creator, Creator.id == Settlement.creator_id)
        .outerjoin(Transfer, live & payee.owns(Transfer))
        .where(payee.owns(Settlement), *_conditions(filters))
    )


def _conditions(filters: EarningFilter) -> list[ColumnElement[bool]]:
    wanted = []
    if filters.period is not None:
        wanted += [Settlement.settled_at >= filters.period.since, Settlement.settled_at < filters.period.until]
    if filters.currency is not None:
        wanted.append(Settlement.currency == filters.currency)
    if filters.creator_id is not None and 0 < filters.creator_id <= _LARGEST_ID:
        wanted.append(Settlement.creator_id == filters.creator_id)
    return wanted


def _earning(payee: Payee, settlement: Settlement, title: str, creator_name: str, *sent: Any) -> EarningRow:
    """`sent` is whether it is withheld, what debts took of it, and the transfer's state and moment, both None where
    none was made."""
    kept_back, gone, state, transferred_at = sent
    quote = settled_quote(settlement)
    return EarningRow(
        settlement_id=settlement.id,
        deal_id=settlement.deal_id,
        title=title,
        creator_id=settlement.creator_id,
        creator_name=creator_name,
        quote=quote,
        agreed=Money(settlement.quote["price"], settlement.currency),
        fee=Money(settlement.creator_fee_amount, settlement.currency),
        gross=settlement.receives + settlement.agency_receives,
        share=settlement.agency_receives,
        receives=payee.part_of(settlement),
        settled_at=settlement.settled_at,
        available_at=settlement.available_at,
        released=settlement.released_at is not None,
        withheld=kept_back,
        recovered=Money(int(gone), settlement.currency),
        transfer_state=state,
        transferred_at=transferred_at,
    )


def earnings_by_month(payee: Payee, filters: EarningFilter) -> list[Month]:
    """The months of the filter's period, oldest first, those without settlements too; the filter names the currency."""
    assert filters.period is not None
    assert filters.currency is not None
    month = func.date_trunc("month", func.timezone(filters.period.zone, Settlement.settled_at))
    query = (
        select(month, func.sum(_part(payee)), func.sum(Settlement.creator_fee_amount))
        .where(payee.owns(Settlement), *_conditions(filters))
        .group_by(month)
    )
    found = {start.date(): (int(received), int(fee)) for start, received, fee in db.session.execute(query)}
    return [
        Month(start, *(Money(amount, filters.currency) for amount in found.get(start, (0, 0))))
        for start in filters.period.months
    ]


def holds(payee: Payee, currency: str, zone: str) -> list[Hold]:
    """What is pending, by the day on which it becomes available: as many days as a hold lasts at most. Not what a bank
    has taken back, which waits for the bank."""
    day = func.date_trunc("day", func.timezone(zone, Settlement.available_at))
    query = (
        select(func.min(Settlement.available_at), func.sum(_part(payee)))
        .where(payee.owns(Settlement), Settlement.currency == currency)
        .where(Settlement.released_at.is_(None), _part(payee) > 0, ~withheld())
        .group_by(day)
        .order_by(day)
    )
    return [Hold(at, Money(int(amount), currency)) for at, amount in db.session.execute(query)]


def first_year(payee: Payee, zone: str) -> int | None:
    """The year of the payee's first settlement, None where there is none yet."""
    first = func.min(func.timezone(zone, Settlement.settled_at))
    found = db.session.scalar(select(first).where(payee.owns(Settlement)))
    return found.year if found is not None else None


def _part(payee: Payee) -> InstrumentedAttribute[int]:
    return Settlement.agency_amount if payee.is_agency else Settlement.creator_amount
