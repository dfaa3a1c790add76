"""One month of a creator's calendar, week by week, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import get_day_names
from flask_babel import get_locale

from marketplace.creators.models import Creator
from marketplace.creators.policy import today
from marketplace.offers.availability import FURTHEST, Calendar, engagements_of, load_calendar
from marketplace.offers.models import Engagement

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One cell. `open` means that it can be blocked or freed; `running` how many deals take it."""

    day: date
    is_today: bool
    open: bool
    blocked: bool
    holiday: bool
    full: bool
    running: int


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday, None where a cell is another month's; `previous` and `next` where there is such a page."""

    first: date
    weekdays: Sequence[tuple[str, str]]
    weeks: Sequence[Sequence[Day | None]]
    engagements: Sequence[Engagement]
    previous: date | None
    next: date | None

    @property
    def blocked(self) -> list[date]:
        return [cell.day for week in self.weeks for cell in week if cell is not None and cell.blocked]


def month_of(creator: Creator, wanted: str | None) -> Month:
    """The month named like 2026-11; the present one where nothing sensible is named or it lies out of reach."""
    this, last = today().replace(day=1), (today() + FURTHEST).replace(day=1)
    first = _read(wanted) or this
    first = first if this <= first <= last else this
    until = _next(first) - timedelta(days=1)
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    calendar = load_calendar(creator, first, until)
    cells: list[Day | None] = [None] * first.weekday() + [_cell(calendar, day) for day in days]
    cells += [None] * (-len(cells) % _WEEK)
    return Month(
        first=first,
        weekdays=_weekdays(),
        weeks=[cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)],
        engagements=engagements_of(creator.id, first, until),
        previous=(first - timedelta(days=1)).replace(day=1) if first > this else None,
        next=_next(first) if first < last else None,
    )


def _cell(calendar: Calendar, day: date) -> Day:
    return Day(
        day=day,
        is_today=day == today(),
        open=today() <= day <= today() + FURTHEST,
        blocked=day in calendar.blocked,
        holiday=calendar.on_holiday(day),
        full=calendar.is_full(day),
        running=calendar.running(day),
    )


def _read(wanted: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{wanted}-01") if wanted else None
    except ValueError:
        return None


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _weekdays() -> list[tuple[str, str]]:
    """Short and full names from Monday."""
    locale = get_locale() or "en"
    short, full = get_day_names("abbreviated", locale=locale), get_day_names("wide", locale=locale)
    return [(str(short[number]), str(full[number])) for number in range(_WEEK)]
