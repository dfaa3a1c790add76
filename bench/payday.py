"""A payday over a million creators: its transfers prepared and posted, against TPC-B, with the memory it takes; then
what one worker sends to the sandbox. `PAYDAY_CREATORS=20000 make bench BENCH=payday` measures fewer.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from urllib.parse import urlsplit

from flask import Flask

from bench import payees
from bench.result import Result
from bench.site import FOLDER, database, environment, environment_of, free_port, served
from bench.tpcb import transactions_per_second
from marketplace.accounts.actor import SYSTEM
from marketplace.app import create_app
from marketplace.infra import embedded_postgres, schema
from marketplace.infra.db import transaction
from marketplace.payouts.payday import start_payday
from marketplace.payouts.payday_preparing import prepare_some
from marketplace.payouts.payday_report import would_pay
from marketplace.payouts.payday_sending import send_some
from tests.support.paydays import earn, release, states, weekly_creator

SIZES = tuple(int(size) for size in os.environ.get("PAYDAY_CREATORS", "100000,1000000").split(","))
SENT = 60
CLIENTS = 8
_FOR_EVER = 86_400.0
_SPAWN = multiprocessing.get_context("spawn")


def measure() -> Iterator[Result]:
    with database() as url:
        reference_url = urlsplit(url)._replace(path="/pgbench").geturl()
        embedded_postgres.create_database(reference_url)
        for size in SIZES:
            sized = urlsplit(url)._replace(path=f"/payday_{size}").geturl()
            embedded_postgres.create_database(sized)
            schema.upgrade(sized)
            payees.fill(FOLDER / str(os.getpid()), f"payday_{size}", size)
            yield from _measure_size(sized, size, transactions_per_second(reference_url, clients=CLIENTS))
        yield _sending(url)


def _measure_size(url: str, size: int, reference: float) -> Iterator[Result]:
    name = f"payday over {size:,} creators"
    seconds, _before, _peak = _alone(url, _look)
    yield Result(f"{name}: what it would pay", seconds, "s")
    seconds, before, peak = _alone(url, _prepare)
    yield Result(f"{name}: transfers prepared and posted by one worker", size / seconds, "entries/s", reference)
    yield Result(f"{name}: peak memory, against the idle application", peak / 1024, "MB", before / 1024)


def _alone(url: str, work: Callable[[], None]) -> tuple[float, int, int]:
    """Seconds, and the most kilobytes that the process had before and after, in one of its own."""
    arguments = (environment_of(url, free_port()),)
    with ProcessPoolExecutor(1, mp_context=_SPAWN, initializer=_make, initargs=arguments) as pool:
        return pool.submit(_measured, work).result()


def _make(wanted: dict[str, str]) -> None:
    global _app  # noqa: PLW0603 - one application a process, as in a worker
    os.environ.update(wanted | {"PAYOUT_SCHEDULE": "weekly"})
    _app = create_app()


_app: Flask | None = None


def _measured(work: Callable[[], None]) -> tuple[float, int, int]:
    assert _app is not None
    before = _peak()
    with _app.app_context():
        began = time.perf_counter()
        work()
        return time.perf_counter() - began, before, _peak()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _look() -> None:
    with transaction():
        assert would_pay().sums


def _prepare() -> None:
    """As the worker's job does, in one long stretch."""
    with transaction():
        run_id = start_payday(SYSTEM).id
    prepare_some(run_id, _FOR_EVER)


def _sending(url: str) -> Result:
    """What is prepared of `SENT` transfers is sent to a sandbox, with no pace but its own."""
    port = free_port()
    wanted = environment_of(url, port) | {
        "PAYOUT_SCHEDULE": "weekly",
        "EARNINGS_HOLD_DAYS": "0",
        "STRIPE_CALLS_A_SECOND": "1000",
    }
    with environment(wanted), served("marketplace.stripe_sandbox.wsgi:app", wanted, port):
        app = create_app()
        with app.test_request_context():
            creators = [weekly_creator() for _ in range(SENT // 10)]
            for _ in range(10):
                earn(creators)
            release()
            _prepare()
            began = time.perf_counter()
            send_some(1, 600)
            seconds = time.perf_counter() - began
            assert states() == {"paid": SENT}, states()
    return Result("payday: transfers sent to the sandbox by one worker", SENT / seconds, "transfers/s")
