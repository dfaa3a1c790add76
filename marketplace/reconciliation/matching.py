"""Holding movements and entries against each other by the movement's id. None of these verbs commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text

from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.service import post_many
from marketplace.reconciliation.booking import FEES, Books, postings_for

_BATCH = 2_000
# Looked up one by one, whatever the planner thinks of two thousand: it would rather read all the books each time.
_BOOKED = """
    SELECT txn.*, entries.*
    FROM (SELECT * FROM balance_transactions WHERE id = ANY(CAST(:ids AS text[]))) txn
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(line.amount), 0) AS total, count(line.entry_id) AS lines,
               count(DISTINCT entry.id) FILTER (WHERE entry.kind <> 'stripe.fee') AS others,
               coalesce(bool_or(entry.kind = 'stripe.fee'), false) AS has_fee
        FROM ledger_entries entry JOIN ledger_lines line ON line.entry_id = entry.id
        WHERE entry.external_id = txn.id AND entry.external_id <> '' AND line.commodity = txn.currency
            AND line.account_id = ANY(ARRAY(SELECT id FROM ledger_accounts WHERE kind = 'stripe_clearing'))
    ) entries
"""
# A movement of nothing at all needs no entry, nor one that is the provider's fee alone, of nothing.
_EXPLAINED = text(f"""
    WITH booked AS MATERIALIZED ({_BOOKED})
    UPDATE balance_transactions txn SET explained_at = :now FROM booked
    WHERE booked.id = txn.id AND txn.id = ANY(CAST(:ids AS text[])) AND txn.explained_at IS NULL
        AND booked.total = txn.net AND (booked.lines > 0 OR txn.amount = 0 OR txn.type = ANY(:fees))
    RETURNING txn.id
""")
_BOOKS = text(f"""
    SELECT id, type, amount, fee, net, currency, total, others, has_fee
    FROM ({_BOOKED}) booked WHERE :explained OR explained_at IS NULL ORDER BY id
""")
_OPEN = text("""
    SELECT id FROM balance_transactions
    WHERE explained_at IS NULL AND read_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
        AND (created_at, id) > (
            coalesce((SELECT created_at FROM balance_transactions WHERE id = :after), '-infinity'), :after
        )
    ORDER BY created_at, id LIMIT :most
""")
_LATE = text("""
    SELECT DISTINCT entry.external_id
    FROM ledger_entries entry JOIN balance_transactions txn ON txn.id = entry.external_id
    WHERE entry.posted_at >= :since AND entry.external_id <> '' AND txn.explained_at IS NULL
""")
_TOUCHED = text("""
    SELECT DISTINCT external_id FROM ledger_entries entry
    JOIN balance_transactions txn ON txn.id = entry.external_id
    WHERE entry.posted_at >= :since AND entry.external_id <> '' AND txn.explained_at < entry.posted_at
""")
_REOPENED = text(f"""
    WITH booked AS MATERIALIZED ({_BOOKED})
    UPDATE balance_transactions txn SET explained_at = NULL FROM booked
    WHERE booked.id = txn.id AND txn.id = ANY(CAST(:ids AS text[])) AND txn.explained_at IS NOT NULL
        AND booked.lines > 0 AND booked.total <> txn.net
    RETURNING txn.id
""")


@dataclass(frozen=True, slots=True)
class Matched:
    """What came of a batch: after which movement the next one goes on, None where this was the last; how many movements
    were explained, and how many entries posted."""

    last: str | None
    explained: int
    booked: int


def explain(transaction_ids: Sequence[str]) -> set[str]:
    """Mark those whose entries come to just their net; gives which."""
    if not transaction_ids:
        return set()
    values = {"ids": list(transaction_ids), "now": clock.now(), "fees": sorted(FEES)}
    return set(db.session.scalars(_EXPLAINED, values))


def unbooked(transaction_ids: Sequence[str]) -> list[Books]:
    """Those that aren't explained, each with what the books have of it now."""
    return _booked(transaction_ids, explained=False)


def booked(transaction_ids: Sequence[str]) -> dict[str, Books]:
    """What the books have of movements, explained or not, by id."""
    return {one.id: one for one in _booked(transaction_ids, explained=True)}


def _booked(transaction_ids: Sequence[str], *, explained: bool) -> list[Books]:
    if not transaction_ids:
        return []
    values = {"ids": list(transaction_ids), "explained": explained}
    return [_as_books(row) for row in db.session.execute(_BOOKS, values)]


def _as_books(row: Row[str, str, int, int, int, str, int, int, bool]) -> Books:
    id_, type_, amount, fee, net, currency, total, others, has_fee = row
    return Books(id_, type_, amount, fee, net, currency, int(total), int(others), has_fee)


def match_batch(after: str = "", since: datetime | None = None) -> Matched:
    """Match the next open movements after the movement `after`, the oldest first, and book what needs no judgement: of
    all of them, or of those that were read since a moment."""
    ids = list(db.session.scalars(_OPEN, {"after": after, "since": since, "most": _BATCH}))
    explained = explain(ids)
    left = [id_ for id_ in ids if id_ not in explained]
    postings = [posting for one in unbooked(left) for posting in postings_for(one)]
    if postings:
        post_many(postings)
        explained |= explain(left)
    return Matched(ids[-1] if len(ids) == _BATCH else None, len(explained), len(postings))


def explain_late(since: datetime) -> int:
    """Movements that got an entry since, whenever they were read."""
    return len(explain(list(db.session.scalars(_LATE, {"since": since}))))


def reopen(since: datetime) -> int:
    """Movements that were explained, and whose entries since no longer come to them, as after a reversal."""
    touched = list(db.session.scalars(_TOUCHED, {"since": since}))
    return len(db.session.execute(_REOPENED, {"ids": touched}).all()) if touched else 0
