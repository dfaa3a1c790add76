"""How long money may be held: Stripe's limit by country, the stages before it, and who was told of them.

Stripe offers no escrow in the legal sense and says for how long a platform may keep a balance: 10 days in Thailand, 2
years in the United States, 90 days elsewhere (docs.stripe.com/connect/manual-payouts). What becomes of a deal at the
limit is the disputes' to do (docs/deals.md).
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.escrow.models import HoldingNotice, HoldingStage, Payment, PaymentState
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock

# The last days are a tenth of the limit, and never fewer than these.
LAST_DAYS = timedelta(days=3)
# No money moves by the limit before both sides have known it for so long: a worker may have stood still, or the setting
# may have changed.
FOREWARNING = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Holding:
    """The limit in force, and how long after a payment arrived each stage before it begins."""

    limit: timedelta

    @property
    def warned(self) -> timedelta:
        return self.limit * 2 / 3

    @property
    def last_days(self) -> timedelta:
        return max(self.warned, self.limit - max(LAST_DAYS, self.limit / 10))

    def stages(self) -> dict[HoldingStage, timedelta]:
        return {
            HoldingStage.WARNED: self.warned,
            HoldingStage.LAST_DAYS: self.last_days,
            HoldingStage.REACHED: self.limit,
        }

    def stage(self, received: datetime) -> HoldingStage | None:
        """How far a payment is that arrived then; None where its time isn't near the end."""
        age = clock.now() - received
        return next((stage for stage, after in reversed(self.stages().items()) if age >= after), None)


def holding() -> Holding:
    """By the settings `STRIPE_COUNTRY` and `HOLDING_LIMIT_DAYS`."""
    return Holding(timedelta(days=settings().holding_days))


def ends_at(received: datetime, told_at: datetime | None) -> datetime:
    """When a deal that nobody has ended is ended; `told_at` is when its sides heard of the last days, if they have."""
    times = holding()
    told = told_at or max(clock.now(), received + times.last_days)
    return max(received + times.limit, told + FOREWARNING)


def ends_by_itself(within: timedelta) -> ColumnElement[bool]:
    """Deals whose brand's silence completes them before the money is `within` old. Deal and payment must be joined."""
    return and_(Deal.state == State.ACCEPTANCE, Deal.deadline_at < Payment.finished_at + within)


def held_payments(*columns: Any, states: Collection[State] = FUNDED) -> Select[*tuple[Any, ...]]:
    """The payments whose money is in escrow now, and by a side or the clock can leave it. What a bank has left of one
    whose deal stands still is in escrow too, and waits for the bank."""
    return (
        select(*columns)
        .select_from(Deal)
        .join(Payment, and_(Payment.deal_id == Deal.id, Payment.state == PaymentState.SUCCEEDED))
        .where(Deal.state.in_(states))
    )


def near_limit() -> Select[int]:
    """How many deals people were told of and that still hold money: what waits for an administrator."""
    held = and_(HoldingNotice.payment_id == Payment.id, HoldingNotice.in_escrow)
    return held_payments(func.count(Payment.id.distinct())).join(HoldingNotice, held)


def close_notices() -> None:
    """Leave out of what is counted the notices whose money has left escrow."""
    still = held_payments(Payment.id).where(Payment.id == HoldingNotice.payment_id).exists()
    over = update(HoldingNotice).where(HoldingNotice.in_escrow, ~still).values(in_escrow=False)
    db.session.execute(over.execution_options(synchronize_session=False))


def payments_to_notice(stage: HoldingStage, limit: int) -> Sequence[uuid.UUID]:
    """The payments in escrow that have reached the stage and of which nobody was told, the oldest first."""
    query = held_payments(Payment.id).where(reached(stage), ~ends_by_itself(holding().limit))
    return db.session.scalars(query.order_by(Payment.finished_at, Payment.id).limit(limit)).all()


def reached(stage: HoldingStage) -> ColumnElement[bool]:
    """Payments that are at the stage and not noted there. The limit comes after the forewarning, never with it."""
    after = holding().stages()
    at_stage = Payment.finished_at <= clock.now() - after[stage]
    if stage is HoldingStage.WARNED:
        at_stage = and_(at_stage, Payment.finished_at > clock.now() - after[HoldingStage.LAST_DAYS])
    noted = select(HoldingNotice.payment_id).where(HoldingNotice.payment_id == Payment.id)
    at_stage = and_(at_stage, ~noted.where(HoldingNotice.stage == stage).exists())
    return and_(at_stage, forewarned()) if stage is HoldingStage.REACHED else at_stage


def forewarned() -> ColumnElement[bool]:
    """Payments of whose last days people have known for long enough."""
    told = select(HoldingNotice.payment_id).where(
        HoldingNotice.payment_id == Payment.id,
        HoldingNotice.stage == HoldingStage.LAST_DAYS,
        HoldingNotice.at <= clock.now() - FOREWARNING,
    )
    return told.exists()


def note_stage(payment_id: uuid.UUID, stage: HoldingStage) -> bool:
    """Note that a payment has reached a stage and let people be told; False where that was done before.

    Two workers at once: the row is one of them's.
    """
    row = insert(HoldingNotice).values(payment_id=payment_id, stage=stage, at=clock.now())
    made = db.session.scalar(row.on_conflict_do_nothing().returning(HoldingNotice.payment_id)) is not None
    if made:
        defer("notifications.tell_holding", payment_id=str(payment_id), stage=stage.value)
    return made


def forewarn_anew(payment_id: uuid.UUID) -> None:
    """Forget who was told of the last days and the limit: a deal that stood still goes on, and its sides are told again
    before its money moves by itself."""
    again = HoldingNotice.stage.in_([HoldingStage.LAST_DAYS, HoldingStage.REACHED])
    db.session.execute(delete(HoldingNotice).where(HoldingNotice.payment_id == payment_id, again))


def deal_ends_at(deal_id: int) -> datetime | None:
    """When the deal is ended if nobody does; None where it holds no money."""
    told = and_(HoldingNotice.payment_id == Payment.id, HoldingNotice.stage == HoldingStage.LAST_DAYS)
    query = held_payments(Payment.finished_at, HoldingNotice.at).outerjoin(HoldingNotice, told)
    found = db.session.execute(query.where(Deal.id == deal_id)).first()
    return ends_at(*found) if found is not None else None


def told_at(payment_id: uuid.UUID, stage: HoldingStage) -> datetime | None:
    """When people were told of the stage."""
    return db.session.scalar(
        select(HoldingNotice.at).where(HoldingNotice.payment_id == payment_id, HoldingNotice.stage == stage)
    )


def deals_in_last_days(among: Collection[int] | None = None, limit: int = 500) -> Sequence[int]:
    """Deals at work in the last days of their money that no clock ends in time: they need a ruling."""
    query = held_payments(Deal.id).where(
        Deal.state != State.DISPUTED,
        Payment.finished_at <= clock.now() - holding().last_days,
        ~ends_by_itself(holding().limit),
    )
    return _oldest(query, among, limit)


def deals_past_limit(among: Collection[int] | None = None, limit: int = 500) -> Sequence[int]:
    """Disputed deals on which nobody has ruled in time, and whose sides have known it for long enough."""
    query = held_payments(Deal.id).where(
        Deal.state == State.DISPUTED, Payment.finished_at <= clock.now() - holding().limit, forewarned()
    )
    return _oldest(query, among, limit)


def _oldest(query: Select[*tuple[Any, ...]], among: Collection[int] | None, limit: int) -> Sequence[int]:
    """The longest held first, of all or `among` those that the caller has locked."""
    if among is not None:
        query = query.where(Deal.id.in_(among))
    return db.session.scalars(query.order_by(Payment.finished_at, Payment.id).limit(limit)).all()
