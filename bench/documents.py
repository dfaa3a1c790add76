"""Documents a second: invoices issued and set one by one, statements of many owners issued in one run, PDFs by threads.

Memory is the most that this process held after each, above what it held before the first.
"""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import pairwise

from flask import Flask
from sqlalchemy import select, text

from bench.result import Result
from bench.site import database, environment, environment_of, free_port
from marketplace.accounts.actor import SYSTEM
from marketplace.app import create_app
from marketplace.documents.files import keep_file
from marketplace.documents.issue import Draft, issue
from marketplace.documents.models import Document, DocumentKind
from marketplace.documents.runs import issue_next, start_run
from marketplace.documents.tax import Tax
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_pending, stripe_clearing
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.service import post_many

INVOICES, CREATORS, AT_ONCE, THREADS = 300, 20_000, 2_000, 2
FEBRUARY, MARCH = datetime(2026, 2, 10, 4, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)
_PEOPLE = text("""
    WITH people AS (
        INSERT INTO users (email, password_hash, name, side, locale, timezone, is_admin, created_at, session_version)
        SELECT 'p' || n || '@people.example', 'none', 'Person ' || n, 'creator', 'en', 'Asia/Shanghai', false, now(), 1
        FROM generate_series(1, :many) n RETURNING id
    )
    INSERT INTO creators (user_id, handle, name, headline_en, headline_zh, biography_en, biography_zh, spoken, region,
                          category, categories, verified_fans, eligible, enough_fans, created_at, version)
    SELECT id, 'person-' || id, 'Person ' || id, '', '', '', '', '{}', '', 'food', '{food}', 0, false, false, now(), 1
    FROM people RETURNING id
""")


def measure() -> Iterator[Result]:
    with database() as url, environment(environment_of(url, free_port())):
        app = create_app()
        with app.app_context():
            before = _held()
            yield Result("invoices issued", _issued_a_second(), "invoices/s")
            yield Result("PDFs set and kept, 1 thread", _set_a_second(app, 1), "PDFs/s")
            yield Result(f"PDFs set and kept, {THREADS} threads", _set_a_second(app, THREADS), "PDFs/s")
            yield Result("memory after the PDFs", (_held() - before) / 1_000, "MB")
            yield from _statements(before)


def _held() -> int:
    """Kilobytes at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def _timed(taken: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    taken.append(time.perf_counter() - began)


def _issued_a_second() -> float:
    taken: list[float] = []
    with _timed(taken):
        for number in range(INVOICES):
            with transaction():
                issue(_invoice(number))
    return INVOICES / taken[0]


def _invoice(number: int) -> Draft:
    data = {
        "recipient": {
            "owner": "brand:1",
            "name": "Tidewell Co., Ltd.",
            "known_as": "Tidewell",
            "registration_number": "",
        },
        "creator": {"owner": "creator:1", "name": "Lin Yue"},
        "deal": {"id": number, "reference": f"M-{number}", "title": "A week of suppers", "kind": "video"},
        "payment": {"id": str(number), "charge": f"ch_{number}", "card": "4242", "paid_at": FEBRUARY.isoformat()},
        "price": 12_000_00,
        "service_fee": Tax("VAT", 600).within(600_00).to_json(),
        "fee_lines": [],
        "entries": [{"id": number, "kind": "payment.received", "key": f"payment:{number}:received"}],
    }
    total = Money(12_600_00)
    return Draft(DocumentKind.INVOICE, "brand:1", f"deal:{number}", f"payment:{number}", total, data)


def _set_a_second(app: Flask, threads: int) -> float:
    """Half of the invoices each time, in one language each time: none is set twice."""
    ids = list(db.session.scalars(select(Document.id).order_by(Document.id)))
    db.session.rollback()
    taken: list[float] = []

    def keep(document_id: int) -> None:
        with app.app_context():
            keep_file(document_id, "en" if threads == 1 else "zh")

    with _timed(taken), ThreadPoolExecutor(threads) as pool:
        list(pool.map(keep, ids))
    return len(ids) / taken[0]


def _statements(before: int) -> Iterator[Result]:
    _fill_books()
    with clock.at(MARCH), transaction():
        run_id = start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 2, 1)).id
    taken: list[float] = []
    with _timed(taken):
        while _next(run_id):
            pass
    yield Result(f"statements issued, {CREATORS} creators", CREATORS / taken[0], "statements/s")
    yield Result("memory after the statements", (_held() - before) / 1_000, "MB")


def _next(run_id: int) -> bool:
    with transaction():
        return issue_next(run_id)


def _fill_books() -> None:
    """Each creator with an entry in February, and one in its middle that brings and takes."""
    with transaction():
        ids = list(db.session.scalars(_PEOPLE, {"many": CREATORS}))
    edges = [*range(0, CREATORS, AT_ONCE), CREATORS]
    for first, last in pairwise(edges):
        with transaction():
            post_many([_earned(creator_id) for creator_id in ids[first:last]])


def _earned(creator_id: int) -> Posting:
    money = Money(100_00 + creator_id)
    lines = (debit(stripe_clearing("CNY"), money), credit(creator_pending(creator_id, "CNY"), money))
    return Posting("payment.received", f"c{creator_id}", lines, f"deal:{creator_id}", at=FEBRUARY)
