"""The rule that finds a jump of fans suspicious: too much growth in too few days since the newest accepted reading."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from flask_babel import gettext as _

from marketplace.creators.models import FanReading
from marketplace.infra.i18n import count, day, percent
from marketplace.infra.settings import settings

_FLAG = re.compile(r"growth:(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class GrowthRule:
    """More than `percent` of growth within `days` is suspicious. A reading's `flag` keeps the figures that held."""

    percent: int
    days: int

    @classmethod
    def now(cls) -> Self:
        return cls(settings().suspicious_growth_percent, settings().suspicious_growth_days)

    @classmethod
    def of(cls, flag: str) -> Self | None:
        """The rule that flagged a reading; None for one that wasn't."""
        found = _FLAG.fullmatch(flag)
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def flag(self) -> str:
        return f"growth:{self.percent}:{self.days}"

    def finds(self, fans: int, taken_on: date, before: FanReading | None) -> bool:
        """Whether so many fans on that day are suspicious after the newest accepted reading; a first one never is."""
        if before is None or not 0 <= (taken_on - before.taken_on).days <= self.days:
            return False
        return fans * 100 > before.fans * (100 + self.percent)

    def explain(self) -> str:
        """The rule as a sentence with its figures."""
        words: str = _(
            "A count that is more than %(percent)s above the last accepted one, and at most %(days)s days younger, "
            "waits until an administrator has looked at it.",
            percent=percent(self.percent * 100),
            days=count(self.days),
        )
        return words


def explain_flag(reading: FanReading, before: FanReading | None) -> str:
    """Why the reading was flagged, with the figures of both; nothing for one that wasn't."""
    rule = GrowthRule.of(reading.flag)
    if rule is None:
        return ""
    if before is None:
        return rule.explain()
    words: str = _(
        "%(fans)s fans on %(day)s after %(before)s on %(since)s: more than %(percent)s of growth within %(days)s days.",
        fans=count(reading.fans),
        day=day(reading.taken_on),
        before=count(before.fans),
        since=day(before.taken_on),
        percent=percent(rule.percent * 100),
        days=count(rule.days),
    )
    return words
