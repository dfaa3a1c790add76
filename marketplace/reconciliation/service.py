"""Reconciliation, whole: read, match, book, say what is left. It asks Stripe, so it owns its transactions.

A run goes in stretches, made of steps of one transaction each: a page that is read, or a batch that is matched. The
run's row says which is next, so that the first reading of many years may take hours, and be killed at any moment.
"""

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Update, func, select, text, update

from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import Deferred, defer, defer_all, defer_missing
from marketplace.kit import clock
from marketplace.reconciliation.matching import explain_late, match_batch, reopen
from marketplace.reconciliation.models import BalanceTransaction, Reconciliation, UnreportedEntry
from marketplace.reconciliation.reading import RECENT, WHOLE, current_run, lock_run, read_page, start_run
from marketplace.reconciliation.unreported import DAY, find_unreported

logger = structlog.get_logger(__name__)
# Seconds of a stretch: a worker that is told to stop does, and other jobs get their turn.
STRETCH = 10.0
_MOST_DISPUTES = 200
_TALLY = text("""
    INSERT INTO reconciliation_days (day, reported, within_a_day, within_four_days)
    SELECT CAST(read_at AT TIME ZONE 'UTC' AS date) AS day, count(*),
           count(*) FILTER (WHERE explained_at <= read_at + interval '1 day'),
           count(*) FILTER (WHERE explained_at <= read_at + interval '4 days')
    FROM balance_transactions WHERE read_at >= :since GROUP BY 1
    ON CONFLICT (day) DO UPDATE SET reported = EXCLUDED.reported, within_a_day = EXCLUDED.within_a_day,
        within_four_days = EXCLUDED.within_four_days
""")


def reconcile(*, whole: bool) -> bool:
    """Hold the books against the provider's movements: of the last hours, or `whole`, of the last week. The first run
    reads them all. It works for a stretch; what is left then a job goes on with. False if something is left.

    Harmless to repeat, to interrupt at any moment, and beside itself.

    Raises:
        ProviderUnavailable: as far as it came is kept.
    """
    end_transaction()
    with transaction():
        start_run(whole=whole)
    again = go_on()
    if again is not None:
        with transaction():
            go_on_soon()
    return again is None


def go_on_soon() -> None:
    """Enqueue the next stretch, unless it is."""
    defer_missing([_next_stretch(None)])


def go_on_later(at: datetime) -> None:
    """Enqueue the stretch that follows on one at work."""
    defer_all([_next_stretch(at)])


def _next_stretch(at: datetime | None) -> Deferred:
    return Deferred("reconciliation.go_on", {}, at=at, lock="reconciliation")


def go_on() -> datetime | None:
    """Work on the run that isn't finished, for a stretch; gives when to go on with it, None when nothing is left.

    Raises:
        ProviderUnavailable: as far as it came is kept.
    """
    ends = time.monotonic() + STRETCH
    while (run := current_run()) is not None:
        if run.all_read:
            _match(run.id)
        elif not read_page(run):
            # Somebody else is at it. Beside them it would ask for the same pages.
            return clock.now() + timedelta(seconds=STRETCH)
        if time.monotonic() >= ends:
            return clock.now()
    return None


def _match(run_id: int) -> None:
    """The next batch of movements that aren't explained; after the last one the run ends."""
    with transaction():
        run = lock_run(run_id)
        if run.finished_at is not None or run.all_read_at is None:
            return
        since = _looked_at(run)
        found = match_batch(run.matched, None if run.whole else since)
        run.explained, run.booked = run.explained + found.explained, run.booked + found.booked
        run.matched, run.touched_at = found.last or run.matched, clock.now()
        if found.last is None:
            _finish(run, since)


def _looked_at(run: Reconciliation) -> datetime | None:
    """From when on entries have to be looked at: those before were by the runs before."""
    before = select(func.max(Reconciliation.started_at)).where(Reconciliation.finished_at.is_not(None))
    found = db.session.scalar(before)
    return found - (WHOLE if run.whole else RECENT) if found is not None else None


def _finish(run: Reconciliation, since: datetime | None) -> None:
    if since is not None:
        run.explained += explain_late(since) - reopen(since)
    find_unreported(since - DAY if since is not None else None)
    _ask_about_disputes()
    db.session.execute(_TALLY, {"since": _midnight(min(since or run.started_at, clock.now() - DAY))})
    run.finished_at = clock.now()
    _alert(run.id)


def _ask_about_disputes() -> None:
    """What a bank has moved and no event told of is booked by whoever reads its dispute. What is open a day later
    nobody could book by itself."""
    query = select(BalanceTransaction.source).where(
        BalanceTransaction.explained_at.is_(None),
        BalanceTransaction.category.in_(("dispute", "dispute_reversal")),
        BalanceTransaction.read_at > clock.now() - DAY,
    )
    disputes = db.session.scalars(query.distinct().limit(_MOST_DISPUTES)).all()
    defer_missing([Deferred("chargebacks.read", {"dispute_id": one}, lock=f"dispute:{one}") for one in disputes])


def _alert(run_id: int) -> None:
    """Administrators hear once of what has stood unexplained for a day."""
    now = clock.now()
    late = (
        update(BalanceTransaction)
        .where(
            BalanceTransaction.explained_at.is_(None),
            BalanceTransaction.alerted_at.is_(None),
            BalanceTransaction.read_at <= now - DAY,
        )
        .values(alerted_at=now)
    )
    unknown = (
        update(UnreportedEntry)
        .where(UnreportedEntry.resolved_at.is_(None), UnreportedEntry.alerted_at.is_(None))
        .values(alerted_at=now)
    )
    movements, entries = _changed(late), _changed(unknown)
    if movements or entries:
        logger.error("unreconciled", movements=movements, entries=entries)
        defer("notifications.tell_unreconciled", run_id=run_id, movements=movements, entries=entries)


def _changed(change: Update) -> int:
    return int(db.session.execute(change, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
