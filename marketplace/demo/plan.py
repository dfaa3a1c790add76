"""Which deals the year has: those of the demo's own accounts by hand, the others drawn, the same every time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final

from marketplace.creators.models import Category as C
from marketplace.demo.brands import COMPANIES
from marketplace.demo.briefs import BRIEFS
from marketplace.demo.offers import OFFERS
from marketplace.demo.people import PEOPLE
from marketplace.demo.spec import Person, Script, Shelf, Wanted
from marketplace.demo.special import SPECIAL

SEED: Final = "mutuals"

# What becomes of a deal, by the steps that people take; the clock takes the others.
_MATCHED = ("answer", "agree", "sign", "sign", "pay")
_HAGGLED = ("answer", "counter", "agree", "sign", "sign", "pay")
COMPLETED: Final = (*_HAGGLED, "draft", "approve", "publish", "accept")
_OUTCOMES: Final = (
    COMPLETED,
    (*_MATCHED, "draft", "revise", "draft", "approve", "publish", "accept"),
    (*_HAGGLED, "draft", "approve", "publish"),
    (*_MATCHED, "draft", "approve", "publish", "accept"),
    ("answer", "counter", "counter", "cancel"),
    (*_HAGGLED, "draft", "revise", "draft", "approve", "publish", "accept"),
    (*_MATCHED, "draft", "publish_unasked", "accept"),
    COMPLETED,
    (*_MATCHED, "draft", "approve", "publish", "dispute:late", "statement:late", "rule:75"),
    (*_HAGGLED, "draft", "approve", "publish", "accept"),
    (*_MATCHED, "draft", "revise", "draft", "approve", "publish"),
    ("answer", "counter"),
    COMPLETED,
    (*_HAGGLED, "cancel_late"),
    (*_MATCHED, "draft", "approve", "publish", "accept"),
    ("answer", "agree", "sign"),
    (*_HAGGLED, "draft", "approve", "publish", "dispute:link", "withdraw_dispute", "accept"),
    (*_HAGGLED, "draft", "approve", "publish", "dispute:late", "take_split"),
    COMPLETED,
    (*_MATCHED, "draft", "dispute:nothing", "statement:nothing", "rule:0"),
    (*_HAGGLED, "draft", "revise", "draft", "approve", "publish", "accept"),
    ("answer", "agree", "sign", "sign"),
)
_NEVER_A_DEAL: Final = (("decline",), (), ("decline",), ("withdraw",))
_FINISHED_AFTER: Final = 46
_BOOKED_UNTIL: Final = 36
# Fans at the time of a deal are at least this share of today's, in percent.
FEWEST_THEN: Final = 70

_NEAR: Final[dict[C, frozenset[C]]] = {
    C.FOOD: frozenset({C.HOME, C.FAMILY, C.CITY, C.TRAVEL}),
    C.OUTDOORS: frozenset({C.TRAVEL, C.SPORT}),
    C.TECHNOLOGY: frozenset({C.HOME, C.BOOKS, C.MUSIC, C.SPORT}),
    C.HOME: frozenset({C.FOOD, C.FAMILY, C.CITY, C.BOOKS}),
    C.SPORT: frozenset({C.OUTDOORS, C.CITY, C.TRAVEL, C.TECHNOLOGY}),
    C.MUSIC: frozenset({C.TECHNOLOGY, C.CITY, C.BOOKS}),
    C.BEAUTY: frozenset({C.FASHION, C.HOME}),
    C.BOOKS: frozenset({C.FAMILY, C.TRAVEL, C.MUSIC, C.CITY}),
    C.FAMILY: frozenset({C.HOME, C.FOOD, C.BOOKS}),
    C.TRAVEL: frozenset({C.OUTDOORS, C.CITY, C.FOOD, C.BOOKS}),
}
_LOCALES: Final = {company.handle: company.locale for company in COMPANIES}


@dataclass(slots=True)
class _Desk:
    """What is planned so far: who has chosen which brief, how much each has to do, which outcome comes next."""

    rng: Random
    taken: set[tuple[str, str]]
    work: Counter[str]
    filled: Counter[str]
    outcomes: Iterator[tuple[str, ...]]


def scripts() -> list[Script]:
    """All deals and selections of the demo."""
    desk = _Desk(Random(SEED), set(), Counter(), Counter(), cycle(_OUTCOMES))  # noqa: S311 - the same every time
    for script in SPECIAL:
        desk.work[script.creator] += 1
        if script.brief is not None:
            desk.taken.add((script.creator, script.brief))
            desk.filled[script.brief] += "answer" in script.steps
    drawn = [script for wanted in BRIEFS for script in _for_brief(desk, wanted)]
    return [*SPECIAL, *drawn, *_bookings(desk)]


def _for_brief(desk: _Desk, wanted: Wanted) -> Iterator[Script]:
    if wanted.closes < _FINISHED_AFTER:
        return
    # One place stays free, so that those who aren't taken could apply.
    for _ in range(wanted.slots - 1 - desk.filled[wanted.key]):
        start = desk.rng.randint(wanted.closes + 3, wanted.opened - 1)
        person = _candidate(desk, wanted, start)
        if person is None:
            break
        steps = next(desk.outcomes)
        while wanted.kind.value.startswith("live") and "revise" in steps:
            steps = next(desk.outcomes)
        yield _script(desk, person, wanted, steps, start)
    start = desk.rng.randint(wanted.closes + 3, wanted.opened - 1)
    person = _candidate(desk, wanted, start)
    if person is not None:
        yield _script(desk, person, wanted, desk.rng.choice(_NEVER_A_DEAL), start)


def _script(desk: _Desk, person: Person, wanted: Wanted, steps: Sequence[str], start: int) -> Script:
    desk.taken.add((person.handle, wanted.key))
    desk.work[person.handle] += 1
    low, high = wanted.budget
    price = desk.rng.randrange(low, high + 1, 100)
    first = "invite" if desk.rng.random() < 0.3 and "withdraw" not in steps else "apply"
    return Script(person.handle, wanted.brand, (first, *steps), start=start, brief=wanted.key, price=price)


def _candidate(desk: _Desk, wanted: Wanted, start: int) -> Person | None:
    """Who fits best, the least busy first."""
    fitting = [
        person
        for person in PEOPLE
        if (person.handle, wanted.key) not in desk.taken and _fits(person, wanted) and person.joined > start + 4
    ]
    if not fitting:
        return None
    return min(fitting, key=lambda one: (_distance(one.category, wanted.category), desk.work[one.handle], one.handle))


def _fits(person: Person, wanted: Wanted) -> bool:
    fans = [person.fans[platform] for platform in wanted.platforms if platform in person.fans]
    enough = max(10_001, wanted.fans) * 100 / FEWEST_THEN
    return person.locale == _LOCALES[wanted.brand] and not person.is_new and max(fans, default=0) >= enough


def _distance(one: C, other: C) -> int:
    return 0 if one is other else 1 if one in _NEAR.get(other, ()) else 2


def _bookings(desk: _Desk) -> Iterator[Script]:
    """One finished booking for each of some offers, spread over the year."""
    joined = {person.handle: person for person in PEOPLE}
    starts = cycle(range(62, 330, 29))
    for shelf in OFFERS[3:_BOOKED_UNTIL:4]:
        person = joined[shelf.creator]
        start = next(day for day in starts if day < person.joined - 12)
        brand = desk.rng.choice([c.handle for c in COMPANIES if c.locale == person.locale])
        steps = _without_revisions(shelf, next(desk.outcomes))
        package = desk.rng.randrange(len(shelf.packages))
        desk.work[person.handle] += 1
        yield Script(person.handle, brand, ("book", *steps), start=start, offer=shelf.title, package=package)


def _without_revisions(shelf: Shelf, steps: tuple[str, ...]) -> tuple[str, ...]:
    """A package's dates may be far off, so nobody is too late; one without revisions has none."""
    if "cancel_late" in steps or ("revise" in steps and min(package[3] for package in shelf.packages) == 0):
        return COMPLETED
    return steps
