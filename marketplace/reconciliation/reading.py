"""Reading the provider's movements into our table: page by page, newest first, so that it can be gone on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.reconciliation.models import Reconciliation

# How far behind the newest movement that it knows a run begins: some are reported late, with an earlier moment.
RECENT, WHOLE = timedelta(hours=3), timedelta(days=7)
# A run that nobody has touched for this long was left behind.
_LEFT_BEHIND = timedelta(minutes=10)
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
    """A run at work, as plain values; `cut` is the creation before which it doesn't read."""

    id: int
    cut: datetime | None
    after: str
    whole: bool


def begin_run(*, whole: bool) -> Run | None:
    """The run to work on: one that was interrupted, or else a new one. None while somebody works on one."""
    db.session.execute(_ONE_AT_A_TIME)
    now = clock.now()
    unfinished = select(Reconciliation).where(Reconciliation.finished_at.is_(None)).order_by(Reconciliation.id)
    found = db.session.scalars(unfinished.limit(1)).first()
    if found is None:
        found = Reconciliation(started_at=now, touched_at=now, since=_cut(whole), through=_through(), whole=whole)
        db.session.add(found)
    elif found.touched_at > now - _LEFT_BEHIND:
        return None
    found.touched_at = now
    db.session.flush()
    return Run(found.id, found.since, found.after, found.whole)


def _through() -> datetime | None:
    return db.session.scalar(select(func.max(Reconciliation.through)).where(Reconciliation.finished_at.is_not(None)))


def _cut(whole: bool) -> datetime | None:
    through = _through()
    return through - (WHOLE if whole else RECENT) if through is not None else None


def read_movements(run: Run) -> None:
    """Read what the run hasn't read yet. Each page is kept with the place that it ends at, in a transaction of its own.

    Raises:
        ProviderUnavailable: it stays unfinished, and the next run goes on from there.
    """
    after, more = run.after, True
    while more:
        page = gateway.list_movements(run.cut, after)
        after = page.movements[-1].id if page.movements else after
        more = page.more
        with transaction():
            _keep_page(run.id, page.movements, after)


def _keep_page(run_id: int, movements: Sequence[gateway.Movement], after: str) -> None:
    row = db.session.get_one(Reconciliation, run_id, with_for_update=True)
    row.after, row.touched_at = after, clock.now()
    row.read += keep_movements(movements)
    newest = max((movement.created for movement in movements), default=row.through)
    row.through = max(row.through, newest) if row.through is not None and newest is not None else newest


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
