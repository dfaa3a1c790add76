"""The demo's stage: its calendar, who acts in it, and the clock and queue that stand in for the worker meanwhile."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.creators.models import Platform
from marketplace.deals.jobs import enforce_deadlines, send_reminders
from marketplace.deals.models import Deal
from marketplace.demo import sandbox
from marketplace.demo.spec import DOMAIN
from marketplace.documents.jobs import start_due_runs_job
from marketplace.escrow.jobs import accept_by_silence, release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.infra import jobs
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.matching.jobs import expire_selections
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.reviews.jobs import recount, show_waiting

Story = Iterator[datetime]
"""Yields when it goes on; what follows the `yield` happens at that moment."""

# People are told what happened in these last days; older news would only fill the mailbox.
TOLD_DAYS = 8
_MONEY = ("payouts.transfer_earnings", "payouts.transfer_share", "escrow.send_refund")
_DAY = timedelta(days=1)
_QUARTERS = (360, 270, 180, 90)


@dataclass(slots=True)
class World:
    """`now` is when the fill began: everything happens before. `agents` act for creators whom an agency represents;
    `selections` are by creator and by the key of the brief or the title of the offer."""

    now: datetime
    actors: dict[str, Actor] = field(default_factory=dict)
    offers: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    briefs: dict[str, int] = field(default_factory=dict)
    channels: dict[tuple[str, Platform], int] = field(default_factory=dict)
    selections: dict[tuple[str, str], int] = field(default_factory=dict)
    represented: dict[str, int] = field(default_factory=dict)
    judged: Counter[tuple[str, int]] = field(default_factory=Counter)
    agents: dict[str, Actor] = field(default_factory=dict)

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """A moment of an earlier day, by the platform's clock."""
        zone = ZoneInfo(settings().default_timezone)
        day = self.now.astimezone(zone).date() - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute), zone)

    def in_days(self, days: int) -> date:
        """A day to come, by the platform's clock."""
        return self.at(-days, 12).date()

    def daytime(self, rng: Random, days_ago: int) -> datetime:
        return self.at(days_ago, rng.randint(9, 20), rng.randint(0, 59))

    def learn(self, handle: str, email: str) -> Actor:
        """Load who acts under a handle, anew after a profile was made."""
        user = db.session.scalars(select(User).where(func.lower(User.email) == email.lower())).one()
        self.actors[handle] = current_app.extensions["mutuals_actor"](user)
        return self.actors[handle]

    @property
    def admin(self) -> Actor:
        return self.actors["admin"]


def admin_email() -> str:
    return f"admin@{DOMAIN}"


def play(world: World, stories: Iterable[Story], say: Callable[[str], None]) -> None:
    """Let every story happen in the order of time, and the queue be worked off after each step."""
    quarters = iter(_QUARTERS)
    left: int | None = next(quarters)
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate([*stories, _clocks(world)]):
        _put(waiting, story, number)
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        if moment > world.now:
            raise ValueError(f"a story of the demo lies in the future: {moment}")
        while left is not None and (world.now - moment).days < left:
            say(f"    {left // 30} months ago ...")
            left = next(quarters, None)
        with clock.at(moment):
            _put(waiting, story, number)
            work_off(world)


def _put(waiting: list[tuple[datetime, int, Story]], story: Story, number: int) -> None:
    """Let the story do what is due, and note when it goes on."""
    moment = next(story, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, number, story))


def work_off(world: World) -> None:
    """Run what the steps have enqueued, as the worker would at this moment."""
    told_since = world.now - timedelta(days=TOLD_DAYS)
    more = True
    while more:
        with transaction():
            taken = jobs.take_waiting()
        if any(name in _MONEY for name, _ in taken):
            sandbox.set_clock(clock.now())
        # Files of documents take a moment each: the worker, or whoever asks first, makes them.
        taken = [(name, args) for name, args in taken if name != "documents.render"]
        told = [(name, args) for name, args in taken if name.startswith("notifications.")]
        others = [found for found in taken if found not in told]
        for name, args in [*others, *(told if clock.now() >= told_since else ())]:
            jobs.perform(name, args)
        # Telling people enqueues nothing; what moves money does.
        more = bool(others)


def _clocks(world: World) -> Story:
    """The worker's clocks: soon after whatever falls due, and once more at the end."""
    moment = world.at(400, 3)
    while moment < world.now:
        yield moment
        if clock.now() >= world.now - timedelta(days=TOLD_DAYS):
            send_reminders()
        for due in _due_before(min(moment + _DAY, world.now)):
            yield due + timedelta(seconds=20)
            _strike()
        if moment.weekday() == 0:
            show_waiting()
        start_due_runs_job()
        moment += _DAY
    yield world.now
    _strike()
    recount()


def _due_before(end: datetime) -> list[datetime]:
    edge = end - timedelta(minutes=1)
    found = {
        *db.session.scalars(select(Deal.deadline_at).where(Deal.deadline_at.between(clock.now(), edge))),
        *db.session.scalars(
            select(Selection.expires_at).where(
                Selection.status == SelectionStatus.OPEN, Selection.expires_at.between(clock.now(), edge)
            )
        ),
        *db.session.scalars(
            select(Settlement.available_at).where(
                Settlement.released_at.is_(None), Settlement.available_at.between(clock.now(), edge)
            )
        ),
    }
    end_transaction()
    return sorted(moment for moment in found if moment is not None)


def _strike() -> None:
    expire_selections()
    enforce_deadlines()
    accept_by_silence()
    release_earnings_job()
