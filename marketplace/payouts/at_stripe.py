"""What Stripe made for a deal's money: each object by its id, for whoever looks it up in Stripe's dashboard."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ScalarSelect, Select, String, cast, func, literal, select, union_all

from marketplace.chargebacks.models import Chargeback, ChargebackPart
from marketplace.escrow.models import Checkout, Payment, Refund, Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner
from marketplace.ledger.models import LedgerEntry
from marketplace.payouts.models import Transfer, TransferReversal


class Made(StrEnum):
    """What an object of Stripe's is to the deal. One that moved money twice stands there once for each."""

    INTENT = "intent"
    CHARGE = "charge"
    REFUND = "refund"
    REFUND_CAME_BACK = "refund_came_back"
    TRANSFER = "transfer"
    REVERSAL = "reversal"
    CHARGEBACK = "chargeback"
    REINSTATED = "reinstated"


register(
    Made,
    {
        Made.INTENT: _l("Payment intent"),
        Made.CHARGE: _l("Charge"),
        Made.REFUND: _l("Refund"),
        Made.REFUND_CAME_BACK: _l("Refund that came back"),
        Made.TRANSFER: _l("Transfer"),
        Made.REVERSAL: _l("Transfer taken back"),
        Made.CHARGEBACK: _l("Chargeback"),
        Made.REINSTATED: _l("Chargeback given back"),
    },
)


@dataclass(frozen=True, slots=True)
class StripeObject:
    """One object. `total` is the deal's part of it; `transaction_id` the movement of our balance, empty where it moved
    none; `ours` the id of our own row where that has a page."""

    made: Made
    id: str
    transaction_id: str
    total: Money
    at: datetime | None
    ours: str


def objects_of(deal_id: int) -> list[StripeObject]:
    """All that Stripe made for the deal, the oldest first; one query."""
    made = union_all(*_payments(deal_id), *_refunds(deal_id), *_transfers(deal_id), *_chargebacks(deal_id)).subquery()
    query = select(made).where(made.c.id.is_not(None)).order_by(made.c.at.asc().nulls_last(), made.c.step, made.c.id)
    return [
        StripeObject(
            Made(row.made), row.id, row.transaction_id or "", Money(row.amount, row.currency), row.at, row.ours
        )
        for row in db.session.execute(query)
    ]


def _columns(
    made: Made, table: Any, id_: Any, moved: tuple[Any, Any], ours: Any = "", *, amount: Any = None
) -> Select[Any]:
    """One kind of object of a table with its amounts; `moved` is the movement of our balance, and when it was made."""
    transaction_id, at = moved
    return select(
        literal(made.value).label("made"),
        literal(list(Made).index(made)).label("step"),
        id_.label("id"),
        transaction_id.label("transaction_id"),
        (table.amount if amount is None else amount).label("amount"),
        table.currency.label("currency"),
        at.label("at"),
        cast(ours, String).label("ours"),
    )


def _payments(deal_id: int) -> list[Select[Any]]:
    begun, paid = (literal(""), Checkout.created_at), (Checkout.balance_transaction_id, Checkout.finished_at)
    rows = [
        _columns(Made.INTENT, Payment, Checkout.payment_intent_id, begun),
        _columns(Made.CHARGE, Payment, Checkout.charge_id, paid),
    ]
    return [
        row.select_from(Payment).join(Checkout, Checkout.id == Payment.checkout_id).where(Payment.deal_id == deal_id)
        for row in rows
    ]


def _refunds(deal_id: int) -> list[Select[Any]]:
    at = func.coalesce(Refund.finished_at, Refund.created_at)
    rows = [
        _columns(Made.REFUND, Refund, Refund.stripe_refund_id, (Refund.balance_transaction_id, at)),
        _columns(Made.REFUND_CAME_BACK, Refund, Refund.stripe_refund_id, (Refund.failure_transaction_id, at)).where(
            Refund.failure_transaction_id.is_not(None)
        ),
    ]
    return [row.where(Refund.deal_id == deal_id) for row in rows]


def _transfers(deal_id: int) -> list[Select[Any]]:
    sent = (Transfer.balance_transaction_id, func.coalesce(Transfer.finished_at, Transfer.created_at))
    back = (TransferReversal.balance_transaction_id, TransferReversal.created_at)
    rows = [
        _columns(Made.TRANSFER, Transfer, Transfer.stripe_transfer_id, sent, Transfer.id).select_from(Transfer),
        _columns(Made.REVERSAL, TransferReversal, TransferReversal.stripe_reversal_id, back, Transfer.id)
        .select_from(TransferReversal)
        .join(Transfer, Transfer.id == TransferReversal.transfer_id),
    ]
    return [
        row.join(Settlement, Settlement.id == Transfer.settlement_id).where(Settlement.deal_id == deal_id)
        for row in rows
    ]


def _chargebacks(deal_id: int) -> list[Select[Any]]:
    taken = (Chargeback.withdrawn_transaction_id, Chargeback.opened_at)
    back = ChargebackPart.given_back_amount
    given = (Chargeback.reinstated_transaction_id, _given_back_at(deal_id))
    rows = [
        _columns(Made.CHARGEBACK, ChargebackPart, Chargeback.stripe_dispute_id, taken, Chargeback.id),
        _columns(
            Made.REINSTATED, ChargebackPart, Chargeback.stripe_dispute_id, given, Chargeback.id, amount=back
        ).where(back > 0),
    ]
    return [
        row.select_from(ChargebackPart)
        .join(Chargeback, Chargeback.id == ChargebackPart.chargeback_id)
        .where(ChargebackPart.deal_id == deal_id)
        for row in rows
    ]


def _given_back_at(deal_id: int) -> ScalarSelect[datetime]:
    """When it was booked: a bank may give back long after it has decided."""
    booked = (LedgerEntry.kind == "chargeback.reinstated", LedgerEntry.reference == deal_owner(deal_id))
    ours = LedgerEntry.external_id == Chargeback.reinstated_transaction_id
    return select(func.min(LedgerEntry.posted_at)).where(*booked, ours).correlate(Chargeback).scalar_subquery()
