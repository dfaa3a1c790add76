"""Reads of connected accounts, transfers, and what creators and agencies have earned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select

from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FUNDED
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.queries import balances_of
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.payee import Payee

# A transfer that the provider refused is tried again after this long.
RETRY_AFTER = timedelta(hours=6)
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EarningRow:
    """One settled deal of a payee: what it brought them, what was taken before, and where the money is.

    `gross` is what the creator's side received after the commission, `share` the agency's part of it: one line less
    for the creator, all that there is for the agency.
    """

    settlement_id: int
    deal_id: int
    title: str
    creator_id: int
    creator_name: str
    quote: FeeQuote
    fee: Money
    gross: Money
    share: Money
    receives: Money
    settled_at: datetime
    available_at: datetime
    released: bool
    transfer_state: TransferState | None
    transferred_at: datetime | None


def account_of(creator_id: int) -> ConnectedAccount | None:
    """The creator's account at the payment provider, as last read."""
    return account_for(Payee(creator_id=creator_id))


def account_for(payee: Payee) -> ConnectedAccount | None:
    """The payee's account at the payment provider, as last read."""
    return db.session.scalars(select(ConnectedAccount).where(payee.owns(ConnectedAccount))).first()


def settlements_to_transfer(
    payee: Payee | None = None, *, to_agencies: bool = False, limit: int = 500
) -> Sequence[int]:
    """Released parts for ready accounts whose transfer is missing, was left prepared, or was refused a while ago.

    Those of one payee, or of all creators, or with `to_agencies` of all agencies.
    """
    agencies = payee.is_agency if payee is not None else to_agencies
    part = Settlement.agency_amount if agencies else Settlement.creator_amount
    owner = Settlement.agency_id if agencies else Settlement.creator_id
    recently_tried = exists().where(
        Transfer.settlement_id == Settlement.id,
        (Transfer.agency_id if agencies else Transfer.creator_id).is_not(None),
        (Transfer.state == TransferState.PAID)
        | ((Transfer.state == TransferState.PREPARED) & (Transfer.created_at > clock.now() - timedelta(minutes=2)))
        | ((Transfer.state == TransferState.FAILED) & (Transfer.finished_at > clock.now() - RETRY_AFTER)),
    )
    account = ConnectedAccount.agency_id if agencies else ConnectedAccount.creator_id
    query = (
        select(Settlement.id)
        .join(ConnectedAccount, account == owner)
        .where(Settlement.released_at.is_not(None), part > 0, ConnectedAccount.transfers_enabled, ~recently_tried)
        .order_by(Settlement.id)
        .limit(limit)
    )
    if payee is not None:
        query = query.where(payee.owns(Settlement))
    return db.session.scalars(query).all()


def earnings(
    payee: Payee, limit: int, before_id: int | None = None, *, creator_id: int | None = None
) -> list[EarningRow]:
    """The payee's settled deals, newest first; `before_id` is the settlement that ended the page before.

    `creator_id` narrows an agency's to those of one creator.
    """
    live = (Transfer.settlement_id == Settlement.id) & (Transfer.state != TransferState.FAILED)
    query = (
        select(Settlement, Deal.title, Creator.name, Transfer.state, Transfer.finished_at)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Creator, Creator.id == Settlement.creator_id)
        .outerjoin(Transfer, live & payee.owns(Transfer))
        .where(payee.owns(Settlement))
        .order_by(Settlement.id.desc())
        .limit(limit)
    )
    if before_id is not None and 0 < before_id <= _LARGEST_ID:
        query = query.where(Settlement.id < before_id)
    if creator_id is not None and 0 < creator_id <= _LARGEST_ID:
        query = query.where(Settlement.creator_id == creator_id)
    return [_earning(payee, *row) for row in db.session.execute(query)]


def _earning(payee: Payee, settlement: Settlement, title: str, creator_name: str, *sent: Any) -> EarningRow:
    """`sent` is the transfer's state and moment, both None where none was made."""
    state, transferred_at = sent
    return EarningRow(
        settlement_id=settlement.id,
        deal_id=settlement.deal_id,
        title=title,
        creator_id=settlement.creator_id,
        creator_name=creator_name,
        quote=FeeQuote.from_json(settlement.quote),
        fee=Money(settlement.creator_fee_amount, settlement.currency),
        gross=settlement.receives + settlement.agency_receives,
        share=settlement.agency_receives,
        receives=payee.part_of(settlement),
        settled_at=settlement.settled_at,
        available_at=settlement.available_at,
        released=settlement.released_at is not None,
        transfer_state=state,
        transferred_at=transferred_at,
    )


@dataclass(frozen=True, slots=True)
class EarningsSummary:
    """A payee's money in one currency, from the books; `in_escrow` is what running deals will bring."""

    in_escrow: Money
    pending: Money
    available: Money
    on_its_way: Money
    transferred: Money


@dataclass(frozen=True, slots=True)
class Month:
    """What one month's settlements brought a payee, and the commission on them."""

    start: date
    received: Money
    fee: Money


def earnings_summary(payee: Payee) -> list[EarningsSummary]:
    """One summary for each currency the payee has dealt in; never empty, so that a page has a row of zeros."""
    books = {(a.kind, a.commodity): held for a, held in balances_of([payee.owner]).items()}
    running = _running(payee)
    query = (
        select(Transfer.currency, func.sum(Transfer.amount))
        .where(payee.owns(Transfer), Transfer.state == TransferState.PAID)
        .group_by(Transfer.currency)
    )
    sent = {currency: int(total) for currency, total in db.session.execute(query)}
    currencies = sorted({commodity for _, commodity in books} | running.keys()) or [DEFAULT_CURRENCY]
    return [
        EarningsSummary(
            in_escrow=running.get(currency, Money.zero(currency)),
            pending=Money(books.get((payee.pending_kind, currency), 0), currency),
            available=Money(books.get((payee.available_kind, currency), 0), currency),
            on_its_way=Money(books.get((AccountKind.TRANSFER_IN_TRANSIT, currency), 0), currency),
            transferred=Money(sent.get(currency, 0), currency),
        )
        for currency in currencies
    ]


def _running(payee: Payee) -> dict[str, Money]:
    query = select(Deal.quote).where(payee.owns(Deal), Deal.state.in_(FUNDED), Deal.quote.is_not(None))
    sums: dict[str, Money] = {}
    for frozen in db.session.scalars(query):
        quote = FeeQuote.from_json(frozen or {})
        part = quote.agency_receives if payee.is_agency else quote.creator_keeps
        sums[part.currency] = sums.get(part.currency, Money.zero(part.currency)) + part
    return sums


def earnings_by_month(payee: Payee, months: int = 12) -> list[Month]:
    """The last months in the currency the payee earned most in, this one last; empty without earnings."""
    month = func.date_trunc("month", func.timezone(settings().default_timezone, Settlement.settled_at))
    part = Settlement.agency_amount if payee.is_agency else Settlement.creator_amount
    query = (
        select(month, Settlement.currency, func.sum(part), func.sum(Settlement.creator_fee_amount))
        .where(payee.owns(Settlement))
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
