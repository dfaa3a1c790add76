"""What becomes of a checkout, by what Stripe says of it: money that arrived is booked, deal by deal.

Harmless to repeat, at any time and in any order. These verbs talk to Stripe, so they own their transactions.
"""

import uuid

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.accounts.models import User
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState
from marketplace.escrow.refund import prepare_refund
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import escrow, stripe_clearing, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.provider import fee_posting
from marketplace.ledger.service import post, post_many

logger = structlog.get_logger(__name__)
_UNFINISHED = (CheckoutState.PREPARED, CheckoutState.OPEN, CheckoutState.CONFIRMING)


def confirm_checkout(checkout_id: str) -> None:
    """Ask Stripe how the checkout stands and book what it says.

    Raises:
        ProviderUnavailable: Stripe doesn't answer, or hasn't booked the charge yet: ask again later.
    """
    end_transaction()
    checkout = db.session.get(Checkout, checkout_id)
    session_id = checkout.session_id if checkout is not None else None
    end_transaction()
    if session_id is None:
        return
    session = gateway.get_checkout(session_id)
    if session.paid and session.charge is None:
        raise gateway.ProviderUnavailable(_l("The payment is being confirmed."))
    with transaction():
        _record(uuid.UUID(checkout_id), session)


def confirm_session(session_id: str) -> None:
    """As `confirm_checkout`, for whoever knows the session; nothing happens where it is none of ours."""
    end_transaction()
    checkout_id = db.session.scalar(select(Checkout.id).where(Checkout.session_id == session_id))
    end_transaction()
    if checkout_id is not None:
        confirm_checkout(str(checkout_id))


def confirm_payment(payment_intent_id: str) -> None:
    """As `confirm_checkout`, for whoever knows the payment that was tried at it."""
    end_transaction()
    known = db.session.scalar(select(Checkout.id).where(Checkout.payment_intent_id == payment_intent_id))
    end_transaction()
    if known is not None:
        confirm_checkout(str(known))
        return
    session_id = gateway.find_checkout(payment_intent_id)
    if session_id is not None:
        confirm_session(session_id)


def _record(checkout_id: uuid.UUID, session: gateway.CheckoutSession) -> None:
    """Deals before the checkout, in the order of their ids, as everybody locks them."""
    deals = lock_deals(checkout_id)
    checkout = lock_checkout(str(checkout_id))
    query = select(Payment).where(Payment.checkout_id == checkout_id).order_by(Payment.deal_id)
    payments = db.session.scalars(query.execution_options(populate_existing=True)).all()
    if checkout.charge_id is not None:
        return
    checkout.payment_intent_id, checkout.read_at = session.payment_intent_id, clock.now()
    # Only where this is still the way by which a deal's money comes, what its payer's bank does counts for the deal.
    theirs = [deals[payment.deal_id] for payment in payments if payment.state is PaymentState.OPEN]
    if session.paid and session.charge is not None:
        _receive(checkout, [(payment, deals[payment.deal_id]) for payment in payments], session, session.charge)
    elif session.dead:
        _fail(checkout, theirs, session)
    elif checkout.state in (CheckoutState.PREPARED, CheckoutState.OPEN):
        # A declined try leaves it open: whoever comes back reads why.
        checkout.failure = session.failure
        if session.confirming:
            checkout.state, checkout.method = CheckoutState.CONFIRMING, session.method
            _move_waiting(theirs, Action.AWAIT_BANK)


def lock_deals(checkout_id: uuid.UUID) -> dict[int, Deal]:
    """The deals of a checkout, locked and fresh, in the order of their ids: whoever locks both locks them first."""
    theirs = select(Payment.deal_id).where(Payment.checkout_id == checkout_id)
    query = select(Deal).where(Deal.id.in_(theirs)).order_by(Deal.id).with_for_update()
    return {deal.id: deal for deal in db.session.scalars(query.execution_options(populate_existing=True))}


def lock_checkout(checkout_id: str) -> Checkout:
    """The checkout's row, locked and fresh.

    Raises:
        NotFound: there is none.
    """
    query = select(Checkout).where(Checkout.id == checkout_id).with_for_update()
    checkout = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if checkout is None:
        raise NotFound
    return checkout


def end_checkout(checkout: Checkout, state: CheckoutState, failure: str = "") -> None:
    """End a checkout that nothing came of, and its parts with it."""
    if checkout.state not in _UNFINISHED:
        return
    checkout.state, checkout.finished_at = state, clock.now()
    checkout.failure = failure or checkout.failure
    parts = select(Payment).where(Payment.checkout_id == checkout.id, Payment.state == PaymentState.OPEN)
    for payment in db.session.scalars(parts):
        payment.state, payment.finished_at = PaymentState.EXPIRED, checkout.finished_at


def _fail(checkout: Checkout, deals: list[Deal], session: gateway.CheckoutSession) -> None:
    """That a bank refuses may be the first that we hear of its being asked."""
    unfinished, refused = checkout.state in _UNFINISHED, session.status == "complete"
    end_checkout(checkout, CheckoutState.FAILED if refused else CheckoutState.EXPIRED, session.failure)
    if unfinished and refused:
        _move_waiting(deals, Action.BANK_REFUSED)


def _move_waiting(deals: list[Deal], action: Action) -> None:
    for deal in deals:
        if deal.state is State.FUNDING:
            move_deal(deal, action, SYSTEM, DealSide.CLOCK)


def _receive(
    checkout: Checkout,
    parts: list[tuple[Payment, Deal]],
    session: gateway.CheckoutSession,
    charge: gateway.Charge,
) -> None:
    _keep_charge(checkout, session, charge)
    if charge.amount != checkout.total or charge.booked != checkout.total:
        _hold_in_suspense(checkout, parts, charge)
    else:
        checkout.state = CheckoutState.PAID
        for payment, deal in parts:
            _book_into_escrow(checkout, payment, deal)
    fee = fee_posting(charge.balance_transaction_id, charge.fee)
    if fee is not None:
        post_many([fee])


def _keep_charge(checkout: Checkout, session: gateway.CheckoutSession, charge: gateway.Charge) -> None:
    checkout.payment_intent_id = session.payment_intent_id
    checkout.charge_id = charge.id
    checkout.balance_transaction_id = charge.balance_transaction_id
    checkout.received_amount = charge.amount.amount
    checkout.method, checkout.card_last4, checkout.receipt_url = charge.method, charge.last4, charge.receipt_url
    checkout.failure, checkout.finished_at = "", clock.now()


def _book_into_escrow(checkout: Checkout, payment: Payment, deal: Deal) -> None:
    """One part that its deal takes no more goes back; the others are none the worse."""
    waiting = deal.state is State.FUNDING
    if waiting:
        _end_others(payment)
    payment.state = PaymentState.SUCCEEDED if waiting else PaymentState.RETURNED
    payment.finished_at = checkout.finished_at
    currency = payment.currency
    lines = [debit(stripe_clearing(currency), payment.total), credit(escrow(deal.id, currency), payment.total)]
    post(
        "payment.received",
        f"payment:{payment.id}:received",
        lines,
        f"deal:{deal.id}",
        external_id=checkout.balance_transaction_id or "",
    )
    if waiting:
        payer = db.session.get_one(User, checkout.user_id)
        actor = Actor(user_id=payer.id, name=payer.name, brand_id=deal.brand_id)
        amount = {"amount": payment.amount, "currency": currency, "card": checkout.card_last4}
        move_deal(deal, Action.FUND, actor, DealSide.BRAND, details=amount)
        defer("documents.issue_invoice", payment_id=str(payment.id))
    else:
        logger.warning("money for a deal that takes none", deal=deal.id, payment=str(payment.id))
        prepare_refund(payment, payment.total)


def _end_others(payment: Payment) -> None:
    """One that was given up may be paid all the same, while another is open: the first money that arrives counts."""
    others = select(Payment).where(
        Payment.deal_id == payment.deal_id, Payment.state == PaymentState.OPEN, Payment.id != payment.id
    )
    for other in db.session.scalars(others):
        other.state, other.finished_at = PaymentState.EXPIRED, clock.now()
        defer("escrow.close_checkout", deal_id=payment.deal_id)
    db.session.flush()


def _hold_in_suspense(checkout: Checkout, parts: list[tuple[Payment, Deal]], charge: gateway.Charge) -> None:
    """Deals that waited for it have not been paid, and can be anew."""
    checkout.state = CheckoutState.SUSPENSE
    waited = [deal for payment, deal in parts if payment.state is PaymentState.OPEN]
    _move_waiting(waited, Action.HOLD_APART)
    for payment, _deal in parts:
        payment.state, payment.finished_at = PaymentState.SUSPENSE, checkout.finished_at
    logger.error("unexpected amount", checkout=str(checkout.id), expected=str(checkout.total), got=str(charge.booked))
    currency, reference = charge.booked.currency, f"checkout:{checkout.id}"
    lines = [debit(stripe_clearing(currency), charge.booked), credit(suspense(currency, reference), charge.booked)]
    key = f"checkout:{checkout.id}:received"
    post("payment.received", key, lines, reference, external_id=charge.balance_transaction_id)
    amount = charge.booked.amount
    defer("notifications.tell_held_payment", checkout_id=str(checkout.id), amount=amount, currency=currency)
