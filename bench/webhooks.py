"""Webhooks accepted: signed, each another event, kept with its job by the real server; beside it a bare route."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlsplit

import psycopg

from bench.load import Load, hammer_with
from bench.result import Result
from bench.site import database, environment_of, free_port, served
from marketplace.infra.stripe_gateway import API_VERSION

CLIENTS = 8
_SECONDS = 6.0
_PATH = "/webhooks/stripe"


def measure() -> Iterator[Result]:
    with database() as url:
        environment = environment_of(url, free_port())
        secret = environment["STRIPE_WEBHOOK_SECRET"]
        with served("bench.bare:app", environment) as address:
            bare = _deliver(address, secret)
        with served("wsgi:app", environment) as address:
            ours = _deliver(address, secret)
        _require_kept(url)
    yield Result(f"webhooks accepted, {CLIENTS} clients", ours.per_second, "webhooks/s", bare.per_second)
    yield Result(f"webhooks accepted, {CLIENTS} clients, p99", ours.p99, "ms", bare.p99)


def _deliver(address: str, secret: str) -> Load:
    return hammer_with(address, _requests(address, secret), seconds=_SECONDS, clients=CLIENTS)


def _requests(address: str, secret: str) -> Callable[[], bytes]:
    """One after the other, signed as Stripe signs."""
    host, numbers = urlsplit(address).netloc, count(1)

    def next_request() -> bytes:
        moment = int(time.time())
        body = _event(next(numbers), moment)
        signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        lines = (
            f"POST {_PATH} HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Stripe-Signature: t={moment},v1={signature}",
        )
        return "\r\n".join((*lines, "", "")).encode() + body

    return next_request


def _event(number: int, moment: int) -> bytes:
    """A whole one, as large as they are."""
    session = {
        "id": f"cs_test_{number:024}",
        "object": "checkout.session",
        "amount_total": 1_260_000,
        "currency": "cny",
        "livemode": False,
        "metadata": {"row": f"{number:036}"},
        "mode": "payment",
        "payment_intent": f"pi_{number:024}",
        "payment_status": "paid",
        "status": "complete",
        "success_url": "https://mutuals.example/deals/1001/paid",
    }
    event = {
        "id": f"evt_{number:024}",
        "object": "event",
        "api_version": API_VERSION,
        "created": moment,
        "data": {"object": session},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "checkout.session.completed",
    }
    return json.dumps(event).encode()


def _require_kept(url: str) -> None:
    """What was answered with 200 is in the inbox, each with its job."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
        query = """
            SELECT (SELECT count(*) FROM inbox_events),
                   (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.handle')
        """
        found = connection.execute(query).fetchone()
    assert found is not None
    assert found[0] == found[1] > 0, found
