"""How a crowd is spread: few categories, cities and companies have most of it, and few creators most of the fans."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Zipf(Generic[Thing]):
    """Chooses the first of `things` most often, the n-th 1/n-th as often (Zipf's law with exponent 1)."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self._things = things
        self._sums = list(accumulate(1 / place for place in range(1, len(things) + 1)))

    def choose(self, rng: Random) -> Thing:
        return self._things[min(bisect(self._sums, rng.random() * self._sums[-1]), len(self._things) - 1)]


def words(text: str) -> Zipf[str]:
    """The words of the text, the first the most frequent."""
    return Zipf(text.split())


def zipf_number(rng: Random, most: int) -> int:
    """From 0 to `most` - 1, small ones far more often: the continuous form of the same law, for ranges of any size."""
    return min(int((most + 1) ** rng.random()) - 1, most - 1)


def log_normal_fans(rng: Random) -> int:
    """Fans of one channel: half have under 9,000, one in a hundred over half a million."""
    return min(int(rng.lognormvariate(9.1, 1.75)), 200_000_000)
