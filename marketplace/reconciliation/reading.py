"""Reading the provider's movements into our table: page by page, newest first, each kept with the place that it ends
at, so that whoever comes next goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, text

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.kit import clock
from marketplace.reconciliation.models import Reconciliation

# How far behind the newest movement that it knows a run begins: some are reported late, with an earlier moment.
RECENT, WHOLE = timedelta(hours=3), timedelta(days=7)
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(5_107_302_131))
_KEEP = text("""
    INSERT INTO balance_transactions
        (id, type, category, amount, fee, net, currency, source, description, created_at, available_at, read_at)
    SELECT movement.*, :now
    FROM unnest(CAST(:ids AS text[]), CAST(:types AS text[]), CAST(:categories AS text[]), CAST(:amounts AS bigint[]),
                CAST(:fees AS bigint[]), CAST(:nets AS bigint[]), CAST(:currencies AS text[]), CAST(:sources AS text[]),
                CAST(:descriptions AS text[]), CAST(:created AS timestamptz[]), CAST(:available AS timestamptz[]))
         AS movement
    ON CONFLICT (id) DO UPDATE SET available_at = EXCLUDED.available_at
        WHERE balance_transactions.available_at <> EXCLUDED.available_at
    RETURNING xmax = 0
""")


@dataclass(frozen=True, slots=True)
class Run:
    """A run at work, as plain values: what it reads since, and where it is in what the provider lists."""

    id: int
    since: datetime | None
    after: str
    all_read: bool


def start_run(*, whole: bool) -> None:
    """Begin a run, unless one isn't finished: that one is gone on with, and made to read as far back as is asked for.
    The first one reads all; without keys there is none."""
    if not gateway.configured():
        return
    db.session.execute(_ONE_AT_A_TIME)
    found = db.session.scalars(_unfinished()).first()
    if found is None:
        through = db.session.scalar(select(func.max(Reconciliation.through)))
        since = through - (WHOLE if whole else RECENT) if through is not None else None
        now = clock.now()
        run = Reconciliation(started_at=now, touched_at=now, since=since, through=through, whole=whole or since is None)
        db.session.add(run)
    elif whole and not found.whole:
        _widen(lock_run(found.id))
    db.session.flush()


def _widen(run: Reconciliation) -> None:
    """Have a lesser run read on to where a whole one ends, unless it has ended meanwhile."""
    if run.finished_at is None and run.since is not None:
        run.whole, run.since, run.all_read_at, run.matched = True, run.since - WHOLE, None, ""


def current_run() -> Run | None:
    """The run that isn't finished; leaves no transaction open."""
    found = db.session.scalars(_unfinished()).first()
    run = Run(found.id, found.since, found.after, found.all_read_at is not None) if found is not None else None
    end_transaction()
    return run


def _unfinished() -> Select[Reconciliation]:
    return select(Reconciliation).where(Reconciliation.finished_at.is_(None)).order_by(Reconciliation.id).limit(1)


def lock_run(run_id: int) -> Reconciliation:
    query = select(Reconciliation).where(Reconciliation.id == run_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def read_page(run: Run) -> bool:
    """Read the run's next page, and keep it with the place that it ends at; False where somebody else did meanwhile.

    Raises:
        ProviderUnavailable: the next one to come goes on from here.
    """
    page = _page(run)
    with transaction():
        row = lock_run(run.id)
        if (row.since, row.after, row.all_read_at) != (run.since, run.after, None):
            return False
        row.read += keep_movements(page.movements)
        row.after = page.movements[-1].id if page.movements else row.after
        row.through = max(filter(None, (row.through, *(one.created for one in page.movements))), default=None)
        row.touched_at = clock.now()
        row.all_read_at = None if page.more else row.touched_at
    return True


def _page(run: Run) -> gateway.MovementPage:
    try:
        return gateway.list_movements(run.since, run.after)
    except gateway.ProviderRefused:
        if not run.after:
            raise
        # It knows that movement no more, as after test data were deleted: from the newest on, then.
        return gateway.list_movements(run.since)


def keep_movements(movements: Sequence[gateway.Movement]) -> int:
    """Keep what the provider reports, once by id, by one statement; gives how many are new. Only when the money is
    available may change later."""
    values = {
        "now": clock.now(),
        "ids": [one.id for one in movements],
        "types": [one.type for one in movements],
        "categories": [one.category for one in movements],
        "amounts": [one.amount for one in movements],
        "fees": [one.fee for one in movements],
        "nets": [one.net for one in movements],
        "currencies": [one.currency for one in movements],
        "sources": [one.source for one in movements],
        "descriptions": [one.description for one in movements],
        "created": [one.created for one in movements],
        "available": [one.available for one in movements],
    }
    return sum(db.session.scalars(_KEEP, values)) if movements else 0
