"""Webhooks and answers that misbehave on command, and what survives a killed process."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import stripe

from marketplace.infra import embedded_postgres
from marketplace.stripe_sandbox.config import SandboxConfig, SandboxConfigError
from marketplace.stripe_sandbox.guest import pay
from marketplace.stripe_sandbox.moods import FAULT_KINDS
from tests.support.cluster import BASE
from tests.support.web import free_port

from .kit import KEY, SECRET, Receiver, Running, config_for, new_session, paid_charge, running, until

PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_every_webhook_comes_twice(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    sandbox.command("moods", {"duplicate_rate": 1})
    pay(new_session(client).url)

    events = receiver.wait_for(6)

    assert [event.type for event in events] == [type_ for type_ in PAID for _ in range(2)]
    assert len({event.id for event in events}) == 3


def test_held_webhooks_come_in_reverse_on_release(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.command("moods", {"hold": True})
    pay(new_session(client).url)
    assert sandbox.moods()["deliveries"]["held"] == 3
    assert receiver.got == []

    sandbox.command("moods", {"hold": False, "release": {"order": "reverse"}})

    receiver.wait_for(3)
    assert receiver.types() == PAID[::-1]


def test_a_dropped_webhook_never_comes_but_its_event_is_there(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.command("moods", {"drop_rate": 1})
    pay(new_session(client).url)
    sandbox.command("moods", {"drop_rate": 0})
    session = new_session(client)
    client.v1.checkout.sessions.expire(session.id)

    [event] = receiver.wait_for(1)

    assert event.type == "checkout.session.expired"
    assert len(client.v1.events.list().data) == 4


def test_a_delayed_webhook_waits(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    sandbox.command("moods", {"delay_seconds": 1})
    begun = time.monotonic()
    client.v1.checkout.sessions.expire(new_session(client).id)

    receiver.wait_for(1)

    assert time.monotonic() - begun >= 1


def test_a_webhook_that_is_refused_comes_again(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    receiver.status = 503
    client.v1.checkout.sessions.expire(new_session(client).id)
    until(lambda: bool(sandbox.fetch("GET", "/sandbox/deliveries")["data"][0]["attempts"]))
    receiver.status = 200

    [event] = receiver.wait_for(1)

    assert event.type == "checkout.session.expired"
    until(lambda: sandbox.moods()["deliveries"]["sent"] == 1)
    assert sandbox.fetch("GET", "/sandbox/deliveries")["data"][0]["attempts"] == 2


@pytest.mark.parametrize(
    ("kind", "error"),
    [("429", stripe.RateLimitError), ("500", stripe.APIError), ("connection_reset", stripe.APIConnectionError)],
)
def test_a_fault_meets_one_request_and_changes_nothing(
    sandbox: Running, client: stripe.StripeClient, kind: str, error: type[stripe.StripeError]
) -> None:
    charge = paid_charge(client)
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": kind}]})

    assert client.v1.charges.retrieve(charge.id).amount_refunded == 0
    with pytest.raises(error):
        client.v1.refunds.create(params={"charge": charge.id})

    assert client.v1.refunds.list().data == []
    assert client.v1.refunds.create(params={"charge": charge.id}).amount == 126_000


def test_too_many_requests_say_which_limit_it_was(sandbox: Running, client: stripe.StripeClient) -> None:
    sandbox.command("moods", {"next_faults": [{"kind": "429"}]})

    with pytest.raises(stripe.RateLimitError) as caught:
        client.v1.balance.retrieve()

    assert isinstance(caught.value.json_body, dict)
    assert caught.value.json_body["error"]["code"] == "rate_limit"
    assert caught.value.headers
    assert caught.value.headers["Stripe-Rate-Limited-Reason"] == "global-rate"


@pytest.mark.parametrize(
    ("kind", "error"),
    [("500_after_work", stripe.APIError), ("connection_reset_after_work", stripe.APIConnectionError)],
)
def test_a_fault_after_the_work_leaves_it_done(
    sandbox: Running, client: stripe.StripeClient, kind: str, error: type[stripe.StripeError]
) -> None:
    charge = paid_charge(client)
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": kind}]})

    with pytest.raises(error):
        client.v1.refunds.create(params={"charge": charge.id, "amount": 1_000})

    assert [refund.amount for refund in client.v1.refunds.list().data] == [1_000]


def test_a_server_error_after_the_work_is_kept_under_the_key(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": "500_after_work"}]})

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.refunds.create(params={"charge": charge.id}, options={"idempotency_key": "refund-1"})

    assert len(client.v1.refunds.list().data) == 1


def _faults_met(sandbox: Running, client: stripe.StripeClient, seed: int) -> list[str]:
    sandbox.command("moods", {"seed": seed, "fault_rates": {"429": 0.3, "500": 0.2, "connection_reset": 0.1}})
    met = []
    for _ in range(30):
        try:
            client.v1.balance.retrieve()
            met.append("none")
        except stripe.StripeError as error:
            met.append(type(error).__name__)
    return met


def test_the_same_seed_brings_the_same_faults(sandbox: Running, client: stripe.StripeClient) -> None:
    first, other = _faults_met(sandbox, client, 7), _faults_met(sandbox, client, 8)

    assert _faults_met(sandbox, client, 7) == first
    assert first != other
    assert set(first) == {"none", "RateLimitError", "APIError", "APIConnectionError"}


def test_the_same_seed_brings_the_same_webhooks(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    def numbers() -> dict[str, int]:
        before = sandbox.moods()["deliveries"]
        sandbox.command("moods", {"seed": 3, "duplicate_rate": 0.5, "drop_rate": 0.4, "hold": True})
        for _ in range(4):
            pay(new_session(client).url)
        after = sandbox.moods()["deliveries"]
        return {state: after[state] - before[state] for state in after}

    first = numbers()

    assert numbers() == first
    assert first["dropped"] > 0
    assert first["held"] + first["dropped"] > 12


def test_a_webhook_is_overtaken_by_a_later_one(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    first, second = new_session(client), new_session(client)
    sandbox.command("moods", {"reorder_rate": 1})
    client.v1.checkout.sessions.expire(first.id)
    sandbox.command("moods", {"reorder_rate": 0})
    client.v1.checkout.sessions.expire(second.id)

    told = [event.data.object["id"] for event in receiver.wait_for(2)]

    assert told == [second.id, first.id]


def test_held_webhooks_come_in_any_order_that_the_seed_repeats(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    orders = []
    for _ in range(2):
        receiver.forget()
        sandbox.command("moods", {"seed": 5, "hold": True})
        for _ in range(2):
            pay(new_session(client).url)
        sandbox.command("moods", {"hold": False, "release": {"order": "shuffled"}})
        receiver.wait_for(6)
        orders.append(receiver.types())

    assert orders[0] == orders[1] != PAID * 2


def test_the_worst_mood_is_all_at_once_and_calm_ends_it(sandbox: Running) -> None:
    worst = sandbox.command("moods", {"preset": "worst", "seed": 1})
    rates = [worst["duplicate_rate"], worst["reorder_rate"], worst["delay_rate"], worst["drop_rate"]]
    assert all(0 < rate < 1 for rate in rates)
    assert set(worst["fault_rates"]) == set(FAULT_KINDS)

    calm = sandbox.command("moods", {"preset": "calm"})

    assert (calm["fault_rates"], calm["drop_rate"], calm["duplicate_rate"], calm["seed"]) == ({}, 0, 0, 1)


def test_a_time_out_after_the_work_is_healed_by_the_same_key(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    params: Any = {"charge": charge.id, "amount": 1_000}
    options: Any = {"idempotency_key": "refund-1"}
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": "timeout_after_work"}]})

    with pytest.raises(stripe.APIConnectionError):
        client.v1.refunds.create(params=params, options=options)

    [done] = client.v1.refunds.list().data
    assert client.v1.refunds.create(params=params, options=options).id == done.id


def test_the_sdks_own_retries_get_over_a_lost_answer(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": "timeout_after_work"}]})

    refund = sandbox.client(retries=2).v1.refunds.create(params={"charge": charge.id, "amount": 1_000})

    assert [found.id for found in client.v1.refunds.list().data] == [refund.id]


@pytest.mark.parametrize(
    "command",
    [
        {"mood": "bad"},
        {"drop_rate": 2},
        {"hold": "yes"},
        {"next_faults": [{"kind": "fire"}]},
        {"fault_rates": {"fire": 0.1}},
        {"fault_rates": {"429": 0.6, "500": 0.6}},
        {"preset": "dreadful"},
        {"seed": "7"},
        {"release": {"order": "sideways"}},
        {"now": -1},
    ],
)
def test_a_wrong_mood_is_refused(sandbox: Running, command: dict[str, Any]) -> None:
    before = sandbox.moods()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.command("moods", command)
    assert sandbox.moods() == before


def test_a_dispute_is_opened_on_command(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    charge = paid_charge(client)

    dispute = sandbox.command("disputes", {"charge": charge.id, "reason": "product_not_received"})

    assert client.v1.disputes.retrieve(dispute["id"]).reason == "product_not_received"
    assert receiver.wait_for(4)[3].type == "charge.dispute.created"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id})
    assert caught.value.code == "charge_disputed"


def test_money_matures_when_its_time_has_come(database_url: str, sandbox: Running) -> None:
    config = config_for(database_url, None, settle_after_seconds=172_800)
    with running(config) as slow:
        client = slow.client()
        paid_charge(client)
        [pending] = client.v1.balance.retrieve().pending
        assert pending.amount == 122_316

        slow.command("moods", {"now": int(time.time()) + 172_801})

        balance = client.v1.balance.retrieve()
        assert (balance.available[0].amount, balance.pending[0].amount) == (122_316, 0)
        assert client.v1.balance_transactions.list().data[0].status == "available"


def test_without_a_webhook_address_events_are_kept_and_nothing_is_queued(database_url: str, sandbox: Running) -> None:
    with running(config_for(database_url, None)) as quiet:
        client = quiet.client()
        client.v1.checkout.sessions.expire(new_session(client).id)

        assert client.v1.events.list().data[0].type == "checkout.session.expired"
        assert set(quiet.moods()["deliveries"].values()) == {0}


@contextmanager
def _process(database_url: str, port: int, webhook_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The sandbox as it is really run, so that it can really be killed."""
    environ = {
        **os.environ,
        "STRIPE_SANDBOX_DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_SANDBOX_WEBHOOK_URL": webhook_url,
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--blocking-threads",
        "4",
        "--no-log",
        "marketplace.stripe_sandbox.wsgi:app",
    ]
    process = subprocess.Popen(command, env=environ, start_new_session=True)
    try:
        until(lambda: _answers(port))
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return True
    except OSError:
        return False


@pytest.mark.process
def test_a_killed_sandbox_sends_after_its_restart_what_it_had_not_sent(
    database_url: str, sandbox: Running, receiver: Receiver
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = Running(url, sandbox.judge).client()
    with _process(database_url, port, receiver.url):
        sandbox.command("moods", {"delay_seconds": 2})
        session = new_session(client)
        pay(session.url)
    sandbox.command("moods", {"delay_seconds": 0})
    assert len(sandbox.client().v1.charges.list().data) == 1

    with _process(database_url, port, receiver.url):
        receiver.wait_for(3)
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"

    assert receiver.types() == PAID


@pytest.fixture
def own_server() -> Iterator[tuple[str, Path]]:
    """The address and folder of a PostgreSQL that a test may kill."""
    folder = BASE / f"killed-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield embedded_postgres.ensure_running(folder), folder
    finally:
        embedded_postgres.stop(folder)
        shutil.rmtree(folder)


@pytest.mark.process
def test_it_goes_on_after_the_database_was_killed(own_server: tuple[str, Path], receiver: Receiver) -> None:
    url, folder = own_server
    receiver.forget()
    with running(config_for(url, receiver.url)) as survivor:
        client = survivor.client(retries=5)
        survivor.command("moods", {"hold": True})
        session = new_session(client)
        pay(session.url)

        postmaster = (folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)
        embedded_postgres.stop(folder)  # collects the dead process, which is our child here
        embedded_postgres.ensure_running(folder)

        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        survivor.command("moods", {"release": {"order": "sent"}})
        receiver.wait_for(3)
    assert receiver.types() == PAID


@pytest.mark.process
def test_granian_hangs_up_on_command(database_url: str, sandbox: Running, receiver: Receiver) -> None:
    port = free_port()
    with _process(database_url, port, receiver.url):
        client = Running(f"http://127.0.0.1:{port}", sandbox.judge).client()
        sandbox.command("moods", {"next_faults": [{"kind": "connection_reset"}]})
        with pytest.raises(stripe.APIConnectionError):
            client.v1.balance.retrieve()
        assert client.v1.balance.retrieve().object == "balance"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MUTUALS_ENV": "production"}, "MUTUALS_ENV is production"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "test keys only"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY is not set"),
        ({"STRIPE_API_BASE": ""}, "STRIPE_API_BASE is not set"),
        ({"STRIPE_SANDBOX_FEE_BASIS_POINTS": "2.9"}, "whole number"),
    ],
)
def test_it_refuses_to_start_and_says_why(changes: dict[str, str], words: str) -> None:
    environ = {
        "STRIPE_SANDBOX_DATABASE_URL": "postgresql://nowhere/none",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": "http://127.0.0.1:1",
        **changes,
    }
    with pytest.raises(SandboxConfigError, match=words):
        SandboxConfig.from_environ(environ)
