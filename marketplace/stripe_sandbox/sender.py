"""The background thread: sends signed webhooks until each is answered 2xx, and does what time brings.

A delivery is a row. It stays locked while it is sent, so that no second process sends it too, and a process that dies
leaves it to the next one: at least once, as Stripe promises.
"""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from . import clock
from .config import SandboxConfig
from .database import WORK_LOCK, Connection, Pool
from .endpoints import endpoint_of, secrets_of, sign
from .idempotency import forget_old
from .store import transaction

log = logging.getLogger("stripe_sandbox")

_BACK_OFF = (1, 5, 30, 300, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)
_TIMEOUT = 10
_POLL = 0.5
_TIDY_EVERY = 1.0
# What is due beyond that comes after the webhooks that wait.
_DUE_AT_ONCE = 200


class Sender:
    def __init__(self, pool: Pool, config: SandboxConfig) -> None:
        self._pool, self._config = pool, config
        self._news, self._end = threading.Event(), threading.Event()
        self._tidied = 0.0
        self._thread = threading.Thread(target=self._run, name="stripe-sandbox-sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        self._end.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_TIMEOUT + 5)

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self._tidy()
                while not self._end.is_set() and self._config.webhook_url and self._send_next():
                    pass
            except (psycopg.Error, PoolTimeout) as problem:
                log.warning("the sender waits for the database: %s", problem)
                self._end.wait(1)
            except Exception:
                log.exception("the sender goes on after a failure")
                self._end.wait(1)
            self._news.wait(_POLL)
            self._news.clear()

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied < _TIDY_EVERY:
            return
        self._tidied = time.monotonic()
        with transaction(self._pool, self._config) as tx:
            forget_old(tx)
        for _ in range(_DUE_AT_ONCE):
            if self._end.is_set() or not clock.do_what_is_due(self._pool, self._config):
                return

    def _send_next(self) -> bool:
        """False when nothing is due."""
        with self._pool.connection() as connection:
            connection.execute("select pg_advisory_xact_lock_shared(%s)", (WORK_LOCK,))
            row = connection.execute(
                "select d.id, d.attempts, e.data from stripe_sandbox.deliveries d"
                " join stripe_sandbox.objects e on e.id = d.event"
                " where d.state = 'waiting' and d.due_at <= clock_timestamp()"
                " order by d.due_at, d.place, d.id limit 1 for update of d skip locked"
            ).fetchone()
            if row is None:
                return False
            began = time.monotonic()
            secrets = secrets_of(connection, self._config, endpoint_of(row["data"]))
            status, answer = self._post(row["data"], secrets)
            _keep_attempt(connection, row["id"], status, answer, time.monotonic() - began)
            _go_on(connection, row["id"], row["attempts"] + 1, status, answer)
            return True

    def _post(self, event: dict[str, Any], secrets: list[str]) -> tuple[int, str]:
        """Status (0 when there was no answer) and a few words for who looks why a webhook doesn't arrive."""
        payload = json.dumps(event, indent=2, ensure_ascii=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, secrets, int(time.time())),
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        url = self._config.webhook_url or ""
        outgoing = urllib.request.Request(url, payload.encode(), headers, method="POST")  # noqa: S310 - a setting
        try:
            with urllib.request.urlopen(outgoing, timeout=_TIMEOUT) as response:  # noqa: S310
                return response.status, str(response.status)
        except urllib.error.HTTPError as problem:
            problem.close()
            return problem.code, f"{problem.code} {problem.reason}"
        except (OSError, ValueError) as problem:
            return 0, str(problem)[:500]


def _keep_attempt(connection: Connection, delivery: int, status: int, answer: str, seconds: float) -> None:
    connection.execute(
        "insert into stripe_sandbox.attempts (delivery, status, answer, milliseconds) values (%s, %s, %s, %s)",
        (delivery, status, answer, round(seconds * 1000)),
    )


def _go_on(connection: Connection, delivery: int, attempts: int, status: int, answer: str) -> None:
    """Sent, or tried again later, or given up."""
    wait = _BACK_OFF[min(attempts, len(_BACK_OFF)) - 1]
    state = "sent" if 200 <= status < 300 else "waiting" if attempts <= len(_BACK_OFF) else "given_up"
    connection.execute(
        "update stripe_sandbox.deliveries set state = %s, attempts = %s, answer = %s,"
        " due_at = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (state, attempts, answer, wait, delivery),
    )
