"""Web, worker, people in the middle of their clicks, and the database's connections are killed at random moments, again
and again: nothing is lost, nothing happens twice, and three books agree. `make crash` kills 200 times by a seed that it
leaves to chance and prints, `make test` always by the same.

What went wrong once is played again by its seed: `CRASH_SEED=17 make crash`; the moments still depend on the machine.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.app import create_app
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, Refund, RefundState
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import perform
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.payouts.models import Payday, PaydayState, Schedule, Transfer, TransferState
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import set_plan
from tests.crash.people import Cast
from tests.crash.programs import Programs
from tests.crash.sandbox import command, wait_for_webhooks
from tests.money.three_books import assert_three_books_agree
from tests.support.cluster import Cluster, plain
from tests.support.jobs import run_due
from tests.support.market import make_admin, make_brand, make_creator
from tests.support.money import assert_books_balance
from tests.support.paydays import connect

pytestmark = [pytest.mark.process, pytest.mark.timeout(3_600)]
KILLS = int(os.environ.get("CRASHES", "10"))
# None but the 0 of `make crash` is by chance.
SEED = int(os.environ.get("CRASH_SEED", "6")) or random.SystemRandom().randrange(1, 1_000_000)
# An empty one is every connection to the database.
_TARGETS = ("people", "people", "web", "worker", "worker", "web worker", "web worker people", "")
# Sweepers wait for some minutes, the provider's silence for some hours, a dispute for days.
_PASSES = (1, 3, 12, 60, 60 * 8, 60 * 24)


@pytest.fixture
def programs(cluster: Cluster, worker: str, tmp_path: Path) -> Iterator[Programs]:
    with cluster.database(f"crash_{worker}") as url, cluster.database(f"crash_stripe_{worker}", empty=True) as sandbox:
        found = Programs(tmp_path, url, sandbox)
        try:
            yield found
        finally:
            found.end()


def test_nothing_is_lost_and_nothing_happens_twice_whatever_is_killed(programs: Programs, tmp_path: Path) -> None:
    sys.stdout.write(f"\nkilling {KILLS} times by seed {SEED}\n")
    chance, file = random.Random(SEED), tmp_path / "cast"
    programs.start("sandbox")
    programs.start("web")
    with programs.as_environment():
        app = create_app()
        programs.wait_until_served()
        with app.test_request_context():
            cast = make_cast()
            cast.keep(file)
            programs.start("worker")
            programs.start("people", str(SEED), str(file))
            targets: list[str] = []
            for number in range(KILLS):
                # Each of them comes once before any comes again.
                targets = targets or chance.sample(_TARGETS, len(_TARGETS))
                programs.wait_until_acted(chance.randint(1, 4))
                time.sleep(chance.uniform(0, 1))
                kill(programs, targets.pop(), str(SEED + number + 1), str(file))
            programs.kill("people")
            programs.wait_until_served()
            settle(app, programs)
            assert_all_is_done()
            assert_no_job_is_left(app, plain(programs.url))
            assert_books_balance()
            assert_three_books_agree(app)
            db.session.remove()
            db.engine.dispose()


def make_cast() -> Cast:
    """Two who are paid on payday and one who is paid at once."""
    with transaction():
        brand, admin = make_brand(), make_admin()
        creators = [make_creator() for _ in range(3)]
        set_plan(creators[0].actor, Schedule.AS_EARNED, {})
    for creator in creators:
        connect(Payee(creator_id=creator.id), creator)
    return Cast(brand, admin, creators)


def kill(programs: Programs, targets: str, *words: str) -> None:
    """One or several programs, which then start again; or else every connection to the database is cut."""
    names = targets.split()
    for name in names:
        programs.kill(name)
    if "worker" in names:
        programs.give_up_worker()
        perform("jobs.retry_stalled", {})
    if not names:
        programs.cut_connections()
    for name in names:
        programs.start(name, *(words if name == "people" else ()))
    programs.start_again()


def settle(app: Flask, programs: Programs) -> None:
    """People have gone; the worker is ours now, and time passes quickly."""
    programs.kill("worker")
    now = clock.now()
    for minutes in _PASSES:
        now += timedelta(minutes=minutes)
        command(programs.sandbox_url, "clock", advance_seconds=minutes * 60)
        wait_for_webhooks(programs.sandbox_url)
        with clock.at(now):
            work(app, programs)


def work(app: Flask, programs: Programs) -> None:
    """All that is due, what killed workers held included."""
    programs.give_up_worker()
    for name in periodic_names(app):
        with suppress(DomainError):
            perform(name, {})
        end_transaction()
    run_due(app, plain(programs.url), allow_failures=True)


def assert_all_is_done() -> None:
    """Nothing hangs between two states, and nobody has what is theirs twice."""
    left = {
        "checkouts": select(Checkout.id).where(Checkout.state.in_([CheckoutState.PREPARED, CheckoutState.CONFIRMING])),
        "refunds": select(Refund.id).where(Refund.state == RefundState.PREPARED),
        "transfers": select(Transfer.id).where(Transfer.state == TransferState.PREPARED),
        "paydays": select(Payday.id).where(Payday.state != PaydayState.FINISHED),
    }
    assert {name: found for name, query in left.items() if (found := db.session.scalars(query).all())} == {}
    live = (
        select(Transfer.settlement_id)
        .where(Transfer.state == TransferState.PAID, Transfer.resends_id.is_(None))
        .group_by(Transfer.settlement_id, Transfer.agency_id)
        .having(func.count() > 1)
    )
    assert db.session.scalars(live).all() == []
    paid = select(Payment.deal_id).where(Payment.state == PaymentState.SUCCEEDED).group_by(Payment.deal_id)
    assert db.session.scalars(paid.having(func.count() > 1)).all() == []
    counts = {name: db.session.scalar(select(func.count()).select_from(table)) for name, table in _TABLES.items()}
    sys.stdout.write(f"{counts}\n")
    assert counts["checkouts"], "nobody did anything"
    db.session.rollback()


def assert_no_job_is_left(app: Flask, url: str) -> None:
    """None that fails again and again, was given up, or hangs with the lock that others wait for. One that comes by the
    clock may be given up: the next does its work."""
    with psycopg.connect(url) as connection:
        left = connection.execute(
            "SELECT task_name, args::text, status::text, attempts FROM procrastinate_jobs"
            " WHERE (status <> 'todo' OR attempts > 0) AND task_name <> ALL (%s)",
            [periodic_names(app)],
        ).fetchall()
    assert left == []


def periodic_names(app: Flask) -> list[str]:
    return sorted({name for name, _id in app.extensions["mutuals_jobs"].periodic_registry.periodic_tasks})


_TABLES = {"checkouts": Checkout, "payments": Payment, "refunds": Refund, "transfers": Transfer, "paydays": Payday}
