"""What webhooks are signed with, how they were answered, and one sent again."""

import urllib.error
from typing import Any

import pytest
import stripe

from .kit import SECRET, Receiver, Running, config_for, new_account, new_session, until

NEW, CONNECT = "whsec_after_the_roll", "whsec_of_connect"


def _fits(body: str, signature: str, secret: str) -> bool:
    try:
        stripe.Webhook.construct_event(body, signature, secret)
    except stripe.SignatureVerificationError:
        return False
    return True


def _signed(sandbox: Running, receiver: Receiver) -> tuple[str, str]:
    """The webhook of one more event."""
    before = len(receiver.got)
    client = sandbox.client()
    client.v1.checkout.sessions.expire(new_session(client).id)
    until(lambda: len(receiver.got) > before)
    return receiver.got[-1]


def test_while_a_secret_is_rolled_both_sign(sandbox: Running, receiver: Receiver) -> None:
    sandbox.command("secrets", {"secret": NEW, "keep_seconds": 3600})

    body, signature = _signed(sandbox, receiver)

    assert _fits(body, signature, SECRET)
    assert _fits(body, signature, NEW)
    assert signature.count("v1=") == 2


def test_after_it_was_rolled_only_the_new_one_signs(sandbox: Running, receiver: Receiver) -> None:
    sandbox.command("secrets", {"secret": NEW, "keep_seconds": 0})

    body, signature = _signed(sandbox, receiver)

    assert _fits(body, signature, NEW)
    assert not _fits(body, signature, SECRET)


def test_events_of_connected_accounts_have_a_secret_of_their_own(sandbox: Running, receiver: Receiver) -> None:
    sandbox.command("secrets", {"endpoint": "connect", "secret": CONNECT})

    new_account(sandbox.client())
    until(lambda: len(receiver.got) > 0)
    of_account = receiver.got[0]
    of_platform = _signed(sandbox, receiver)

    assert '"account": "acct_' in of_account[0]
    assert [_fits(*of_account, CONNECT), _fits(*of_account, SECRET)] == [True, False]
    assert [_fits(*of_platform, CONNECT), _fits(*of_platform, SECRET)] == [False, True]


@pytest.mark.parametrize(
    ("given", "secrets"),
    [(SECRET, [SECRET, SECRET]), (f"{SECRET}, {CONNECT}", [SECRET, CONNECT])],
)
def test_of_two_secrets_the_second_is_of_connect(given: str, secrets: list[str]) -> None:
    assert list(config_for("postgresql://nowhere", None, webhook_secret=given).webhook_secrets.values()) == secrets


def test_each_try_of_a_webhook_is_listed(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    receiver.status = 503
    client.v1.checkout.sessions.expire(new_session(client).id)
    until(lambda: bool(sandbox.fetch("GET", "/sandbox/deliveries")["data"][0]["tries"]))
    receiver.status = 200
    receiver.wait_for(1)
    until(lambda: sandbox.moods()["deliveries"]["sent"] == 1)

    [row] = sandbox.fetch("GET", "/sandbox/deliveries")["data"]

    assert [each["status"] for each in row["tries"]] == [503, 200]
    assert row["tries"][0]["answer"] == "503 Service Unavailable"


def test_an_event_is_sent_once_more(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    sandbox.command("moods", {"drop_rate": 1})
    client.v1.checkout.sessions.expire(new_session(client).id)
    [event] = client.v1.events.list().data

    sandbox.command("resend", {"event": event.id})

    assert [found.id for found in receiver.wait_for(1)] == [event.id]


def test_an_event_of_a_connected_account_is_sent_once_more_too(sandbox: Running, receiver: Receiver) -> None:
    account = new_account(sandbox.client())
    before = len(receiver.wait_for(1))
    event = receiver.events()[-1]

    sandbox.command("resend", {"event": event.id})

    assert event.account == account.id
    assert receiver.wait_for(before + 1)[-1].id == event.id


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("secrets", {"secret": "hush"}),
        ("secrets", {"endpoint": "moon", "secret": NEW}),
        ("secrets", {"secret": NEW, "keep_seconds": 1_000_000}),
        ("resend", {"event": "evt_none"}),
        ("resend", {}),
    ],
)
def test_what_cant_be_is_refused(sandbox: Running, name: str, command: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.command(name, command)
