"""A chargeback with all that it touches, locked."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marketplace.chargebacks.models import Chargeback, ChargebackPart, Stage
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout, Payment, PaymentState, Settlement
from marketplace.escrow.receive import lock_checkout
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db
from marketplace.infra.jobs import defer

logger = structlog.get_logger(__name__)
ARRIVED = (PaymentState.SUCCEEDED, PaymentState.RETURNED)
_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Case:
    """One chargeback; its deals, their settlements and its checkout are those of the whole payment."""

    chargeback: Chargeback
    checkout: Checkout
    deals: dict[int, Deal]
    settlements: dict[int, Settlement]
    parts: list[ChargebackPart]


def lock_cases(checkout_id: uuid.UUID, found: gateway.Dispute, asked_at: datetime) -> list[Case]:
    """The dispute's chargebacks, the newest last: one for each time that the bank took money. Deals are locked first,
    in the order of their ids, as everybody does."""
    theirs = select(Payment.deal_id).where(Payment.checkout_id == checkout_id, Payment.state.in_(ARRIVED))
    query = select(Deal).where(Deal.id.in_(theirs)).order_by(Deal.id).with_for_update()
    deals = {deal.id: deal for deal in db.session.scalars(query.execution_options(**_FRESH))}
    checkout = lock_checkout(str(checkout_id))
    chargebacks = _lock_chargebacks(checkout, found, asked_at)
    # Who prepares a transfer holds its settlement's row: an earning is withheld before it leaves, or has left.
    held = select(Settlement).where(Settlement.deal_id.in_(deals)).order_by(Settlement.id).with_for_update()
    settlements = {row.deal_id: row for row in db.session.scalars(held.execution_options(**_FRESH))}
    return [Case(one, checkout, deals, settlements, _parts_of(one)) for one in chargebacks]


def open_again(case: Case, found: gateway.Dispute, taken: gateway.BankMovement) -> Case:
    """The bank takes money by a dispute by which it has taken some: that is a chargeback of its own, of the same
    payment. That it was won may be said of the one before."""
    stage, amount = stage_in(found), -taken.amount.amount
    stage = Stage.UNDER_REVIEW if stage is Stage.WON else stage
    values = _values(case.checkout, found, taken.at) | {"stage": stage, "amount": amount, "opened_at": taken.at}
    again = Chargeback(**values, round=case.chargeback.round + 1)
    db.session.add(again)
    db.session.flush()
    logger.error("a bank takes a payment again", dispute=found.id, stage=stage, amount=amount)
    tell(again.id, "again")
    defer("chargebacks.assemble", chargeback_id=again.id)
    return replace(case, chargeback=again, parts=[])


def stage_in(found: gateway.Dispute) -> Stage:
    """Of a stage that has no page here, as those of an appeal, that the bank hasn't decided."""
    return Stage(found.stage) if found.stage in set(Stage) else Stage.UNDER_REVIEW


def tell(chargeback_id: int, what: str) -> None:
    """Let people know what has happened, in the transaction in which it has."""
    defer("notifications.tell_chargeback", chargeback_id=chargeback_id, what=what)


def _lock_chargebacks(checkout: Checkout, found: gateway.Dispute, asked_at: datetime) -> Sequence[Chargeback]:
    """The first is made by the first who reads of it."""
    made = insert(Chargeback).values(_values(checkout, found, asked_at) | {"round": 1})
    made = made.on_conflict_do_nothing(index_elements=["stripe_dispute_id", "round"])
    opened_id = db.session.scalar(made.returning(Chargeback.id))
    if opened_id is not None:
        logger.warning("chargeback", dispute=found.id, stage=found.stage, amount=str(found.amount))
        tell(opened_id, "opened")
        defer("chargebacks.assemble", chargeback_id=opened_id)
    query = select(Chargeback).where(Chargeback.stripe_dispute_id == found.id).order_by(Chargeback.round)
    return db.session.scalars(query.with_for_update().execution_options(**_FRESH)).all()


def _values(checkout: Checkout, found: gateway.Dispute, asked_at: datetime) -> dict[str, object]:
    return {
        "stripe_dispute_id": found.id,
        "checkout_id": checkout.id,
        "stage": stage_in(found),
        "reason": found.reason,
        "amount": found.amount.amount,
        "currency": found.amount.currency,
        "evidence_due_at": found.evidence_due_at,
        "evidence": {},
        "tries": 0,
        "opened_at": found.opened_at,
        "read_at": asked_at,
    }


def _parts_of(chargeback: Chargeback) -> list[ChargebackPart]:
    query = select(ChargebackPart).where(ChargebackPart.chargeback_id == chargeback.id)
    return list(db.session.scalars(query.order_by(ChargebackPart.deal_id)))
