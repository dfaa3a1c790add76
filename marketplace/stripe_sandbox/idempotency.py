"""Idempotency keys as Stripe keeps them (https://docs.stripe.com/api/idempotent_requests).

The answer is stored in the transaction of the work: both are there or neither. A key in use elsewhere is an advisory
lock of that transaction, so a process that dies frees it.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .errors import Refusal
from .store import Tx

_LONGEST = 255


@dataclass(frozen=True)
class Answer:
    """`replayed` answers come from the store and say so in a header."""

    status: int
    body: str
    request_id: str
    replayed: bool = False


def fingerprint(method: str, path: str, params: dict[str, Any]) -> str:
    canonical = json.dumps([method, path, params], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_key(key: str) -> None:
    if not key or len(key) > _LONGEST:
        raise Refusal(f"Idempotency keys must have between 1 and {_LONGEST} characters.", kind="idempotency_error")


def claim(tx: Tx, key: str, print_: str) -> Answer | None:
    """The stored answer, or None when the work is ours to do; raises when the key is busy or means something else."""
    locked = tx.run(
        "select pg_try_advisory_xact_lock(hashtextextended(%s, 7823605111)) as ours", f"{tx.account}:{key}"
    ).fetchone()
    if not locked or not locked["ours"]:
        raise Refusal(
            "There is currently another in-progress request using this Idempotent Key (that probably means you"
            f" submitted twice, and the other request is still going through): {key}. Please try again later.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    row = tx.run(
        "select fingerprint, status, body, request_id from stripe_sandbox.idempotency_keys"
        " where account = %s and key = %s",
        tx.account,
        key,
    ).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != print_:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try"
            f" using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(row["status"], row["body"], row["request_id"], replayed=True)


def keep(tx: Tx, key: str, print_: str, answer: Answer) -> None:
    tx.run(
        "insert into stripe_sandbox.idempotency_keys (account, key, fingerprint, status, body, request_id)"
        " values (%s, %s, %s, %s, %s, %s)",
        tx.account,
        key,
        print_,
        answer.status,
        answer.body,
        answer.request_id,
    )


def forget_old(tx: Tx) -> None:
    """Thirty days, so that what a crash left prepared may be resumed late."""
    tx.run("delete from stripe_sandbox.idempotency_keys where kept_since < clock_timestamp() - interval '30 days'")
