"""Jobs on PostgreSQL through Procrastinate: declared by name, enqueued with the change that needs them."""

import functools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec

import procrastinate
import procrastinate.jobs
from flask import Flask
from procrastinate.retry import RetryDecision
from sqlalchemy import text

from marketplace.infra.db import db, transaction
from marketplace.kit import clock

P = ParamSpec("P")

QUEUE = "default"
# How often a job that failed is run again; one that comes by itself soon comes anyway.
_TRIES, _TRIES_BY_THE_CLOCK = 25, 4
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 600.0
_SHUTDOWN = 20.0
# Seconds. Most jobs are told of as they come (migration 0003).
_LOOKS_EVERY = 1.0
_DEFER = text("""
    SELECT procrastinate_defer_jobs_v1(ARRAY(
        SELECT ROW(:queue, job.task, 0, job.lock, NULL, job.args, job.at)::procrastinate_job_to_defer_v1
        FROM unnest(CAST(:tasks AS text[]), CAST(:locks AS text[]), CAST(:args AS jsonb[]),
                    CAST(:moments AS timestamptz[])) WITH ORDINALITY AS job(task, lock, args, at, number)
        WHERE NOT (:missing AND EXISTS (
            SELECT FROM procrastinate_jobs known
            WHERE known.task_name = job.task AND known.args = job.args AND known.status IN ('todo', 'doing')
        ))
        ORDER BY job.number
    ))
""")


@dataclass(frozen=True)
class Declared:
    """A job function and when it runs by itself, if it does (cron, UTC)."""

    name: str
    run: Callable[..., None]
    cron: str | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job to enqueue: its name, its arguments (JSON), the earliest start and the lock, as `defer` takes them."""

    name: str
    args: dict[str, Any]
    at: datetime | None = None
    lock: str | None = None


class Patience(procrastinate.BaseRetryStrategy):
    """A job that failed runs again after a pause that doubles each time, up to ten minutes: 25 times are
    three hours. Pauses are spread by half, so that what failed together doesn't come back together."""

    def __init__(self, tries: int) -> None:
        self._tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> RetryDecision | None:
        del exception
        if job.attempts >= self._tries:
            return None
        wait = min(_FIRST_PAUSE * 2**job.attempts, _LONGEST_PAUSE) * random.uniform(1, 1.5)  # noqa: S311
        return RetryDecision(retry_at=clock.now() + timedelta(seconds=wait))


_declared: dict[str, Declared] = {}
_TAKE = text("""
    WITH taken AS (
        DELETE FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now)
        RETURNING id, task_name, args, priority
    ) SELECT task_name, args FROM taken ORDER BY priority DESC, id
""")


def job(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Declare a job. It may run twice or late: the function must make that harmless."""

    def declare(run: Callable[P, None]) -> Callable[P, None]:
        _declare(Declared(name, run))
        return run

    return declare


def periodic(name: str, cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare a job that the worker starts by itself at the times of `cron`."""

    def declare(run: Callable[[], None]) -> Callable[[], None]:
        _declare(Declared(name, run, cron))
        return run

    return declare


def _declare(declared: Declared) -> None:
    known = _declared.get(declared.name)
    if known is not None and known.run.__qualname__ != declared.run.__qualname__:
        raise ValueError(f"two jobs are called {declared.name}")
    _declared[declared.name] = declared


def defer(name: str, *, at: datetime | None = None, lock: str | None = None, **args: Any) -> None:
    """Enqueue in the session's own transaction: the job exists if, and only if, the change commits.

    `at` is the earliest start; jobs with the same `lock` run one after the other. Arguments must be JSON.
    """
    defer_all([Deferred(name, args, at=at, lock=lock)])


def deferring(jobs: str) -> str:
    """SQL that enqueues what the query `jobs` gives (`task`, `lock`, `args`, `priority`) and gives their ids: for a
    statement that makes what they are about. The higher priority comes first; `defer` gives 0."""
    row = f"ROW('{QUEUE}', job.task, job.priority, job.lock, NULL, job.args, NULL)::procrastinate_job_to_defer_v1"
    return f"procrastinate_defer_jobs_v1(ARRAY(SELECT {row} FROM ({jobs}) job))"


def defer_all(jobs: Sequence[Deferred]) -> None:
    """Enqueue several jobs as `defer` would, in this order, by one statement."""
    _enqueue(jobs, missing=False)


def defer_missing(jobs: Sequence[Deferred]) -> None:
    """Enqueue those that neither wait nor run now under the same name with the same arguments: for sweepers, which
    would otherwise add the same work again each minute while a provider is down."""
    _enqueue(jobs, missing=True)


def _enqueue(jobs: Sequence[Deferred], *, missing: bool) -> None:
    if not jobs:
        return
    values = {
        "missing": missing,
        "queue": QUEUE,
        "tasks": [job.name for job in jobs],
        "locks": [job.lock for job in jobs],
        "args": [json.dumps(job.args) for job in jobs],
        "moments": [job.at for job in jobs],
    }
    db.session.execute(_DEFER, values)


def take_waiting() -> list[tuple[str, dict[str, Any]]]:
    """Take what is due by our own clock out of the queue, as a worker would: for one who runs it at once instead."""
    rows = db.session.execute(_TAKE, {"now": clock.now()})
    return [(name, args) for name, args in rows]


def perform(name: str, args: dict[str, Any]) -> None:
    """Run a declared job here and now, within the present application context."""
    _declared[name].run(**args)


def build(app: Flask, conninfo: str) -> procrastinate.App:
    """The Procrastinate application with every declared job, each run inside `app`'s context."""
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4))
    for declared in _declared.values():
        runner = _in_context(app, declared)
        retry = Patience(_TRIES if declared.cron is None else _TRIES_BY_THE_CLOCK)
        task = queue.task(name=declared.name, queue=QUEUE, retry=retry)(runner)
        if declared.cron is not None:
            queue.periodic(cron=declared.cron)(task)
    return queue


def _in_context(app: Flask, declared: Declared) -> Callable[..., None]:
    @functools.wraps(declared.run)
    def run(**args: Any) -> None:
        # Procrastinate gives periodic jobs the time they were due; ours read the clock instead.
        args.pop("timestamp", None)
        with app.app_context():
            declared.run(**args)

    return run


def run_worker(app: Flask, *, wait: bool = True) -> None:
    """Work on jobs in this process; with `wait=False` only until none is due."""
    queue: procrastinate.App = app.extensions["mutuals_jobs"]
    queue.run_worker(
        queues=[QUEUE],
        wait=wait,
        concurrency=2 if wait else 1,
        install_signal_handlers=wait,
        listen_notify=wait,
        fetch_job_polling_interval=_LOOKS_EVERY,
        shutdown_graceful_timeout=_SHUTDOWN,
        delete_jobs="successful",
    )


# One that ends at this moment is left to who ends it: to retry it would be refused, and with it all the others.
_RETRY_STALLED = text("""
    WITH stalled AS MATERIALIZED (
        SELECT job.id
        FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing' AND (
            coalesce(worker.last_heartbeat < now() - interval '1 minute', true)
            OR (SELECT max(event.at) FROM procrastinate_events event
                WHERE event.job_id = job.id AND event.type = 'started')
                < now() - CASE WHEN job.lock IS NULL THEN interval '2 hours' ELSE interval '30 minutes' END
        )
        FOR UPDATE OF job SKIP LOCKED
    )
    SELECT procrastinate_retry_job_v1(id, now(), NULL, NULL, NULL) FROM stalled
""")


@periodic("jobs.retry_stalled", "* * * * *")
def retry_stalled() -> None:
    """Enqueue again what a killed worker left half done: it would never end, and hold up all with the same lock. So
    does a job whose outcome a living worker could not write, as the database went away at that moment: after half an
    hour where others wait for its lock, or else two. None takes so long, as what may goes in stretches; one that does
    is begun beside itself, which each must bear."""
    with transaction():
        db.session.execute(_RETRY_STALLED)
