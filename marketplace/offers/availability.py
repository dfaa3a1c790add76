"""When a creator takes work: their holiday, the days they blocked, and running deals against the most at once.

Days are those of the platform's time zone. Who opens an engagement holds the creator's row (`FOR UPDATE`) while asking
`require_free`, so that two bookings never take the last place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all, update

from marketplace.creators.models import Creator
from marketplace.creators.policy import today
from marketplace.infra.db import db
from marketplace.infra.i18n import day as write_day
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.offers.models import BlockedDay, Engagement

FURTHEST: Final = timedelta(days=550)
"""How far ahead days can be blocked and a free one is looked for."""


class Busy(StrEnum):
    """Why a day can't be booked."""

    HOLIDAY = "holiday"
    BLOCKED = "blocked"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What takes a creator's days. `spans` are first and last day of each running deal, `most` of them at once."""

    holiday: tuple[date, date] | None
    blocked: frozenset[date]
    spans: tuple[tuple[date, date], ...]
    most: int | None

    def on_holiday(self, day: date) -> bool:
        return self.holiday is not None and self.holiday[0] <= day <= self.holiday[1]

    def is_full(self, day: date) -> bool:
        return self.most is not None and self.running(day) >= self.most

    def running(self, day: date) -> int:
        """How many deals take this day."""
        return sum(first <= day <= last for first, last in self.spans)

    def full_day(self, starts_on: date, ends_on: date) -> date | None:
        """The first full day from `starts_on` to `ends_on`: deals grow more only where one begins."""
        begins = {first for first, _last in self.spans if starts_on < first <= ends_on}
        return next((day for day in sorted({starts_on, *begins}) if self.is_full(day)), None)

    def busy(self, starts_on: date, ends_on: date) -> tuple[Busy, date] | None:
        """What stands against work that fills these days and is wanted on the last of them; the day at fault."""
        if self.on_holiday(ends_on):
            return Busy.HOLIDAY, ends_on
        if ends_on in self.blocked:
            return Busy.BLOCKED, ends_on
        full = self.full_day(starts_on, ends_on)
        return (Busy.FULL, full) if full is not None else None

    def first_free(self, from_: date) -> date | None:
        """The first day from `from_` on that nothing takes, None where there is none for a year and a half."""
        ahead = (from_ + timedelta(days=number) for number in range(FURTHEST.days))
        return next((day for day in ahead if self.busy(day, day) is None), None)


def load_calendar(creator: Creator, from_: date, until: date | None = None) -> Calendar:
    """The creator's days from `from_` on, at most to `until`: one query."""
    blocked = select(literal(True), BlockedDay.day, BlockedDay.day.label("last")).where(
        BlockedDay.creator_id == creator.id, BlockedDay.day >= from_
    )
    running = select(literal(False), Engagement.starts_on, Engagement.ends_on).where(
        Engagement.creator_id == creator.id, Engagement.ended_at.is_(None)
    )
    if until is not None:
        blocked, running = blocked.where(BlockedDay.day <= until), running.where(Engagement.starts_on <= until)
    holiday = None
    if creator.holiday_from is not None and creator.holiday_until is not None:
        holiday = creator.holiday_from, creator.holiday_until
    rows = db.session.execute(union_all(blocked, running)).all()
    # What is late still takes the present day.
    spans = tuple((first, max(last, today())) for is_blocked, first, last in rows if not is_blocked)
    return Calendar(holiday, frozenset(first for is_blocked, first, _ in rows if is_blocked), spans, creator.most_deals)


def working_days(delivery_days: int, wanted_on: date | None = None) -> tuple[date, date]:
    """The days that work of so many days takes: up to the day it is wanted on, or from today where none is named."""
    now = today()
    if wanted_on is None:
        return now, now + timedelta(days=delivery_days)
    return min(max(now, wanted_on - timedelta(days=delivery_days)), wanted_on), wanted_on


def require_free(creator: Creator, starts_on: date, ends_on: date) -> None:
    """Work that fills these days, wanted on the last of them, finds the creator free.

    Raises:
        Conflict: a holiday or a blocked day on the last day, or as many deals as they take on one of the days.
    """
    found = load_calendar(creator, starts_on, ends_on).busy(starts_on, ends_on)
    if found is not None:
        raise Conflict(_refusal(creator, *found))


def _refusal(creator: Creator, why: Busy, day: date) -> LazyString:
    if why is Busy.HOLIDAY:
        assert creator.holiday_until is not None
        until = write_day(creator.holiday_until)
        return _l("%(name)s is on holiday until %(until)s. Choose a later day.", name=creator.name, until=until)
    if why is Busy.BLOCKED:
        return _l("%(name)s takes no work on %(day)s. Choose another day.", name=creator.name, day=write_day(day))
    return _l(
        "%(name)s already works on as many deals on %(day)s as they take at once. Choose another day.",
        name=creator.name,
        day=write_day(day),
    )


def is_full(creator: Creator) -> bool:
    """Whether the creator has as many deals today as they take at once."""
    return creator.most_deals is not None and load_calendar(creator, today(), today()).is_full(today())


def first_free_day(creator: Creator, from_: date) -> date | None:
    """The first day from `from_` on that work may be wanted on; None where there is none for a year and a half."""
    return load_calendar(creator, from_).first_free(from_)


def busy_creators(creator_ids: Iterable[int]) -> set[int]:
    """Those of them who are on holiday or full today, in one query."""
    return set(busy_reasons(creator_ids))


def busy_reasons(creator_ids: Iterable[int]) -> dict[int, Busy]:
    """The same with what keeps each: the holiday, or a full calendar."""
    wanted = set(creator_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Creator.id, _on_holiday()).where(Creator.id.in_(wanted), or_(_on_holiday(), _is_full()))
    )
    return {creator_id: Busy.HOLIDAY if on_holiday else Busy.FULL for creator_id, on_holiday in rows}


@dataclass(frozen=True, slots=True)
class Note:
    """What keeps a creator from work today, and the first day that nothing does."""

    why: Busy
    until: date | None
    free: date | None


def availability_note(creator: Creator) -> Note | None:
    """What brands are told of the creator's calendar; None where today is free."""
    calendar = load_calendar(creator, today())
    found = calendar.busy(today(), today())
    if found is None:
        return None
    until = creator.holiday_until if found[0] is Busy.HOLIDAY else None
    return Note(found[0], until, calendar.first_free(today()))


def engagements_of(creator_id: int, from_: date, until: date) -> Sequence[Engagement]:
    """Running deals that take days between these, the earliest first. What is late takes the present day too."""
    open_then = or_(Engagement.ends_on >= from_, literal(from_ <= today()))
    found = select(Engagement).where(
        Engagement.creator_id == creator_id, Engagement.ended_at.is_(None), Engagement.starts_on <= until, open_then
    )
    return db.session.scalars(found.order_by(Engagement.starts_on, Engagement.id)).all()


def _on_holiday() -> ColumnElement[bool]:
    return and_(func.coalesce(Creator.holiday_from <= today(), False), Creator.holiday_until >= today())


def _is_full() -> ColumnElement[bool]:
    running = (
        select(func.count())
        .select_from(Engagement)
        .where(Engagement.creator_id == Creator.id, Engagement.ended_at.is_(None), Engagement.starts_on <= today())
        .correlate(Creator)
        .scalar_subquery()
    )
    return case((Creator.most_deals.is_(None), False), else_=running >= Creator.most_deals)


def open_engagement(creator_id: int, selection_id: int, starts_on: date, ends_on: date, title: str = "") -> Engagement:
    """Take these days of the creator for a deal that begins; `title` is what their calendar calls it."""
    engagement = Engagement(
        creator_id=creator_id,
        selection_id=selection_id,
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        opened_at=clock.now(),
    )
    db.session.add(engagement)
    db.session.flush()
    return engagement


def end_engagement(selection_id: int) -> None:
    """Give the days back, as the deal has ended; what was given back already, or never taken, stays as it is."""
    taken = update(Engagement).where(Engagement.selection_id == selection_id, Engagement.ended_at.is_(None))
    ended = taken.values(ended_at=clock.now())
    db.session.execute(ended.execution_options(synchronize_session=False))
