"""Books of a given size, written by the database itself with its guards off: a year of deals, evenly spread."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from marketplace.infra import embedded_postgres
from marketplace.ledger.accounts import CHART

BEGAN = datetime(2025, 7, 1, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=365)
LINES_A_DEAL = 14
_CREATORS = 50_000

# A deal is paid, settled after two weeks, released after three days more, transferred a minute later.
_MOVES = """
CREATE TEMP TABLE moves (step, minutes, kind, number, owner, account, share) ON COMMIT DROP AS VALUES
    (1, 0, 'payment.received', 1, 'platform', 'stripe_clearing', 105), (1, 0, 'payment.received', 2, 'deal', 'escrow', -105),
    (2, 0, 'payment.fee', 1, 'platform', 'stripe_fees', 3), (2, 0, 'payment.fee', 2, 'platform', 'stripe_clearing', -3),
    (3, 20160, 'deal.settled', 1, 'deal', 'escrow', 105), (3, 20160, 'deal.settled', 2, 'creator', 'creator_pending', -92),
    (3, 20160, 'deal.settled', 3, 'platform', 'fees_creator', -8), (3, 20160, 'deal.settled', 4, 'platform', 'fees_brand', -5),
    (4, 24480, 'earnings.released', 1, 'creator', 'creator_pending', 92),
    (4, 24480, 'earnings.released', 2, 'creator', 'creator_available', -92),
    (5, 24481, 'transfer.prepared', 1, 'creator', 'creator_available', 92),
    (5, 24481, 'transfer.prepared', 2, 'creator', 'transfer_in_transit', -92),
    (6, 24482, 'transfer.sent', 1, 'creator', 'transfer_in_transit', 92),
    (6, 24482, 'transfer.sent', 2, 'platform', 'stripe_clearing', -92)
"""  # noqa: E501
_EVENTS = """
CREATE TEMP TABLE events ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY posted_at, deal, step) AS id, *
FROM (
    SELECT deal, step, kind, deal %% %(creators)s AS creator,
        %(began)s + deal * %(apart)s + minutes * interval '1 minute' AS posted_at
    FROM generate_series(1, %(deals)s) deal, (SELECT DISTINCT step, minutes, kind FROM moves) steps
) happened WHERE posted_at < %(ended)s
"""
_ENTRIES = """
INSERT INTO ledger_entries (id, kind, idempotency_key, input_hash, reference, posted_at, description)
OVERRIDING SYSTEM VALUE
SELECT id, kind, 'deal:' || deal || ':' || step, md5(id::text), 'deal:' || deal, posted_at, '' FROM events ORDER BY id
"""
_WHOSE = """
    CASE moves.owner WHEN 'deal' THEN 'deal:' || deal WHEN 'creator' THEN 'creator:' || creator ELSE 'platform' END
"""
_ACCOUNTS = f"""
INSERT INTO ledger_accounts (owner, kind, commodity, guarded, balance)
SELECT owner, account, 'CNY', account = ANY(%(guarded)s), CASE WHEN account = ANY(%(balanced)s) THEN balance END
FROM (
    SELECT {_WHOSE} AS owner, account, sum(share * 100) AS balance
    FROM events JOIN moves USING (step) GROUP BY 1, 2
) moved
"""
_LINES = f"""
INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
SELECT events.id, moves.number, posted_at, account.id, 'CNY', share * 100
FROM events JOIN moves USING (step)
JOIN ledger_accounts account ON account.owner = {_WHOSE} AND account.kind = moves.account AND commodity = 'CNY'
ORDER BY events.id, moves.number
"""
_STEPS = (_MOVES, _EVENTS, "ANALYZE events", _ENTRIES, _ACCOUNTS, "ANALYZE ledger_accounts", _LINES)


def fill(folder: Path, database: str, lines: int) -> None:
    """About so many lines into empty books on the server of `folder`, in order of time, with fresh statistics."""
    deals = lines // LINES_A_DEAL
    values: dict[str, Any] = {
        "deals": deals,
        "creators": _CREATORS,
        "began": BEGAN,
        "ended": ENDED,
        "apart": (ENDED - BEGAN) / deals,
        "guarded": [kind.value for kind, rule in CHART.items() if rule.guarded],
        "balanced": [kind.value for kind, rule in CHART.items() if rule.keeps_balance],
    }
    with embedded_postgres.as_superuser(folder) as connection:
        address: dict[str, Any] = connection.info.get_parameters() | {
            "dbname": database,
            "password": connection.info.password,
        }
    with psycopg.connect(**address, autocommit=True, cursor_factory=psycopg.ClientCursor) as inside:
        with inside.transaction():
            inside.execute("SET LOCAL session_replication_role = replica")
            inside.execute("SET LOCAL work_mem = '256MB'")
            for statement in (
                _MOVES,
                _EVENTS,
                "ANALYZE events",
                _ENTRIES,
                _ACCOUNTS,
                "ANALYZE ledger_accounts",
                _LINES,
            ):
                inside.execute(statement, values if "%(" in statement else None)
            inside.execute("SELECT setval(pg_get_serial_sequence('ledger_entries', 'id'), max(id)) FROM ledger_entries")
        for table in ("ledger_accounts", "ledger_entries", "ledger_lines"):
            inside.execute(f"VACUUM (ANALYZE) {table}")
