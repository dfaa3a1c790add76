"""Money on its way back to a brand: taken out of escrow with our row, then sent by Stripe, then recorded.

One that was sent may come back days later. What an administrator does then is in `escrow.stuck`.
"""

import uuid

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.escrow.models import Payment, PaymentState, Refund, RefundState
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, escrow, refund_in_transit, stripe_clearing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post

logger = structlog.get_logger(__name__)
# What the provider says of a refund is new to us in these; the others have found another way.
_OURS = (RefundState.PREPARED, RefundState.SUCCEEDED, RefundState.FAILED)


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
    refund = add_refund(payment, amount)
    if out_of_escrow:
        set_on_its_way(refund, escrow(payment.deal_id, amount.currency))
    defer("documents.issue_credit_note", refund_id=str(refund.id))
    return refund


def add_refund(payment: Payment, amount: Money, replaces_id: uuid.UUID | None = None) -> Refund:
    """A refund's row, and the job that sends it. Whoever calls sees to it that its money is on its way in the books."""
    refund = Refund(
        id=new_uuid(),
        deal_id=payment.deal_id,
        payment_id=payment.id,
        state=RefundState.PREPARED,
        amount=amount.amount,
        currency=amount.currency,
        replaces_id=replaces_id,
        created_at=clock.now(),
    )
    db.session.add(refund)
    db.session.flush()
    defer("escrow.send_refund", refund_id=str(refund.id))
    return refund


def set_on_its_way(refund: Refund, out_of: Account) -> None:
    """Post that the refund's money left the account it lay on."""
    lines = [debit(out_of, refund.total), credit(refund_in_transit(refund.deal_id, refund.currency), refund.total)]
    post("refund.prepared", f"refund:{refund.id}:prepared", lines, f"deal:{refund.deal_id}")


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
        made = (gateway.find_refund(order) if tried else None) or gateway.create_refund(order)
    except gateway.ProviderFault:
        with transaction():
            late = lock_refund(refund_id)
            if _key(late) == order.key:
                late.tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        with transaction():
            refund = lock_refund(refund_id)
            if refund.state is RefundState.PREPARED and _key(refund) == order.key:
                _fail(refund, refusal.code)
        return
    _record(refund_id, made)


def refresh_refund(stripe_refund_id: str) -> None:
    """Ask Stripe how a refund stands and record it: one that was sent may have failed. Owns its transactions.

    Raises:
        ProviderUnavailable: Stripe doesn't answer, or hasn't booked yet that the money came back: ask again later.
    """
    end_transaction()
    made = gateway.get_refund(stripe_refund_id)
    known = Refund.stripe_refund_id == made.id
    query = select(Refund.id).where(known if not _is_uuid(made.row) else known | (Refund.id == made.row))
    refund_id = db.session.scalar(query)
    end_transaction()
    if refund_id is not None:
        _record(str(refund_id), made)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _order(refund_id: str) -> tuple[gateway.RefundOrder | None, bool]:
    """What to ask for, unless it is done, and whether to look first for what an earlier try did.

    Each try that broke at the provider gives the next another key.
    """
    refund = db.session.get_one(Refund, refund_id)
    charge_id = db.session.get_one(Payment, refund.payment_id).checkout.charge_id
    if refund.state is not RefundState.PREPARED or charge_id is None:
        return None, False
    tried = refund.tries > 0 or refund.created_at < clock.now() - gateway.KEYS_LAST
    return gateway.RefundOrder(_key(refund), str(refund.id), charge_id, refund.total), tried


def _key(refund: Refund) -> str:
    return f"refund:{refund.id}:{refund.tries}"


def _record(refund_id: str, made: gateway.RefundMade) -> None:
    """Book what Stripe says of it, once, in the order in which it happened: its leaving, then its coming back."""
    if made.undecided:
        raise gateway.ProviderUnavailable(_l("The refund came back, and that isn’t booked yet."))
    with transaction():
        refund = lock_refund(refund_id)
        if refund.state not in _OURS:
            logger.warning("news of a refund that was given up", refund=refund_id, stripe=made.id)
            return
        if refund.balance_transaction_id is None and made.balance_transaction_id is not None:
            _book_sent(refund, made.balance_transaction_id)
        refund.stripe_refund_id, refund.pending = made.id, made.pending
        if made.dead and refund.failure_transaction_id is None:
            _book_failed(refund, made)


def _book_sent(refund: Refund, transaction_id: str) -> None:
    refund.state, refund.failure, refund.finished_at = RefundState.SUCCEEDED, "", clock.now()
    refund.balance_transaction_id = transaction_id
    lines = [
        debit(refund_in_transit(refund.deal_id, refund.currency), refund.total),
        credit(stripe_clearing(refund.currency), refund.total),
    ]
    post("refund.sent", f"refund:{refund.id}:sent", lines, f"deal:{refund.deal_id}", external_id=transaction_id)
    _tell(refund, "refunded")


def _book_failed(refund: Refund, made: gateway.RefundMade) -> None:
    """Its money is ours to hold again, for the same brand: on its way, until somebody finds another way."""
    if made.failure_transaction_id is not None:
        refund.failure_transaction_id = made.failure_transaction_id
        lines = [
            debit(stripe_clearing(refund.currency), refund.total),
            credit(refund_in_transit(refund.deal_id, refund.currency), refund.total),
        ]
        key, reference = f"refund:{refund.id}:failed", f"deal:{refund.deal_id}"
        post("refund.failed", key, lines, reference, external_id=made.failure_transaction_id)
    if refund.state is not RefundState.FAILED:
        _fail(refund, made.failure)


def _fail(refund: Refund, code: str) -> None:
    """Stripe won't send it, or had it back: it stays marked as on its way until an administrator finds another."""
    logger.error("refund failed", refund=str(refund.id), deal=refund.deal_id, code=code)
    refund.state, refund.failure, refund.finished_at = RefundState.FAILED, code, clock.now()
    refund.pending = False
    _tell(refund, "refund_failed")


def _tell(refund: Refund, kind: str) -> None:
    defer(
        "notifications.tell_money",
        kind=kind,
        deal_id=refund.deal_id,
        creator_id=None,
        amount=refund.amount,
        currency=refund.currency,
        about=str(refund.id),
    )


def lock_refund(refund_id: str) -> Refund:
    """The refund's row, locked and fresh.

    Raises:
        NotFound: there is none.
    """
    query = select(Refund).where(Refund.id == refund_id).with_for_update()
    refund = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if refund is None:
        raise NotFound
    return refund
