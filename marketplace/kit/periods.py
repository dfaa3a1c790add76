"""Stretches of whole calendar months of one time zone: what statements, plots and lists of money are narrowed to."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.kit import clock

_YEAR_OR_MONTH = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months: `start` is the first day of the first one, `end` the first day after the last one."""

    start: date
    end: date
    zone: str

    @property
    def since(self) -> datetime:
        """The first moment in it."""
        return _midnight(self.start, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.end, self.zone)

    @property
    def months(self) -> list[date]:
        """The first day of each of its months, oldest first."""
        return [_first_day(index) for index in range(_index(self.start), _index(self.end))]

    @property
    def last(self) -> date:
        """The last day of the last month."""
        return self.end - timedelta(days=1)

    @property
    def is_over(self) -> bool:
        return self.until <= clock.now()

    @property
    def is_month(self) -> bool:
        return len(self.months) == 1

    @property
    def key(self) -> str:
        """What an address calls it: 2026-03, 2026; nothing for twelve months that are no calendar year."""
        if self.is_month:
            return month_key(self.start)
        return str(self.start.year) if self.start.month == self.end.month == 1 else ""

    @property
    def around(self) -> "Period":
        """The calendar year that a month lies in; any other period as it is."""
        return year_period(self.start.year, self.zone) if self.is_month else self


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """What a page offers to choose from: the last twelve months, each of them, and the years since the first one.

    `asked` is None where the address names no period; `chosen` is then what the page shows of its own accord.
    """

    asked: Period | None
    first_year: int | None
    zone: str

    @property
    def chosen(self) -> Period:
        return self.asked or last_months(12, self.zone)

    @property
    def months(self) -> list[date]:
        """Newest first, with the chosen month where it is an older one."""
        months = set(last_months(12, self.zone).months)
        return sorted(months | {self.chosen.start} if self.chosen.is_month else months, reverse=True)

    @property
    def years(self) -> list[int]:
        """Newest first, with the chosen year."""
        now = today_in(self.zone).year
        asked = {self.asked.start.year} if self.asked is not None else set()
        return sorted({*range(self.first_year or now, now + 1)} | asked, reverse=True)


def asked_period(text: str, zone: str) -> Period | None:
    """The month or year that an address asks for, None if it asks for none of ours."""
    found = _YEAR_OR_MONTH.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), found[2]
    return month_period(date(year, int(month), 1), zone) if month else year_period(year, zone)


def period_of(text: str, zone: str) -> Period:
    """The same; the twelve months up to this one if it asks for none of ours."""
    return asked_period(text, zone) or last_months(12, zone)


def month_period(month: date, zone: str) -> Period:
    """The calendar month that the day lies in."""
    return Period(_first_day(_index(month)), _first_day(_index(month) + 1), zone)


def last_months(number: int, zone: str) -> Period:
    """The present month and those before it, `number` in all."""
    now = _index(today_in(zone))
    return Period(_first_day(now - number + 1), _first_day(now + 1), zone)


def today_in(zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(zone)).date()


def month_key(month: date) -> str:
    """What an address calls a month: 2026-03."""
    return f"{month:%Y-%m}"


def year_period(year: int, zone: str) -> Period:
    """The calendar year."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1), zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)
