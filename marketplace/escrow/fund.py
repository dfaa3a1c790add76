"""Paying deals: our rows first, then Stripe's checkout. What arrives is booked by `escrow.receive`.

These verbs talk to Stripe, so they own their transactions: nothing may be open when they are called.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.brands import limits
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal
from marketplace.deals.policy import require
from marketplace.deals.queries import get_deal
from marketplace.escrow.customers import GONE, ensure_customer, forget_customer
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState
from marketplace.escrow.receive import confirm_checkout, end_checkout, lock_checkout
from marketplace.fees.quote import FeeQuote
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.i18n import money_text
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner

# Stripe keeps a checkout open for a day at most; an hour less leaves room for clocks that differ.
CHECKOUT_HOURS = 23
# Each round closes what stands in the way; others who pay at the same time may put more there.
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A checkout as plain values, to be used while no transaction is open."""

    checkout_id: str
    brand_id: int
    user_id: int
    session_id: str | None
    order: gateway.CheckoutOrder


def start_funding(actor: Actor, deal_id: int, locale: str) -> str:
    """Open the checkout for one deal, or go on with the one that is open; as `fund_deals`."""
    return fund_deals(actor, [deal_id], locale)


def fund_deals(actor: Actor, deal_ids: Sequence[int], locale: str) -> str:
    """Open one checkout for these deals, or go on with the one that is open for just them; the address of Stripe's
    page. One that is open for some of them and others is closed first.

    Where nobody's month counts a deal yet, it counts for whoever pays.

    Raises:
        OverSpendingLimit: they cost more than that member may still commit this month.
        NotFound, NotAllowed: one isn't the actor's to pay.
        Conflict: one isn't waiting for money, has just been paid or is being confirmed by a bank; their currencies
            differ; there are too many, or they come to more than one payment can take.
        ProviderUnavailable, ProviderRefused: nothing was taken.
    """
    wanted = sorted(set(deal_ids))
    _require_few(len(wanted))
    for _round in range(_ROUNDS):
        end_transaction()
        with transaction():
            attempt, others = _prepare(actor, wanted, locale)
        if attempt is None:
            for checkout_id in others:
                _close(checkout_id)
            continue
        if attempt.session_id is None:
            return _open_checkout(attempt)
        found = gateway.get_checkout(attempt.session_id)
        if found.status == "open" and found.url:
            return found.url
        confirm_checkout(attempt.checkout_id)
        if not found.dead:
            raise Conflict(_l("This has been paid, or its payment is being confirmed. Nothing was taken twice."))
    raise Conflict(_l("A colleague is paying for some of this at the same moment. Look again in a minute."))


def _prepare(actor: Actor, deal_ids: Sequence[int], locale: str) -> tuple[_Attempt | None, list[uuid.UUID]]:
    """What to open, or None and the checkouts that stand in its way. Deals are locked in one order."""
    deals = [get_deal(actor, deal_id, lock=True) for deal_id in deal_ids]
    for deal in deals:
        _require_payable(actor, deal)
    _require_one_charge([frozen_quote(deal).brand_total for deal in deals])
    limits.commit_all(actor, {deal_owner(deal.id): frozen_quote(deal).brand_total for deal in deals})
    live = _live_checkouts(deal_ids)
    if not live:
        return _attempt(_new_checkout(actor, deals, locale)), []
    if len(live) == 1 and {payment.deal_id for payment in payments_of(live[0].id)} == set(deal_ids):
        if live[0].session_id is not None and actor.user_id is not None:
            # Whoever goes to the page last is said to have paid; before it is open its order is made of the first.
            live[0].user_id = actor.user_id
        # Who comes back from the page is told what is true then.
        live[0].read_at = None
        return _attempt(live[0]), []
    return None, [checkout.id for checkout in live]


def _require_payable(actor: Actor, deal: Deal) -> None:
    if deal.state is State.FUNDING and deal.awaiting_bank and actor.may_spend:
        raise Conflict(
            _l(
                "A bank is confirming the payment for %(deal)s. Nothing was taken twice.",
                deal=f"{deal.reference} · {deal.title}",
            )
        )
    require(actor, Action.FUND, deal)


def _require_few(deals: int) -> None:
    """Before any is locked."""
    if deals > gateway.MOST_LINES:
        says = _l("One payment holds at most %(most)s deals. Choose fewer, and pay the others next.")
        raise Conflict(says % {"most": gateway.MOST_LINES})


def _require_one_charge(amounts: Sequence[Money]) -> None:
    """
    Raises:
        Conflict: the provider takes this in no single payment; the message says what does go.
    """
    if not amounts:
        raise Conflict(_l("Choose at least one deal."))
    if len({amount.currency for amount in amounts}) > 1:
        raise Conflict(_l("Deals in different currencies are paid one currency at a time."))
    whole, most = sum(amounts, Money.zero(amounts[0].currency)), Money(gateway.LARGEST_CHARGE, amounts[0].currency)
    if whole > most:
        says = (
            _l(
                "Together they come to %(sum)s, and our payment provider takes at most %(most)s at once. Pay them in "
                "several payments. Nothing was taken."
            )
            if len(amounts) > 1
            else _l(
                "This deal costs %(sum)s, and our payment provider takes at most %(most)s at once. Agree with the "
                "creator on several smaller deals instead. Nothing was taken."
            )
        )
        raise Conflict(says % {"sum": money_text(whole), "most": money_text(most)})


def _live_checkouts(deal_ids: Sequence[int]) -> Sequence[Checkout]:
    theirs = select(Payment.checkout_id).where(Payment.deal_id.in_(deal_ids), Payment.state == PaymentState.OPEN)
    return db.session.scalars(select(Checkout).where(Checkout.id.in_(theirs)).order_by(Checkout.created_at)).all()


def payments_of(checkout_id: uuid.UUID) -> Sequence[Payment]:
    """The parts of a checkout, in the order of their deals."""
    query = select(Payment).where(Payment.checkout_id == checkout_id).order_by(Payment.deal_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _new_checkout(actor: Actor, deals: Sequence[Deal], locale: str) -> Checkout:
    amounts = [frozen_quote(deal).brand_total for deal in deals]
    whole, now = sum(amounts, Money.zero(amounts[0].currency)), clock.now()
    checkout = Checkout(
        id=new_uuid(),
        brand_id=deals[0].brand_id,
        user_id=actor.user_id,
        state=CheckoutState.PREPARED,
        amount=whole.amount,
        currency=whole.currency,
        locale=locale,
        created_at=now,
    )
    db.session.add(checkout)
    db.session.flush()
    db.session.add_all(
        Payment(
            id=new_uuid(),
            checkout_id=checkout.id,
            deal_id=deal.id,
            brand_id=deal.brand_id,
            state=PaymentState.OPEN,
            amount=amount.amount,
            currency=amount.currency,
            created_at=now,
        )
        for deal, amount in zip(deals, amounts, strict=True)
    )
    db.session.flush()
    return checkout


def frozen_quote(deal: Deal) -> FeeQuote:
    """The deal's fee quote as it was frozen at signing.

    Raises:
        Conflict: the contract isn't signed yet.
    """
    if deal.quote is None:
        raise Conflict(_l("The fees are settled when both sides have signed."))
    return FeeQuote.from_json(deal.quote)


def _attempt(checkout: Checkout) -> _Attempt:
    payer = db.session.get_one(User, checkout.user_id)
    payments = payments_of(checkout.id)
    page = url_for("escrow.paid", checkout_id=checkout.id, _external=True)
    order = gateway.CheckoutOrder(
        key=f"checkout:{checkout.id}",
        lines=tuple(_line(payment) for payment in payments),
        reference=f"checkout:{checkout.id}",
        email=payer.email,
        customer_id=None,
        locale=checkout.locale,
        success_url=page,
        cancel_url=page,
        expires_at=checkout.created_at + timedelta(hours=CHECKOUT_HOURS),
    )
    return _Attempt(str(checkout.id), checkout.brand_id, checkout.user_id, checkout.session_id, order)


def _line(payment: Payment) -> gateway.OrderLine:
    deal = db.session.get_one(Deal, payment.deal_id)
    return gateway.OrderLine(f"{deal.reference} · {deal.title}", payment.total)


def _open_checkout(attempt: _Attempt) -> str:
    try:
        customer_id = ensure_customer(attempt.brand_id, attempt.user_id)
        session = gateway.create_checkout(replace(attempt.order, customer_id=customer_id))
    except (gateway.ProviderFault, gateway.ProviderRefused) as failure:
        # Nobody has the address of a checkout that may have been made, so nobody can pay it: the next try is a new one.
        with transaction():
            _give_up(attempt.checkout_id)
        if isinstance(failure, gateway.ProviderRefused) and failure.code == GONE:
            forget_customer(attempt.brand_id)
        raise
    with transaction():
        checkout = lock_checkout(attempt.checkout_id)
        if checkout.session_id is None:
            # Kept even where another member's try was given up meanwhile: only what we know of can be booked.
            checkout.session_id, checkout.url = session.id, session.url
        if checkout.state is CheckoutState.PREPARED:
            checkout.state = CheckoutState.OPEN
        given_up = checkout.state is CheckoutState.EXPIRED
    if session.url is None or given_up:
        raise Conflict(_l("This checkout is closed. Open the payment page again."))
    return session.url


def resume_checkout(checkout_id: str) -> None:
    """Finish opening a checkout that a crash left prepared; the key makes Stripe answer with the same one."""
    end_transaction()
    with transaction():
        checkout = lock_checkout(checkout_id)
        if checkout.state is not CheckoutState.PREPARED:
            return
        attempt = _attempt(checkout)
    with suppress(gateway.ProviderFault, gateway.ProviderRefused):
        _open_checkout(attempt)


def close_checkout(deal_id: int) -> None:
    """Close the open checkout of a deal that takes no money any more. What was paid meanwhile is booked and goes back.
    Other deals that it was open for are left as they are: they can be paid anew.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; ask again later.
    """
    end_transaction()
    query = select(Checkout.id).join(Payment, Payment.checkout_id == Checkout.id).join(Deal, Deal.id == Payment.deal_id)
    open_ = (CheckoutState.PREPARED, CheckoutState.OPEN)
    query = query.where(Deal.id == deal_id, Deal.state != State.FUNDING, Checkout.state.in_(open_))
    checkout_ids = db.session.scalars(query).all()
    end_transaction()
    for checkout_id in checkout_ids:
        _close(checkout_id)


def _close(checkout_id: uuid.UUID) -> None:
    end_transaction()
    with transaction():
        # Prepared is in somebody's hands or was left by a crash; either finds it given up.
        _give_up(str(checkout_id))
        session_id = db.session.get_one(Checkout, checkout_id).session_id
    if session_id is None:
        return
    # Refused where it is paid or over: asking how it stands says which.
    with suppress(gateway.ProviderRefused):
        gateway.expire_checkout(session_id)
    confirm_checkout(str(checkout_id))


def _give_up(checkout_id: str) -> None:
    """Close an attempt that led to no checkout. One that another member has opened meanwhile stays: it can be paid."""
    checkout = lock_checkout(checkout_id)
    if checkout.state is CheckoutState.PREPARED:
        end_checkout(checkout, CheckoutState.EXPIRED)
