"""Reads of connected accounts, transfers and a creator's earnings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select

from marketplace.deals.lifecycle import FUNDED
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import AccountKind, creator_owner
from marketplace.ledger.queries import balances_of
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState

# A transfer that the provider refused is tried again after this long.
RETRY_AFTER = timedelta(hours=6)
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EarningRow:
    """One settled deal of a creator: what it brought, the fees in its quote, and where the money is."""

    settlement_id: int
    deal_id: int
    title: str
    quote: FeeQuote
    receives: Money
    fee: Money
    settled_at: datetime
    available_at: datetime
    released: bool
    transfer_state: TransferState | None
    transferred_at: datetime | None


def account_of(creator_id: int) -> ConnectedAccount | None:
    """The creator's account at the payment provider, as last read."""
    return db.session.scalars(select(ConnectedAccount).where(ConnectedAccount.creator_id == creator_id)).first()


def settlements_to_transfer(*, creator_id: int | None = None, limit: int = 500) -> Sequence[int]:
    """Released earnings of ready accounts whose transfer is missing, was left prepared, or was refused a while ago."""
    recently_tried = exists().where(
        Transfer.settlement_id == Settlement.id,
        (Transfer.state == TransferState.PAID)
        | ((Transfer.state == TransferState.PREPARED) & (Transfer.created_at > clock.now() - timedelta(minutes=2)))
        | ((Transfer.state == TransferState.FAILED) & (Transfer.finished_at > clock.now() - RETRY_AFTER)),
    )
    query = (
        select(Settlement.id)
        .join(ConnectedAccount, ConnectedAccount.creator_id == Settlement.creator_id)
        .where(
            Settlement.released_at.is_not(None),
            Settlement.creator_amount > 0,
            ConnectedAccount.transfers_enabled,
            ~recently_tried,
        )
        .order_by(Settlement.id)
        .limit(limit)
    )
    if creator_id is not None:
        query = query.where(Settlement.creator_id == creator_id)
    return db.session.scalars(query).all()


def earnings(creator_id: int, limit: int, before_id: int | None = None) -> list[EarningRow]:
    """The creator's settled deals, newest first; `before_id` is the settlement that ended the page before."""
    query = (
        select(Settlement, Deal.title, Transfer.state, Transfer.finished_at)
        .join(Deal, Deal.id == Settlement.deal_id)
        .outerjoin(Transfer, (Transfer.settlement_id == Settlement.id) & (Transfer.state != TransferState.FAILED))
        .where(Settlement.creator_id == creator_id)
        .order_by(Settlement.id.desc())
        .limit(limit)
    )
    if before_id is not None and 0 < before_id <= _LARGEST_ID:
        query = query.where(Settlement.id < before_id)
    return [_earning(*row) for row in db.session.execute(query)]


def _earning(
    settlement: Settlement, title: str, state: TransferState | None, transferred_at: datetime | None
) -> EarningRow:
    return EarningRow(
        settlement_id=settlement.id,
        deal_id=settlement.deal_id,
        title=title,
        quote=FeeQuote.from_json(settlement.quote),
        receives=settlement.receives,
        fee=Money(settlement.creator_fee_amount, settlement.currency),
        settled_at=settlement.settled_at,
        available_at=settlement.available_at,
        released=settlement.released_at is not None,
        transfer_state=state,
        transferred_at=transferred_at,
    )


@dataclass(frozen=True, slots=True)
class EarningsSummary:
    """A creator's money in one currency, from the books; `in_escrow` is what running deals will bring."""

    in_escrow: Money
    pending: Money
    available: Money
    on_its_way: Money
    transferred: Money


@dataclass(frozen=True, slots=True)
class Month:
    """What one month's settlements brought, and the commission on them."""

    start: date
    received: Money
    fee: Money


def earnings_summary(creator_id: int) -> list[EarningsSummary]:
    """One summary for each currency the creator has dealt in; never empty, so that a page has a row of zeros."""
    books = {(a.kind, a.commodity): held for a, held in balances_of([creator_owner(creator_id)]).items()}
    running = _running(creator_id)
    query = (
        select(Transfer.currency, func.sum(Transfer.amount))
        .where(Transfer.creator_id == creator_id, Transfer.state == TransferState.PAID)
        .group_by(Transfer.currency)
    )
    sent = {currency: int(total) for currency, total in db.session.execute(query)}
    currencies = sorted({commodity for _, commodity in books} | running.keys()) or [DEFAULT_CURRENCY]
    return [
        EarningsSummary(
            in_escrow=running.get(currency, Money.zero(currency)),
            pending=Money(books.get((AccountKind.CREATOR_PENDING, currency), 0), currency),
            available=Money(books.get((AccountKind.CREATOR_AVAILABLE, currency), 0), currency),
            on_its_way=Money(books.get((AccountKind.TRANSFER_IN_TRANSIT, currency), 0), currency),
            transferred=Money(sent.get(currency, 0), currency),
        )
        for currency in currencies
    ]


def _running(creator_id: int) -> dict[str, Money]:
    query = select(Deal.quote).where(Deal.creator_id == creator_id, Deal.state.in_(FUNDED), Deal.quote.is_not(None))
    sums: dict[str, Money] = {}
    for quote in db.session.scalars(query):
        receives = FeeQuote.from_json(quote or {}).creator_receives
        sums[receives.currency] = sums.get(receives.currency, Money.zero(receives.currency)) + receives
    return sums


def earnings_by_month(creator_id: int, months: int = 12) -> list[Month]:
    """The last months in the currency the creator earned most in, this one last; empty without earnings."""
    month = func.date_trunc("month", func.timezone(settings().default_timezone, Settlement.settled_at))
    query = (
        select(month, Settlement.currency, func.sum(Settlement.creator_amount), func.sum(Settlement.creator_fee_amount))
        .where(Settlement.creator_id == creator_id)
        .group_by(month, Settlement.currency)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return []
    totals: Counter[str] = Counter()
    for _start, currency, received, _fee in rows:
        totals[currency] += int(received)
    currency = totals.most_common(1)[0][0]
    found = {start.date(): (int(received), int(fee)) for start, code, received, fee in rows if code == currency}
    return [
        Month(start, Money(found.get(start, (0, 0))[0], currency), Money(found.get(start, (0, 0))[1], currency))
        for start in _last_months(months)
    ]


def _last_months(number: int) -> list[date]:
    today = clock.now().astimezone(ZoneInfo(settings().default_timezone)).date()
    index = today.year * 12 + today.month - 1
    return [date(i // 12, i % 12 + 1, 1) for i in range(index - number + 1, index + 1)]
