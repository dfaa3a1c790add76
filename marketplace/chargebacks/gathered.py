"""What we know of a disputed payment, gathered for the evidence: contracts, deliveries, events, messages.

However many deals it paid for and however much was written, there are as many queries, and few rows more than a bank
is ever shown: of each deal the first and the last.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select, true, union
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from marketplace.accounts.actor import SYSTEM
from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.chargebacks.models import Chargeback, ChargebackPart
from marketplace.contracts.models import Contract, ContractFile, Signature
from marketplace.contracts.queries import files_in
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Deal, DealEvent, Delivery, Message
from marketplace.deals.perspective import Perspective
from marketplace.deals.queries import visible_deals
from marketplace.deals.timeline import Entry, timeline
from marketplace.escrow.models import Checkout, Payment
from marketplace.infra.db import db
from marketplace.infra.i18n import reader
from marketplace.infra.settings import settings
from marketplace.kit.money import Money

# From each end of each deal's rows: more than the file ever holds, of one deal or of a hundred.
_MOST_IN_ALL = 600
_MOST_EACH = 300
_LEAST_EACH = 6
# What says whether the customer had what was paid for, however much else happened: a few in each deal.
_TELLING = (Action.FUND, Action.REQUEST_REVISION, Action.APPROVE_DRAFT, Action.ACCEPT_WORK)

T = TypeVar("T")
Row = TypeVar("Row", DealEvent, Delivery, Message)


@dataclass(frozen=True, slots=True)
class Ends(Generic[T]):
    """The first and the last rows of a deal, oldest first, and how many there are in all."""

    rows: Sequence[T] = ()
    in_all: int = 0


@dataclass(frozen=True, slots=True)
class DealFile:
    """One deal of the payment, oldest things first. `contract` is its English file, as it was made for signing; `acts`:
    paid, revision asked for, approved, accepted."""

    deal_id: int
    reference: str
    title: str
    deliverables: str
    paid: Money
    contract: ContractFile | None
    signatures: Sequence[Signature]
    deliveries: Ends[Delivery]
    acts: Sequence[DealEvent]
    timeline: Ends[Entry]
    messages: Ends[Message]


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
        return _deal_files(payments)


def _deal_files(payments: Sequence[Payment]) -> list[DealFile]:
    ids = [payment.deal_id for payment in payments]
    each = min(_MOST_EACH, max(_LEAST_EACH, _MOST_IN_ALL // max(1, len(ids))))
    sides = joinedload(Deal.creator), joinedload(Deal.brand), joinedload(Deal.accepted_terms)
    deals = {
        deal.id: deal for deal in db.session.scalars(visible_deals(SYSTEM).where(Deal.id.in_(ids)).options(*sides))
    }
    contract_ids = [deal.contract_id for deal in deals.values() if deal.contract_id]
    rows = _Rows(
        contracts=_contracts(contract_ids),
        files=files_in("en", contract_ids),
        acts=_acts(ids),
        events=_ends(DealEvent, ids, each),
        deliveries=_ends(Delivery, ids, each, joinedload(Delivery.file)),
        messages=_ends(Message, ids, each),
    )
    return [_deal_file(payment, deals[payment.deal_id], rows) for payment in payments]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What belongs to the deals, by their ids; contracts and their files by the contracts' own."""

    contracts: Mapping[int, Contract]
    files: Mapping[int, ContractFile]
    acts: Mapping[int, Sequence[DealEvent]]
    events: Mapping[int, Ends[DealEvent]]
    deliveries: Mapping[int, Ends[Delivery]]
    messages: Mapping[int, Ends[Message]]


def _deal_file(payment: Payment, deal: Deal, rows: _Rows) -> DealFile:
    events: Ends[DealEvent] = rows.events.get(deal.id, Ends())
    deliveries: Ends[Delivery] = rows.deliveries.get(deal.id, Ends())
    contract = rows.contracts.get(deal.contract_id or 0)
    happened = timeline(Perspective(deal, SYSTEM), events.rows, deliveries.rows, [])[::-1]
    return DealFile(
        deal_id=deal.id,
        reference=deal.reference,
        title=deal.title,
        deliverables=deal.accepted_terms.deliverables if deal.accepted_terms is not None else "",
        paid=payment.total,
        contract=rows.files.get(deal.contract_id or 0),
        signatures=contract.signatures if contract is not None else (),
        deliveries=deliveries,
        acts=rows.acts.get(deal.id, ()),
        timeline=Ends(happened, events.in_all),
        messages=rows.messages.get(deal.id, Ends()),
    )


def _contracts(contract_ids: Collection[int]) -> dict[int, Contract]:
    query = select(Contract).where(Contract.id.in_(contract_ids))
    query = query.options(selectinload(Contract.signatures)).execution_options(populate_existing=True)
    return {contract.id: contract for contract in db.session.scalars(query)}


def _acts(deal_ids: Collection[int]) -> dict[int, list[DealEvent]]:
    query = select(DealEvent).where(DealEvent.deal_id.in_(deal_ids), DealEvent.action.in_(_TELLING))
    return _by_deal(db.session.scalars(query.order_by(DealEvent.id)))


def _ends(model: type[Row], deal_ids: Collection[int], each: int, *options: ExecutableOption) -> dict[int, Ends[Row]]:
    """Of each deal the `each` first and the `each` last: the others are counted, not read."""

    def some(order: Any) -> Select[int]:
        part = select(model.id).where(model.deal_id == Deal.id).order_by(order).limit(each).lateral()
        return select(part.c.id).select_from(Deal).join(part, true()).where(Deal.id.in_(deal_ids))

    chosen = union(some(model.id), some(model.id.desc()))
    rows = _by_deal(db.session.scalars(select(model).where(model.id.in_(chosen)).order_by(model.id).options(*options)))
    counted = select(model.deal_id, func.count()).where(model.deal_id.in_(deal_ids)).group_by(model.deal_id)
    return {deal_id: Ends(rows[deal_id], in_all) for deal_id, in_all in db.session.execute(counted)}


def _by_deal(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.deal_id, []).append(row)
    return found
