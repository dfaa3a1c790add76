"""Reads of money that no machine brings further: refunds that failed, and payments of another amount than asked."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select

from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.chargebacks.models import Chargeback
from marketplace.chargebacks.queries import is_claim
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout, CheckoutState, Payment, Refund, RefundState
from marketplace.escrow.stuck import is_claimed
from marketplace.escrow.unplaced import count_unplaced
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.unanswered import count_unanswered

MOST = 100


@dataclass(frozen=True, slots=True)
class StuckRefund:
    """A refund that failed, or that waits for an entry by hand; `checkout` is the payment that it is of.

    `claim_id` is the chargeback by which a bank has taken that payment or kept it: the brand may have its money from
    there. `claimed`: nothing is decided while a bank has it.
    """

    refund: Refund
    deal: Deal
    brand_name: str
    checkout: Checkout
    claim_id: int | None
    claimed: bool


@dataclass(frozen=True, slots=True)
class HeldCheckout:
    """A payment that arrived in another amount than asked, and what the books still hold of it apart."""

    checkout: Checkout
    brand_name: str
    payer_name: str
    held: Money
    deals: Sequence[Deal]

    @property
    def returnable(self) -> bool:
        """Whether all that was charged is still held, in the currency that it was charged in."""
        whole = (self.checkout.currency, self.checkout.received_amount)
        return (self.held.currency, self.held.amount) == whole


def failed_refunds(state: RefundState = RefundState.FAILED) -> list[StuckRefund]:
    """The refunds that failed, the oldest first; BY_HAND gives those whose money waits for an entry by hand."""
    query = _refunds().where(Refund.state == state).order_by(Refund.finished_at, Refund.id).limit(MOST)
    if state is RefundState.BY_HAND:
        query = query.where(_holds(_deal_owner(), LedgerAccount.commodity == Refund.currency))
    return [StuckRefund(*row) for row in db.session.execute(query)]


def get_refund(refund_id: uuid.UUID) -> StuckRefund:
    """
    Raises:
        NotFound: there is none.
    """
    row = db.session.execute(_refunds().where(Refund.id == refund_id)).first()
    if row is None:
        raise NotFound
    return StuckRefund(*row)


def _refunds() -> Select[Refund, Deal, str, Checkout, int | None, bool]:
    claims = (Chargeback.checkout_id == Checkout.id, is_claim())
    claim = select(func.max(Chargeback.id)).where(*claims).correlate(Checkout).scalar_subquery()
    return (
        select(Refund, Deal, Brand.name, Checkout, claim, is_claimed())
        .join(Deal, Deal.id == Refund.deal_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Checkout, Checkout.id == Payment.checkout_id)
    )


def held_checkouts() -> list[HeldCheckout]:
    """The payments that are held apart, the oldest first."""
    query = _held().where(Checkout.state == CheckoutState.SUSPENSE, LedgerAccount.balance != 0)
    return _with_deals(query.order_by(Checkout.finished_at, Checkout.id).limit(MOST))


def get_held(checkout_id: uuid.UUID) -> HeldCheckout:
    """What is held of it in the currency that it was paid in.

    Raises:
        NotFound: there is none, or it was never held apart.
    """
    found = _with_deals(_held().where(Checkout.id == checkout_id, LedgerAccount.commodity == Checkout.currency))
    if not found:
        raise NotFound
    return found[0]


def _held() -> Select[Checkout, str, str, int | None, str]:
    return (
        select(Checkout, Brand.name, User.name, LedgerAccount.balance, LedgerAccount.commodity)
        .join(Brand, Brand.id == Checkout.brand_id)
        .join(User, User.id == Checkout.user_id)
        .join(LedgerAccount, (LedgerAccount.owner == _owner()) & (LedgerAccount.kind == AccountKind.SUSPENSE))
    )


def _with_deals(query: Select[Checkout, str, str, int | None, str]) -> list[HeldCheckout]:
    rows = db.session.execute(query).all()
    deals = _deals_of([row[0] for row in rows])
    return [
        HeldCheckout(checkout, brand, payer, Money(-(balance or 0), commodity), deals.get(str(checkout.id), []))
        for checkout, brand, payer, balance, commodity in rows
    ]


def _deals_of(checkouts: Sequence[Checkout]) -> dict[str, list[Deal]]:
    query = select(Payment.checkout_id, Deal).join(Deal, Deal.id == Payment.deal_id).order_by(Deal.id)
    found: dict[str, list[Deal]] = {}
    for checkout_id, deal in db.session.execute(query.where(Payment.checkout_id.in_([one.id for one in checkouts]))):
        found.setdefault(str(checkout_id), []).append(deal)
    return found


def _owner() -> ColumnElement[str]:
    return literal("checkout:") + cast(Checkout.id, String)


def _deal_owner() -> ColumnElement[str]:
    return literal("deal:") + cast(Refund.deal_id, String)


def _holds(owner: ColumnElement[str], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether anything lies on the owner's accounts of what isn't placed."""
    mine = (LedgerAccount.owner == owner, LedgerAccount.kind == AccountKind.SUSPENSE, LedgerAccount.balance != 0)
    return select(literal(1)).where(*mine, *conditions).exists()


def count_stuck() -> Select[int]:
    """How many of all of them wait for an administrator, with what is unanswered or not placed. What Stripe changed
    into another currency is held in that."""
    mine = _holds(_deal_owner(), LedgerAccount.commodity == Refund.currency)
    by_hand = (Refund.state == RefundState.BY_HAND, mine)
    held = (Checkout.state == CheckoutState.SUSPENSE, _holds(_owner()))
    queries = (
        select(func.count()).select_from(Refund).where(Refund.state == RefundState.FAILED),
        select(func.count()).select_from(Refund).where(*by_hand),
        select(func.count()).select_from(Checkout).where(*held),
    )
    failed, by_hand_count, held_count = (query.scalar_subquery() for query in queries)
    others = count_unanswered().scalar_subquery() + count_unplaced().scalar_subquery()
    return select(failed + by_hand_count + held_count + others)
