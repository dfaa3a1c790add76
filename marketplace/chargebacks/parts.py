"""A chargeback's parts: what of it is each deal's, by what is left of each payment now."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from marketplace.chargebacks.case import ARRIVED, Case
from marketplace.chargebacks.dividing import Paid, divide
from marketplace.chargebacks.models import ChargebackPart, PartState
from marketplace.deals.lifecycle import FUNDED, State
from marketplace.escrow.models import CheckoutState, Payment, PaymentState, Refund, RefundState
from marketplace.infra.db import db
from marketplace.kit.money import Money

_TAKEN = (PartState.HELD, PartState.BORNE)


def ask_about_parts(case: Case) -> None:
    """While a bank only asks, the parts say whose payment it asks about."""
    taken = case.chargeback.withdrawn_transaction_id is not None
    if not case.parts and not taken and case.checkout.state is not CheckoutState.SUSPENSE:
        divide_parts(case, case.chargeback.total, PartState.ASKED)


def divide_parts(case: Case, amount: Money, state: PartState) -> Money:
    """Give the chargeback the parts that `amount` comes to now; how much belongs to no deal."""
    for part in case.parts:
        db.session.delete(part)
    db.session.flush()
    case.parts.clear()
    payments = db.session.scalars(
        select(Payment)
        .where(Payment.checkout_id == case.checkout.id, Payment.state.in_(ARRIVED))
        .order_by(Payment.deal_id)
    ).all()
    left = _left_of(payments)
    shares = divide(amount.amount, [_paid(case, payment, left[payment.id]) for payment in payments])
    for payment, share in zip(payments, shares, strict=True):
        if share:
            case.parts.append(_part(case, payment, share, state))
    db.session.add_all(case.parts)
    db.session.flush()
    return amount - Money(sum(shares), amount.currency)


def _paid(case: Case, payment: Payment, left: int) -> Paid:
    """Of a deal at work nothing was refunded: what isn't left another bank's claim has, and escrow has no more."""
    return Paid(left if _at_work(case, payment) else payment.amount, left)


def _at_work(case: Case, payment: Payment) -> bool:
    state = case.deals[payment.deal_id].state
    return payment.state is PaymentState.SUCCEEDED and (state in FUNDED or state is State.FROZEN)


def _part(case: Case, payment: Payment, share: int, state: PartState) -> ChargebackPart:
    return ChargebackPart(
        chargeback_id=case.chargeback.id,
        payment_id=payment.id,
        deal_id=payment.deal_id,
        state=state,
        amount=share,
        currency=payment.currency,
        from_escrow=state is PartState.HELD and _at_work(case, payment),
    )


def _left_of(payments: Sequence[Payment]) -> dict[uuid.UUID, int]:
    """What of each payment is neither refunded nor with a bank by this dispute or another."""
    left = {payment.id: payment.amount for payment in payments}
    refunded = select(Refund.payment_id, func.sum(Refund.amount)).where(
        Refund.payment_id.in_(left), Refund.state == RefundState.SUCCEEDED
    )
    not_back = ChargebackPart.amount - ChargebackPart.given_back_amount
    taken = select(ChargebackPart.payment_id, func.sum(not_back)).where(
        ChargebackPart.payment_id.in_(left), ChargebackPart.state.in_(_TAKEN)
    )
    grouped = (refunded.group_by(Refund.payment_id), taken.group_by(ChargebackPart.payment_id))
    for query in grouped:
        for payment_id, gone in db.session.execute(query):
            left[payment_id] = max(0, left[payment_id] - int(gone))
    return left
