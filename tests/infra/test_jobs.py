"""The queue: a job belongs to the transaction that wants it, and outlives the worker that was killed at it."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import psycopg
import pytest
from sqlalchemy import select, text

from marketplace.infra.db import db, transaction
from marketplace.infra.inbox import InboxEvent, receive
from marketplace.infra.jobs import QUEUE, defer, retry_stalled
from marketplace.infra.stripe_gateway import Event
from marketplace.kit import clock
from tests.support.cluster import plain

pytestmark = pytest.mark.usefixtures("context")
RunJobs = Callable[..., None]
_CHANNEL = f"procrastinate_queue_v1#{QUEUE}"
_AT_WORK = text("""
    WITH worker AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - CAST(:age AS interval)) RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM worker)
    WHERE args->>'event_id' = :name
""")

_BEGAN_EARLY = text("""
    UPDATE procrastinate_events SET at = now() - interval '3 hours'
    WHERE type = 'started' AND job_id = (SELECT id FROM procrastinate_jobs WHERE args->>'event_id' = :name)
""")

_TAKEN = text("SELECT args->>'event_id' FROM procrastinate_fetch_job_v2(:queues, :worker)")


def ping(event_id: str) -> Event:
    return Event(event_id, "ping", event_id, "", livemode=False, created_at=clock.now())


def waiting() -> int:
    found: int = db.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")).scalar_one()
    db.session.rollback()
    return found


def test_what_is_rolled_back_enqueues_nothing() -> None:
    receive([ping("evt_1")])
    db.session.rollback()
    assert waiting() == 0
    with transaction():
        receive([ping("evt_1")])
    assert waiting() == 1


def test_workers_are_told_of_a_job_unless_they_have_another_to_take_first(database_url: str) -> None:
    """A commit that tells them holds up all others that do."""
    with psycopg.connect(plain(database_url), autocommit=True) as worker:
        worker.execute(f'LISTEN "{_CHANNEL}"')
        with transaction():
            defer("webhooks.poll", at=clock.now() + timedelta(days=1))
        told_of(worker)
        told = []
        for name in ("evt_1", "evt_2"):
            with transaction():
                receive([ping(name)])
            told.append(told_of(worker))
    assert told == [1, 0]


def told_of(worker: psycopg.Connection) -> int:
    """How many jobs the listening worker has been told of. One word of our own ends them: they come in the order in
    which they were committed, so none needs to be waited for in vain."""
    worker.execute("SELECT pg_notify(%s, 'no more')", [_CHANNEL])
    with closing(worker.notifies(timeout=30)) as heard:
        return len(list(takewhile(lambda one: one.payload != "no more", heard)))


def test_events_of_payees_accounts_wait_for_those_of_our_own() -> None:
    """A payday sets off millions of them, and a brand that pays meanwhile is not to wait for a week."""
    with transaction():
        receive([replace(ping("evt_payout"), account_id="acct_1"), ping("evt_paid"), ping("evt_disputed")])
        worker = db.session.scalar(text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"))
        taken = [db.session.scalar(_TAKEN, {"queues": [QUEUE], "worker": worker}) for _ in range(3)]
    assert taken == ["evt_paid", "evt_disputed", "evt_payout"]


def test_a_job_whose_worker_was_killed_runs_again_and_one_at_work_is_left_alone(run_jobs: RunJobs) -> None:
    for name in ("evt_dead", "evt_alive"):
        with transaction():
            receive([ping(name)])
    with transaction():
        for name, age in {"evt_dead": "5 minutes", "evt_alive": "5 seconds"}.items():
            db.session.execute(_AT_WORK, {"name": name, "age": age})
    retry_stalled()
    assert waiting() == 1
    # A retry counts as a second try, which the fixture would take for a failure.
    run_jobs(allow_failures=True)
    handled = {event.id: event.handled_at is not None for event in db.session.scalars(select(InboxEvent))}
    assert handled == {"evt_dead": True, "evt_alive": False}


def test_a_job_whose_outcome_a_living_worker_could_not_write_runs_again_after_hours() -> None:
    with transaction():
        receive([ping("evt_long"), ping("evt_new")])
        for name in ("evt_long", "evt_new"):
            db.session.execute(_AT_WORK, {"name": name, "age": "5 seconds"})
        db.session.execute(_BEGAN_EARLY, {"name": "evt_long"})
    retry_stalled()
    query = text("SELECT args->>'event_id' AS event_id, status::text AS status FROM procrastinate_jobs")
    found = {row.event_id: row.status for row in db.session.execute(query)}
    assert found == {"evt_long": "todo", "evt_new": "doing"}
    db.session.rollback()


def test_a_job_that_ends_while_stalled_ones_are_looked_for_holds_up_none_of_them(database_url: str) -> None:
    with transaction():
        receive([ping("evt_dead"), ping("evt_ends")])
        for name in ("evt_dead", "evt_ends"):
            db.session.execute(_AT_WORK, {"name": name, "age": "5 minutes"})
    with psycopg.connect(plain(database_url)) as ending:
        ending.execute("DELETE FROM procrastinate_jobs WHERE args->>'event_id' = 'evt_ends'")
        written = threading.Timer(1, ending.commit)
        written.start()
        retry_stalled()
        written.cancel()
        assert waiting() == 1


def test_a_job_that_failed_waits_by_the_clock_that_it_ran_by(run_jobs: RunJobs) -> None:
    with transaction():
        for _ in range(2):
            defer("webhooks.handle", lock="provider:nothing", event_id="evt_that_never_came")
    later = clock.now() + timedelta(days=3)
    with clock.at(later):
        run_jobs(allow_failures=True)
    assert tries() == [1, 0], "tried once, and what has the same lock waits behind it"
    with clock.at(later + timedelta(minutes=1)):
        run_jobs(allow_failures=True)
    assert tries() == [2, 0]


def tries() -> list[int]:
    query = text("SELECT attempts FROM procrastinate_jobs WHERE task_name = 'webhooks.handle' ORDER BY id")
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found
