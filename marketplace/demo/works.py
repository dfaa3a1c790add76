"""What the demo's creators have published before: their portfolios, and the covers that some of them drew."""

from datetime import timedelta
from random import Random
from typing import Final

from marketplace.creators.models import Platform
from marketplace.creators.platforms import HOSTS
from marketplace.creators.policy import today
from marketplace.creators.works import WorkFacts, add_work
from marketplace.demo import drawing
from marketplace.demo.spec import Person
from marketplace.demo.work_titles import TITLES
from marketplace.demo.world import Story, World
from marketplace.infra.db import transaction

# These draw their covers; the others leave them to the marketplace.
_COVERED: Final = frozenset({"lin-yue", "he-mianmian", "tomas-okafor", "amara-voss", "ben-achterberg", "ye-hangyi"})
_ALTERNATE: Final = frozenset({"lin-yue", "he-mianmian", "tomas-okafor"})


def portfolio(world: World, one: Person) -> Story:
    """All but the newest piece, put in on the evening after the first readings: before any offer can show them."""
    titles = TITLES.get(one.handle, ())
    if len(titles) > 1:
        yield world.at(one.joined - 2, 21)
        rng = Random(f"works {one.handle}")  # noqa: S311 - the same every time
        ages = sorted((rng.randint(6, 340) for _ in titles[1:]), reverse=True)
        for place, (title, age) in enumerate(zip(titles[1:], ages, strict=True)):
            _add(world, one, title, place, age)


def newest(world: World, one: Person) -> Story:
    """The first of the titles came out while the creator was here."""
    titles = TITLES.get(one.handle, ())
    if titles:
        yield world.at(one.joined // 3, 21, 20)
        _add(world, one, titles[0], len(titles) - 1, 2)


def _add(world: World, one: Person, title: str, place: int, age: int) -> None:
    rng = Random(f"{one.handle} {title}")  # noqa: S311 - the same every time
    platforms = list(one.fans)
    platform = platforms[place % len(platforms)] if one.handle in _ALTERNATE else platforms[0]
    facts = WorkFacts(
        title, _address(platform, one.handle, place), platform, today() - timedelta(days=age), **_figures(one, rng)
    )
    cover = drawing.work(title, one.category) if one.handle in _COVERED else drawing.NONE
    with transaction():
        add_work(world.actors[one.handle], facts, cover)


def _address(platform: Platform, handle: str, place: int) -> str:
    return f"https://www.{HOSTS[platform][0]}/{handle}-demo/{place + 1}"


def _figures(one: Person, rng: Random) -> dict[str, int | None]:
    """Views near the channel's fans; comments are often left out."""
    views = next(iter(one.fans.values())) * rng.randint(35, 240) // 100
    comments = views * rng.randint(2, 9) // 1000 if rng.random() < 0.7 else None
    return {"views": views, "likes": views * rng.randint(35, 95) // 1000, "comments": comments}
