"""Worlds that take seconds to make: made once by each worker, and brought back row by row for each test that asks."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from marketplace.infra.db import end_transaction
from marketplace.stripe_sandbox.database import WORK_LOCK
from tests.support.cluster import remember_rows, reset
from tests.support.sandbox import Sandbox

Connection = psycopg.Connection[tuple[object, ...]]
T = TypeVar("T")
_STRIPES = "stripe_sandbox"


class Saved:
    """The worlds of one worker, on our database and on the sandbox's."""

    def __init__(self, ours: Connection, stripes: Connection, sandbox: Sandbox) -> None:
        self._ours, self._stripes, self._sandbox = ours, stripes, sandbox
        self._made: dict[str, Any] = {}

    def world(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returns, which must be plain values, in the world of that name: made on databases with nothing in
        them the first time, and as it was left then each time after."""
        end_transaction()
        somebody = self._ours.execute("SELECT EXISTS (SELECT FROM users)").fetchone()
        assert somebody == (False,), "a saved world takes the place of what was made before it: ask for it first"
        if name not in self._made:
            self._made[name] = make()
            end_transaction()
            self._sandbox.wait_for_webhooks()
            remember_rows(self._ours, f"saved_{name}")
            self._ours.commit()
            remember_rows(self._stripes, f"saved_{name}", _STRIPES)
            self._stripes.commit()
        else:
            reset(self._ours, f"saved_{name}")
            self._stripes.execute("SELECT pg_advisory_xact_lock(%s)", [WORK_LOCK])
            reset(self._stripes, f"saved_{name}")
        found: T = self._made[name]
        return found
