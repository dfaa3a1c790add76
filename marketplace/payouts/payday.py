"""A payday: one run that pays all payees with a weekly plan, in batches that end whole.

What is due is told by `payday_due`, made into transfers by `payday_preparing`, sent by `payday_sending`. Killed at any
moment it goes on from its cursors, which move in the transactions that do the work.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, exists, func, select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db, refusing
from marketplace.infra.jobs import Deferred, defer_all, defer_missing
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.payouts.models import Payday, PaydayShare, PaydayState
from marketplace.payouts.payday_due import AGENCIES, CREATORS
from marketplace.payouts.plans import next_payday

PAYEES_A_SHARE = 10_000
Counts = dict[str, Any]


def start_payday(actor: Actor) -> Payday:
    """Begin a run; its job is enqueued.

    Raises:
        NotAllowed: the actor is neither an administrator nor the clock.
        Conflict: another run isn't finished yet.
    """
    if actor is not SYSTEM and not actor.is_admin:
        raise NotAllowed
    run = Payday(state=PaydayState.PREPARING, started_by=actor.user_id, started_at=clock.now(), counts={})
    with refusing(
        "uq_paydays_running", Conflict(_l("A payday is running. Another one can begin when it has finished."))
    ):
        db.session.add(run)
        db.session.flush()
    db.session.add_all(_shares(run))
    db.session.flush()
    go_on_later(run.id)
    return run


def _shares(run: Payday) -> Iterator[PaydayShare]:
    for side in (CREATORS, AGENCIES):
        last = db.session.scalar(select(func.max(side.table.id))) or 0
        for after, end in pairwise([*range(0, last, PAYEES_A_SHARE), last]):
            yield PaydayShare(payday_id=run.id, agencies=side.agencies, after=after, through=after, last=end, counts={})


def start_due_payday() -> None:
    """Begin the run of this week if its hour has come and the clock has begun none since; however late it is, as the
    worker may have been away. Where nobody had anything to be paid at that hour, nothing was missed."""
    hour = last_payday(clock.now())
    begun = exists().where(Payday.started_by.is_(None), Payday.started_at >= hour)
    running = exists().where(unfinished())
    anything = exists().where(Settlement.released_at <= hour)
    if db.session.scalar(select(~begun & ~running & anything)):
        with suppress(Conflict):
            start_payday(SYSTEM)


def last_payday(now: datetime) -> datetime:
    """The newest weekly hour that has come."""
    # Two hours earlier, as a clock may have been put back or forward in that week.
    return next_payday(next_payday(now) - timedelta(days=7, hours=2))


def keep_going() -> None:
    """Enqueue the job of a run that nobody works on: whoever did was killed."""
    defer_missing([_job(run_id) for run_id in db.session.scalars(select(Payday.id).where(unfinished()))])


def unfinished() -> ColumnElement[bool]:
    return Payday.state != PaydayState.FINISHED


def go_on_later(run_id: int, at: datetime | None = None) -> None:
    """Enqueue the run's next stretch of work, from `at` on; one at a time, as they have one lock."""
    defer_all([_job(run_id, at)])


def _job(run_id: int, at: datetime | None = None) -> Deferred:
    return Deferred("payouts.go_on_with_payday", {"payday_id": run_id}, at=at, lock=f"payday:{run_id}")


def unprepared(run_id: int) -> Select[PaydayShare]:
    """The shares with payees whose transfers aren't prepared."""
    return select(PaydayShare).where(PaydayShare.payday_id == run_id, PaydayShare.through < PaydayShare.last)


def count_found(run: Payday) -> None:
    """Add up what the shares have found so far."""
    found: Counts = {}
    for counts in db.session.scalars(select(PaydayShare.counts).where(PaydayShare.payday_id == run.id)):
        found = added(found, counts)
    run.counts = found


def added(counts: Counts, more: Counts) -> Counts:
    """Both together: for each verdict and currency how many parts, of how many payees, and minor units."""
    found = {verdict: dict(sums) for verdict, sums in counts.items()}
    for verdict, sums in more.items():
        ours = found.setdefault(verdict, {})
        for currency, figures in sums.items():
            ours[currency] = [sum(both) for both in zip(ours.get(currency, (0, 0, 0)), figures, strict=True)]
    return found


def lock_payday(run_id: int) -> Payday:
    """The run's row, locked until the transaction ends; transfers that name it may be made meanwhile."""
    query = select(Payday).where(Payday.id == run_id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
