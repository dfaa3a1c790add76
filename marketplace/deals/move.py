"""The one function that moves a deal: it checks the table, writes the state and its clock, and appends the event."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text

from marketplace.accounts.actor import Actor
from marketplace.deals.ending import give_back
from marketplace.deals.lifecycle import FINAL, STOPPED, Action, Clock, State, find
from marketplace.deals.models import Deal, DealEvent, DealSide
from marketplace.infra.db import db
from marketplace.infra.jobs import deferring
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict

# What becomes of a payment outside the deal starts the time of its state anew.
_BANK = (Action.AWAIT_BANK, Action.BANK_REFUSED, Action.HOLD_APART)
# With the event itself, in one statement.
_FOLLOWING = text(
    deferring("""
        SELECT 'notifications.tell_deal_event' AS task, CAST(NULL AS text) AS lock,
               jsonb_build_object('event_id', event.id) AS args, 0 AS priority FROM event
        UNION ALL
        SELECT 'reviews.count_track_record', NULL, jsonb_build_object('creator_id', CAST(:creator_id AS bigint)), 0
        WHERE :final
    """)
)


def move_deal(
    deal: Deal, action: Action, actor: Actor, side: DealSide, *, why: str = "", details: dict[str, Any] | None = None
) -> None:
    """Take `action`. The deal's row must be locked, and the actor's right checked by `policy.require`.

    Raises:
        Conflict: the table has no such action in the deal's state.
    """
    transition = find(deal.state, action)
    if transition is None:
        raise Conflict
    now = clock.now()
    before = deal.state
    after = transition.to or _interrupted(deal) or before
    deadline = _deadline(deal, transition.clock, now)
    _keep_or_take_up_pause(deal, after, now)
    if after is not before or action in _BANK:
        deal.state_since = now
    if action in _BANK or action is Action.FUND:
        deal.awaiting_bank = action is Action.AWAIT_BANK
    if deadline != deal.deadline_at:
        deal.deadline_at, deal.reminders_sent = deadline, 0
    deal.state = after
    give_back(deal)
    record(deal, action, actor, side, before, why=why, details=details)


def record(
    deal: Deal,
    action: Action,
    actor: Actor,
    side: DealSide,
    before: State | None,
    *,
    why: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Append an event and enqueue what follows from it; only `move_deal` and the opening of a deal call this."""
    appended = insert(DealEvent).values(
        deal_id=deal.id,
        at=clock.now(),
        action=action,
        side=side,
        user_id=actor.user_id,
        actor_name=actor.signature,
        from_state=before,
        to_state=deal.state,
        why=why,
        details=details or {},
    )
    following = _FOLLOWING.bindparams(creator_id=deal.creator_id, final=deal.state in FINAL)
    db.session.execute(select(following).add_cte(appended.returning(DealEvent.id).cte("event")))


def _deadline(deal: Deal, kind: Clock, now: datetime) -> datetime | None:
    match kind:
        case Clock.KEEP:
            return deal.deadline_at
        case Clock.NONE:
            return None
        case Clock.RESUME:
            return now + deal.paused_remaining if deal.paused_remaining is not None else None
        case Clock.THAW:
            return now + deal.frozen_remaining if deal.frozen_remaining is not None else None
        case Clock.DRAFT_DUE:
            return _draft_deadline(deal, now)
        case _:
            return now + timedelta(days=getattr(settings(), kind.value))


def _draft_deadline(deal: Deal, now: datetime) -> datetime | None:
    """The end of the day the draft is due, plus grace; after a revision the creator has at least the grace."""
    grace = timedelta(days=settings().production_grace_days)
    terms = deal.accepted_terms
    if terms is None:
        return None
    zone = ZoneInfo(settings().default_timezone)
    end_of_day = datetime.combine(terms.draft_due_on + timedelta(days=1), time(0), zone).astimezone(UTC)
    return max(end_of_day + grace, now + grace)


def _interrupted(deal: Deal) -> State | None:
    return deal.frozen_state if deal.state is State.FROZEN else deal.paused_state


def _keep_or_take_up_pause(deal: Deal, after: State, now: datetime) -> None:
    """A dispute that a chargeback freezes stays kept beneath it."""
    if after is State.FROZEN:
        deal.frozen_state, deal.frozen_remaining = deal.state, _left(deal, now)
        return
    if deal.state is State.FROZEN:
        deal.frozen_state = deal.frozen_remaining = None
    elif after is State.DISPUTED:
        deal.paused_state, deal.paused_remaining = deal.state, _left(deal, now)
    if after not in STOPPED:
        deal.paused_state = deal.paused_remaining = None


def _left(deal: Deal, now: datetime) -> timedelta | None:
    return max(deal.deadline_at - now, timedelta(0)) if deal.deadline_at is not None else None
