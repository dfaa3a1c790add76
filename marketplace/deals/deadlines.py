"""What happens when a deal's time runs out, and the reminders before.

The acceptance clock moves money: it is escrow's.
"""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from marketplace.accounts.actor import SYSTEM
from marketplace.deals.closing import expire
from marketplace.deals.lifecycle import ON_DEADLINE, Action, State
from marketplace.deals.models import Deal
from marketplace.deals.work import approve_draft
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock

OURS = tuple(state for state, action in ON_DEADLINE.items() if action in (Action.EXPIRE, Action.APPROVE_DRAFT))
_DAY = timedelta(days=1)


class Reminder(StrEnum):
    """Which reminder of a deadline: at half of its time, or one day before it."""

    HALF = "half"
    DAY = "day"


def due_deals(limit: int) -> list[int]:
    """The deals whose time is up and whose end moves no money, the longest overdue first."""
    query = (
        select(Deal.id)
        .where(Deal.deadline_at <= clock.now(), Deal.state.in_(OURS))
        .order_by(Deal.deadline_at, Deal.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def enforce_deadline(deal_id: int) -> Deal | None:
    """Do what the deal's passed deadline says; None when somebody is at the deal, or was faster."""
    deal = _lock(deal_id)
    if deal is None or deal.state not in OURS or deal.deadline_at is None or deal.deadline_at > clock.now():
        return None
    if ON_DEADLINE[deal.state] is Action.EXPIRE:
        return expire(deal)
    return approve_draft(SYSTEM, deal.id)


def deals_to_remind(limit: int) -> list[int]:
    """The deals with a deadline ahead of which a reminder has become due."""
    now = clock.now()
    half, day = _half(), Deal.deadline_at - _DAY
    due = or_(and_(Deal.reminders_sent == 0, half <= now), and_(Deal.reminders_sent < 2, day > half, day <= now))
    query = select(Deal.id).where(Deal.deadline_at > now, due).order_by(Deal.deadline_at, Deal.id).limit(limit)
    return list(db.session.scalars(query))


def remind(deal_id: int) -> Reminder | None:
    """Have people told of the deal's deadline, once for each reminder; a late first one gives way to the second."""
    deal = _lock(deal_id)
    now = clock.now()
    if deal is None or deal.deadline_at is None or deal.deadline_at <= now:
        return None
    start = deal.deadline_at - _negotiating() if deal.state is State.NEGOTIATING else deal.state_since
    half, day = start + (deal.deadline_at - start) / 2, deal.deadline_at - _DAY
    if deal.reminders_sent < 2 and half < day <= now:
        deal.reminders_sent, which = 2, Reminder.DAY
    elif deal.reminders_sent == 0 and half <= now:
        deal.reminders_sent, which = 1, Reminder.HALF
    else:
        return None
    defer("notifications.tell_deadline", deal_id=deal.id, which=which.value)
    return which


def _lock(deal_id: int) -> Deal | None:
    query = select(Deal).where(Deal.id == deal_id).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def _negotiating() -> timedelta:
    return timedelta(days=settings().negotiating_days)


def _half() -> ColumnElement[object]:
    """Half of the clock's time. Each proposal starts it anew, in every other state the state's beginning did."""
    start = case(
        (Deal.state == State.NEGOTIATING, Deal.deadline_at - _negotiating()),
        else_=Deal.state_since,
    )
    # Through seconds, as SQLAlchemy has no division of intervals.
    seconds = (func.extract("epoch", start) + func.extract("epoch", Deal.deadline_at)) / 2
    return func.to_timestamp(seconds)
