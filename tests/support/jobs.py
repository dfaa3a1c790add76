"""Runs the jobs that are due by the clock, through the worker's own code."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

import psycopg
from flask import Flask

from marketplace.infra.jobs import run_worker
from marketplace.kit import clock

_MOST_ROUNDS = 50
# These come by the machine's clock and ask Stripe, who isn't there for every test: those about them perform them.
_ASKS_STRIPE = {
    (name, "") for name in ("webhooks.poll", "webhooks.try_again", "reconciliation.recent", "reconciliation.whole")
}
# Out of the queue's reach while the clock says that their time has not come.
_FAR = "interval '1000 years'"


class JobFailed(AssertionError):
    """A job raised; what it said is in the captured log."""


def run_due(app: Flask, url: str, *, allow_failures: bool = False) -> None:
    """Until none is due at `clock.now()`, those that jobs enqueue meanwhile included.

    The queue compares with the database's clock, so due jobs are moved before it and the others far behind it.
    A failed job is put off as ever, and makes this raise unless `allow_failures`.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(_MOST_ROUNDS):
            try:
                if not _make_due(connection):
                    break
                _work(app)
            finally:
                connection.execute(
                    f"UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - {_FAR}"
                    f" WHERE status = 'todo' AND scheduled_at > now() + {_FAR} / 2"
                )
            if not allow_failures:
                _refuse_failures(connection)
        else:
            raise AssertionError(f"jobs still come after {_MOST_ROUNDS} rounds")


def _make_due(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    moment = clock.now()
    connection.execute(
        f"UPDATE procrastinate_jobs SET scheduled_at = scheduled_at + {_FAR}"
        " WHERE status = 'todo' AND scheduled_at > %s",
        [moment],
    )
    due = connection.execute(
        "UPDATE procrastinate_jobs job SET scheduled_at = NULL WHERE status = 'todo'"
        " AND (scheduled_at IS NULL OR scheduled_at <= %(moment)s)"
        # Behind one with the same lock whose time has not come, or that somebody works on, it waits as that one does.
        " AND NOT EXISTS (SELECT FROM procrastinate_jobs first WHERE first.lock = job.lock AND first.id < job.id"
        " AND (first.status = 'doing' OR first.status = 'todo' AND first.scheduled_at > %(moment)s))",
        {"moment": moment},
    )
    return due.rowcount > 0


def _work(app: Flask) -> None:
    """In a thread: a test's own may already have Playwright's event loop. The clock goes along."""
    context, registry = contextvars.copy_context(), app.extensions["mutuals_jobs"].periodic_registry
    every = registry.periodic_tasks
    registry.periodic_tasks = {key: task for key, task in every.items() if key not in _ASKS_STRIPE}
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(context.run, run_worker, app, wait=False).result()
    finally:
        registry.periodic_tasks = every


def _refuse_failures(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    failed = connection.execute(
        "SELECT DISTINCT task_name, args::text FROM procrastinate_jobs"
        " WHERE status = 'failed' OR (status = 'todo' AND attempts > 0)"
    ).fetchall()
    if failed:
        raise JobFailed("; ".join(f"{name} {args}" for name, args in failed))
