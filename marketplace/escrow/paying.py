"""What a company has to pay and how its payments stand: reads for the pages around the checkout."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.deals.queries import visible_deals
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, Refund, RefundState
from marketplace.fees.quote import FeeQuote
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money


class Outcome(StrEnum):
    """What became of a checkout or of one deal's part of it, as its payer reads it.

    `declined`: a try failed and it can be gone on with. `refused`: a bank said no, days later. `late`: it arrived when
    its deal took no money any more. `given_back`: a person sent it back.
    """

    OPEN = "open"
    DECLINED = "declined"
    CONFIRMING = "confirming"
    ARRIVED = "arrived"
    REFUSED = "refused"
    EXPIRED = "expired"
    LATE = "late"
    SUSPENSE = "suspense"
    GIVEN_BACK = "given_back"


_UNDECIDED = frozenset({Outcome.OPEN, Outcome.DECLINED, Outcome.CONFIRMING})
_FRESH = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class PaidPart:
    """One deal's part of a checkout, and how it stands."""

    payment: Payment
    deal: Deal
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PaidPage:
    """A checkout as its page tells it. `confirmed_by` is when its deals expire unless a bank has confirmed it."""

    checkout: Checkout
    outcome: Outcome
    parts: list[PaidPart]

    @property
    def confirmed_by(self) -> datetime | None:
        waiting = [part.deal.deadline_at for part in self.parts if part.deal.awaiting_bank]
        return min((moment for moment in waiting if moment is not None), default=None)

    @property
    def payable(self) -> list[Deal]:
        """The deals that nothing came for and that can still be paid."""
        over = (Outcome.EXPIRED, Outcome.REFUSED, Outcome.GIVEN_BACK, Outcome.SUSPENSE)
        found = [part.deal for part in self.parts if part.outcome in over]
        return [deal for deal in found if deal.state is State.FUNDING and not deal.awaiting_bank]


def paid_page(actor: Actor, checkout_id: uuid.UUID) -> PaidPage:
    """How a checkout of the actor's company stands in our tables.

    Raises:
        NotFound: there is none, or it is another company's.
    """
    checkout = get_checkout(actor, checkout_id)
    query = select(Payment, Deal).join(Deal, Deal.id == Payment.deal_id).where(Payment.checkout_id == checkout.id)
    rows = db.session.execute(query.options(joinedload(Deal.creator)).order_by(Deal.id)).all()
    parts = [PaidPart(payment, deal, _of_part(checkout, payment)) for payment, deal in rows]
    return PaidPage(checkout, _of_checkout(checkout), parts)


def get_checkout(actor: Actor, checkout_id: uuid.UUID) -> Checkout:
    """
    Raises:
        NotFound: there is none, or it is another company's.
    """
    query = select(Checkout).where(Checkout.id == checkout_id, Checkout.brand_id == actor.brand_id)
    found = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found


def may_have_news(checkout: Checkout) -> bool:
    """Whether the provider may say more of it than we know: until it has an outcome, and not again within seconds,
    however often its page is loaded."""
    decided = checkout.charge_id is not None or _of_checkout(checkout) not in _UNDECIDED
    return not decided and (checkout.read_at is None or checkout.read_at <= clock.now() - _FRESH)


def _of_checkout(checkout: Checkout) -> Outcome:
    match checkout.state:
        case CheckoutState.CONFIRMING:
            return Outcome.CONFIRMING
        case CheckoutState.PAID:
            return Outcome.ARRIVED
        case CheckoutState.FAILED:
            return Outcome.REFUSED
        case CheckoutState.EXPIRED:
            return Outcome.EXPIRED
        case CheckoutState.SUSPENSE:
            return Outcome.SUSPENSE
        case CheckoutState.RETURNED:
            return Outcome.GIVEN_BACK
        case _:
            return Outcome.DECLINED if checkout.failure else Outcome.OPEN


def _of_part(checkout: Checkout, payment: Payment) -> Outcome:
    """A part may have ended before its checkout: its deal was paid in another one, or takes no money any more."""
    match payment.state:
        case PaymentState.SUCCEEDED:
            return Outcome.ARRIVED
        case PaymentState.RETURNED:
            return Outcome.GIVEN_BACK if checkout.state is CheckoutState.RETURNED else Outcome.LATE
        case PaymentState.SUSPENSE:
            return Outcome.SUSPENSE
        case PaymentState.EXPIRED:
            return Outcome.REFUSED if checkout.state is CheckoutState.FAILED else Outcome.EXPIRED
        case _:
            return _of_checkout(checkout)


@dataclass(frozen=True, slots=True)
class Payable:
    """A deal that waits for the company's payment."""

    deal: Deal
    amount: Money


def payable_deals(actor: Actor, limit: int = gateway.MOST_LINES) -> list[Payable]:
    """The deals that wait for the actor's company to pay, the nearest deadline first."""
    waiting = (Deal.brand_id == actor.brand_id, Deal.state == State.FUNDING, ~Deal.awaiting_bank)
    query = visible_deals(actor).where(*waiting).options(joinedload(Deal.creator), joinedload(Deal.brand))
    deals = db.session.scalars(query.order_by(Deal.deadline_at, Deal.id).limit(limit))
    return [Payable(deal, FeeQuote.from_json(deal.quote).brand_total) for deal in deals if deal.quote is not None]


@dataclass(frozen=True, slots=True)
class DealPayment:
    """A deal's newest payment, and its refunds but for those that others took the place of, oldest first."""

    payment: Payment
    refunds: Sequence[Refund]

    @property
    def unsent(self) -> list[Refund]:
        """Refunds that failed: their money is held for the payer until somebody finds another way."""
        return [refund for refund in self.refunds if refund.state in (RefundState.FAILED, RefundState.BY_HAND)]


def payment_of(deal_id: int) -> DealPayment | None:
    """The deal's newest payment with its refunds, None where nobody has tried to pay; in two queries."""
    query = select(Payment).where(Payment.deal_id == deal_id).order_by(Payment.created_at.desc()).limit(1)
    payment = db.session.scalars(query).first()
    if payment is None:
        return None
    refunds = select(Refund).where(Refund.deal_id == deal_id, Refund.state != RefundState.REPLACED)
    return DealPayment(payment, db.session.scalars(refunds.order_by(Refund.created_at)).all())


def confirming_checkouts(brand_id: int | None, limit: int) -> Sequence[Checkout]:
    """The payments of a company that a bank is confirming, the oldest first."""
    mine = (Checkout.brand_id == brand_id, Checkout.state == CheckoutState.CONFIRMING)
    return db.session.scalars(select(Checkout).where(*mine).order_by(Checkout.created_at).limit(limit)).all()
