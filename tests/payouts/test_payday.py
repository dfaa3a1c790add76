"""A payday pays who is due, once, and its report says what became of everybody."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Select, insert, select, update

from marketplace.accounts.actor import SYSTEM
from marketplace.console.payday_queries import refused_paydays
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargebacks, creator_available, creator_owes, fees_creator, transfer_in_transit
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.notifications.models import Notification
from marketplace.payouts import payday_preparing
from marketplace.payouts.books import check_everything
from marketplace.payouts.due import REPLACED, due_parts
from marketplace.payouts.jobs import sweep
from marketplace.payouts.models import ConnectedAccount, Payday, PaydayState, Schedule, Transfer, TransferState
from marketplace.payouts.payday import last_payday, start_payday
from marketplace.payouts.payday_due import Side, Unsent, Verdict, lock_unsent
from marketplace.payouts.payday_jobs import payday_job
from marketplace.payouts.payday_preparing import prepare_next
from marketplace.payouts.payday_report import Sums, WouldPay, due, failed, left_alone, sent, unanswered, would_pay
from marketplace.payouts.payee import Payee, lock_payee
from marketplace.payouts.payee_books import payees_hold_what_they_earned
from marketplace.payouts.plans import next_payday, set_plan
from marketplace.payouts.preparing import prepare_transfers
from marketplace.payouts.transfer import send_transfer
from tests.console.conftest import admin_at
from tests.support.agencies import make_agency, represent
from tests.support.market import make_admin, make_creator
from tests.support.money import assert_books_balance, held
from tests.support.paydays import (
    assert_nobody_is_paid_twice,
    begin,
    connect,
    earn,
    release,
    states,
    the_payday,
    weekly_creator,
)
from tests.support.races import at_once
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


@pytest.fixture
def later() -> datetime:
    """The hold of what the tests earn is over."""
    return datetime.now(UTC) + timedelta(days=4)


def told(user_id: int | None) -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id)
    found = [kind for kind in db.session.scalars(query) if kind.startswith(("money.", "payday"))]
    db.session.rollback()
    return found


def test_a_payday_pays_all_that_is_due_and_says_what_it_left(later: datetime, run_jobs: RunJobs) -> None:
    first, second, unready = weekly_creator(), weekly_creator(), weekly_creator(connected=False)
    with transaction():
        other = make_creator()
        small = weekly_creator()
        set_plan(small.actor, Schedule.WEEKLY, {"CNY": 5_000_00})
    earn([first, first, second, unready, other, small])
    with clock.at(later):
        release()
        run_jobs()
        assert states() == {}
        assert would_pay() == WouldPay([Sums(3, Money(3_000_00), 2)], whole=True)
        begin()
        run_jobs()
        run = the_payday()
        assert run.state is PaydayState.FINISHED
        assert due(run) == [Sums(3, Money(3_000_00), 2)]
        assert sent(run) == [Sums(3, Money(3_000_00))]
        assert left_alone(run, Verdict.WAITING) == [Sums(1, Money(1_000_00), 1)]
        assert left_alone(run, Verdict.BELOW) == [Sums(1, Money(1_000_00), 1)]
        assert failed(run) == []
        assert held(creator_available(first.id, "CNY")) == held(transfer_in_transit(first.id, "CNY")) == 0
        assert held(creator_available(small.id, "CNY")) == 1_000_00
        assert told(first.user_id) == ["money.payout_account_ready", "money.paid"]
        assert told(other.user_id) == []
        assert_nobody_is_paid_twice()
        assert_books_balance()


def test_a_payee_whose_books_are_short_is_left_out_and_holds_up_nobody(
    app: Flask, later: datetime, run_jobs: RunJobs
) -> None:
    admin, short, fine = admin_at(app), weekly_creator(), weekly_creator()
    earn([short, fine])
    with clock.at(later):
        release()
        run_jobs()
        with transaction():
            lines = [debit(creator_available(short.id, "CNY"), Money(1_00)), credit(fees_creator("CNY"), Money(1_00))]
            post("manual.entry", "manual:1", lines, f"creator:{short.id}")
        begin()
        run_jobs()
        run = the_payday()
        assert run.state is PaydayState.FINISHED
        assert due(run) == [Sums(1, Money(1_000_00), 1)]
        assert sent(run) == [Sums(1, Money(1_000_00))]
        assert left_alone(run, Verdict.REFUSED) == [Sums(1, Money(1_000_00), 1)]
        assert (held(creator_available(short.id, "CNY")), held(creator_available(fine.id, "CNY"))) == (999_00, 0)
        page = admin.client.get(f"/console/paydays/{run.id}").text
        assert "Refused by the books" in page
        assert told(admin.user_id) == ["payday.left_out"]
        assert_nobody_is_paid_twice()
        off = [f"account creator_available:creator:{short.id}:CNY"]
        assert [one.where for one in payees_hold_what_they_earned(closed=later)] == off
        assert list(payees_hold_what_they_earned(closed=later + timedelta(days=1))) == []
        assert [one.where for one in check_everything()] == off


def test_what_stripe_refuses_while_a_payday_holds_the_rest_is_left_to_another_day(
    app: Flask, later: datetime, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has locked it, and a bank may be taking its payment back."""
    creator = weekly_creator()
    earn([creator, creator])
    payee = Payee(creator_id=creator.id)
    with clock.at(later):
        release()
        run_jobs()
        with transaction():
            lock_payee(payee)
            (under_way,) = prepare_transfers(due_parts(payee, asked=True)[:1])
        run_id = begin()

        def refused() -> None:
            with clock.at(later):
                send_transfer(under_way)

        def lock_and_hear(side: Side, payees: Sequence[int]) -> Unsent:
            found = lock_unsent(side, payees)
            assert at_once(app, refused, owned=True) == ["done"]
            return found

        monkeypatch.setattr(gateway, "create_transfer", refuse)
        monkeypatch.setattr(payday_preparing, "lock_unsent", lock_and_hear)
        with transaction():
            prepare_next(run_id)
        assert states() == {TransferState.FAILED: 1, TransferState.PREPARED: 1}
        assert held(transfer_in_transit(creator.id, "CNY")) == 1_000_00
        assert_nobody_is_paid_twice()
        assert_books_balance()


def refuse(_order: gateway.TransferOrder) -> gateway.Sent:
    raise gateway.ProviderRefused("No.", "account_closed")


def test_what_a_payee_owes_is_taken_before_they_are_paid(later: datetime, run_jobs: RunJobs) -> None:
    owing, free = weekly_creator(), weekly_creator()
    earn([owing, free])
    with clock.at(later):
        release()
        run_jobs()
        with transaction():
            lines = [debit(creator_owes(owing.id, "CNY"), Money(300_00)), credit(chargebacks("CNY"), Money(300_00))]
            post("manual.entry", "manual:1", lines, f"creator:{owing.id}")
        begin()
        run_jobs()
        assert due(the_payday()) == [Sums(2, Money(2_000_00), 2)]
        assert sent(the_payday()) == [Sums(2, Money(1_700_00))]
        assert held(creator_owes(owing.id, "CNY")) == held(creator_available(owing.id, "CNY")) == 0
        assert_books_balance()


def test_an_agencys_shares_are_paid_with_it(later: datetime, run_jobs: RunJobs) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, 1_000)
        set_plan(agency.actor, Schedule.WEEKLY, {})
    connect(Payee(agency_id=agency.id), agency)
    earn([creator, creator])
    with clock.at(later):
        release()
        run_jobs()
        begin()
        run_jobs()
        transfers = db.session.scalars(select(Transfer)).all()
        assert [(one.agency_id, one.amount, one.state) for one in transfers] == [(agency.id, 100_00, "paid")] * 2
        db.session.rollback()
        assert_books_balance()


def refuse_before_it_was_sent(query: Select[Transfer], times: int) -> None:
    """Stripe had refused the transfer so often before it took it."""
    made = db.session.scalars(query).one()
    columns = {column.name: getattr(made, column.name) for column in Transfer.__table__.columns}
    before = {"state": TransferState.FAILED, "stripe_transfer_id": None, "balance_transaction_id": None}
    rows = [columns | before | {"id": uuid.UUID(int=number)} for number in range(1, times + 1)]
    db.session.execute(insert(Transfer), rows)


def test_what_stripe_refuses_is_available_again_and_administrators_are_told(
    app: Flask, later: datetime, run_jobs: RunJobs, sandbox: Sandbox
) -> None:
    with transaction():
        admin = make_admin()
    gone, fine = weekly_creator(), weekly_creator()
    earn([gone, fine])
    with clock.at(later):
        release()
        run_jobs()
        with transaction():
            lost = update(ConnectedAccount).where(ConnectedAccount.creator_id == gone.id)
            db.session.execute(lost.values(stripe_account_id="acct_thatisnotthere"))
        begin()
        run_jobs(allow_failures=True)
        run = the_payday()
        assert run.state is PaydayState.FINISHED
        assert [one.transfers for one in failed(run)] == [1]
        assert sent(run) == [Sums(1, Money(1_000_00))]
        assert held(creator_available(gone.id, "CNY")) == 1_000_00
        assert told(admin.user_id) == ["payday.failed"]
        assert db.session.scalar(refused_paydays()) == 1
        report = admin_at(app).client.get(f"/console/paydays/{run.id}").text
        assert "/objects/acct_thatisnotthere" in report, "an id leads to Stripe's page of it"
        assert 'aria-current="page">Paydays<b>1</b>' in report
        anew = select(Transfer).where(Transfer.creator_id == gone.id)
        db.session.scalars(anew).one().state = TransferState.PAID
        assert db.session.scalar(refused_paydays()) == 0, "what was sent since waits for nobody"
        db.session.rollback()
        db.session.scalars(anew).one().failure = REPLACED
        assert db.session.scalar(refused_paydays()) == 0, "who begins another account was refused nothing"
        db.session.rollback()
        refuse_before_it_was_sent(select(Transfer).where(Transfer.creator_id == fine.id), 501)
        db.session.execute(update(Transfer).where(Transfer.creator_id == gone.id).values(failure="account_closed"))
        assert db.session.scalar(refused_paydays()) == 1, "behind however many that were"
        db.session.rollback()
        assert_books_balance()


def test_a_provider_that_is_silent_is_asked_again_in_the_next_pass(
    later: datetime, run_jobs: RunJobs, sandbox: Sandbox
) -> None:
    creators = [weekly_creator() for _ in range(2)]
    earn(creators)
    with clock.at(later):
        release()
        run_jobs()
        begin()
        faults = [{"path_prefix": "/v1/transfers", "kind": "connection_reset"}] * 6
        sandbox.command("moods", next_faults=faults)
        run_jobs()
        assert the_payday().state is PaydayState.SENDING
        assert states()[TransferState.PREPARED] > 0
        assert unanswered(the_payday())
    with clock.at(later + timedelta(minutes=3)):
        sweep()
        run_jobs()
        assert the_payday().state is PaydayState.FINISHED
        assert states() == {TransferState.PAID: 2}
        assert told(creators[0].user_id)[-1] == told(creators[1].user_id)[-1] == "money.paid"
        assert_nobody_is_paid_twice()
        assert_books_balance()


def test_one_runs_at_a_time_and_only_administrators_and_the_clock_begin_one(app: Flask) -> None:
    with transaction():
        admin, creator = make_admin(), make_creator()
    with pytest.raises(NotAllowed), transaction():
        start_payday(creator.actor)
    assert at_once(app, lambda: start_payday(admin), lambda: start_payday(SYSTEM)) == ["Conflict", "done"]
    with pytest.raises(Conflict), transaction():
        start_payday(admin)


def test_the_clock_begins_one_a_week_even_if_the_worker_was_away(later: datetime, run_jobs: RunJobs) -> None:
    earn([weekly_creator()])
    with clock.at(later):
        release()
        run_jobs()
    hour = next_payday(later)
    assert last_payday(hour) == hour
    assert last_payday(hour - timedelta(seconds=1)) == hour - timedelta(days=7)
    for moment, runs in (
        (hour - timedelta(hours=1), 0),
        (hour + timedelta(days=2), 1),
        (hour + timedelta(days=3), 1),
        (hour + timedelta(days=7), 2),
    ):
        with clock.at(moment):
            payday_job()
            run_jobs()
            assert [run.state for run in db.session.scalars(select(Payday))] == [PaydayState.FINISHED] * runs
            db.session.rollback()
    assert states() == {TransferState.PAID: 1}
    assert_books_balance()
