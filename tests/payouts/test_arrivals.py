"""Payouts from payees' accounts to their banks: read, told when they come back, and shown with what lies there."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.infra.db import db, transaction
from marketplace.infra.stripe_gateway import payouts as payouts_at_stripe
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid
from marketplace.notifications.models import Notification
from marketplace.payouts.arrivals import read_account, read_payout
from marketplace.payouts.held import Slice
from marketplace.payouts.jobs import read_accounts
from marketplace.payouts.models import ConnectedAccount, Payout, PayoutState
from marketplace.payouts.rereading import due_accounts
from marketplace.payouts.standing import State, standing
from tests.support.market import CreatorSide, make_admin, make_creator, sign_in
from tests.support.money import assert_books_balance, completed_deal
from tests.support.payouts import RunJobs, account, available_deal, onboarded, release, sign_in_admin
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
AMOUNT = 11_300_00


def paid_creator(run_jobs: RunJobs, account_number: str = "000123456789") -> tuple[CreatorSide, str]:
    """A creator whose earnings lie on their account at Stripe, and that account's id."""
    with transaction():
        creator = make_creator()
    stripe_id = onboarded(creator, account_number)
    available_deal(creator=creator)
    run_jobs()
    return creator, stripe_id


def days_pass(sandbox: Sandbox, run_jobs: RunJobs, days: int) -> None:
    sandbox.command("clock", advance_seconds=days * 24 * 3600)
    sandbox.wait_for_webhooks()
    run_jobs()


def payouts() -> list[Payout]:
    db.session.expire_all()
    found = list(db.session.scalars(select(Payout).order_by(Payout.created_at)))
    db.session.expunge_all()
    db.session.rollback()
    return found


def test_what_stripe_pays_to_the_bank_is_shown_from_its_beginning_to_its_arrival(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    creator, stripe_id = paid_creator(run_jobs)
    read_account(stripe_id)
    assert account(creator).balances["CNY"]["available"] + account(creator).balances["CNY"]["pending"] == AMOUNT
    days_pass(sandbox, run_jobs, 20)
    (payout,) = payouts()
    assert payout.state is PayoutState.PAID
    assert payout.amount == AMOUNT
    client = app.test_client()
    sign_in(client, creator)
    page = client.get("/earnings/payouts").text
    for words in ("Payouts to the bank", "every working day", "STRIPE TEST BANK •••• 6789"):
        assert words in page
    assert_books_balance()


def test_a_payout_that_comes_back_is_told_with_its_reason_and_what_to_do(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    creator, _stripe_id = paid_creator(run_jobs, account_number="000111111116")
    days_pass(sandbox, run_jobs, 20)
    assert payouts()[-1].state is PayoutState.FAILED
    assert payouts()[-1].failure == "no_account"
    found = standing(account(creator))
    assert found.state is State.LIMITED
    client = app.test_client()
    sign_in(client, creator)
    page = client.get("/earnings/payouts").text
    for words in ("came back from the bank", "there is no such bank account", "Correct the bank account"):
        assert words in page
    with transaction():
        kinds = db.session.scalars(select(Notification.kind).where(Notification.user_id == creator.user_id)).all()
        admin = make_admin()
    assert kinds.count("money.payout_failed") == 1
    console = app.test_client()
    sign_in_admin(console, admin)
    assert "Lin Yue" in console.get("/console/payees?heap=failed").text
    page = console.get(f"/console/payees/{account(creator).id}").text
    for words in (payouts()[-1].id[-4:], "external_account", "no such bank account"):
        assert words in page
    assert_books_balance()


def test_a_reading_from_before_never_takes_a_later_ones_place(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    _creator, stripe_id = paid_creator(run_jobs)
    days_pass(sandbox, run_jobs, 20)
    (payout,) = payouts()
    with transaction():
        db.session.get_one(Payout, payout.id).state = PayoutState.FAILED
    read_payout(payout.id, stripe_id)
    assert payouts()[0].state is PayoutState.FAILED
    read_payout(payout.id, "acct_of_nobody")


def test_payouts_whose_events_never_came_are_found_by_reading_the_account(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    """However many there were since the last that is known: here a page of Stripe's list has one."""
    monkeypatch.setattr(payouts_at_stripe, "PAGE", 1)
    creator, _stripe_id = paid_creator(run_jobs)
    completed_deal(creator=creator)
    sandbox.command("moods", drop_rate=1.0)
    sandbox.command("clock", advance_seconds=20 * 24 * 3600)
    release(run_jobs)
    sandbox.command("clock", advance_seconds=20 * 24 * 3600)
    assert payouts() == []
    with transaction():
        row = db.session.scalars(select(ConnectedAccount)).one()
        assert row.read_at is not None
        row.read_at = row.read_at.replace(year=row.read_at.year - 1)
    read_accounts()
    run_jobs()
    assert [one.state for one in payouts()] == [PayoutState.PAID] * 2
    assert payouts()[0].arrives_on > date(2020, 1, 1)
    assert account(creator).read_at is not None


def test_accounts_on_which_something_moves_are_read_before_those_that_were_read_longest_ago() -> None:
    now = clock.now()
    with transaction():
        names = ["fresh", "still", "pays", "oldest"]
        for name, age in zip(names, (1, 30, 26, 90), strict=True):
            read_at = now - timedelta(hours=age)
            row = ConnectedAccount(id=new_uuid(), creator_id=make_creator().id, created_at=read_at, read_at=read_at)
            row.stripe_account_id = name
            db.session.add(row)
            db.session.flush()
            if name in ("fresh", "pays"):
                state, money = PayoutState.IN_TRANSIT, {"amount": 1_00, "currency": "CNY"}
                day = read_at.date()
                db.session.add(
                    Payout(
                        id=name, account_id=row.id, state=state, arrives_on=day, created_at=now, read_at=now, **money
                    )
                )
    assert due_accounts(Slice(0, 10**9), 3) == ["pays", "oldest", "still"]
    assert due_accounts(Slice(0, 10**9), 1) == ["pays"]
    assert due_accounts(Slice(10**8, 10**9), 3) == []
    db.session.rollback()


def test_an_account_below_zero_is_said_on_both_pages(app: Flask, sandbox: Sandbox, run_jobs: RunJobs) -> None:
    creator, stripe_id = paid_creator(run_jobs)
    days_pass(sandbox, run_jobs, 20)
    sandbox.command("triggers/take_fee", account=stripe_id, amount=2_000_00, currency="cny")
    sandbox.wait_for_webhooks()
    read_account(stripe_id)
    run_jobs()
    assert account(creator).in_debt
    client = app.test_client()
    sign_in(client, creator)
    assert "2,000.00 below zero" in client.get("/earnings/payouts").text
    with transaction():
        admin = make_admin()
    console = app.test_client()
    sign_in_admin(console, admin)
    page = console.get("/console/payees?heap=debt").text
    assert "Lin Yue" in page
    assert "2,000" in page
    assert "2,000.00 below zero" in console.get(f"/console/payees/{account(creator).id}").text
    assert_books_balance()
