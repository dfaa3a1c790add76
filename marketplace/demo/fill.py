"""Fills an empty instance: people and companies join, then a year of deals happens in the order of time."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select, text

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.accounts.passwords import hash_password
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.demo import agencies, audiences, briefing, counts, joining, keeping, sandbox, team, works
from marketplace.demo.brands import COMPANIES
from marketplace.demo.brief_details import TALKS
from marketplace.demo.briefs import BRIEFS
from marketplace.demo.calendars import calendars
from marketplace.demo.people import PEOPLE
from marketplace.demo.plan import scripts
from marketplace.demo.spec import BRAND, PASSWORD
from marketplace.demo.stories import DealStory
from marketplace.demo.world import Story, World, play
from marketplace.infra.db import db, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.notifications.models import Notification
from marketplace.notifications.service import mark_all_read
from marketplace.payouts.books import check_everything
from marketplace.reconciliation.service import reconcile

Say = Callable[[str], None]
_FILLING, _FILLED = "filling", "filled"
_UNREAD_DAYS = 1


class NotFillable(Exception):
    """There is nothing to do, or nothing to do it with; the message says which."""


class HalfFilled(Exception):
    """An earlier fill was interrupted; the message says how to start afresh."""


def fill(say: Say) -> None:
    """Make the demo. Owns its transactions; a sandbox must be there or its database named.

    Raises:
        NotFillable: there are people already, or no sandbox to move money in.
        HalfFilled: what is there was left half made.
    """
    _require_empty()
    began = perf_counter()
    world = World(clock.now())
    try:
        with sandbox.playing():
            _mark(_FILLING)
            _make(world, say)
            problems = check_everything()
    except sandbox.NoSandbox:
        raise NotFillable(
            "Demo data need the Stripe sandbox, and there is none: with Stripe itself the market starts empty."
        ) from None
    if problems:
        raise HalfFilled("\n".join(f"{problem.where}: {problem.sentence}" for problem in problems))
    _mark(_FILLED)
    say(_summary(perf_counter() - began))


def _make(world: World, say: Say) -> None:
    # What an interruption loses is made anew with all the rest, so nothing waits for the disk.
    db.session.execute(text("SET synchronous_commit TO off"))
    db.session.commit()
    play(world, _stories(world), say)
    joining.read_payouts(world)
    reconcile(whole=True)
    tidy(world)


def _require_empty() -> None:
    with transaction():
        anybody = db.session.scalar(select(User.id).limit(1)) is not None
    if not anybody:
        return
    mark = mark_path()
    if mark is not None and mark.exists() and mark.read_text() == _FILLING:
        raise HalfFilled("The demo data were left half made. `make run` makes them anew, or `make demo-reset` first.")
    raise NotFillable("There are people here already, so no demo data were made.")


def mark_path() -> Path | None:
    """Where an instance of the demo notes how far its data are; `make run` reads it too."""
    return settings().instance_path.resolve() / "demo" if settings().demo else None


def _mark(how_far: str) -> None:
    path = mark_path()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(how_far)


def _stories(world: World) -> list[Story]:
    with transaction():
        password_hash = hash_password(PASSWORD)
    people, companies = {one.handle: one for one in PEOPLE}, {one.handle: one for one in COMPANIES}
    deals = [DealStory(world, script, people[script.creator], companies[script.brand]) for script in scripts()]
    return [
        joining.administrator(world, password_hash),
        *(joining.company(world, one, 396 - 3 * place, password_hash) for place, one in enumerate(COMPANIES)),
        *(joining.creator(world, one, password_hash) for one in PEOPLE),
        *(works.newest(world, one) for one in PEOPLE),
        *audiences.statements(world),
        *team.teams(world, password_hash),
        briefing.watched(world),
        *(briefing.brief(world, one) for one in BRIEFS),
        *(briefing.talk(world, one) for one in TALKS),
        briefing.draft(world, BRAND, "A lid for the spring"),
        *(deal.play() for deal in deals),
        *keeping.kept(world),
        *counts.counts(world),
        calendars(world),
        agencies.agency(world, password_hash),
    ]


def tidy(world: World) -> None:
    """People have read what is older than some days, so that their bells count only what is new."""
    old = select(Notification.user_id, func.max(Notification.id)).where(
        Notification.created_at < world.now - timedelta(days=_UNREAD_DAYS)
    )
    with transaction():
        for user_id, newest_id in db.session.execute(old.group_by(Notification.user_id)).all():
            mark_all_read(Actor(user_id=user_id), newest_id)


def _summary(seconds: float) -> str:
    counted = ", ".join(
        f"{db.session.scalar(select(func.count()).select_from(table))} {name}"
        for table, name in ((Creator, "creators"), (Brand, "brands"), (Brief, "briefs"), (Deal, "deals"))
    )
    db.session.rollback()
    return f"Demo data: {counted}; the books balance ({seconds:.0f} s)."
