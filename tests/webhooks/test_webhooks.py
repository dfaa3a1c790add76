"""Stripe's events as they really come: twice, in the wrong order, from strangers, late. The books end the same."""

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import stripe
from flask import Flask
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import start_funding
from marketplace.escrow.jobs import release_earnings_job
from marketplace.infra.db import db
from marketplace.infra.inbox import InboxEvent
from marketplace.kit import clock
from marketplace.ledger.queries import trial_balance
from marketplace.payouts.onboarding import start_onboarding
from marketplace.payouts.queries import account_of
from marketplace.stripe_sandbox import guest
from tests.support.money import accept, assert_books_balance, publish, signed_deal, state_of
from tests.support.sandbox import SECRET, Sandbox
from tests.support.web import Client

RunJobs = Callable[..., None]


def whole_deal(sandbox: Sandbox, run_jobs: RunJobs) -> dict[str, int]:
    """One deal to its end, told of by webhooks alone; the sum of each kind of account, debits positive."""

    def arrive() -> None:
        if sandbox.command("moods")["hold"]:
            sandbox.command("moods", release={"order": "reverse"})
        sandbox.wait_for_webhooks()
        run_jobs()

    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    arrive()
    assert state_of(parties.deal_id) is State.PRODUCTION
    publish(parties)
    accept(parties.brand.actor, parties.deal_id)
    guest.onboard(start_onboarding(parties.creator.actor))
    arrive()
    account = account_of(parties.creator.id)
    assert account is not None
    assert account.transfers_enabled
    db.session.rollback()
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        arrive()
    assert_books_balance()
    found: dict[str, int] = {}
    for row in trial_balance().rows:
        found[row.kind.value] = found.get(row.kind.value, 0) + row.debit - row.credit
    db.session.rollback()
    return found


@pytest.mark.usefixtures("context")
def test_a_deal_lives_by_webhooks_alone(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    books = whole_deal(sandbox, run_jobs)
    assert books["fees_brand"] == -600_00
    assert books["fees_creator"] == -700_00
    assert books["stripe_clearing"] == 12_600_00 - 11_300_00 - books["stripe_fees"]


@pytest.mark.usefixtures("context")
def test_every_webhook_twice_and_in_reverse_order_gives_the_same_books(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    sandbox.command("moods", duplicate_rate=1, hold=True)
    books = whole_deal(sandbox, run_jobs)
    kept = db.session.scalar(select(func.count()).select_from(InboxEvent))
    assert kept == db.session.scalar(select(func.count()).where(InboxEvent.handled_at.is_not(None)))
    assert books["fees_brand"] == -600_00
    assert books["fees_creator"] == -700_00
    assert books["stripe_clearing"] == 12_600_00 - 11_300_00 - books["stripe_fees"]


def signed(payload: bytes, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    moment = int(time.time()) - age
    signature = stripe.WebhookSignature._compute_signature(f"{moment}.{payload.decode()}", secret)
    return {"Stripe-Signature": f"t={moment},v1={signature}"}


def event(livemode: bool = False) -> bytes:
    body = {
        "id": "evt_test_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": livemode,
        "created": int(time.time()),
        "data": {"object": {"id": "cs_test_nobody", "object": "checkout.session"}},
    }
    return json.dumps(body).encode()


def kept_events(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(InboxEvent)) or 0


def test_only_what_stripe_signed_lately_and_for_this_mode_is_kept(app: Flask, client: Client) -> None:
    body = event()
    refused = [
        ({}, body),
        ({"Stripe-Signature": "nonsense"}, body),
        (signed(body, secret="whsec_of_somebody_else"), body),
        (signed(body, age=3600), body),
        (signed(body), body + b" "),
    ]
    for headers, payload in refused:
        answer = client.post("/webhooks/stripe", data=payload, headers=headers, csrf=False)
        assert answer.status_code == 400, headers
    other = event(livemode=True)
    answer = client.post("/webhooks/stripe", data=other, headers=signed(other), csrf=False)
    assert answer.json == {"received": False, "error": "wrong_mode"}, "Stripe is told, and doesn't ask again"
    assert kept_events(app) == 0


def test_an_event_about_something_unknown_is_kept_once_and_does_nothing(
    app: Flask, client: Client, run_jobs: RunJobs
) -> None:
    body = event()
    for _ in range(3):
        assert client.post("/webhooks/stripe", data=body, headers=signed(body), csrf=False).status_code == 200
    assert kept_events(app) == 1
    run_jobs()
