"""Funding a deal: prepare our row, open Stripe's checkout, and book the money when it has arrived.

These verbs talk to Stripe, so they own their transactions: nothing may be open when they are called.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.brands import limits
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.deals.queries import get_deal
from marketplace.escrow.models import Payment, PaymentState
from marketplace.escrow.refund import prepare_refund
from marketplace.fees.quote import FeeQuote
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotFound
from marketplace.kit.ids import new_uuid
from marketplace.ledger.accounts import deal_owner, escrow, stripe_clearing, stripe_fees, suspense
from marketplace.ledger.postings import Line, credit, debit
from marketplace.ledger.service import post

logger = structlog.get_logger(__name__)
# Stripe keeps a checkout open for a day at most; an hour less leaves room for clocks that differ.
CHECKOUT_HOURS = 23


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A payment as plain values, to be used while no transaction is open."""

    payment_id: str
    session_id: str | None
    order: gateway.CheckoutOrder


def start_funding(actor: Actor, deal_id: int, locale: str) -> str:
    """Open the checkout for the deal, or go on with the one that is open; the address of Stripe's page.

    Where nobody's month counts the deal yet, it counts for whoever pays.

    Raises:
        OverSpendingLimit: it costs more than that member may still commit this month.
        NotFound, NotAllowed: it isn't the actor's to pay.
        Conflict: the deal isn't waiting for money, or it has just been paid.
        ProviderUnavailable, ProviderRefused: nothing was taken.
    """
    end_transaction()
    with transaction():
        attempt = _prepare(actor, deal_id, locale)
    if attempt.session_id is None:
        return _open_checkout(attempt)
    found = gateway.get_checkout(attempt.session_id)
    if found.status == "open" and found.url:
        return found.url
    confirm_payment(attempt.payment_id)
    if not found.dead:
        raise Conflict(_l("This deal has been paid, or its payment is being confirmed. Nothing was taken twice."))
    return start_funding(actor, deal_id, locale)


def _prepare(actor: Actor, deal_id: int, locale: str) -> _Attempt:
    deal = get_deal(actor, deal_id, lock=True)
    require(actor, Action.FUND, deal)
    limits.commit(actor, deal_owner(deal.id), frozen_quote(deal).brand_total)
    live = db.session.scalars(
        select(Payment).where(Payment.deal_id == deal.id, Payment.state.in_([PaymentState.PREPARED, PaymentState.OPEN]))
    ).first()
    return _attempt(live or _new_payment(actor, deal, locale), deal)


def _new_payment(actor: Actor, deal: Deal, locale: str) -> Payment:
    total = frozen_quote(deal).brand_total
    payment = Payment(
        id=new_uuid(),
        deal_id=deal.id,
        brand_id=deal.brand_id,
        user_id=actor.user_id,
        state=PaymentState.PREPARED,
        amount=total.amount,
        currency=total.currency,
        locale=locale,
        created_at=clock.now(),
    )
    db.session.add(payment)
    db.session.flush()
    return payment


def frozen_quote(deal: Deal) -> FeeQuote:
    """The deal's fee quote as it was frozen at signing.

    Raises:
        Conflict: the contract isn't signed yet.
    """
    if deal.quote is None:
        raise Conflict(_l("The fees are settled when both sides have signed."))
    return FeeQuote.from_json(deal.quote)


def _attempt(payment: Payment, deal: Deal) -> _Attempt:
    payer = db.session.get_one(User, payment.user_id)
    back = url_for("escrow.returned", deal_id=deal.id, _external=True)
    order = gateway.CheckoutOrder(
        key=f"payment:{payment.id}:checkout",
        total=payment.total,
        title=f"{deal.reference} · {deal.title}",
        reference=f"deal:{deal.id}",
        email=payer.email,
        locale=payment.locale,
        success_url=back,
        cancel_url=url_for("escrow.fund", deal_id=deal.id, _external=True),
        expires_at=payment.created_at + timedelta(hours=CHECKOUT_HOURS),
    )
    return _Attempt(str(payment.id), payment.checkout_session_id, order)


def _open_checkout(attempt: _Attempt) -> str:
    try:
        session = gateway.create_checkout(attempt.order)
    except gateway.ProviderFault:
        # Nobody has the address of a checkout that may have been made, so nobody can pay it: the next try is a new one.
        with transaction():
            _give_up(_locked(attempt.payment_id))
        raise
    with transaction():
        payment = _locked(attempt.payment_id)
        if payment.checkout_session_id is None:
            # Kept even where another member's try was given up meanwhile: only what we know of can be booked.
            payment.checkout_session_id, payment.checkout_url = session.id, session.url
        if payment.state is PaymentState.PREPARED:
            payment.state = PaymentState.OPEN
        given_up = payment.state is PaymentState.EXPIRED
    if session.url is None or given_up:
        raise Conflict(_l("This checkout is closed. Open the payment page again."))
    return session.url


def resume_checkout(payment_id: str) -> None:
    """Finish opening a checkout that a crash left prepared; the key makes Stripe answer with the same one."""
    end_transaction()
    with transaction():
        payment = _locked(payment_id)
        if payment.state is not PaymentState.PREPARED:
            return
        attempt = _attempt(payment, db.session.get_one(Deal, payment.deal_id))
    try:
        _open_checkout(attempt)
    except gateway.ProviderRefused:
        with transaction():
            _give_up(_locked(payment_id))
    except gateway.ProviderFault:
        return


def close_checkout(deal_id: int) -> None:
    """Close the open checkout of a deal that takes no money any more. What was paid meanwhile is booked and goes back.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; ask again later.
    """
    end_transaction()
    query = select(Payment.id, Payment.checkout_session_id).join(Deal, Deal.id == Payment.deal_id)
    query = query.where(Deal.id == deal_id, Deal.state != State.FUNDING, Payment.state == PaymentState.OPEN)
    found = db.session.execute(query).first()
    end_transaction()
    if found is None or found.checkout_session_id is None:
        return
    # Refused where it is paid or over: asking how it stands says which.
    with suppress(gateway.ProviderRefused):
        gateway.expire_checkout(found.checkout_session_id)
    confirm_payment(str(found.id))


def confirm_payment(payment_id: str) -> None:
    """Ask Stripe how the checkout stands and book what it says. Harmless to repeat, at any time and in any order.

    Raises:
        ProviderUnavailable: Stripe doesn't answer, or hasn't booked the charge yet: ask again later.
    """
    end_transaction()
    payment = db.session.get(Payment, payment_id)
    session_id = payment.checkout_session_id if payment is not None else None
    end_transaction()
    if session_id is None:
        return
    session = gateway.get_checkout(session_id)
    if session.paid and session.charge is None:
        raise gateway.ProviderUnavailable(_l("The payment is being confirmed."))
    with transaction():
        _record(payment_id, session)


def _record(payment_id: str, session: gateway.CheckoutSession) -> None:
    deal_id = db.session.scalar(select(Payment.deal_id).where(Payment.id == payment_id))
    deal = db.session.scalars(
        select(Deal).where(Deal.id == deal_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    payment = _locked(payment_id)
    if payment.charge_id is not None:
        return
    if session.charge is None:
        if session.dead:
            _close(payment, PaymentState.EXPIRED)
        return
    _keep_charge(payment, session, session.charge)
    if session.charge.amount != payment.total or session.charge.booked != payment.total:
        _hold_in_suspense(payment, session.charge)
    else:
        _book_into_escrow(payment, deal, session.charge)


def _keep_charge(payment: Payment, session: gateway.CheckoutSession, charge: gateway.Charge) -> None:
    payment.payment_intent_id = session.payment_intent_id
    payment.charge_id = charge.id
    payment.balance_transaction_id = charge.balance_transaction_id
    payment.received_amount = charge.amount.amount
    payment.card_last4 = charge.card_last4
    payment.finished_at = clock.now()


def _book_into_escrow(payment: Payment, deal: Deal, charge: gateway.Charge) -> None:
    waiting = deal.state is State.FUNDING
    payment.state = PaymentState.SUCCEEDED if waiting else PaymentState.RETURNED
    _post_received(payment, charge, credit(escrow(deal.id, payment.currency), payment.total))
    if waiting:
        payer = db.session.get_one(User, payment.user_id)
        actor = Actor(user_id=payer.id, name=payer.name, brand_id=deal.brand_id)
        amount = {"amount": payment.amount, "currency": payment.currency, "card": payment.card_last4}
        move_deal(deal, Action.FUND, actor, DealSide.BRAND, details=amount)
        defer("documents.issue_invoice", payment_id=str(payment.id))
    else:
        logger.warning("money for a deal that takes none", deal=deal.id, payment=str(payment.id))
        prepare_refund(payment, payment.total)


def _hold_in_suspense(payment: Payment, charge: gateway.Charge) -> None:
    payment.state = PaymentState.SUSPENSE
    logger.error("unexpected amount", payment=str(payment.id), expected=str(payment.total), got=str(charge.booked))
    _post_received(payment, charge, credit(suspense(charge.booked.currency, f"payment:{payment.id}"), charge.booked))


def _post_received(payment: Payment, charge: gateway.Charge, owed: Line) -> None:
    clearing = stripe_clearing(charge.booked.currency)
    reference = f"deal:{payment.deal_id}"
    lines = [debit(clearing, charge.booked), owed]
    post("payment.received", f"payment:{payment.id}:received", lines, reference)
    if charge.fee:
        fees = [debit(stripe_fees(charge.fee.currency), charge.fee), credit(clearing, charge.fee)]
        post("payment.fee", f"payment:{payment.id}:fee", fees, reference)


def _locked(payment_id: str) -> Payment:
    payment = db.session.scalars(
        select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if payment is None:
        raise NotFound
    return payment


def _give_up(payment: Payment) -> None:
    """Close an attempt that led to no checkout. One that another member has opened meanwhile stays: it can be paid."""
    if payment.state is PaymentState.PREPARED:
        _close(payment, PaymentState.EXPIRED)


def _close(payment: Payment, state: PaymentState) -> None:
    if payment.state in (PaymentState.PREPARED, PaymentState.OPEN):
        payment.state, payment.finished_at = state, clock.now()
