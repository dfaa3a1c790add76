"""A payday: one run that prepares the transfers of all payees with a weekly plan, in batches that end whole.

What is due is told by `payday_due`, what is prepared is sent by `payday_sending`. Killed at any moment it goes on from
its cursors, which move in the transactions that do the work.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db, refusing
from marketplace.infra.jobs import Deferred, defer_all, defer_missing
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, DomainError, NotAllowed
from marketplace.payouts.models import Payday, PaydayState
from marketplace.payouts.payday_due import AGENCIES, CREATORS, Judged, Side, Verdict, judge, lock_payees, next_payees
from marketplace.payouts.plans import next_payday
from marketplace.payouts.transfer import prepare_transfers

logger = structlog.get_logger(__name__)
PAYEES_AT_ONCE = 500
# What is wrong with one payee alone; a database that doesn't answer is wrong for all.
_REFUSALS = (DomainError, IntegrityError)
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
    go_on_later(run.id)
    return run


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


def prepare_next(run_id: int) -> bool:
    """Prepare the transfers of the next payees; False when there are none left and sending begins.

    Transfers, entries, counts and cursor commit together. Two workers at once take turns.
    """
    run = lock_payday(run_id)
    if run.state is not PaydayState.PREPARING:
        return False
    for side in (CREATORS, AGENCIES):
        after = run.agencies_through if side.agencies else run.creators_through
        batch = next_payees(side, after, PAYEES_AT_ONCE)
        if batch.through is None:
            continue
        if batch.holders:
            _prepare(run, side, batch.holders)
        if side.agencies:
            run.agencies_through = batch.through
        else:
            run.creators_through = batch.through
        return True
    run.state, run.prepared_at = PaydayState.SENDING, clock.now()
    return False


def _prepare(run: Payday, side: Side, payees: list[int]) -> None:
    """One whose books refuse what is due to them is left alone, and holds up nobody else."""
    lock_payees(side, payees)
    judged = list(judge(side, payees))
    if not _is_prepared(run.id, judged):
        ordered = groupby(judged, key=attrgetter("payee_id"))
        judged = [one for payee_id, theirs in ordered for one in _prepared_alone(run.id, payee_id, list(theirs))]
    run.counts = added(run.counts, judged)


def _is_prepared(run_id: int, judged: Sequence[Judged]) -> bool:
    """Prepare what is due of these, all or nothing; False where the books refuse it."""
    try:
        with db.session.begin_nested():
            prepare_transfers([one.part for one in judged if one.part is not None], run_id)
    except _REFUSALS:
        logger.warning("transfers not prepared", payday=run_id, exc_info=True)
        return False
    return True


def _prepared_alone(run_id: int, payee_id: int, judged: list[Judged]) -> list[Judged]:
    if _is_prepared(run_id, judged):
        return judged
    logger.error("a payee is left out of the payday", payday=run_id, payee=payee_id)
    return [one if one.part is None else replace(one, verdict=Verdict.REFUSED, part=None) for one in judged]


def added(counts: Counts, judged: Iterable[Judged]) -> Counts:
    """The counts with these: for each verdict and currency how many parts and payees, and minor units."""
    found: dict[str, dict[str, list[int]]] = defaultdict(dict, {name: dict(sums) for name, sums in counts.items()})
    seen = set()
    for one in judged:
        parts, payees, total = found[one.verdict].get(one.currency, (0, 0, 0))
        fresh = (one.verdict, one.payee_id, one.currency) not in seen
        seen.add((one.verdict, one.payee_id, one.currency))
        found[one.verdict][one.currency] = [parts + 1, payees + fresh, total + one.amount]
    return dict(found)


def lock_payday(run_id: int) -> Payday:
    """The run's row, locked until the transaction ends."""
    query = select(Payday).where(Payday.id == run_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
