"""Settling deals through the service (the brand accepts, escrow is split), against pgbench's TPC-B on that server."""

import gc
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from urllib.parse import urlsplit

from flask import Flask

from bench.result import Result
from bench.site import database, environment, environment_of, free_port
from bench.tpcb import transactions_per_second
from marketplace.accounts.actor import Actor
from marketplace.app import create_app
from marketplace.deals.lifecycle import State
from marketplace.escrow.settle import accept_work
from marketplace.infra import embedded_postgres
from marketplace.infra.db import transaction
from tests.support.deals import make_deal
from tests.support.market import make_brand, make_creator

DEALS = 480
WARM_UP = 40
PROCESSES = 2
THREADS = 4


def measure() -> Iterator[Result]:
    """Eight clients each way: two processes of four threads, as two web workers would have them."""
    with database() as url, environment(environment_of(url, free_port())):
        actor, deals = prepare()
        ours = settled_per_second(actor, deals)
        reference_url = urlsplit(url)._replace(path="/pgbench").geturl()
        embedded_postgres.create_database(reference_url)
        reference = transactions_per_second(reference_url, clients=PROCESSES * THREADS)
    yield Result(f"settlement, {PROCESSES * THREADS} clients", ours, "settlements/s", reference)


def prepare() -> tuple[Actor, list[int]]:
    """Deals of one brand with several creators that wait for nothing but the brand's acceptance."""
    app = create_app()
    with app.test_request_context():
        with transaction():
            brand, creators = make_brand(), [make_creator() for _ in range(24)]
        deals = []
        for number in range(DEALS):
            with transaction():
                deals.append(make_deal(creators[number % len(creators)], brand, state=State.ACCEPTANCE).id)
    return brand.actor, deals


def settled_per_second(actor: Actor, deals: list[int]) -> float:
    first, deals = deals[:WARM_UP], deals[WARM_UP:]
    shares = [deals[start::PROCESSES] for start in range(PROCESSES)]
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(PROCESSES + 1)
    arguments = (start, actor, first)
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=_begin, initargs=arguments) as pool:
        pending = [pool.submit(_settle_share, actor, share) for share in shares]
        start.wait()
        began = time.perf_counter()
        done = sum(found.result() for found in pending)
        taken = time.perf_counter() - began
    assert done == len(deals), f"{done} of {len(deals)} deals were settled"
    return done / taken


def _begin(start: Barrier, actor: Actor, first: list[int]) -> None:
    """The application is made and has settled a few deals before the clock runs, as a server has that serves."""
    global _app  # noqa: PLW0603 - one application a process, as in a web worker
    _app = create_app()
    gc.freeze()
    number = multiprocessing.current_process()._identity[-1] % PROCESSES
    _settle_share(actor, first[number::PROCESSES])
    start.wait()


_app: Flask | None = None


def _settle_share(actor: Actor, deals: list[int]) -> int:
    app = _app
    assert app is not None

    def settle(deal_id: int) -> int:
        with app.app_context(), transaction():
            accept_work(actor, deal_id)
        return 1

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(settle, deals))
