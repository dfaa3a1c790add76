"""Reads of connected accounts and of what payees have in all; see `earnings`, and `due` for what is to be sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, String, cast, func, literal, select, union_all

from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.fees.policy import WHOLE
from marketplace.infra.db import db
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.ledger.moments import HELD_NOW
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.payee import Payee


def account_of(creator_id: int) -> ConnectedAccount | None:
    """The creator's account at the payment provider, as last read."""
    return account_for(Payee(creator_id=creator_id))


def account_for(payee: Payee) -> ConnectedAccount | None:
    """The payee's account at the payment provider, as last read."""
    query = select(ConnectedAccount).where(payee.owns(ConnectedAccount), ConnectedAccount.replaced_at.is_(None))
    return db.session.scalars(query).first()


@dataclass(frozen=True, slots=True)
class EarningsSummary:
    """A payee's money in one currency, from the books; `in_escrow` is what running deals will bring."""

    in_escrow: Money
    pending: Money
    available: Money
    on_its_way: Money
    transferred: Money
    owes: Money


@dataclass(frozen=True, slots=True)
class RunningDeal:
    """A deal at work, and what it will bring the payee."""

    deal_id: int
    title: str
    state: State
    deadline_at: datetime | None
    part: Money


@dataclass(frozen=True, slots=True)
class Running:
    """What deals at work will bring a payee, by currency, and in each the first of them by what is due."""

    sums: dict[str, Money]
    deals: dict[str, list[RunningDeal]]


def earnings_summary(payee: Payee, running: Running | None = None) -> list[EarningsSummary]:
    """One summary for each currency the payee has dealt in; never empty, so that a page has a row of zeros."""
    books, sent = _held_and_sent(payee)
    coming = (running or running_deals(payee, 1)).sums
    currencies = sorted({commodity for _, commodity in books} | coming.keys()) or [DEFAULT_CURRENCY]
    return [
        EarningsSummary(
            in_escrow=coming.get(currency, Money.zero(currency)),
            pending=Money(books.get((payee.pending_kind, currency), 0), currency),
            available=Money(books.get((payee.available_kind, currency), 0), currency),
            on_its_way=Money(books.get((AccountKind.TRANSFER_IN_TRANSIT, currency), 0), currency),
            transferred=Money(sent.get(currency, 0), currency),
            owes=Money(books.get((payee.owes_kind, currency), 0), currency),
        )
        for currency in currencies
    ]


def _held_and_sent(payee: Payee) -> tuple[dict[tuple[AccountKind, str], int], dict[str, int]]:
    """What the books hold for the payee by kind and currency, and by currency what reached their account; one query."""
    of_books = select(cast(LedgerAccount.kind, String), LedgerAccount.commodity, HELD_NOW).where(
        LedgerAccount.owner == payee.owner
    )
    of_transfers = (
        select(literal(""), Transfer.currency, func.sum(Transfer.amount - Transfer.reversed_amount))
        .where(payee.owns(Transfer), Transfer.state == TransferState.PAID)
        .group_by(Transfer.currency)
    )
    books: dict[tuple[AccountKind, str], int] = {}
    sent: dict[str, int] = {}
    for kind, currency, total in db.session.execute(union_all(of_books, of_transfers)):
        if kind:
            account = Account(payee.owner, AccountKind(kind), currency)
            books[account.kind, currency] = int(total) * account.natural_sign
        else:
            sent[currency] = int(total)
    return books, sent


def running_deals(payee: Payee, most: int) -> Running:
    """The payee's deals at work: their sums, worked out by the database, and the first `most` in each currency."""
    currency, part = Deal.quote["currency"].astext, part_of_quote(payee)
    due = (Deal.deadline_at.asc().nulls_last(), Deal.id)
    place = func.row_number().over(partition_by=currency, order_by=due).label("place")
    total = func.sum(part).over(partition_by=currency).label("total")
    columns = (Deal.id, Deal.title, Deal.state, Deal.deadline_at, part.label("part"), currency.label("currency"))
    at_work = payee.owns(Deal), Deal.state.in_(FUNDED), Deal.quote.is_not(None)
    placed = select(*columns, total, place).where(*at_work).subquery()
    found = Running({}, {})
    for row in db.session.execute(select(placed).where(placed.c.place <= most).order_by(placed.c.place)):
        code = row.currency
        deal = RunningDeal(row.id, row.title, row.state, row.deadline_at, Money(int(row.part), code))
        found.sums[code] = Money(int(row.total), code)
        found.deals.setdefault(code, []).append(deal)
    return found


def part_of_quote(payee: Payee) -> ColumnElement[int]:
    """The payee's part of a deal's frozen quote, in SQL, by the arithmetic of `FeeQuote`: commission first, then the
    agency's share rounded down."""
    line = func.jsonb_array_elements(Deal.quote["creator_lines"]).column_valued("line")
    commission = select(func.coalesce(func.sum(cast(line.op("->>")("amount"), BigInteger)), 0)).scalar_subquery()
    received = cast(Deal.quote["price"].astext, BigInteger) - cast(commission, BigInteger)
    rate = func.coalesce(cast(Deal.quote[("agency", "rate")].astext, BigInteger), 0)
    share = received * rate // WHOLE
    return share if payee.is_agency else received - share
