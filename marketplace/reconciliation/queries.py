"""Reads of reconciliation: how it stands, what is unmatched on either side, one movement with its entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select, text, tuple_

from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.ledger.models import LedgerEntry
from marketplace.reconciliation.booking import Books
from marketplace.reconciliation.matching import booked, unbooked
from marketplace.reconciliation.models import BalanceTransaction, Reconciliation, ReconciliationDay, UnreportedEntry

PAGE = 30
DAYS = 28
_DAY = timedelta(days=1)
# Beyond this a page says "more than": nobody counts on.
_MOST = 10_000
_LATE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Day:
    """The movements that were reported on a day (UTC), by how soon they were explained."""

    day: date
    within_a_day: int = 0
    within_four_days: int = 0
    later: int = 0

    @property
    def reported(self) -> int:
        return self.within_a_day + self.within_four_days + self.later


@dataclass(frozen=True, slots=True)
class Standing:
    """How reconciliation stands. `last` is the newest run that ended, `running` one that hasn't, which has read back to
    `reached`; one of them got on last at `touched_at`, long ago if `is_late`. The two lengths are of what is unmatched
    now, `oldest` is since when the first of it moved, `overdue` how much has been so for a day. Shares are basis points
    of the four weeks' movements that have had a day, or four, to be explained; None without any."""

    last: Reconciliation | None
    running: Reconciliation | None
    reached: datetime | None
    touched_at: datetime | None
    movements: int
    entries: int
    oldest: datetime | None
    overdue: int
    in_a_day: int | None
    in_four_days: int | None
    days: Sequence[Day]

    @property
    def is_late(self) -> bool:
        return self.touched_at is not None and self.touched_at < clock.now() - _LATE


@dataclass(frozen=True, slots=True)
class OpenMovement:
    """A movement that the books don't explain, with what they have of it."""

    movement: BalanceTransaction
    books: Books


@dataclass(frozen=True, slots=True)
class MovementPage:
    """The oldest first; `later` is where the next page goes on, None on the last."""

    rows: Sequence[OpenMovement]
    later: str | None


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry without a movement."""

    found: UnreportedEntry
    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    rows: Sequence[OpenEntry]
    later: int | None


def open_movements() -> Select[int]:
    """The query of how many movements are unmatched, counted up to ten thousand."""
    some = select(BalanceTransaction.id).where(BalanceTransaction.explained_at.is_(None)).limit(_MOST).subquery()
    return select(func.count()).select_from(some)


def open_entries() -> Select[int]:
    some = select(UnreportedEntry.entry_id).where(UnreportedEntry.resolved_at.is_(None)).limit(_MOST).subquery()
    return select(func.count()).select_from(some)


def overdue() -> Select[int]:
    """The query of how much has been unmatched for a day or longer, on either side: administrators have to act."""
    late = (BalanceTransaction.explained_at.is_(None), BalanceTransaction.read_at <= clock.now() - _DAY)
    some = select(BalanceTransaction.id).where(*late).limit(_MOST).subquery()
    counted = select(func.count()).select_from(some).scalar_subquery()
    return select(counted + open_entries().scalar_subquery())


def standing() -> Standing:
    """Four queries, whatever there is."""
    newest = Reconciliation.started_at.desc()
    ended = select(Reconciliation).where(Reconciliation.finished_at.is_not(None))
    last = db.session.scalars(ended.order_by(newest).limit(1)).first()
    place = select(BalanceTransaction.created_at).where(BalanceTransaction.id == Reconciliation.after)
    working = select(Reconciliation, place.scalar_subquery()).where(Reconciliation.finished_at.is_(None))
    running, reached = db.session.execute(working.order_by(newest).limit(1)).first() or (None, None)
    counts = (open_movements(), open_entries(), overdue(), *_oldest())
    movements, entries, late, *oldest = db.session.execute(select(*(one.scalar_subquery() for one in counts))).one()
    days = _days()
    return Standing(
        last=last,
        running=running,
        reached=reached,
        touched_at=max((run.touched_at for run in (last, running) if run is not None), default=None),
        movements=movements,
        entries=entries,
        oldest=min(filter(None, oldest), default=None),
        overdue=late,
        in_a_day=_share(days, 1),
        in_four_days=_share(days, 4),
        days=days,
    )


def _oldest() -> tuple[Select[datetime], Select[datetime]]:
    """When the oldest of what is unmatched moved, on either side."""
    created, posted = BalanceTransaction.created_at, UnreportedEntry.posted_at
    movement = select(created).where(BalanceTransaction.explained_at.is_(None)).order_by(created).limit(1)
    return movement, select(posted).where(UnreportedEntry.resolved_at.is_(None)).order_by(posted).limit(1)


def _days() -> list[Day]:
    """The last one is today; days without any movement are there, as a plot has no holes."""
    today = clock.now().date()
    first = today - (DAYS - 1) * _DAY
    rows = db.session.scalars(select(ReconciliationDay).where(ReconciliationDay.day >= first))
    found = {row.day: _as_day(row) for row in rows}
    return [found.get(first + number * _DAY, Day(first + number * _DAY)) for number in range(DAYS)]


def _as_day(row: ReconciliationDay) -> Day:
    soon, within = row.within_a_day, row.within_four_days
    return Day(row.day, soon, within - soon, row.reported - within)


def _share(days: Sequence[Day], limit: int) -> int | None:
    """Days that are younger than the limit can't be judged yet."""
    judged = [one for one in days if clock.now().date() - one.day > limit * _DAY]
    reported = sum(one.reported for one in judged)
    done = sum(one.within_a_day + (one.within_four_days if limit > 1 else 0) for one in judged)
    return done * 10_000 // reported if reported else None


def list_open_movements(after: str = "") -> MovementPage:
    """In two queries, and a third for a later page: what came after the movement `after`."""
    created, id_ = BalanceTransaction.created_at, BalanceTransaction.id
    query = select(BalanceTransaction).where(BalanceTransaction.explained_at.is_(None))
    begun = db.session.get(BalanceTransaction, after) if after else None
    if begun is not None:
        query = query.where(tuple_(created, id_) > tuple_(begun.created_at, begun.id))
    found = db.session.scalars(query.order_by(created, id_).limit(PAGE + 1)).all()
    books = {one.id: one for one in unbooked([row.id for row in found])}
    # One that was explained a moment ago isn't open any more.
    rows = [OpenMovement(row, books[row.id]) for row in found[:PAGE] if row.id in books]
    return MovementPage(rows, found[PAGE - 1].id if len(found) > PAGE else None)


def list_open_entries(after: int | None = None) -> EntryPage:
    """In one query, and another for a later page: what came after the entry `after`."""
    posted, id_ = UnreportedEntry.posted_at, UnreportedEntry.entry_id
    query = (
        select(UnreportedEntry, LedgerEntry.kind, LedgerEntry.reference)
        .join(LedgerEntry, LedgerEntry.id == id_)
        .where(UnreportedEntry.resolved_at.is_(None))
    )
    if after is not None:
        begun = select(func.min(posted)).where(id_ == after).scalar_subquery()
        query = query.where(tuple_(posted, id_) > tuple_(begun, after))
    found = db.session.execute(query.order_by(posted, id_).limit(PAGE + 1)).all()
    rows = [OpenEntry(entry, kind, reference) for entry, kind, reference in found[:PAGE]]
    return EntryPage(rows, rows[-1].found.entry_id if len(found) > PAGE else None)


def get_movement(transaction_id: str) -> OpenMovement:
    """A movement, explained or not, with what the books have of it; two queries.

    Raises:
        NotFound: the provider has reported none of this id.
    """
    # What text no database holds names nothing.
    found = db.session.get(BalanceTransaction, transaction_id) if transaction_id.isprintable() else None
    if found is None:
        raise NotFound
    return OpenMovement(found, booked([transaction_id])[transaction_id])


def is_reported(transaction_id: str) -> bool:
    return transaction_id.isprintable() and db.session.get(BalanceTransaction, transaction_id) is not None


def entries_of(transaction_id: str) -> Sequence[LedgerEntry]:
    """The entries that book a movement, the oldest first."""
    mine = (LedgerEntry.external_id == transaction_id, LedgerEntry.external_id != "")
    return db.session.scalars(select(LedgerEntry).where(*mine).order_by(LedgerEntry.id).limit(100)).all()


def alike(movement: BalanceTransaction) -> Sequence[BalanceTransaction]:
    """Other movements of the same object, such as a charge's refunds; the newest first."""
    if not movement.source:
        return []
    same = (BalanceTransaction.source == movement.source, BalanceTransaction.id != movement.id)
    return db.session.scalars(
        select(BalanceTransaction).where(*same).order_by(BalanceTransaction.created_at.desc()).limit(20)
    ).all()


_MISSING = text("""
    SELECT txn.currency, sum(txn.net - booked.total)
    FROM balance_transactions txn CROSS JOIN LATERAL (
        SELECT coalesce(sum(line.amount), 0) AS total
        FROM ledger_entries entry JOIN ledger_lines line ON line.entry_id = entry.id
        WHERE entry.external_id = txn.id AND entry.external_id <> '' AND line.commodity = txn.currency
            AND line.account_id IN (SELECT id FROM ledger_accounts WHERE kind = 'stripe_clearing')
    ) booked
    WHERE txn.explained_at IS NULL AND txn.read_at > :young AND txn.read_at <= :moment
    GROUP BY txn.currency
""")


def missing_since(moment: datetime) -> dict[str, int]:
    """By currency, what movements that were read between a day ago and `moment` and aren't explained yet add to what
    the books say: so long they may take."""
    rows = db.session.execute(_MISSING, {"young": clock.now() - _DAY, "moment": moment})
    return {currency: int(missing) for currency, missing in rows}


def stream_open_movements() -> Iterator[OpenMovement]:
    """All that is unmatched, page by page, for a download."""
    after = ""
    while True:
        page = list_open_movements(after)
        yield from page.rows
        if page.later is None:
            return
        after = page.later
        db.session.expunge_all()


def stream_open_entries() -> Iterator[OpenEntry]:
    after = None
    while True:
        page = list_open_entries(after)
        yield from page.rows
        if page.later is None:
            return
        after = page.later
        db.session.expunge_all()
