"""Reconciliation, whole: read, match, book, say what is left. It asks Stripe, so it owns its transactions."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, text, update

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.reconciliation.matching import match_batch, reopen
from marketplace.reconciliation.models import BalanceTransaction, Reconciliation, UnreportedEntry
from marketplace.reconciliation.reading import RECENT, WHOLE, Run, begin_run, read_movements
from marketplace.reconciliation.unreported import DAY, find_unreported

logger = structlog.get_logger(__name__)
_TALLIED = timedelta(days=5)
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
    reads them all. Harmless to repeat and to interrupt: the next one goes on. False while another one is at work.

    Raises:
        ProviderUnavailable: as far as it came is kept.
    """
    if not gateway.configured():
        return False
    while True:
        end_transaction()
        with transaction():
            run = begin_run(whole=whole)
        if run is None:
            return False
        _work(run)
        # What was gone on with may have been a lesser one.
        if run.whole or not whole:
            return True


def _work(run: Run) -> None:
    read_movements(run)
    since = _looked_at(run)
    explained, booked = _match(run.id)
    with transaction():
        reopened = reopen(since) if since is not None else 0
        find_unreported(since - DAY if since is not None else None)
    with transaction():
        db.session.execute(_TALLY, {"since": _midnight(clock.now() - (_TALLIED if run.whole else DAY))})
        _finish(run.id, explained - reopened, booked)
        _alert(run.id)


def _looked_at(run: Run) -> datetime | None:
    """From when on entries have to be looked at: those before were by the runs before."""
    before = select(func.max(Reconciliation.started_at)).where(Reconciliation.finished_at.is_not(None))
    found = db.session.scalar(before)
    end_transaction()
    return found - (WHOLE if run.whole else RECENT) if found is not None else None


def _match(run_id: int) -> tuple[int, int]:
    """All movements that aren't explained, by batches, each in a transaction of its own."""
    place, explained, booked, more = None, 0, 0, True
    while more:
        with transaction():
            place, matched, posted = match_batch(place)
            touched = update(Reconciliation).where(Reconciliation.id == run_id).values(touched_at=clock.now())
            db.session.execute(touched)
        explained, booked, more = explained + matched, booked + posted, place is not None
    return explained, booked


def _finish(run_id: int, explained: int, booked: int) -> None:
    row = db.session.get_one(Reconciliation, run_id, with_for_update=True)
    row.finished_at, row.explained, row.booked = clock.now(), explained, booked


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
        .returning(BalanceTransaction.id)
    )
    unknown = (
        update(UnreportedEntry)
        .where(UnreportedEntry.resolved_at.is_(None), UnreportedEntry.alerted_at.is_(None))
        .values(alerted_at=now)
        .returning(UnreportedEntry.entry_id)
    )
    movements, entries = len(db.session.scalars(late).all()), len(db.session.scalars(unknown).all())
    if movements or entries:
        logger.error("unreconciled", movements=movements, entries=entries)
        defer("notifications.tell_unreconciled", run_id=run_id, movements=movements, entries=entries)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
