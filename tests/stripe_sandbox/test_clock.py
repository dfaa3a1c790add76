"""The sandbox's present: set forward, it runs on, and brings what is due on the way."""

import time
import urllib.error
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.guest import pay

from .kit import Receiver, Running, new_session, until

DAY = 86_400


def _now(sandbox: Running) -> int:
    now: int = sandbox.fetch("GET", "/sandbox/clock")["now"]
    return now


def test_it_goes_on_from_where_it_was_set(sandbox: Running, client: stripe.StripeClient) -> None:
    answer = sandbox.command("clock", {"advance_seconds": 3 * DAY})

    assert not answer["frozen"]
    assert answer["ahead_seconds"] == pytest.approx(3 * DAY, abs=2)
    until(lambda: _now(sandbox) > answer["now"])
    assert new_session(client).created >= answer["now"]


def test_a_session_expires_on_the_way_and_says_so(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    session = new_session(client)

    sandbox.command("clock", {"to": session.created + 7 * DAY})

    [event] = receiver.wait_for(1)
    assert event.type == "checkout.session.expired"
    assert session.expires_at <= event.created < session.expires_at + 2 * 3600


def test_a_moment_that_stood_still_runs_on_from_there(sandbox: Running) -> None:
    sandbox.command("moods", {"now": 1_900_000_000})
    assert sandbox.fetch("GET", "/sandbox/clock")["frozen"]

    sandbox.command("clock", {"advance_seconds": 60})

    until(lambda: _now(sandbox) > 1_900_000_060)
    assert sandbox.moods()["now"] is None


def test_it_comes_back_to_the_real_time(sandbox: Running) -> None:
    sandbox.command("clock", {"advance_seconds": DAY})

    assert abs(sandbox.command("clock", {"real": True})["ahead_seconds"]) <= 1


def test_a_webhook_that_waits_for_its_next_try_need_not_be_waited_for(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    receiver.status = 503
    pay(new_session(client).url)
    until(lambda: all(row["attempts"] for row in sandbox.fetch("GET", "/sandbox/deliveries")["data"]))
    receiver.status = 200

    sandbox.command("clock", {"advance_seconds": DAY})

    assert len(receiver.wait_for(3)) == 3


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"advance_seconds": -1},
        {"advance_seconds": 400 * DAY},
        {"advance_seconds": "an hour"},
        {"to": 1_000_000_000},
        {"to": None},
        {"to": 1, "real": True},
        {"tomorrow": True},
    ],
)
def test_a_moment_that_cant_be_is_refused(sandbox: Running, command: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.command("clock", command)
    assert abs(_now(sandbox) - time.time()) < 5
