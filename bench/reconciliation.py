"""Reconciliation over a million movements (`RECONCILIATION_MOVEMENTS` chooses another number): keeping what Stripe
reports, page by page, and matching it with the entries of the books; each in a process of its own, with its memory. The
reference is a plain COPY of movements.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench.ledger import alone
from bench.result import Result
from bench.site import FOLDER, database
from marketplace.infra import embedded_postgres
from marketplace.infra.db import transaction
from marketplace.infra.stripe_gateway import Movement
from marketplace.kit import clock
from marketplace.reconciliation.matching import match_batch
from marketplace.reconciliation.reading import keep_movements

MOVEMENTS = int(os.environ.get("RECONCILIATION_MOVEMENTS", "1000000"))
KEPT = 100_000
PAGE = 100
_ACCOUNTS = """
INSERT INTO ledger_accounts (owner, kind, commodity, guarded, balance) VALUES
    ('platform', 'stripe_clearing', 'CNY', false, NULL), ('platform', 'fees_brand', 'CNY', false, NULL)
"""
_ENTRIES = """
INSERT INTO ledger_entries
    (id, kind, idempotency_key, input_hash, reference, posted_at, description, external_id) OVERRIDING SYSTEM VALUE
SELECT number, 'payment.received', 'payment:' || number, md5(number::text), 'deal:' || number,
       now() - number * interval '1 second', '', 'txn_' || md5(number::text)
FROM generate_series(1, %(most)s) number
"""
_LINES = """
INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
SELECT entry.id, side.number, entry.posted_at, account.id, 'CNY', side.amount
FROM ledger_entries entry,
    (VALUES (1, 'stripe_clearing', 10500), (2, 'fees_brand', -10500)) side (number, kind, amount)
JOIN ledger_accounts account USING (kind)
"""
_MOVEMENTS = """
INSERT INTO balance_transactions (id, type, category, amount, fee, net, currency, source, description, created_at,
                                  available_at, read_at)
SELECT external_id, 'charge', 'charge', 10500, 0, 10500, 'CNY', 'ch_' || id, '', posted_at, posted_at, now()
FROM ledger_entries
"""
_COPIED = "COPY plain (id, type, category, amount, fee, net, currency, source, description, created_at) FROM STDIN"


def measure() -> Iterator[Result]:
    with database() as url:
        reference = _copy(url)
        seconds, before, peak = alone(url, _keep_pages)
        yield Result(f"movements kept, pages of {PAGE}", KEPT / seconds, "rows/s", reference)
        _fill(url)
        seconds, before, peak = alone(url, _match_all)
        yield Result(f"matching {MOVEMENTS:,} movements with their entries", MOVEMENTS / seconds, "rows/s", reference)
        yield Result("matching: peak memory, against the idle application", peak / 1024, "MB", before / 1024)


def _keep_pages() -> None:
    for first in range(0, KEPT, PAGE):
        page = [_movement(number) for number in range(first, first + PAGE)]
        with transaction():
            keep_movements(page)


def _movement(number: int) -> Movement:
    then = clock.now() - timedelta(seconds=number)
    return Movement(
        f"txn_kept_{number}", "charge", "charge", 10_500, 357, 10_143, "CNY", f"ch_{number}", "", then, then
    )


def _match_all() -> None:
    last: str | None = ""
    while last is not None:
        with transaction():
            last = match_batch(last).last


def _fill(url: str) -> None:
    """As the server's own superuser, as only it may switch the guards off."""
    with embedded_postgres.as_superuser(FOLDER / str(os.getpid())) as server:
        address: dict[str, Any] = server.info.get_parameters() | {
            "dbname": urlsplit(url).path[1:],
            "password": server.info.password,
        }
    with psycopg.connect(**address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("TRUNCATE balance_transactions")
            connection.execute(_ACCOUNTS)
            connection.execute(_ENTRIES, {"most": MOVEMENTS})
            connection.execute(_LINES)
            connection.execute(_MOVEMENTS)
        connection.execute("VACUUM (ANALYZE) ledger_entries, ledger_lines, balance_transactions")


def _copy(url: str) -> float:
    """Rows a second of a plain COPY into a table without indexes but its key."""
    now = clock.now()
    with _connected(url) as connection:
        connection.execute("CREATE TABLE plain (LIKE balance_transactions, PRIMARY KEY (id))")
        connection.execute("ALTER TABLE plain ALTER available_at DROP NOT NULL, ALTER read_at DROP NOT NULL")
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(_COPIED) as copy:
            for number in range(KEPT):
                then = now - timedelta(seconds=number)
                amounts, source = (10_500, 357, 10_143), f"ch_{number}"
                copy.write_row((f"txn_{number}", "charge", "charge", *amounts, "CNY", source, "", then))
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE plain")
    return KEPT / seconds


def _connected(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1))
