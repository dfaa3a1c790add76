"""`flask generate`: adds a crowd to whatever the database has, a stretch a transaction, in memory that stays flat."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from sqlalchemy import text

from marketplace.accounts.models import User
from marketplace.accounts.passwords import hash_password
from marketplace.brands.models import Brand, Member
from marketplace.briefs.models import Brief, BriefDeliverable
from marketplace.creators.models import Channel, Creator, FanReading
from marketplace.demo.crowd import briefs, creators
from marketplace.demo.crowd.copying import Row, Writer
from marketplace.infra.db import Model, db, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.ids import new_token
from marketplace.matching.models import Selection
from marketplace.offers.models import Offer, Package

A_STRETCH = 10_000
_BRIEFS_A_COMPANY = 4
Say = Callable[[str], None]


@dataclass
class Progress:
    """Says how far it is; `rows` of all tables so far, `seconds` since the beginning."""

    say: Say
    began: float
    rows: int = 0

    def add(self, rows: int) -> None:
        self.rows += rows

    def tell(self, what: str, done: int, whole: int) -> None:
        self.say(f"{what}: {done:,} of {whole:,}; {self.rows:,} rows, {self.rows / self.seconds:,.0f} a second")

    @property
    def seconds(self) -> float:
        return max(perf_counter() - self.began, 1e-9)


def generate(number: int, brief_number: int, *, seed: int = 1, say: Say) -> Progress:
    """Add `number` creators and `brief_number` briefs with their companies; the same seed gives the same ones.

    Nobody knows the password of any of them. Owns its transactions: what was copied before an interruption stays.
    """
    progress, now, password = Progress(say, perf_counter()), clock.now(), hash_password(new_token())
    with transaction():
        first = Writer(Creator).next_id()
        crowd = range(first, first + number)
    for done in _stretches(number):
        with transaction():
            progress.add(_copy_creators(done, seed, now, password))
        progress.tell("Creators", done.stop, number)
    for done, ids, companies in _briefs(brief_number, crowd, now, password, progress):
        with transaction():
            progress.add(_copy_briefs(done, ids, companies, seed, now))
        progress.tell("Briefs", done.stop, brief_number)
    if progress.rows:
        with transaction():
            # What the planner knows of the tables, before the first page is asked for.
            db.session.execute(text("ANALYZE"))
    return progress


def _stretches(number: int) -> Iterator[range]:
    yield from (range(start, min(start + A_STRETCH, number)) for start in range(0, number, A_STRETCH))


def _copy(model: type[Model], rows: Sequence[Row]) -> int:
    writer = Writer(model)
    copied = writer.copy(rows)
    if copied:
        writer.advance()
    return copied


def _copy_creators(numbers: range, seed: int, now: datetime, password: str) -> int:
    threshold = settings().fan_threshold
    found = [creators.facts(number, seed, now) for number in numbers]
    users, profiles, channel, offer = (Writer(model).next_id() for model in (User, Creator, Channel, Offer))
    channels: list[Row] = []
    readings: list[Row] = []
    offers: list[Row] = []
    packages: list[Row] = []
    people: list[Row] = []
    for place, one in enumerate(found):
        readings += creators.reading_rows(one, channel + len(channels))
        channels += creators.channel_rows(one, profiles + place, channel + len(channels))
        own = len(offers)
        for row, its_packages in creators.offer_rows(one, profiles + place, offer + len(offers), threshold):
            offers.append(row)
            packages += its_packages
        people.append(creators.creator_row(one, profiles + place, users + place, threshold, offers[own:]))
    copied = [
        _copy(User, [creators.user_row(one, users + place, password) for place, one in enumerate(found)]),
        _copy(Creator, people),
    ]
    tables = ((Channel, channels), (FanReading, readings), (Offer, offers), (Package, packages))
    return sum(copied) + sum(_copy(model, rows) for model, rows in tables)


def _briefs(
    number: int, crowd: range, now: datetime, password: str, progress: Progress
) -> Iterator[tuple[range, briefs.Ids, int]]:
    """Makes the companies, then yields each stretch of their briefs."""
    if not number:
        return
    companies = max(1, number // _BRIEFS_A_COMPANY)
    with transaction():
        firsts = [Writer(model).next_id() for model in (Brand, User, Brief)]
        ids = briefs.Ids(firsts[0], firsts[1], firsts[2], crowd.start, len(crowd))
        rows = [briefs.company_rows(ids.brand, place, ids.user + place, password, now) for place in range(companies)]
        for model, column in ((User, 0), (Brand, 1), (Member, 2)):
            progress.add(_copy(model, [row[column] for row in rows]))
    for done in _stretches(number):
        yield done, ids, companies


def _copy_briefs(numbers: range, ids: briefs.Ids, companies: int, seed: int, now: datetime) -> int:
    rows = [briefs.brief_row(ids, number, companies, seed, now) for number in numbers]
    pairs = list(zip(rows, numbers, strict=True))
    copied = _copy(Brief, rows) + _copy(BriefDeliverable, [briefs.deliverable_row(*pair) for pair in pairs])
    chosen = (row for brief, number in pairs for row in briefs.selection_rows(brief, ids, number, seed, now))
    writer = Writer(Selection)
    copied += writer.copy(chosen)
    writer.advance()
    return copied


__all__ = ["A_STRETCH", "Progress", "generate"]
