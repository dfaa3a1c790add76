"""The other side: entries that say that the provider's balance changed, and the provider has reported no such movement.

None of these verbs commits."""

from datetime import datetime, timedelta

from sqlalchemy import text

from marketplace.infra.db import db
from marketplace.kit import clock

DAY = timedelta(days=1)
# What an entry and its reversal say together is nothing.
_FIND = text("""
    INSERT INTO unreported_entries (entry_id, external_id, amount, currency, posted_at, found_at)
    SELECT entry.id, entry.external_id, sum(line.amount), line.commodity, entry.posted_at, :now
    FROM ledger_lines line
    JOIN ledger_entries entry ON entry.id = line.entry_id
    WHERE line.account_id IN (SELECT id FROM ledger_accounts WHERE kind = 'stripe_clearing')
        AND line.posted_at >= coalesce(:since, '-infinity'::timestamptz) AND line.posted_at < :until
        AND entry.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM balance_transactions txn WHERE txn.id = entry.external_id)
        AND NOT EXISTS (SELECT FROM ledger_entries later WHERE later.reverses_id = entry.id)
    GROUP BY entry.id, entry.external_id, line.commodity, entry.posted_at
    HAVING sum(line.amount) <> 0
    ON CONFLICT DO NOTHING
""")
_RESOLVE = text("""
    UPDATE unreported_entries found SET resolved_at = :now
    WHERE found.resolved_at IS NULL
        AND (EXISTS (SELECT FROM balance_transactions txn WHERE txn.id = found.external_id)
            OR EXISTS (SELECT FROM ledger_entries later WHERE later.reverses_id = found.entry_id))
""")


def find_unreported(since: datetime | None) -> None:
    """Note the entries since a moment (all of them if None) that are a day old, and resolve those noted before whose
    movement has come or that were reversed. Only right after all that the provider reports was read."""
    now = clock.now()
    db.session.execute(_RESOLVE, {"now": now})
    db.session.execute(_FIND, {"now": now, "since": since, "until": now - DAY})
