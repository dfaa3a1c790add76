"""What the tests share: a served sandbox with a recorder before it, a webhook receiver, and common first steps."""

import io
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import stripe
from werkzeug.serving import make_server

from marketplace.stripe_sandbox.app import create_app
from marketplace.stripe_sandbox.config import SandboxConfig
from marketplace.stripe_sandbox.guest import onboard, pay
from tests.support.openapi import Judge, Recorder

KEY = "sk_test_for_these_tests"
SECRET = "whsec_for_these_tests"
PATIENCE = 10


def config_for(database_url: str, webhook_url: str | None, **changes: Any) -> SandboxConfig:
    fields = {"secret_key": KEY, "webhook_secret": SECRET, "public_url": "http://127.0.0.1:1"}
    return SandboxConfig(database_url=database_url, webhook_url=webhook_url, **{**fields, **changes})


@dataclass
class Running:
    url: str
    judge: Judge

    def client(self, key: str = KEY, retries: int = 0, timeout: float = 10) -> stripe.StripeClient:
        http = stripe.RequestsClient(timeout=timeout)
        addresses: Any = {"api": self.url, "files": self.url}
        return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=retries, http_client=http)

    def command(self, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.fetch("POST", f"/sandbox/{name}", json.dumps(body or {}), kind="application/json")

    def trigger(self, name: str, **arguments: Any) -> Any:
        return self.command(f"triggers/{name}", arguments)

    def days_later(self, days: float) -> None:
        self.command("clock", {"advance_seconds": int(days * 86_400)})

    def moods(self) -> dict[str, Any]:
        return self.fetch("GET", "/sandbox/moods")

    def fetch(self, method: str, path: str, body: str | None = None, **options: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": options.get("kind", "application/json")}
        data = None if body is None else body.encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            found: dict[str, Any] = json.load(response)
            return found


@contextmanager
def running(config: SandboxConfig) -> Iterator[Running]:
    """The app on a free port of this machine, in threads of its own. What does not fit Stripe's description fails."""
    judge = Judge()
    recorder = Recorder(judge, judge_refused=False)
    server = make_server("127.0.0.1", 0, recorder, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    app = create_app(SandboxConfig(**{**vars(config), "public_url": url}))
    recorder.app = app.wsgi_app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(url, judge)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["stripe_sandbox"].close()
    judge.check()


@dataclass
class Receiver:
    """Keeps each webhook's body and signature, answers `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, str]] = field(default_factory=list)

    def forget(self) -> None:
        self.got.clear()
        self.status = 200

    def events(self) -> list[stripe.Event]:
        """Each one verified as our code verifies it."""
        return [stripe.Webhook.construct_event(body, signature, SECRET) for body, signature in list(self.got)]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]

    def wait_for(self, number: int) -> list[stripe.Event]:
        until(lambda: len(self.got) >= number)
        return self.events()

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator[Self]:
        found = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if 200 <= found.status < 300:
                    found.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(found.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """A test's output is the test's."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def session_params(amount: int = 126_000, currency: str = "cny", **more: Any) -> Any:
    """`more` replaces what is here; None leaves a name out."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Deal 7: a review"}}
    params = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "https://shop.example/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/deals/7",
        "client_reference_id": "funding-7",
        "metadata": {"funding": "7"},
        "payment_intent_data": {"transfer_group": "deal-7", "metadata": {"deal": "7"}, "description": "Deal 7"},
        "customer_email": "brand@example.com",
        "locale": "en",
        **more,
    }
    return {name: value for name, value in params.items() if value is not None}


def new_session(client: stripe.StripeClient, amount: int = 126_000, currency: str = "cny", **more: Any) -> Any:
    return client.v1.checkout.sessions.create(params=session_params(amount, currency, **more))


def paid_charge(client: stripe.StripeClient, amount: int = 126_000, currency: str = "cny", **how: Any) -> stripe.Charge:
    session = new_session(client, amount, currency)
    pay(session.url, **how)
    found = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent.latest_charge"]})
    assert isinstance(found.payment_intent, stripe.PaymentIntent)
    assert isinstance(found.payment_intent.latest_charge, stripe.Charge)
    return found.payment_intent.latest_charge


def available(client: stripe.StripeClient, account: str | None = None, currency: str = "cny") -> int:
    """What the platform, or a connected account, can spend now. Minor units."""
    options: Any = {"stripe_account": account} if account else {}
    amounts = client.v1.balance.retrieve(options=options).available
    return sum(amount.amount for amount in amounts if amount.currency == currency)


def new_account(client: stripe.StripeClient, *, ready: bool = True, bank: str = "000123456789") -> stripe.Account:
    account = client.v1.accounts.create(
        params={
            "type": "express",
            "country": "CN",
            "email": "creator@example.com",
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"creator": "3"},
        }
    )
    if ready:
        onboard(onboarding_url(client, account.id), account_number=bank)
    return account


def a_file(content: bytes, name: str = "evidence.pdf") -> Any:
    """As the SDK takes one: something that is read and has a name."""
    file = io.BytesIO(content)
    file.name = name
    return file


def onboarding_url(client: stripe.StripeClient, account: str) -> str:
    return client.v1.account_links.create(
        params={
            "account": account,
            "type": "account_onboarding",
            "refresh_url": "https://shop.example/payouts/again",
            "return_url": "https://shop.example/payouts",
        }
    ).url
