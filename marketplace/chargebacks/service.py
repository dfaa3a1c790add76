"""What Stripe says of a dispute, and what follows from it: one verb that asks and books whatever is due.

Harmless to repeat, at any time and in any order: an event only says where to look. The verb talks to Stripe, so it owns
its transactions.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import SYSTEM
from marketplace.chargebacks.booking import (
    bear,
    book_unplaced_reinstated,
    book_unplaced_withdrawn,
    book_withdrawn,
    give_back,
)
from marketplace.chargebacks.dividing import Paid, divide
from marketplace.chargebacks.models import ONLY_ASKS, Chargeback, ChargebackPart, PartState, Stage
from marketplace.chargebacks.recovery import lock_debts
from marketplace.deals.lifecycle import FUNDED, Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.quotes import release_deal_allowance
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, Refund, RefundState, Settlement
from marketplace.escrow.receive import confirm_checkout, lock_checkout
from marketplace.escrow.refund import add_refund, prepare_refund, send_refund
from marketplace.escrow.stuck import CLAIMED
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.money import Money, allot
from marketplace.ledger.accounts import agency_owner, creator_owner, escrow
from marketplace.ledger.provider import fee_posting
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post_many

logger = structlog.get_logger(__name__)
FINAL = frozenset({Stage.WON, Stage.LOST, Stage.WARNING_CLOSED, Stage.PREVENTED})
# The bank keeps what it has taken.
_KEPT = frozenset({Stage.LOST, Stage.PREVENTED})
_ARRIVED = (PaymentState.SUCCEEDED, PaymentState.RETURNED)
# Stripe lists what a bank takes when it may be answered, or some time later.
_LISTED_WITHIN = timedelta(days=7)
_TAKEN = (PartState.HELD, PartState.BORNE)


@dataclass(frozen=True, slots=True)
class _Case:
    """A chargeback with all that it touches, locked: deals first, in the order of their ids, as everybody does."""

    chargeback: Chargeback
    checkout: Checkout
    deals: dict[int, Deal]
    settlements: dict[int, Settlement]
    parts: list[ChargebackPart]


def read_chargeback(dispute_id: str) -> None:
    """Ask Stripe how a dispute stands, and book what is due: taken, given back, kept.

    Raises:
        ProviderUnavailable: Stripe doesn't answer: ask again later.
        ProviderRefused: it knows no such dispute.
    """
    end_transaction()
    asked_at = clock.now()
    found = gateway.get_dispute(dispute_id)
    checkout_id = _checkout_of(found)
    if checkout_id is None:
        logger.warning("a dispute of a charge that isn't ours", dispute=dispute_id, charge=found.charge_id)
        return
    _finish_refunds(checkout_id)
    with transaction():
        _record(_lock(checkout_id, found, asked_at), found, asked_at)


def _checkout_of(found: gateway.Dispute) -> uuid.UUID | None:
    """The checkout that the charge paid; its booking may have been slower than the bank."""
    checkout_id = _by_charge(found.charge_id)
    reference = found.reference.removeprefix("checkout:")
    if checkout_id is None and reference != found.reference:
        confirm_checkout(reference)
        checkout_id = _by_charge(found.charge_id)
    return checkout_id


def _by_charge(charge_id: str) -> uuid.UUID | None:
    checkout_id = db.session.scalar(select(Checkout.id).where(Checkout.charge_id == charge_id))
    end_transaction()
    return checkout_id


def _finish_refunds(checkout_id: uuid.UUID) -> None:
    """Refunds that are being sent come to their end first: what of a payment is refunded says what can be taken."""
    query = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.checkout_id == checkout_id, Refund.state == RefundState.PREPARED)
    )
    prepared = [str(refund_id) for refund_id in db.session.scalars(query)]
    end_transaction()
    for refund_id in prepared:
        send_refund(refund_id)


def _lock(checkout_id: uuid.UUID, found: gateway.Dispute, asked_at: datetime) -> _Case:
    theirs = select(Payment.deal_id).where(Payment.checkout_id == checkout_id, Payment.state.in_(_ARRIVED))
    fresh = {"populate_existing": True}
    query = select(Deal).where(Deal.id.in_(theirs)).order_by(Deal.id).with_for_update()
    deals = {deal.id: deal for deal in db.session.scalars(query.execution_options(**fresh))}
    checkout = lock_checkout(str(checkout_id))
    chargeback = _opened(checkout_id, found, asked_at)
    # Who prepares a transfer holds its settlement's row: an earning is withheld before it leaves, or has left.
    held = select(Settlement).where(Settlement.deal_id.in_(deals)).order_by(Settlement.id).with_for_update()
    settlements = {row.deal_id: row for row in db.session.scalars(held.execution_options(**fresh))}
    parts = select(ChargebackPart).where(ChargebackPart.chargeback_id == chargeback.id)
    return _Case(
        chargeback, checkout, deals, settlements, list(db.session.scalars(parts.order_by(ChargebackPart.deal_id)))
    )


def _opened(checkout_id: uuid.UUID, found: gateway.Dispute, asked_at: datetime) -> Chargeback:
    """The dispute's row, made by the first who reads of it, and locked."""
    values = {
        "stripe_dispute_id": found.id,
        "checkout_id": checkout_id,
        "stage": Stage(found.stage),
        "reason": found.reason,
        "amount": found.amount.amount,
        "currency": found.amount.currency,
        "evidence_due_at": found.evidence_due_at,
        "evidence": {},
        "tries": 0,
        "opened_at": found.opened_at,
        "read_at": asked_at,
    }
    made = insert(Chargeback).values(values).on_conflict_do_nothing(index_elements=["stripe_dispute_id"])
    opened_id = db.session.scalar(made.returning(Chargeback.id))
    if opened_id is not None:
        logger.warning("chargeback", dispute=found.id, stage=found.stage, amount=str(found.amount))
        tell(opened_id, "opened")
        defer("chargebacks.assemble", chargeback_id=opened_id)
    query = select(Chargeback).where(Chargeback.stripe_dispute_id == found.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _record(case: _Case, found: gateway.Dispute, asked_at: datetime) -> None:
    """Money counts whenever it is read of; of two answers the later says the stage."""
    chargeback = case.chargeback
    if asked_at >= chargeback.read_at:
        _keep_reading(chargeback, found, asked_at)
    _open_parts(case)
    taken = next((move for move in found.movements if move.amount.amount < 0), None)
    given_back = next((move for move in found.movements if move.amount.amount > 0), None)
    if taken is not None and chargeback.withdrawn_transaction_id is None:
        _withdraw(case, taken)
    if given_back is not None and taken is not None and chargeback.reinstated_transaction_id is None:
        _give_back(case, given_back, -taken.amount)
    if chargeback.stage in _KEPT or _won_in_part(chargeback):
        _lose(case)
    if chargeback.stage in FINAL and chargeback.closed_at is None and _is_booked(case):
        chargeback.closed_at = clock.now()
        tell(chargeback.id, "closed")


def _won_in_part(chargeback: Chargeback) -> bool:
    """What a bank that has decided for us hasn't given back by then, it keeps."""
    return chargeback.stage is Stage.WON and chargeback.reinstated_transaction_id is not None


def _keep_reading(chargeback: Chargeback, found: gateway.Dispute, asked_at: datetime) -> None:
    before, stage = chargeback.stage, Stage(found.stage)
    if before not in FINAL or stage in FINAL:
        chargeback.stage = stage
    chargeback.reason, chargeback.evidence_due_at, chargeback.read_at = found.reason, found.evidence_due_at, asked_at
    chargeback.amount = found.amount.amount
    if found.submitted and chargeback.submitted_at is None:
        chargeback.submitted_at = asked_at
    if before in ONLY_ASKS and chargeback.stage is Stage.NEEDS_RESPONSE:
        # The question was answered, or not; the chargeback has to be answered anew.
        take_back_answer(chargeback)
        chargeback.submitted_at = None
        tell(chargeback.id, "escalated")
        defer("chargebacks.assemble", chargeback_id=chargeback.id)


def take_back_answer(chargeback: Chargeback) -> None:
    """What an administrator decided counts no more: it was of an earlier stage, or couldn't be sent."""
    chargeback.checked_by = chargeback.checked_at = chargeback.stripe_file_id = chargeback.accepted_by = None


def tell(chargeback_id: int, what: str) -> None:
    """Let people know what has happened, in the transaction in which it has."""
    defer("notifications.tell_chargeback", chargeback_id=chargeback_id, what=what)


# --- Parts ------------------------------------------------------------------------------------------------------------
def _open_parts(case: _Case) -> None:
    """While a bank only asks, the parts say whose payment it asks about."""
    taken = case.chargeback.withdrawn_transaction_id is not None
    if not case.parts and not taken and case.checkout.state is not CheckoutState.SUSPENSE:
        _divide(case, case.chargeback.total, PartState.ASKED)


def _divide(case: _Case, amount: Money, state: PartState) -> Money:
    """Give the chargeback the parts that `amount` comes to now; how much belongs to no deal."""
    for part in case.parts:
        db.session.delete(part)
    db.session.flush()
    case.parts.clear()
    payments = db.session.scalars(
        select(Payment)
        .where(Payment.checkout_id == case.checkout.id, Payment.state.in_(_ARRIVED))
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


def _paid(case: _Case, payment: Payment, left: int) -> Paid:
    """Of a deal at work nothing was refunded: what isn't left another bank's claim has, and escrow has no more."""
    return Paid(left if _at_work(case, payment) else payment.amount, left)


def _at_work(case: _Case, payment: Payment) -> bool:
    state = case.deals[payment.deal_id].state
    return payment.state is PaymentState.SUCCEEDED and (state in FUNDED or state is State.FROZEN)


def _part(case: _Case, payment: Payment, share: int, state: PartState) -> ChargebackPart:
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
    """What of each payment is neither refunded nor taken by another dispute."""
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


# --- Money ------------------------------------------------------------------------------------------------------------
def _withdraw(case: _Case, taken: gateway.BankMovement) -> None:
    """The bank has taken the money: a deal at work stands still, of a settled one nothing more is sent. One that was
    closed without any is open again until this is booked."""
    chargeback = case.chargeback
    chargeback.closed_at = None
    chargeback.withdrawn_transaction_id = taken.id
    unplaced = _divide(case, -taken.amount, PartState.HELD)
    for part in case.parts:
        book_withdrawn(chargeback, part)
        deal = case.deals[part.deal_id]
        if part.from_escrow and deal.state is not State.FROZEN:
            move_deal(deal, Action.CHARGE_BACK, SYSTEM, DealSide.CLOCK, details=_amount(part))
    book_unplaced_withdrawn(chargeback, case.checkout, unplaced)
    _book_fee(taken)
    tell(chargeback.id, "withdrawn")


def _give_back(case: _Case, given_back: gateway.BankMovement, taken: Money) -> None:
    """The bank has given it back, whole or in part, whatever it had decided before: each part in proportion."""
    chargeback = case.chargeback
    chargeback.reinstated_transaction_id = given_back.id
    amount, late = given_back.amount, chargeback.closed_at is not None
    sums = [part.amount for part in case.parts]
    shares = allot(min(amount.amount, taken.amount), [*sums, taken.amount - sum(sums)])
    back = [(part, Money(share, amount.currency)) for part, share in zip(case.parts, shares, strict=False) if share]
    owed = lock_debts([owner for settlement in case.settlements.values() for owner in _payees(settlement)])
    post_many([give_back(chargeback, part, share, owed) for part, share in back])
    placed = sum((share for _part, share in back), Money.zero(amount.currency))
    book_unplaced_reinstated(chargeback, case.checkout, amount - placed)
    _book_fee(given_back)
    for part, share in back:
        if part.from_escrow:
            _go_on(case.deals[part.deal_id], part, share)
        elif part.state is PartState.REINSTATED:
            _refund_again(part)
    if late:
        logger.error("a bank gives back what it had kept", dispute=chargeback.stripe_dispute_id, amount=str(amount))
        tell(chargeback.id, "changed")


def _payees(settlement: Settlement) -> list[str]:
    owners = [creator_owner(settlement.creator_id)]
    return owners if settlement.agency_id is None else [*owners, agency_owner(settlement.agency_id)]


def _go_on(deal: Deal, part: ChargebackPart, amount: Money) -> None:
    """A deal that stood still goes on, unless a bank's claim still holds something of it; of one that has ended
    meanwhile the money goes back to who paid."""
    db.session.flush()
    others = select(ChargebackPart.id).where(
        ChargebackPart.deal_id == deal.id, ChargebackPart.state == PartState.HELD, ChargebackPart.from_escrow
    )
    if deal.state is not State.FROZEN:
        prepare_refund(db.session.get_one(Payment, part.payment_id), amount)
    elif db.session.scalar(others.limit(1)) is None:
        move_deal(deal, Action.REINSTATE, SYSTEM, DealSide.CLOCK, details=_amount(part))


def _refund_again(part: ChargebackPart) -> None:
    """What could not be sent back to the brand while its bank had the money is sent now."""
    failed = (Refund.payment_id == part.payment_id, Refund.state == RefundState.FAILED, Refund.failure.in_(CLAIMED))
    for refund in db.session.scalars(select(Refund).where(*failed).with_for_update()).all():
        refund.state = RefundState.REPLACED
        db.session.flush()
        add_refund(db.session.get_one(Payment, part.payment_id), refund.total, replaces_id=refund.id)


def _lose(case: _Case) -> None:
    """The bank keeps the money. Where a refund of the deal is being sent, its outcome is waited for."""
    lost = [part for part in case.parts if part.state is PartState.HELD and not _refund_is_on_its_way(part)]
    postings = [bear(case.chargeback, part, _settlement_of(case, part)) for part in lost]
    post_many([posting for posting in postings if posting is not None])
    for part in lost:
        deal = case.deals[part.deal_id]
        if part.from_escrow and deal.state is State.FROZEN:
            _end(deal, part)
        elif not part.from_escrow and part.given_back_amount:
            _refund_again(part)
    db.session.flush()


def _settlement_of(case: _Case, part: ChargebackPart) -> Settlement | None:
    """Who was paid from the part's payment; nobody from one that its deal didn't take, as another had paid for it."""
    payment = db.session.get_one(Payment, part.payment_id)
    return case.settlements.get(part.deal_id) if payment.state is PaymentState.SUCCEEDED else None


def _end(deal: Deal, part: ChargebackPart) -> None:
    """A deal without its money is over; what the bank left of it goes back to who paid."""
    move_deal(deal, Action.LOSE_CHARGEBACK, SYSTEM, DealSide.CLOCK, details=_amount(part))
    left = Money(balance(escrow(deal.id, part.currency)), part.currency)
    if left:
        prepare_refund(db.session.get_one(Payment, part.payment_id), left)
    release_deal_allowance(deal)
    defer("disputes.end_by_chargeback", deal_id=deal.id)


def _refund_is_on_its_way(part: ChargebackPart) -> bool:
    query = select(Refund.id).where(Refund.payment_id == part.payment_id, Refund.state == RefundState.PREPARED)
    return db.session.scalar(query.limit(1)) is not None


def _is_booked(case: _Case) -> bool:
    """Whether nothing of it is with a bank any more, or will be: Stripe may say how one ended before it lists what the
    bank took, and what it gave back. One that was prevented may have taken nothing, nor one of which nothing is listed
    long after it could be answered: what comes of it later is booked when an event tells of it."""
    chargeback = case.chargeback
    if chargeback.stage in (Stage.WON, Stage.LOST) and chargeback.withdrawn_transaction_id is None:
        return (chargeback.evidence_due_at or chargeback.opened_at) <= clock.now() - _LISTED_WITHIN
    if chargeback.stage is Stage.WON and chargeback.reinstated_transaction_id is None:
        return False
    return all(part.state is not PartState.HELD for part in case.parts)


def _book_fee(movement: gateway.BankMovement) -> None:
    fee = fee_posting(movement.id, movement.fee)
    if fee is not None:
        post_many([fee])


def _amount(part: ChargebackPart) -> dict[str, object]:
    return {"amount": part.amount, "currency": part.currency}
