"""Where webhooks go and what they are signed with: two endpoints at one address, the platform's and Connect's.

Events of connected accounts (they name their `account`) belong to the Connect endpoint, which has a secret of its own
where two are configured (https://docs.stripe.com/connect/webhooks).
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from .config import SandboxConfig
from .database import Connection
from .errors import Refusal
from .store import Obj, Tx

ENDPOINTS = ("platform", "connect")


def endpoint_of(event: Obj) -> str:
    return "connect" if event.get("account") else "platform"


def sign(payload: str, secrets: Iterable[str], second: int) -> str:
    """The Stripe-Signature header, with one signature a secret (https://docs.stripe.com/webhooks#verify-manually)."""
    signed = f"{second}.{payload}".encode()
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={second}", *(f"v1={digest}" for digest in digests)])


def secrets_of(connection: Connection, config: SandboxConfig, endpoint: str) -> list[str]:
    """The newest first, and the one before it as long as it is valid too."""
    row = connection.execute(
        "select secret, before, until > clock_timestamp() as both from stripe_sandbox.rolled_secrets"
        " where endpoint = %s",
        (endpoint,),
    ).fetchone()
    if row is None:
        return [config.webhook_secrets[endpoint]]
    return [row["secret"], row["before"]] if row["both"] else [row["secret"]]


def roll_secret(tx: Tx, endpoint: Any, secret: Any, keep_seconds: Any) -> None:
    """From now on `secret` signs, and for `keep_seconds` the one before it as well, as when one is rolled at Stripe."""
    if endpoint not in ENDPOINTS:
        raise Refusal(f"Invalid endpoint: must be one of {', or '.join(ENDPOINTS)}", param="endpoint")
    if not isinstance(secret, str) or not secret.startswith("whsec_"):
        raise Refusal("Invalid secret: must begin whsec_", param="secret")
    if not isinstance(keep_seconds, int) or not 0 <= keep_seconds <= 86_400:
        raise Refusal("Invalid integer: a secret is kept for a day at most", param="keep_seconds")
    before = secrets_of(tx.connection, tx.config, endpoint)[0]
    tx.run(
        "insert into stripe_sandbox.rolled_secrets (endpoint, secret, before, until)"
        " values (%s, %s, %s, clock_timestamp() + make_interval(secs => %s)) on conflict (endpoint) do update"
        " set secret = excluded.secret, before = excluded.before, until = excluded.until",
        endpoint,
        secret,
        before,
        keep_seconds,
    )
