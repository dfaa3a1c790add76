"""The books: settlements posted in bulk as on payday, against TPC-B; then, in books of ten million lines, closings, a
statement of 100,000 lines and the trial balance, each in a process of its own and with its memory.
"""

import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing.synchronize import Barrier
from urllib.parse import urlsplit

from flask import Flask

from bench import books
from bench.result import Result
from bench.site import FOLDER, database, environment_of, free_port
from bench.tpcb import transactions_per_second
from marketplace.app import create_app
from marketplace.infra import embedded_postgres, schema
from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.ledger import accounts
from marketplace.ledger.closings import close_period, finish_closing
from marketplace.ledger.postings import Line, Posting, credit, debit
from marketplace.ledger.queries import statement_lines, trial_balance
from marketplace.ledger.service import post_many

WORKERS = 2
CLIENTS = 8
BATCH = 1_000
SETTLEMENTS = 40_000
STATEMENT = 100_000
LINES = 10_000_000
PAST = books.BEGAN + timedelta(days=200)
_SPAWN = multiprocessing.get_context("spawn")


def measure() -> Iterator[Result]:
    with database() as url:
        yield _bulk(url)
        big = urlsplit(url)._replace(path="/big").geturl()
        embedded_postgres.create_database(big)
        schema.upgrade(big)
        books.fill(FOLDER / str(os.getpid()), "big", LINES)
        for name, work in (
            ("closing 200 days, 5 million lines", _close_a_past),
            ("closing a day, 27,000 lines", _close_a_day),
            ("closing 163 days, 5 million lines", _close_the_rest),
        ):
            yield Result(name, alone(big, work)[0], "s")
        for name, work in (
            (f"statement of {STATEMENT:,} lines, streamed", _read_statement),
            ("trial balance of 10 million lines, at noon of a past day", _read_past_trial),
            ("trial balance of 10 million lines, now", _read_trial),
        ):
            seconds, before, peak = alone(big, work)
            yield Result(name, seconds, "s")
            yield Result(f"{name}: peak memory, against the idle application", peak / 1024, "MB", before / 1024)


def _bulk(url: str) -> Result:
    start = _SPAWN.Barrier(WORKERS + 1)
    arguments = (_environment(url), start)
    with ProcessPoolExecutor(WORKERS, mp_context=_SPAWN, initializer=_begin, initargs=arguments) as pool:
        pending = [pool.submit(_post_settlements, worker, SETTLEMENTS // WORKERS) for worker in range(WORKERS)]
        start.wait()
        began = time.perf_counter()
        done = sum(found.result() for found in pending)
        ours = done / (time.perf_counter() - began)
    reference_url = urlsplit(url)._replace(path="/pgbench").geturl()
    embedded_postgres.create_database(reference_url)
    reference = transactions_per_second(reference_url, clients=CLIENTS)
    return Result(f"settlements posted in bulk, {WORKERS} workers", ours, "entries/s", reference)


def _environment(url: str) -> dict[str, str]:
    return environment_of(url, free_port())


def _begin(environment: dict[str, str], start: Barrier) -> None:
    """The application is made and every deal is funded before the clock runs."""
    _make(environment)
    worker = multiprocessing.current_process()._identity[-1] % WORKERS
    for batch in _batches(worker, SETTLEMENTS // WORKERS):
        _post(batch, "payment.received", _funding)
    start.wait()


def _make(environment: dict[str, str]) -> None:
    global _app  # noqa: PLW0603 - one application a process, as in a worker
    os.environ.update(environment)
    _app = create_app()


_app: Flask | None = None


def _post_settlements(worker: int, count: int) -> int:
    for batch in _batches(worker, count):
        _post(batch, "deal.settled", _settlement)
    return count


def _batches(worker: int, count: int) -> Iterator[range]:
    first = worker * count
    return (range(start, start + BATCH) for start in range(first, first + count, BATCH))


def _post(deals: range, kind: str, lines_of: Callable[[int], tuple[Line, ...]]) -> None:
    assert _app is not None
    with _app.app_context(), transaction():
        post_many([Posting(kind, f"deal:{deal}:{kind}", lines_of(deal), f"deal:{deal}") for deal in deals])


def _funding(deal: int) -> tuple[Line, ...]:
    return debit(accounts.stripe_clearing("CNY"), 10_500), credit(accounts.escrow(deal, "CNY"), 10_500)


def _settlement(deal: int) -> tuple[Line, ...]:
    return (
        debit(accounts.escrow(deal, "CNY"), 10_500),
        credit(accounts.creator_pending(deal, "CNY"), 9_200),
        credit(accounts.fees_creator("CNY"), 800),
        credit(accounts.fees_brand("CNY"), 500),
    )


def alone(url: str, work: Callable[[], None]) -> tuple[float, int, int]:
    """Seconds, and the most kilobytes that the process had before and after, in one of its own."""
    arguments = (_environment(url),)
    with ProcessPoolExecutor(1, mp_context=_SPAWN, initializer=_make, initargs=arguments) as pool:
        return pool.submit(_measured, work).result()


def _measured(work: Callable[[], None]) -> tuple[float, int, int]:
    assert _app is not None
    before = _peak()
    with _app.app_context(), transaction():
        began = time.perf_counter()
        work()
        return time.perf_counter() - began, before, _peak()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _close(through: datetime) -> None:
    with clock.at(books.ENDED):
        close_period(through)
        finish_closing()


def _close_a_past() -> None:
    _close(PAST)


def _close_a_day() -> None:
    _close(PAST + timedelta(days=1))


def _close_the_rest() -> None:
    """All but the last day, which is today for the reads that follow."""
    _close(books.ENDED - timedelta(days=1))


def _read_statement() -> None:
    lines = statement_lines(accounts.stripe_clearing("CNY"), PAST, None)
    assert deque(enumerate(islice(lines, STATEMENT), 1), maxlen=1)[0][0] == STATEMENT


def _read_past_trial() -> None:
    assert trial_balance(PAST + timedelta(days=1, hours=12)).balances


def _read_trial() -> None:
    assert trial_balance().balances
