"""Money that no machine brings further: refunds that failed, and payments that arrived in another amount than asked.

Administrators decide what becomes of it. None of these verbs commits or talks to Stripe.
"""

import uuid

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from marketplace.accounts.actor import Actor
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, Refund, RefundState
from marketplace.escrow.receive import lock_checkout, lock_deals
from marketplace.escrow.refund import add_refund, lock_refund, set_on_its_way
from marketplace.infra.db import db
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind, deal_owner, refund_in_transit, suspense
from marketplace.ledger.models import LedgerAccount, LedgerEntry
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post

# The provider's words for a refund that a bank's claim on its charge stands in the way of.
CLAIMED = ("charge_disputed", "charge_for_pending_refund_disputed")
NOT_WAITING = _l("This isn’t waiting for a decision any more. Nothing was done twice.")
NOT_WHOLE = _l(
    "What the books hold of this payment isn’t what was charged: a part was placed, or it was changed into another "
    "currency. Return it at Stripe, and book that by hand. Nothing was sent."
)


def is_claimed() -> ColumnElement[bool]:
    """The condition for refunds that a bank's claim on their deal's payment stands in the way of.

    It shows in the books, and before it was heard of in why the refund failed. While a bank only asks, no money has
    moved.
    """
    owner = literal("deal:") + cast(Refund.deal_id, String)
    with_bank = (LedgerAccount.owner == owner, LedgerAccount.kind == AccountKind.CHARGEBACK_HELD)
    mine = (LedgerAccount.commodity == Refund.currency, LedgerAccount.balance != 0)
    held = select(LedgerAccount.id).where(*with_bank, *mine).correlate(Refund)
    return or_(held.exists(), Refund.failure.in_(CLAIMED) & ~_why_it_failed().exists())


def _why_it_failed() -> Select[int]:
    """What banks took of the refund's charge and is in the books: whichever deals of its checkout gave it, since the
    refund was made, or for good. What was given back before doesn't tell why a later refund failed."""
    mine, part, back = aliased(Payment), aliased(Payment), aliased(LedgerEntry)
    of_deal = literal("deal:") + cast(part.deal_id, String)
    of_checkout = literal("checkout:") + cast(part.checkout_id, String)
    reinstated = func.replace(LedgerEntry.idempotency_key, ":withdrawn:", ":reinstated:")
    given_back = select(back.id).where(back.idempotency_key == reinstated).correlate(LedgerEntry)
    return (
        select(LedgerEntry.id)
        .select_from(mine)
        .join(part, part.checkout_id == mine.checkout_id)
        .join(LedgerEntry, LedgerEntry.reference.in_((of_deal, of_checkout)))
        .where(mine.id == Refund.payment_id, LedgerEntry.kind == "chargeback.withdrawn")
        .where(or_(LedgerEntry.posted_at >= Refund.created_at, ~given_back.exists()))
        .correlate(Refund)
    )


def retry_refund(actor: Actor, refund_id: str) -> Refund:
    """Try a refund that failed once more, as a new one under a key of its own, which takes over the money on its way.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is none.
        Conflict: it hasn't failed, or somebody has found another way already.
    """
    failed = _lock_failed(actor, refund_id)
    failed.state = RefundState.REPLACED
    db.session.flush()
    return add_refund(db.session.get_one(Payment, failed.payment_id), failed.total, replaces_id=failed.id)


def settle_by_hand(actor: Actor, refund_id: str) -> Refund:
    """Take a refund that failed off its way: its money waits on an account of the deal's own for an entry by hand,
    which two administrators make when they have paid the brand in another way.

    Raises:
        NotAllowed, NotFound: as `retry_refund`.
        Conflict: as `retry_refund`; also while a bank claims the payment, as the brand would have it twice.
    """
    failed = _lock_failed(actor, refund_id)
    _require_no_claim(failed)
    failed.state = RefundState.BY_HAND
    currency, owner = failed.currency, deal_owner(failed.deal_id)
    lines = [debit(refund_in_transit(failed.deal_id, currency), failed.total)]
    lines.append(credit(suspense(currency, owner), failed.total))
    post("refund.by_hand", f"refund:{failed.id}:by_hand", lines, owner, description=actor.name)
    return failed


def _require_no_claim(refund: Refund) -> None:
    """A bank that keeps the payment has given it to the payer; if it gives it back, the refund is sent again by
    itself."""
    if db.session.scalar(select(Refund.id).where(Refund.id == refund.id, is_claimed())) is not None:
        raise Conflict(
            _l(
                "The payer’s bank has claimed this payment. If it keeps the money, the brand has it that way; if not, "
                "the refund can be sent. Nothing was changed, so that nobody is paid twice."
            )
        )


def _lock_failed(actor: Actor, refund_id: str) -> Refund:
    """Its deal is locked before it, as whoever books a bank's claim locks both."""
    _require_admin(actor)
    deal = select(Deal.id).join(Refund, Refund.deal_id == Deal.id).where(Refund.id == refund_id)
    db.session.execute(deal.with_for_update(of=Deal))
    refund = lock_refund(refund_id)
    if refund.state is not RefundState.FAILED:
        raise Conflict(_l("This refund isn’t waiting for a decision any more. Nothing was done twice."))
    return refund


def return_checkout(actor: Actor, checkout_id: str) -> Refund:
    """Send a payment that arrived in another amount than asked back to whoever made it, all of it.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is none.
        Conflict: it isn't held any more, not all of it, or not in the currency that it was paid in.
    """
    _require_admin(actor)
    lock_deals(uuid.UUID(checkout_id))
    checkout = lock_checkout(checkout_id)
    if checkout.state is not CheckoutState.SUSPENSE:
        raise Conflict(_l("This payment isn’t waiting for a decision any more. Nothing was done twice."))
    account, arrived = suspense(checkout.currency, f"checkout:{checkout.id}"), _arrived(checkout)
    if arrived is None or balance(account) != arrived.amount:
        raise Conflict(NOT_WHOLE)
    parts = db.session.scalars(
        select(Payment).where(Payment.checkout_id == checkout.id).order_by(Payment.deal_id)
    ).all()
    for payment in parts:
        payment.state = PaymentState.RETURNED
    checkout.state = CheckoutState.RETURNED
    refund = add_refund(parts[0], arrived)
    set_on_its_way(refund, account)
    return refund


def _arrived(checkout: Checkout) -> Money | None:
    return Money(checkout.received_amount, checkout.currency) if checkout.received_amount else None


def _require_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotAllowed
