"""Which side of a finished deal of the demo reviews the other, when, and how kindly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from marketplace.deals.models import DealSide
from marketplace.demo.spec import Script
from marketplace.demo.verdicts import OF_BRAND, OF_CREATOR, Verdicts
from marketplace.infra.settings import settings

_BY_SILENCE: Final = frozenset({"publish", "publish_unasked"})
_AFTER_A_QUARREL: Final = frozenset({"rule", "take_split"})
_ENDS: Final = frozenset({"accept", *_BY_SILENCE, *_AFTER_A_QUARREL})
_STARS: Final = (5, 4, 3)
_ODDS: Final = (66, 28, 6)
_FRESH_DAYS: Final = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """At `moment`, if the deal is completed then."""

    moment: datetime
    side: DealSide
    stars: int

    def words(self, locale: str, turn: int) -> str:
        """The `turn`th of the words for as many stars, so that nobody is told the same twice in a row."""
        lines: Verdicts = OF_CREATOR if self.side is DealSide.BRAND else OF_BRAND
        choice = lines[locale][self.stars]
        return choice[turn % len(choice)]


def verdicts_of(script: Script, last: datetime) -> Iterator[Verdict]:
    """The reviews of a deal whose last step by a person was at `last`, in the order of time."""
    ending = script.steps[-1].partition(":")[0]
    if ending not in _ENDS:
        return
    rng = Random(f"verdict {script.creator} {script.brand} {script.brief} {script.offer} {script.start}")  # noqa: S311
    moment = last
    if ending in _BY_SILENCE:
        moment += timedelta(days=settings().acceptance_days, minutes=5)
    for side in _sides(script, rng):
        moment += timedelta(days=rng.randint(0, 4), hours=rng.randint(1, 5), minutes=rng.randint(0, 59))
        stars = rng.choices(_STARS, _ODDS)[0] if ending not in _AFTER_A_QUARREL else 2
        yield Verdict(moment, side, stars)


def _sides(script: Script, rng: Random) -> list[DealSide]:
    both = [DealSide.BRAND, DealSide.CREATOR]
    if script.end is not None and script.end <= _FRESH_DAYS:
        return both[:1]
    drawn = rng.random()
    rng.shuffle(both)
    return both if drawn < 0.8 else [DealSide.BRAND] if drawn < 0.93 else [DealSide.CREATOR]
