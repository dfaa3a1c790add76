"""The inbox looked after: other modes and strangers, secrets while they are rolled, events lost, failed and old."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, text

from marketplace.config import SettingsError
from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import start_funding
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.inbox import EventPoll, InboxEvent, RefusedEvent, handle_again, receive
from marketplace.infra.mode import require_one_mode
from marketplace.kit import clock
from marketplace.stripe_sandbox import guest
from marketplace.webhooks import jobs
from tests.support.money import assert_books_balance, signed_deal, state_of
from tests.support.sandbox import SECRET, Sandbox
from tests.support.web import Client

RunJobs = Callable[..., None]
OTHER = "whsec_of_the_other_endpoint"


def event(**changed: object) -> bytes:
    body: dict[str, Any] = {
        "id": "evt_care",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {"id": "cs_test_nobody", "object": "checkout.session"}},
    }
    return json.dumps(body | changed).encode()


def send(client: Client, body: bytes, *secrets: str, age: int = 0) -> int:
    moment = int(time.time()) - age
    signed = [f"v1={stripe.WebhookSignature._compute_signature(f'{moment}.{body.decode()}', one)}" for one in secrets]
    headers = {"Stripe-Signature": ",".join([f"t={moment}", *signed])}
    return client.post("/webhooks/stripe", data=body, headers=headers, csrf=False).status_code


def kept(app: Flask) -> list[InboxEvent]:
    with app.app_context():
        return list(db.session.scalars(select(InboxEvent).order_by(InboxEvent.id)))


def refused(app: Flask) -> list[tuple[str, str, bool | None]]:
    with app.app_context():
        rows = db.session.scalars(select(RefusedEvent).order_by(RefusedEvent.id))
        return [(row.reason, row.event_id, row.livemode) for row in rows]


@pytest.fixture
def settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the application's settings for one test."""

    def change(**changed: object) -> None:
        made = app.extensions["mutuals_settings"].model_copy(update=changed)
        monkeypatch.setitem(app.extensions, "mutuals_settings", made)

    return change


def test_a_live_event_on_a_test_system_is_refused_and_recorded(app: Flask, client: Client) -> None:
    assert send(client, event(livemode=True), SECRET) == 200
    assert kept(app) == []
    assert refused(app) == [("wrong_mode", "evt_care", True)]


def test_a_test_event_on_a_live_system_is_refused_and_recorded(
    app: Flask, client: Client, settings: Callable[..., None]
) -> None:
    settings(stripe_secret_key=SecretStr("sk_live_of_nobody"))
    assert send(client, event(), SECRET) == 200
    assert kept(app) == []
    assert refused(app) == [("wrong_mode", "evt_care", False)]
    assert send(client, event(livemode=True), SECRET) == 200


def test_strangers_may_send_what_they_like_and_fill_nothing(app: Flask, client: Client) -> None:
    for number in range(30):
        assert send(client, event(id=f"evt_{number}"), "whsec_of_a_stranger") == 400
    assert refused(app) == [("bad_signature", "", None)] * 20
    with clock.at(datetime.now(UTC) + timedelta(days=2)):
        assert send(client, event(), "whsec_of_a_stranger") == 400
    assert len(refused(app)) == 21


def test_a_strangers_odd_signature_or_endless_body_is_no_error_of_ours(app: Flask, client: Client) -> None:
    odd = client.post("/webhooks/stripe", data=event(), headers={"Stripe-Signature": "t=1,v1=é"}, csrf=False)
    assert odd.status_code == 400
    endless = client.post("/webhooks/stripe", data=b" " * 1_000_001, headers={"Stripe-Signature": "t=1"}, csrf=False)
    assert endless.status_code == 413
    assert kept(app) == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"words"', b"{}", event(created="x"), event(type=None), event(data=None)]
)
def test_what_is_signed_and_no_event_is_refused(app: Flask, client: Client, body: bytes) -> None:
    assert send(client, body, SECRET) == 400
    assert kept(app) == []


def test_two_secrets_are_valid_while_one_is_rolled_and_for_two_endpoints(
    app: Flask, client: Client, settings: Callable[..., None]
) -> None:
    settings(stripe_webhook_secret=SecretStr(f"{SECRET}, {OTHER}"))
    assert send(client, event(id="evt_1"), SECRET) == 200
    assert send(client, event(id="evt_2", account="acct_1"), OTHER) == 200
    # While a secret is rolled, Stripe signs with both.
    assert send(client, event(id="evt_3"), "whsec_retired", OTHER) == 200
    assert send(client, event(id="evt_4"), "whsec_retired") == 400
    settings(stripe_webhook_secret=SecretStr(OTHER))
    assert send(client, event(id="evt_5"), SECRET) == 400
    assert [(one.id, one.account_id) for one in kept(app)] == [("evt_1", ""), ("evt_2", "acct_1"), ("evt_3", "")]


def test_an_event_of_another_version_of_the_api_is_taken_as_its_object_is_read_again(
    app: Flask, client: Client
) -> None:
    assert send(client, event(api_version="2019-01-01"), SECRET) == 200
    assert len(kept(app)) == 1


def test_a_database_of_one_mode_is_not_opened_with_keys_of_the_other(
    app: Flask, client: Client, settings: Callable[..., None]
) -> None:
    require_one_mode(app)
    assert send(client, event(), SECRET) == 200
    require_one_mode(app)
    settings(stripe_secret_key=SecretStr("rk_live_of_nobody"))
    with pytest.raises(SettingsError, match="is a live key, but this database holds test payments"):
        require_one_mode(app)


@pytest.mark.usefixtures("context")
def test_events_that_never_came_are_found_by_asking(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    sandbox.command("moods", drop_rate=1)
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    sandbox.wait_for_webhooks()
    run_jobs()
    assert state_of(parties.deal_id) is State.FUNDING
    with clock.at(clock.now() + timedelta(minutes=5)):
        jobs.poll()
        found = db.session.get_one(EventPoll, 1).found
        run_jobs()
        assert state_of(parties.deal_id) is State.PRODUCTION
        polled = db.session.scalars(select(InboxEvent.polled)).all()
        assert polled
        assert all(polled)
        assert found == len(polled)
        db.session.rollback()
    with clock.at(clock.now() + timedelta(minutes=10)):
        jobs.poll()
        assert db.session.get_one(EventPoll, 1).found == 0
        db.session.rollback()
    assert_books_balance()


@pytest.mark.usefixtures("context")
def test_an_event_that_is_still_on_its_way_is_not_counted_as_lost(sandbox: Sandbox) -> None:
    sandbox.command("moods", hold=True)
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    jobs.poll()
    assert db.session.scalar(select(func.count()).select_from(InboxEvent)) == 0


def row(event_id: str, age: timedelta, *, handled: bool) -> InboxEvent:
    then = clock.now() - age
    return InboxEvent(
        id=event_id,
        type="checkout.session.completed",
        object_id="cs_nobody",
        livemode=False,
        created_at=then,
        received_at=then,
        handled_at=then if handled else None,
    )


@pytest.mark.usefixtures("context")
def test_an_event_that_failed_for_good_is_handled_again(run_jobs: RunJobs) -> None:
    with transaction():
        db.session.add_all([row("evt_old", timedelta(hours=4), handled=False)])
    for _ in range(2):
        jobs.try_again()
    run_jobs()
    assert db.session.get_one(InboxEvent, "evt_old").handled_at is not None


@pytest.mark.usefixtures("context", "sandbox")
def test_events_of_objects_that_stripe_does_not_know_are_done_with() -> None:
    with transaction():
        for kind in jobs._ACTS:
            event = row(kind, timedelta(0), handled=False)
            event.type, event.object_id = kind, "xx_of_nobody"
            db.session.add(event)
    for kind in jobs._ACTS:
        jobs.handle(kind)
    assert db.session.scalars(select(InboxEvent.id).where(InboxEvent.handled_at.is_(None))).all() == []


@pytest.mark.usefixtures("context")
def test_events_of_one_object_wait_for_each_other_and_those_of_two_balances_do_not() -> None:
    now = clock.now()
    about = [("evt_1", "cs_1", ""), ("evt_2", "cs_1", ""), ("evt_3", "", "acct_1"), ("evt_4", "", "acct_2")]
    with transaction():
        receive([gateway.Event(id_, "balance.available", of, account, False, now) for id_, of, account in about])
    locks = "SELECT lock FROM procrastinate_jobs WHERE args ->> 'event_id' IS NOT NULL ORDER BY args ->> 'event_id'"
    once = list(db.session.scalars(text(locks)))
    assert once == ["provider:cs_1", "provider:cs_1", "provider:acct_1", "provider:acct_2"]
    with transaction():
        db.session.execute(text("DELETE FROM procrastinate_jobs"))
        handle_again(db.session.scalars(select(InboxEvent)).all())
    assert list(db.session.scalars(text(locks))) == once
    db.session.rollback()


@pytest.mark.usefixtures("context")
def test_handled_events_go_after_ninety_days_and_others_stay() -> None:
    with transaction():
        db.session.add_all(
            [
                row("evt_old", timedelta(days=91), handled=True),
                row("evt_open", timedelta(days=91), handled=False),
                row("evt_new", timedelta(days=89), handled=True),
            ]
        )
        db.session.add(RefusedEvent(at=clock.now() - timedelta(days=91), reason="bad_signature"))
    jobs.prune()
    assert sorted(db.session.scalars(select(InboxEvent.id))) == ["evt_new", "evt_open"]
    assert db.session.scalar(select(func.count()).select_from(RefusedEvent)) == 0


@pytest.mark.usefixtures("context")
def test_a_call_that_came_too_often_is_made_again_under_the_same_key(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("marketplace.infra.stripe_gateway.client.time.sleep", pauses.append)
    sandbox.command("moods", next_faults=[{"kind": "429", "path_prefix": "/v1/balance"}] * 3)
    assert gateway.get_balance() == {}
    assert len(pauses) == 3
    assert pauses == sorted(pauses)
