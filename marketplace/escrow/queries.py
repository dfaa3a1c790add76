"""Reads of the money of deals: payments, refunds, settlements, and the books' checks."""

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.escrow.models import BooksCheck, Payment, Refund, Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit.money import Money


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


def last_check() -> BooksCheck | None:
    """The newest run of the books' self-check."""
    return db.session.scalars(select(BooksCheck).order_by(BooksCheck.at.desc()).limit(1)).first()
