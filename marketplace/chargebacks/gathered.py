"""What we know of a disputed payment, gathered for the evidence: contracts, deliveries, events, messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM
from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.chargebacks.models import Chargeback, ChargebackPart
from marketplace.contracts.agreement import Agreement
from marketplace.contracts.models import Signature
from marketplace.contracts.queries import get_contract
from marketplace.deals.models import Deal, DealEvent, Delivery, Message
from marketplace.deals.perspective import Perspective
from marketplace.deals.queries import deliveries_of, events_of, get_deal_with_sides, messages_of
from marketplace.deals.timeline import Entry, timeline
from marketplace.escrow.models import Checkout, Payment
from marketplace.infra.db import db
from marketplace.infra.i18n import reader
from marketplace.infra.settings import settings
from marketplace.kit.money import Money

# Far more than 40 pages hold.
_MOST_MESSAGES = 2000


@dataclass(frozen=True, slots=True)
class DealFile:
    """One deal of the payment, oldest things first."""

    deal_id: int
    reference: str
    title: str
    deliverables: str
    paid: Money
    agreement: Agreement | None
    signatures: Sequence[Signature]
    deliveries: Sequence[Delivery]
    events: Sequence[DealEvent]
    timeline: Sequence[Entry]
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it. The customer is the company that paid, the payer the person who did."""

    dispute_id: str
    charge_id: str
    reason: str
    disputed: Money
    opened_at: datetime
    paid: Money
    paid_at: datetime | None
    card_last4: str
    customer_name: str
    payer_name: str
    payer_email: str
    timezone: str
    deals: Sequence[DealFile]


def gather(chargeback: Chargeback) -> Gathered:
    checkout = db.session.get_one(Checkout, chargeback.checkout_id)
    payer, brand = db.session.get_one(User, checkout.user_id), db.session.get_one(Brand, checkout.brand_id)
    return Gathered(
        dispute_id=chargeback.stripe_dispute_id,
        charge_id=checkout.charge_id or "",
        reason=chargeback.reason.replace("_", " "),
        disputed=chargeback.total,
        opened_at=chargeback.opened_at,
        paid=Money(checkout.received_amount or checkout.amount, checkout.currency),
        paid_at=checkout.finished_at,
        card_last4=checkout.card_last4,
        customer_name=brand.legal_name or brand.name,
        payer_name=payer.name,
        payer_email=payer.email,
        timezone=settings().default_timezone,
        deals=_deals(chargeback),
    )


def _deals(chargeback: Chargeback) -> list[DealFile]:
    """The deals that the bank's claim touches; of money that waits in suspense, all that it was meant for."""
    touched = select(ChargebackPart.payment_id).where(ChargebackPart.chargeback_id == chargeback.id)
    of_checkout = select(Payment).where(Payment.checkout_id == chargeback.checkout_id).order_by(Payment.deal_id)
    payments = db.session.scalars(of_checkout.where(Payment.id.in_(touched))).all()
    payments = payments or db.session.scalars(of_checkout).all()
    with reader("en", settings().default_timezone):
        return [_deal_file(payment) for payment in payments]


def _deal_file(payment: Payment) -> DealFile:
    deal = get_deal_with_sides(SYSTEM, payment.deal_id)
    events, deliveries = events_of(deal.id), deliveries_of(deal.id)
    messages, _in_all = messages_of(deal.id, _MOST_MESSAGES)
    agreement, signatures = _contract(deal)
    return DealFile(
        deal_id=deal.id,
        reference=deal.reference,
        title=deal.title,
        deliverables=deal.accepted_terms.deliverables if deal.accepted_terms is not None else "",
        paid=payment.total,
        agreement=agreement,
        signatures=signatures,
        deliveries=deliveries,
        events=events,
        timeline=timeline(Perspective(deal, SYSTEM), events, deliveries, [])[::-1],
        messages=messages[::-1],
    )


def _contract(deal: Deal) -> tuple[Agreement | None, Sequence[Signature]]:
    if deal.contract_id is None:
        return None, ()
    contract = get_contract(deal.contract_id)
    return Agreement.from_json(contract.content), contract.signatures
