"""Money on its way back to a brand: taken out of escrow with our row, then sent by Stripe, then recorded."""

import structlog
from sqlalchemy import select

from marketplace.escrow.models import Payment, PaymentState, Refund, RefundState
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import escrow, refund_in_transit, stripe_clearing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post

logger = structlog.get_logger(__name__)


def received_payment(deal_id: int) -> Payment:
    """The payment that funded the deal.

    Raises:
        NotFound: the deal was never funded.
    """
    query = select(Payment).where(Payment.deal_id == deal_id, Payment.state == PaymentState.SUCCEEDED)
    payment = db.session.scalars(query).first()
    if payment is None:
        raise NotFound
    return payment


def prepare_refund(payment: Payment, amount: Money, *, out_of_escrow: bool = True) -> Refund:
    """Take `amount` out of escrow and enqueue its way back. `out_of_escrow` is False where a settlement took it out.

    The row of the deal must be locked.
    """
    refund = Refund(
        id=new_uuid(),
        deal_id=payment.deal_id,
        payment_id=payment.id,
        state=RefundState.PREPARED,
        amount=amount.amount,
        currency=amount.currency,
        created_at=clock.now(),
    )
    db.session.add(refund)
    db.session.flush()
    if out_of_escrow:
        lines = [
            debit(escrow(payment.deal_id, amount.currency), amount),
            credit(refund_in_transit(payment.deal_id, amount.currency), amount),
        ]
        post("refund.prepared", f"refund:{refund.id}:prepared", lines, f"deal:{payment.deal_id}")
    defer("escrow.send_refund", refund_id=str(refund.id))
    defer("documents.issue_credit_note", refund_id=str(refund.id))
    return refund


def send_refund(refund_id: str) -> None:
    """Have Stripe send a prepared refund and record it. Owns its transactions; harmless to repeat.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; the same refund is tried again later.
    """
    end_transaction()
    order, tried = _order(refund_id)
    end_transaction()
    if order is None:
        return
    try:
        sent = (gateway.find_refund(order) if tried else None) or gateway.create_refund(order)
    except gateway.ProviderFault:
        with transaction():
            _locked(refund_id).tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        with transaction():
            _fail(_locked(refund_id), refusal.code)
        return
    with transaction():
        _record_sent(_locked(refund_id), sent)


def _order(refund_id: str) -> tuple[gateway.RefundOrder | None, bool]:
    """What to ask for, unless it is done, and whether to look first for what an earlier try did.

    Each try that broke at the provider gives the next another key.
    """
    refund = db.session.get_one(Refund, refund_id)
    charge_id = db.session.get_one(Payment, refund.payment_id).checkout.charge_id
    if refund.state is not RefundState.PREPARED or charge_id is None:
        return None, False
    key = f"refund:{refund_id}:{refund.tries}"
    tried = refund.tries > 0 or refund.created_at < clock.now() - gateway.KEYS_LAST
    return gateway.RefundOrder(key, str(refund.id), charge_id, refund.total), tried


def _record_sent(refund: Refund, sent: gateway.Sent) -> None:
    if refund.state is not RefundState.PREPARED:
        return
    refund.state, refund.finished_at = RefundState.SUCCEEDED, clock.now()
    refund.stripe_refund_id, refund.balance_transaction_id = sent.id, sent.balance_transaction_id
    lines = [
        debit(refund_in_transit(refund.deal_id, refund.currency), refund.total),
        credit(stripe_clearing(refund.currency), refund.total),
    ]
    key, reference = f"refund:{refund.id}:sent", f"deal:{refund.deal_id}"
    post("refund.sent", key, lines, reference, external_id=sent.balance_transaction_id)
    defer(
        "notifications.tell_money",
        kind="refunded",
        deal_id=refund.deal_id,
        creator_id=None,
        amount=refund.amount,
        currency=refund.currency,
    )


def _fail(refund: Refund, code: str) -> None:
    """Stripe won't send it: the money stays marked as on its way back until an administrator finds another."""
    if refund.state is RefundState.PREPARED:
        logger.error("refund refused", refund=str(refund.id), deal=refund.deal_id, code=code)
        refund.state, refund.failure, refund.finished_at = RefundState.FAILED, code, clock.now()


def _locked(refund_id: str) -> Refund:
    return db.session.scalars(
        select(Refund).where(Refund.id == refund_id).with_for_update().execution_options(populate_existing=True)
    ).one()
