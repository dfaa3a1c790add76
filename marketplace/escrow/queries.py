"""Reads of the money of deals: payments, refunds, settlements, a brand's spending, and the books' checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import FINAL, State
from marketplace.deals.models import Deal
from marketplace.escrow.models import BooksCheck, Payment, PaymentState, Refund, RefundState, Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """One deal that a brand has paid for: what it paid, what came back, and when."""

    deal_id: int
    title: str
    state: State
    paid: Money
    refunded: Money
    paid_at: datetime
    settled_at: datetime | None


def newest_payment(deal_id: int) -> Payment | None:
    """The deal's newest attempt to pay, whatever became of it."""
    query = select(Payment).where(Payment.deal_id == deal_id).order_by(Payment.created_at.desc()).limit(1)
    return db.session.scalars(query).first()


def refunds_of(deal_id: int) -> Sequence[Refund]:
    return db.session.scalars(select(Refund).where(Refund.deal_id == deal_id).order_by(Refund.created_at)).all()


def settlement_of(deal_id: int) -> Settlement | None:
    return db.session.scalars(select(Settlement).where(Settlement.deal_id == deal_id)).first()


def settled_quote(settlement: Settlement) -> FeeQuote:
    """The frozen quote on the part of the price that was settled: the fees that were really taken, line by line."""
    quote = FeeQuote.from_json(settlement.quote)
    part = settlement.receives + settlement.agency_receives + Money(settlement.creator_fee_amount, settlement.currency)
    return quote if part == quote.price else quote.partial(part)


def spending(actor: Actor, limit: int, before: datetime | None = None) -> list[SpendingRow]:
    """The deals that the actor's brand has paid for, newest payment first; `before` goes on from a page's last row."""
    query = _paid_deals(actor.brand_id).order_by(Payment.finished_at.desc()).limit(limit)
    if before is not None:
        query = query.where(Payment.finished_at < before)
    rows = db.session.execute(query).all()
    refunded = _refunded([row.id for row in rows])
    return [
        SpendingRow(
            deal_id=row.id,
            title=row.title,
            state=row.state,
            paid=Money(row.amount, row.currency),
            refunded=refunded.get(row.id, Money.zero(row.currency)),
            paid_at=row.finished_at,
            settled_at=row.settled_at,
        )
        for row in rows
    ]


def _paid_deals(brand_id: int | None) -> Select[int, str, State, int, str, datetime | None, datetime]:
    return (
        select(
            Deal.id,
            Deal.title,
            Deal.state,
            Payment.amount,
            Payment.currency,
            Payment.finished_at,
            Settlement.settled_at,
        )
        .join(Payment, Payment.deal_id == Deal.id)
        .outerjoin(Settlement, Settlement.deal_id == Deal.id)
        .where(Deal.brand_id == brand_id, Payment.state == PaymentState.SUCCEEDED)
    )


def _refunded(deal_ids: list[int]) -> dict[int, Money]:
    sums: dict[int, Money] = {}
    query = select(Refund.deal_id, Refund.amount, Refund.currency).where(
        Refund.deal_id.in_(deal_ids), Refund.state != RefundState.FAILED
    )
    for deal_id, amount, currency in db.session.execute(query):
        sums[deal_id] = sums.get(deal_id, Money.zero(currency)) + Money(amount, currency)
    return sums


def last_check() -> BooksCheck | None:
    """The newest run of the books' self-check."""
    return db.session.scalars(select(BooksCheck).order_by(BooksCheck.at.desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class SpendingTotals:
    """A brand's money in one currency: paid in all, still in escrow, given back."""

    paid: Money
    in_escrow: Money
    refunded: Money


def spending_totals(brand_id: int | None) -> list[SpendingTotals]:
    """One total for each currency the brand has paid in."""
    paid = (
        select(Payment.currency, func.sum(Payment.amount), func.sum(Payment.amount).filter(Deal.state.not_in(FINAL)))
        .join(Deal, Deal.id == Payment.deal_id)
        .where(Deal.brand_id == brand_id, Payment.state == PaymentState.SUCCEEDED)
        .group_by(Payment.currency)
        .order_by(Payment.currency)
    )
    back = (
        select(Refund.currency, func.sum(Refund.amount))
        .join(Deal, Deal.id == Refund.deal_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Deal.brand_id == brand_id,
            Payment.state == PaymentState.SUCCEEDED,
            Refund.state != RefundState.FAILED,
        )
        .group_by(Refund.currency)
    )
    refunded = {currency: int(total) for currency, total in db.session.execute(back)}
    return [
        SpendingTotals(
            paid=Money(int(total), currency),
            in_escrow=Money(int(held or 0), currency),
            refunded=Money(refunded.get(currency, 0), currency),
        )
        for currency, total, held in db.session.execute(paid)
    ]
