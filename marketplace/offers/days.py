"""The verbs by which a creator says when they take work: days off, a holiday, the most deals at once."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Creator
from marketplace.creators.own import lock_own_creator
from marketplace.creators.policy import today
from marketplace.infra.db import db
from marketplace.kit.errors import Invalid
from marketplace.offers.availability import FURTHEST
from marketplace.offers.models import BlockedDay

MOST_DEALS: Final = 100
LONGEST_HOLIDAY: Final = timedelta(days=366)


def block_days(actor: Actor, blocked: Collection[date], seen: Collection[date]) -> None:
    """Take no work on the days of `blocked`; take it again on those of `seen`, which were blocked before, not in it.

    Only what differs from `seen` changes, so that two who edit at once don't undo each other. The past stays.

    Raises:
        NotAllowed: the actor has no creator profile.
        Invalid: a day lies too far ahead.
    """
    creator_id = lock_own_creator(actor).id
    wanted = {day for day in set(blocked) - set(seen) if day >= today()}
    freed = {day for day in set(seen) - set(blocked) if day >= today()}
    if any(day > today() + FURTHEST for day in wanted):
        raise Invalid(_l("These days lie too far ahead."))
    if wanted:
        rows = [{"creator_id": creator_id, "day": day} for day in sorted(wanted)]
        db.session.execute(insert(BlockedDay).values(rows).on_conflict_do_nothing())
    if freed:
        gone = delete(BlockedDay).where(BlockedDay.creator_id == creator_id, BlockedDay.day.in_(freed))
        db.session.execute(gone)


def set_limits(actor: Actor, holiday: tuple[date, date] | None, most_deals: int | None) -> Creator:
    """A holiday from its first to its last day, both included, or none; the most deals at once, or any number.

    What is agreed already goes on.

    Raises:
        NotAllowed: the actor has no creator profile.
        Invalid: the holiday ends before it begins or before today, or is too long; or the number is none.
    """
    if holiday is not None:
        _check_holiday(*holiday)
    if most_deals is not None and not 1 <= most_deals <= MOST_DEALS:
        raise Invalid(_l("Take from one to %(most)s deals at once.", most=MOST_DEALS), field="most_deals")
    creator = lock_own_creator(actor)
    creator.holiday_from, creator.holiday_until = holiday or (None, None)
    creator.most_deals = most_deals
    db.session.flush()
    return creator


def _check_holiday(first: date, last: date) -> None:
    if last < first:
        raise Invalid(_l("The last day of the holiday can’t be before its first."), field="holiday_until")
    if last < today():
        raise Invalid(_l("This holiday is over. Choose days to come, or leave both empty."), field="holiday_until")
    if last - first > LONGEST_HOLIDAY or first > today() + FURTHEST:
        raise Invalid(_l("Choose a holiday of at most a year, within the next year and a half."), field="holiday_until")
