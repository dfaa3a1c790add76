"""What follows when a bank moves money: deals stand still or go on, somebody bears it or has it again."""

from collections.abc import Sequence

import structlog
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM
from marketplace.chargebacks.booking import (
    bear,
    book_unplaced_reinstated,
    book_unplaced_withdrawn,
    book_withdrawn,
    give_back,
)
from marketplace.chargebacks.case import Case, tell
from marketplace.chargebacks.models import ChargebackPart, PartState
from marketplace.chargebacks.parts import divide_parts
from marketplace.chargebacks.recovery import lock_debts
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.quotes import release_deal_allowance
from marketplace.escrow.holding import forewarn_anew
from marketplace.escrow.models import Payment, PaymentState, Refund, RefundState, Settlement
from marketplace.escrow.refund import add_refund, prepare_refund
from marketplace.escrow.stuck import CLAIMED
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit.money import Money, allot
from marketplace.ledger.accounts import agency_owner, creator_owner, escrow
from marketplace.ledger.provider import fee_posting
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post_many

logger = structlog.get_logger(__name__)


def withdraw(case: Case, taken: gateway.BankMovement) -> None:
    """The bank has taken the money: a deal at work stands still, of a settled one nothing more is sent. One that was
    closed without any is open again until this is booked."""
    chargeback = case.chargeback
    chargeback.closed_at = None
    chargeback.withdrawn_transaction_id = taken.id
    # Of a payment that Stripe changed, its bank claims in another currency than our balance gives up.
    chargeback.amount, chargeback.currency = -taken.amount.amount, taken.amount.currency
    unplaced = divide_parts(case, -taken.amount, PartState.HELD)
    for part in case.parts:
        book_withdrawn(chargeback, part)
        deal = case.deals[part.deal_id]
        if part.from_escrow and deal.state is not State.FROZEN:
            move_deal(deal, Action.CHARGE_BACK, SYSTEM, DealSide.CLOCK, details=_amount(part))
    book_unplaced_withdrawn(chargeback, case.checkout, unplaced)
    _book_fee(taken)
    tell(chargeback.id, "withdrawn")


def return_money(cases: Sequence[Case], given_back: gateway.BankMovement) -> None:
    """The bank has given it back, whole or in part, whatever it had decided before. `cases` are those of which it has
    given nothing back yet: where it took more than once, the first comes first."""
    left = given_back.amount.amount
    for case in cases:
        share = left if case is cases[-1] else min(left, case.chargeback.amount)
        _return_of(case, given_back.id, Money(share, given_back.amount.currency))
        left -= share
    _book_fee(given_back)


def _return_of(case: Case, transaction_id: str, amount: Money) -> None:
    """To each part in proportion."""
    chargeback = case.chargeback
    chargeback.reinstated_transaction_id = transaction_id
    late, taken = chargeback.closed_at is not None, chargeback.amount
    sums = [part.amount for part in case.parts]
    shares = allot(min(amount.amount, taken), [*sums, taken - sum(sums)])
    back = [(part, Money(share, amount.currency)) for part, share in zip(case.parts, shares, strict=False) if share]
    owed = lock_debts([owner for settlement in case.settlements.values() for owner in _payees(settlement)])
    post_many([give_back(chargeback, part, share, owed) for part, share in back])
    placed = sum((share for _part, share in back), Money.zero(amount.currency))
    book_unplaced_reinstated(chargeback, case.checkout, amount - placed)
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
        forewarn_anew(part.payment_id)


def _refund_again(part: ChargebackPart) -> None:
    """What could not be sent back to the brand while its bank had the money is sent now."""
    failed = (Refund.payment_id == part.payment_id, Refund.state == RefundState.FAILED, Refund.failure.in_(CLAIMED))
    for refund in db.session.scalars(select(Refund).where(*failed).with_for_update()).all():
        refund.state = RefundState.REPLACED
        db.session.flush()
        add_refund(db.session.get_one(Payment, part.payment_id), refund.total, replaces_id=refund.id)


def lose(case: Case) -> None:
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


def _settlement_of(case: Case, part: ChargebackPart) -> Settlement | None:
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


def _book_fee(movement: gateway.BankMovement) -> None:
    fee = fee_posting(movement.id, movement.fee)
    if fee is not None:
        post_many([fee])


def _amount(part: ChargebackPart) -> dict[str, object]:
    return {"amount": part.amount, "currency": part.currency}
