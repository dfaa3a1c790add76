"""The sandbox's present: it runs on from where it was set, and what time brings comes in its order."""

import time
from typing import Any

from .calls import triggers
from .config import SandboxConfig
from .database import DUE_LOCK, Pool
from .errors import Refusal
from .store import Tx, transaction

YEAR = 366 * 86_400
_STEP = 3_600
_MOST_STEPS = 240
_MOST_ROUNDS = 1_000_000


def present(tx: Tx) -> dict[str, Any]:
    """`frozen` while a mood's `now` stands still; `ahead_seconds` of the real time."""
    return {"now": tx.now, "ahead_seconds": tx.now - int(time.time()), "frozen": tx.moods.now is not None}


def run_on_from(tx: Tx, second: int) -> None:
    """The sandbox's present is `second`, and runs."""
    tx.reload_moods()
    tx.moods = tx.moods.changed({"now": None})
    tx.save_moods()
    tx.run("update stripe_sandbox.moods set ahead = %s", second - int(time.time()))
    tx.now = second


def back_to_real_time(tx: Tx) -> None:
    run_on_from(tx, int(time.time()))


def advance(pool: Pool, config: SandboxConfig, *, by: Any = None, to: Any = None) -> None:
    """Goes on by seconds, or to a Unix second, from one thing that is due to the next, so that each happens at about
    its time: what is due within an hour of another comes with it.

    Raises a Refusal for a moment that is past or more than a year away.
    """
    param = "to" if by is None else "advance_seconds"
    with transaction(pool, config) as tx:
        start = tx.now
        end = _whole(to, param) if by is None else start + _whole(by, param)
        if not start <= end <= start + YEAR:
            raise Refusal("The clock goes forward only, and a year at most.", param=param)
    step = max(_STEP, -(-(end - start) // _MOST_STEPS))
    while (second := _next_stop(pool, config, step)) is not None and second < end:
        _go_to(pool, config, second)
    _go_to(pool, config, end)
    _bring_retries_forward(pool, config, end - start)


def do_what_is_due(pool: Pool, config: SandboxConfig) -> bool:
    """Does a part of what time has brought; whether there was any. A transaction that wrote has an id."""
    with transaction(pool, config) as tx:
        tx.run("select pg_advisory_xact_lock(%s)", DUE_LOCK)
        triggers.due(tx)
        row = tx.run("select pg_current_xact_id_if_assigned() is not null as wrote").fetchone()
        return bool(row and row["wrote"])


def _next_stop(pool: Pool, config: SandboxConfig, step: int) -> int | None:
    with transaction(pool, config) as tx:
        due = triggers.next_due(tx)
        return None if due is None else max(due, tx.now + step)


def _go_to(pool: Pool, config: SandboxConfig, second: int) -> None:
    with transaction(pool, config) as tx:
        run_on_from(tx, second)
    for _ in range(_MOST_ROUNDS):
        if not do_what_is_due(pool, config):
            return
    raise Refusal("What is due does not come to an end.", status=500, kind="api_error")


def _bring_retries_forward(pool: Pool, config: SandboxConfig, seconds: int) -> None:
    """A webhook that waits for its next try waits that much less."""
    with transaction(pool, config) as tx:
        tx.run(
            "update stripe_sandbox.deliveries set due_at = due_at - make_interval(secs => %s) where state = 'waiting'",
            seconds,
        )


def _whole(value: Any, param: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return value
