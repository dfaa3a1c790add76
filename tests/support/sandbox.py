"""The Stripe sandbox over HTTP, as the application under test reaches it."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import stripe

from marketplace.stripe_sandbox.app import create_app
from marketplace.stripe_sandbox.config import SandboxConfig
from tests.support.openapi import Judge, Recorder
from tests.support.web import served

KEY = "sk_test_of_this_test_run"
SECRET = "whsec_of_this_test_run"
PATIENCE = 15.0


class Sandbox:
    """A running one. What a payer or a creator does on its pages is in `marketplace.stripe_sandbox.guest`."""

    def __init__(self, url: str, judge: Judge) -> None:
        self.url = url
        self.judge = judge
        self.stripe = stripe.StripeClient(KEY, base_addresses={"api": url})

    def command(self, name: str, **body: Any) -> dict[str, Any]:
        """One of `moods`, `clock`, `triggers/<name>`, `resend`, `secrets`, `disputes`, `reset`."""
        return self._fetch("POST", f"/sandbox/{name}", json.dumps(body).encode())

    def wait_for_webhooks(self) -> None:
        """Until each webhook due has been answered; they arrive on the application's live server."""
        deadline = time.monotonic() + PATIENCE
        while self._fetch("GET", "/sandbox/moods")["deliveries"]["waiting"]:
            assert time.monotonic() < deadline, self._fetch("GET", "/sandbox/deliveries")
            time.sleep(0.02)

    def _fetch(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def running(database_url: str, port: int, webhook_url: str, judge: Judge) -> Iterator[Sandbox]:
    """What is said to it and by it is told to `judge`."""
    url = f"http://127.0.0.1:{port}"
    config = SandboxConfig(
        database_url=database_url, secret_key=KEY, webhook_secret=SECRET, webhook_url=webhook_url, public_url=url
    )
    app = create_app(config)
    try:
        with served(Recorder(judge, app.wsgi_app), port):
            yield Sandbox(url, judge)
    finally:
        app.extensions["stripe_sandbox"].close()
