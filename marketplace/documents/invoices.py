"""Invoices for payments and for commissions, and the credit notes that take invoices back."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from marketplace.deals.models import Deal
from marketplace.documents.issue import Draft, document_for, issue
from marketplace.documents.models import Document, DocumentKind
from marketplace.documents.parties import parties
from marketplace.documents.tax import tax_in_force, tax_of
from marketplace.escrow.models import Payment, PaymentState, Refund, Settlement
from marketplace.fees.explain import explain
from marketplace.fees.quote import FeeLine, FeeQuote
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES, reader
from marketplace.infra.settings import settings
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
from marketplace.ledger.accounts import brand_owner, creator_owner, deal_owner
from marketplace.ledger.models import LedgerEntry


def issue_invoice(payment_id: uuid.UUID) -> Document | None:
    """The brand's invoice for a payment that funded its deal. None where it went back at once: nothing was bought."""
    payment = db.session.get_one(Payment, payment_id)
    if payment.state is not PaymentState.SUCCEEDED:
        return None
    deal = db.session.get_one(Deal, payment.deal_id)
    quote = FeeQuote.from_json(deal.quote or {})
    brand, creator = brand_owner(deal.brand_id), creator_owner(deal.creator_id)
    named = parties([brand, creator])
    data = {
        "recipient": named[brand],
        "creator": {"owner": creator, "name": named[creator]["known_as"]},
        "deal": _deal(deal),
        "payment": _payment(payment),
        "price": quote.price.amount,
        "service_fee": tax_in_force().within(quote.brand_fee.amount).to_json(),
        "fee_lines": fee_lines(quote.brand_lines),
        "entries": _entries([f"payment:{payment.id}:received"]),
    }
    cause = f"payment:{payment.id}"
    return issue(Draft(DocumentKind.INVOICE, brand, deal_owner(deal.id), cause, payment.total, data))


def issue_fee_invoice(settlement_id: int) -> Document | None:
    """The creator's invoice for the commission of a settled deal; None where there was none."""
    settlement = db.session.get_one(Settlement, settlement_id)
    if not settlement.creator_fee_amount:
        return None
    deal = db.session.get_one(Deal, settlement.deal_id)
    creator = creator_owner(settlement.creator_id)
    fee = settlement.creator_fee_amount
    price = settlement.creator_amount + settlement.agency_amount + fee
    part = FeeQuote.from_json(settlement.quote).partial(Money(price, settlement.currency))
    data = {
        "recipient": parties([creator])[creator],
        "deal": _deal(deal),
        "settled_at": settlement.settled_at.isoformat(),
        "price": price,
        "commission": tax_in_force().within(fee).to_json(),
        "fee_lines": fee_lines(part.creator_lines),
        "agency_share": settlement.agency_amount,
        "received": settlement.creator_amount,
        "policy_version": settlement.policy_version,
        "entries": _entries([f"deal:{deal.id}:settled"]),
    }
    total, cause = Money(fee, settlement.currency), f"settlement:{settlement.id}"
    return issue(Draft(DocumentKind.FEE_INVOICE, creator, deal_owner(deal.id), cause, total, data))


def issue_credit_note(refund_id: uuid.UUID) -> Document | None:
    """What takes back the invoice of a payment, as far as it is refunded; None where it never had one.

    Raises:
        Conflict: more would be taken back than was invoiced.
    """
    refund = db.session.get_one(Refund, refund_id)
    issued = document_for(f"refund:{refund.id}")
    invoice = issued or issue_invoice(refund.payment_id)
    if issued is not None or invoice is None:
        return issued
    # Two refunds of one payment take turns: each takes back of what the one before has left.
    db.session.execute(select(Payment.id).where(Payment.id == refund.payment_id).with_for_update())
    price, fee = _left_of(invoice)
    # Where a bank took most of a payment, what is left may be less than the fee.
    fee_back = min(fee - _fee_that_stays(refund.deal_id), refund.amount)
    price_back = refund.amount - fee_back
    if not (0 <= fee_back <= fee and 0 <= price_back <= price):
        raise Conflict("a refund is larger than what is left of its invoice")
    data = {
        "recipient": invoice.data["recipient"],
        "creator": invoice.data["creator"],
        "deal": invoice.data["deal"],
        "payment": invoice.data["payment"],
        "corrects": {"number": invoice.data["number"], "issued_at": invoice.data["issued_at"]},
        "refund": {"id": str(refund.id), "at": refund.created_at.isoformat()},
        "whole": (price_back, fee_back) == (price, fee),
        "price": price_back,
        "service_fee": tax_of(invoice.data["service_fee"]).given_back(fee, fee_back).to_json(),
        "entries": _entries([f"deal:{refund.deal_id}:settled", f"refund:{refund.id}:prepared"]),
    }
    cause, kind = f"refund:{refund.id}", DocumentKind.CREDIT_NOTE
    return issue(Draft(kind, invoice.owner, invoice.reference, cause, refund.total, data, corrects_id=invoice.id))


def _left_of(invoice: Document) -> tuple[int, int]:
    """Price and service fee of an invoice, less what credit notes took back of them."""
    notes = db.session.scalars(select(Document.data).where(Document.corrects_id == invoice.id)).all()
    price = invoice.data["price"] - sum(note["price"] for note in notes)
    return price, invoice.data["service_fee"]["gross"] - sum(note["service_fee"]["gross"] for note in notes)


def _fee_that_stays(deal_id: int) -> int:
    """What a settlement kept of the service fee: none where the deal was cancelled."""
    query = select(func.coalesce(func.sum(Settlement.brand_fee_amount), 0)).where(Settlement.deal_id == deal_id)
    return int(db.session.scalar(query) or 0)


def fee_lines(lines: Sequence[FeeLine]) -> list[dict[str, Any]]:
    """Each line with the sentence that explains it, in every language: the words of the day of issue stay."""
    found = []
    for line in lines:
        words = {}
        for locale in LANGUAGES:
            with reader(locale, settings().default_timezone):
                words[locale] = str(explain(line))
        found.append({"rule": line.rule, "amount": line.amount.amount, "rate": line.rate, "words": words})
    return found


def _deal(deal: Deal) -> dict[str, Any]:
    return {"id": deal.id, "reference": deal.reference, "title": deal.title, "kind": deal.kind.value}


def _payment(payment: Payment) -> dict[str, Any]:
    assert payment.finished_at is not None
    return {
        "id": str(payment.id),
        "charge": payment.checkout.charge_id,
        "card": payment.checkout.card_last4,
        "paid_at": payment.finished_at.isoformat(),
    }


def _entries(keys: Sequence[str]) -> list[dict[str, Any]]:
    """The entries in the books that the figures come from, as far as they are there."""
    query = select(LedgerEntry).where(LedgerEntry.idempotency_key.in_(keys)).order_by(LedgerEntry.id)
    return [{"id": found.id, "kind": found.kind, "key": found.idempotency_key} for found in db.session.scalars(query)]
