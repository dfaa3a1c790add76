"""What the demo's creators state of their audiences: some verified, some only stated, one that waits."""

from collections.abc import Mapping
from random import Random
from typing import Final

from marketplace.creators.audience import WHOLE, Age, Dimension, Gender, Place, review_audience, state_audience
from marketplace.creators.models import Category, Platform
from marketplace.creators.policy import today
from marketplace.demo.evidence import drawn
from marketplace.demo.people import PEOPLE
from marketplace.demo.spec import Person
from marketplace.demo.world import Story, World
from marketplace.infra.db import transaction

VERIFIED: Final = (
    "lin-yue", "tomas-okafor", "amara-voss", "ben-achterberg", "priya-nandakumar", "kofi-mensah-baker", "marta-elgin",
    "he-mianmian", "gu-xinghe", "mo-lian", "bai-jian", "ye-hangyi", "fang-zhou",
)  # fmt: skip
STATED: Final = ("jonah-reyes", "ingrid-solheim", "dele-marsh", "clara-winther", "zhu-sanwan", "qiao-shanshan",
                 "xu-pangpang", "nan-ge", "mi-baba")  # fmt: skip
WAITING: Final = "sofia-lindqvist"
_WEIGHTS: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    "women": {"gender": (70, 28, 2), "age": (5, 28, 41, 18, 8)},
    "men": {"gender": (31, 67, 2), "age": (8, 31, 36, 17, 8)},
    "both": {"gender": (52, 46, 2), "age": (6, 24, 34, 23, 13)},
}
# By where the main channel is.
_AT_HOME: Final = (34, 31, 22, 6, 4, 1, 2, 0)
_ABROAD: Final = (3, 2, 1, 9, 24, 33, 24, 4)
_WORLDWIDE: Final = frozenset({Platform.YOUTUBE, Platform.INSTAGRAM, Platform.TIKTOK, Platform.X, Platform.TWITCH})
_WOMEN: Final = frozenset({Category.FOOD, Category.HOME, Category.BEAUTY, Category.FASHION, Category.FAMILY})
_MEN: Final = frozenset({Category.TECHNOLOGY, Category.SPORT, Category.OUTDOORS})


def statements(world: World) -> list[Story]:
    people = {one.handle: one for one in PEOPLE}
    return [
        *(_state(world, people[handle], days, verified=True) for days, handle in enumerate(VERIFIED, 30)),
        *(_state(world, people[handle], days) for days, handle in enumerate(STATED, 50)),
        _state(world, people[WAITING], 1),
    ]


def _state(world: World, one: Person, days: int, *, verified: bool = False) -> Story:
    rng = Random(f"audience {one.handle}")  # noqa: S311 - the same every time
    yield world.daytime(rng, days)
    evidence = None
    if verified or one.handle == WAITING:
        evidence = drawn(one.handle, next(iter(one.fans.values())), today().isoformat(), rng.randrange(360))
    with transaction():
        stated = state_audience(world.actors[one.handle], _split(one, rng), evidence).id
    if verified:
        yield world.daytime(rng, days - 1)
        with transaction():
            review_audience(world.admin, stated, accept=True)


def _split(one: Person, rng: Random) -> Mapping[str, Mapping[str, int]]:
    kind = "women" if one.category in _WOMEN else "men" if one.category in _MEN else "both"
    weights, main = _WEIGHTS[kind], next(iter(one.fans))
    lives = _ABROAD if main in _WORLDWIDE else _AT_HOME
    return {
        Dimension.GENDER: _shares(weights["gender"], list(Gender), rng),
        Dimension.AGE: _shares(weights["age"], list(Age), rng),
        Dimension.REGION: _shares(lives, list(Place), rng),
    }


def _shares(weights: tuple[int, ...], buckets: list[Gender] | list[Age] | list[Place], rng: Random) -> dict[str, int]:
    """The weights, each a little off, as whole tenths of a percent; the largest takes what is left."""
    drawn_ones = [weight * rng.randint(80, 120) for weight in weights]
    shares = [one * (WHOLE // 10) // sum(drawn_ones) * 10 for one in drawn_ones]
    shares[shares.index(max(shares))] += WHOLE - sum(shares)
    return {bucket.value: share for bucket, share in zip(buckets, shares, strict=True)}
