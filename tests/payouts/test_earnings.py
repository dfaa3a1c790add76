"""The creator's earnings page and the way to a payout account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.console.payees import waiting_payees
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.refund import received_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger.accounts import creator_available, transfer_in_transit
from marketplace.notifications.models import Notification
from marketplace.payouts.jobs import sweep
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.payee import Payee
from marketplace.payouts.transfer import pay_due, transfer_earnings
from marketplace.stripe_sandbox import guest
from tests.console.conftest import admin_at
from tests.support.market import make_creator, sign_in
from tests.support.money import assert_books_balance, completed_deal, held, signed_deal
from tests.support.sandbox import Sandbox
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def test_earnings_say_what_each_line_is_made_of(app: Flask) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    page = client.get("/earnings")
    assert page.status_code == 200
    for words in ("¥11,300", "−¥700", "Set up your payout account", "Pending", "Twelve months"):
        assert words in page.text
    assert client.get("/earnings?before=nonsense").status_code == 200


def test_each_settlement_explains_its_fees_and_leads_to_its_entries(app: Flask) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    page = client.get("/earnings").text
    for words in ("10 % of ¥7,000.00", "rule C1", f"/deals/{parties.deal_id}/money", "When it becomes available"):
        assert words in page
    for which in ("pending", "available", "on-its-way", "transferred"):
        assert f"/earnings/lines/{which}?currency=CNY" in page


def test_the_page_says_how_much_of_the_month_is_still_free(app: Flask) -> None:
    with transaction():
        creator = make_creator()
    client = app.test_client()
    sign_in(client, creator)
    assert "¥5,000.00 of ¥5,000.00 are left" in client.get("/earnings").text
    signed_deal(3_000_00, creator)
    assert "¥2,000.00 of ¥5,000.00 are left" in client.get("/earnings").text
    signed_deal(12_000_00, creator)
    assert "You’ve used all of the ¥5,000.00" in client.get("/earnings").text


def test_another_period_or_currency_is_shown_when_asked(app: Flask) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    for query in ("period=2026-11", "period=2026", "currency=CNY", "period=nonsense&currency=XXX"):
        assert "¥11,300" in client.get(f"/earnings?{query}").text
    assert "Nothing was settled in this period" in client.get("/earnings?period=2020").text


def test_a_creator_without_deals_is_told_what_will_be_here(app: Flask) -> None:
    with transaction():
        creator = make_creator()
    client = app.test_client()
    sign_in(client, creator)
    assert "Nothing earned yet" in client.get("/earnings").text


def test_connecting_goes_to_the_provider_and_back(app: Flask, run_jobs: RunJobs) -> None:
    parties = completed_deal()
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, parties.creator)
    first = client.post("/earnings/connect")
    assert first.status_code == 303
    unfinished = client.get("/earnings/connected", follow_redirects=True)
    assert "isn’t complete yet" in unfinished.text
    guest.onboard(first.location)
    done = client.get("/earnings/connected", follow_redirects=True)
    assert "Your payout account is ready" in done.text
    assert len(db.session.scalars(select(ConnectedAccount)).all()) == 1
    db.session.rollback()
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
    assert "Transferred" in client.get("/earnings").text
    assert_books_balance()


def test_connecting_twice_opens_one_account(app: Flask) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    for _ in range(2):
        assert client.post("/earnings/connect").status_code == 303
    assert len(db.session.scalars(select(ConnectedAccount)).all()) == 1


@pytest.mark.parametrize("kind", ["timeout_after_work", "connection_reset", "500", "429"])
def test_a_transfer_whose_answer_is_lost_or_broken_is_made_and_recorded_once(
    app: Flask, run_jobs: RunJobs, sandbox: Sandbox, kind: str
) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    guest.onboard(client.post("/earnings/connect").location)
    client.get("/earnings/connected")
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/transfers", "kind": kind}] * 3)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs(allow_failures=True)
    with clock.at(clock.now() + timedelta(days=5)):
        sweep()
        run_jobs(allow_failures=True)
    assert held(transfer_in_transit(parties.creator.id, "CNY")) == 0
    assert [transfer.state for transfer in db.session.scalars(select(Transfer))] == [TransferState.PAID]
    assert len(sandbox.stripe.v1.transfers.list().data) == 1
    db.session.rollback()
    assert_books_balance()


def test_a_refused_transfer_gives_the_money_back_and_is_told_once_and_counted_until_it_is_sent(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    admin, parties = admin_at(app), completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    guest.onboard(client.post("/earnings/connect").location)
    client.get("/earnings/connected")
    with transaction():
        account = db.session.scalars(select(ConnectedAccount)).one()
        right, account.stripe_account_id = account.stripe_account_id, "acct_that_is_nobodys"
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        transfer_earnings(1)
    assert held(transfer_in_transit(parties.creator.id, "CNY")) == 0
    assert held(creator_available(parties.creator.id, "CNY")) == 11_300_00
    with clock.at(clock.now() + timedelta(days=5)):
        pay_due(Payee(creator_id=parties.creator.id))
        run_jobs(allow_failures=True)
        assert (told(parties.creator.user_id), told(admin.user_id)) == (1, 1)
        assert db.session.scalar(waiting_payees()) == 1
        page = admin.client.get("/console/payees?heap=refused").text
        assert "¥11,300<small>.00</small>" in page
        with transaction():
            account = db.session.scalars(select(ConnectedAccount)).one()
            account.stripe_account_id, account.transfers_enabled = right, True
    with clock.at(clock.now() + timedelta(days=6)):
        pay_due(Payee(creator_id=parties.creator.id))
        assert db.session.scalar(waiting_payees()) == 0
        assert_books_balance()


def told(user_id: int | None) -> int:
    """How often of a refused transfer."""
    kinds = Notification.kind.in_(("money.transfer_refused", "transfer.refused"))
    query = select(func.count()).select_from(Notification).where(kinds, Notification.user_id == user_id)
    found = db.session.scalar(query) or 0
    db.session.rollback()
    return found


def test_a_transfer_that_the_provider_made_before_it_broke_is_found_and_not_made_again(
    app: Flask, sandbox: Sandbox
) -> None:
    parties = completed_deal()
    client = app.test_client()
    sign_in(client, parties.creator)
    guest.onboard(client.post("/earnings/connect").location)
    client.get("/earnings/connected")
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        transfer_earnings(1)
    with transaction():
        # As if the answer had been a 500 after the work, and nothing had been recorded.
        transfer = db.session.scalars(select(Transfer)).one()
        row = str(transfer.id)
        group = f"checkout:{received_payment(parties.deal_id).checkout_id}"
        destination = db.session.get_one(ConnectedAccount, transfer.account_id).stripe_account_id or ""
        order = gateway.TransferOrder(f"transfer:{row}:1", row, destination, transfer.total, None, group)
        stripe_id = transfer.stripe_transfer_id
    found = gateway.find_transfer(order)
    assert found is not None
    assert found.id == stripe_id
    assert gateway.find_transfer(replace(order, row="another")) is None
