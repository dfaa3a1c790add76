"""What Stripe says of a dispute, and what follows from it: one verb that asks and books whatever is due.

Harmless to repeat, at any time and in any order: an event only says where to look. The verb talks to Stripe, so it owns
its transactions.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from marketplace.chargebacks.case import Case, lock_cases, open_again, stage_in, tell
from marketplace.chargebacks.models import ONLY_ASKS, WAITS_FOR_ANSWER, Chargeback, PartState, Stage
from marketplace.chargebacks.moving import lose, return_money, withdraw
from marketplace.chargebacks.parts import ask_about_parts
from marketplace.escrow.models import Checkout, Payment, Refund, RefundState
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.refund import send_refund
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock

logger = structlog.get_logger(__name__)
_FINAL = frozenset({Stage.WON, Stage.LOST, Stage.WARNING_CLOSED, Stage.PREVENTED})
# A charge of somebody else's may be called what they like.
_CHECKOUT = re.compile(r"checkout:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# The bank keeps what it has taken.
_KEPT = frozenset({Stage.LOST, Stage.PREVENTED})
# Stripe lists what a bank takes when it may be answered, or some time later.
_LISTED_WITHIN = timedelta(days=7)


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
        _record(lock_cases(checkout_id, found, asked_at), found, asked_at)


def _checkout_of(found: gateway.Dispute) -> uuid.UUID | None:
    """The checkout that the charge paid; its booking may have been slower than the bank."""
    checkout_id, meant = _by_charge(found.charge_id), _CHECKOUT.fullmatch(found.reference)
    if checkout_id is None and meant is not None:
        confirm_checkout(meant[1])
        checkout_id = _by_charge(found.charge_id)
    return checkout_id


def _by_charge(charge_id: str) -> uuid.UUID | None:
    checkout_id = db.session.scalar(select(Checkout.id).where(Checkout.charge_id == charge_id))
    end_transaction()
    return checkout_id


def _finish_refunds(checkout_id: uuid.UUID) -> None:
    """Refunds that are being sent come to their end first: what of a payment is refunded says what can be taken.

    Where the provider gives no answer about one, what the bank took is booked all the same: a deal at work must stand
    still, and a loss waits for the refund's outcome.
    """
    query = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.checkout_id == checkout_id, Refund.state == RefundState.PREPARED)
    )
    prepared = [str(refund_id) for refund_id in db.session.scalars(query)]
    end_transaction()
    for refund_id in prepared:
        try:
            send_refund(refund_id)
        except gateway.ProviderUnavailable as silence:
            logger.warning("a refund has no outcome yet", refund=refund_id, code=silence.code)


def _record(cases: list[Case], found: gateway.Dispute, asked_at: datetime) -> None:
    """Money counts whenever it is read of; of two answers the later says the stage."""
    for movement in found.movements:
        _book(cases, found, movement)
    for case in cases:
        chargeback, is_newest = case.chargeback, case is cases[-1]
        if chargeback.closed_at is not None and not is_newest:
            # It stays as it ended, unless the bank has given it back since.
            if chargeback.reinstated_transaction_id is not None:
                chargeback.stage = Stage.WON
            continue
        if asked_at >= chargeback.read_at:
            _keep_reading(chargeback, found, asked_at, is_newest=is_newest)
        ask_about_parts(case)
        if chargeback.stage in _KEPT or _won_in_part(chargeback):
            lose(case)
        if chargeback.stage in _FINAL and chargeback.closed_at is None and _is_booked(case):
            chargeback.closed_at = clock.now()
            tell(chargeback.id, "closed")


def _book(cases: list[Case], found: gateway.Dispute, movement: gateway.BankMovement) -> None:
    """Once, by its id. A bank that takes money again begins a chargeback of its own, the newest of the `cases`; what it
    gives back when nothing is with it any more is left to whoever reconciles the books."""
    if movement.id in _booked(cases):
        return
    if movement.amount.amount < 0:
        if cases[-1].chargeback.withdrawn_transaction_id is not None:
            cases.append(open_again(cases[-1], found, movement))
        withdraw(cases[-1], movement)
    elif movement.amount.amount > 0:
        waiting = [case for case in cases if _gave_nothing_back(case.chargeback)]
        if waiting:
            return_money(waiting, movement)


def _booked(cases: Sequence[Case]) -> set[str | None]:
    rows = [case.chargeback for case in cases]
    return {row.withdrawn_transaction_id for row in rows} | {row.reinstated_transaction_id for row in rows}


def _gave_nothing_back(chargeback: Chargeback) -> bool:
    return chargeback.withdrawn_transaction_id is not None and chargeback.reinstated_transaction_id is None


def _won_in_part(chargeback: Chargeback) -> bool:
    """What a bank that has decided for us hasn't given back by then, it keeps."""
    return chargeback.stage is Stage.WON and chargeback.reinstated_transaction_id is not None


def _keep_reading(chargeback: Chargeback, found: gateway.Dispute, asked_at: datetime, *, is_newest: bool) -> None:
    before, stage = chargeback.stage, _stage_of(chargeback, found, is_newest=is_newest)
    only_asked = before in ONLY_ASKS or before is Stage.WARNING_CLOSED
    if before not in _FINAL or stage in _FINAL or (only_asked and chargeback.withdrawn_transaction_id is not None):
        chargeback.stage = stage
    chargeback.reason, chargeback.evidence_due_at, chargeback.read_at = found.reason, found.evidence_due_at, asked_at
    if chargeback.withdrawn_transaction_id is None:
        chargeback.amount = found.amount.amount
    if chargeback.submitted_at is None and _is_answered(chargeback, found):
        chargeback.submitted_at = asked_at
    if only_asked and chargeback.stage is Stage.NEEDS_RESPONSE:
        # The question was answered, or not; the chargeback has to be answered anew.
        take_back_answer(chargeback)
        chargeback.submitted_at = None
        tell(chargeback.id, "escalated")
        defer("chargebacks.assemble", chargeback_id=chargeback.id)


def _is_answered(chargeback: Chargeback, found: gateway.Dispute) -> bool:
    """What was handed in once answers no later claim by the same dispute."""
    if chargeback.round == 1:
        return found.submitted
    return chargeback.checked_at is not None and stage_in(found) not in WAITS_FOR_ANSWER


def _stage_of(chargeback: Chargeback, found: gateway.Dispute, *, is_newest: bool) -> Stage:
    """Stripe says one stage of a dispute, however often the bank took money by it."""
    stage, given_back = stage_in(found), chargeback.reinstated_transaction_id is not None
    if given_back and not is_newest:
        return Stage.WON
    if given_back and chargeback.stage is Stage.WON:
        # The bank takes it again: that isn't kept before it is taken.
        return Stage.WON
    if stage is Stage.WON and chargeback.round > 1 and not given_back:
        return Stage.UNDER_REVIEW
    return stage


def take_back_answer(chargeback: Chargeback) -> None:
    """What an administrator decided counts no more: it was of an earlier stage, or couldn't be sent."""
    chargeback.checked_by = chargeback.checked_at = chargeback.stripe_file_id = chargeback.accepted_by = None


def _is_booked(case: Case) -> bool:
    """Whether nothing of it is with a bank any more, or will be: Stripe may say how one ended before it lists what the
    bank took, and what it gave back. One that was prevented may have taken nothing, nor one of which nothing is listed
    long after it could be answered: what comes of it later is booked when an event tells of it."""
    chargeback = case.chargeback
    if chargeback.stage in (Stage.WON, Stage.LOST) and chargeback.withdrawn_transaction_id is None:
        return (chargeback.evidence_due_at or chargeback.opened_at) <= clock.now() - _LISTED_WITHIN
    if chargeback.stage is Stage.WON and chargeback.reinstated_transaction_id is None:
        return False
    return all(part.state is not PartState.HELD for part in case.parts)
