"""How many applications a creator may make in a week, so that each is meant.

One counts for seven days (of 24 hours) from when it was made, whatever becomes of it, unless it was taken back within
an hour: a slip costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, not_, select

from marketplace.infra.db import db
from marketplace.infra.i18n import when
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import TooMany
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus

WEEK = timedelta(days=7)
REGRET = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`made` applications of `most` in the last seven days; `next_at` is when another may be made, None for now."""

    made: int
    most: int
    next_at: datetime | None


def counted_times(creator_id: int) -> Select[datetime]:
    """When the applications that count now were made, the oldest first."""
    taken_back = and_(
        Selection.status == SelectionStatus.WITHDRAWN, Selection.answered_at <= Selection.created_at + REGRET
    )
    query = select(Selection.created_at).where(
        Selection.creator_id == creator_id,
        Selection.created_at > clock.now() - WEEK,
        Selection.kind == SelectionKind.APPLICATION,
        not_(taken_back),
    )
    return query.order_by(Selection.created_at)


def allowance_of(times: Sequence[datetime]) -> Allowance:
    """The allowance that these times leave."""
    most = settings().applications_a_week
    next_at = times[len(times) - most] + WEEK if len(times) >= most else None
    return Allowance(len(times), most, next_at)


def application_allowance(creator_id: int) -> Allowance:
    """How the creator's week stands now."""
    return allowance_of(db.session.scalars(counted_times(creator_id)).all())


def require_allowance(creator_id: int) -> None:
    """One more application may be made now. The creator's row must be locked, so that two at once count each other.

    Raises:
        TooMany: not before one of the last ones is a week old.
    """
    allowance = application_allowance(creator_id)
    if allowance.next_at is not None:
        raise TooMany(
            _l(
                "You have made %(made)s of %(most)s applications this week. You can apply again from %(when)s.",
                made=allowance.made,
                most=allowance.most,
                when=when(allowance.next_at),
            )
        )
