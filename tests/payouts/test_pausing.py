"""What an administrator's pause keeps back, and what its end lets go."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.console.payees import Heap, lengths
from marketplace.console.service import reinstate_user, suspend_user
from marketplace.infra.db import db, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_available
from marketplace.notifications.models import Notification
from marketplace.payouts.jobs import send_old_money, sweep
from marketplace.payouts.models import Schedule
from marketplace.payouts.pausing import pause_of, pause_payouts, resume_payouts
from marketplace.payouts.payday_due import Verdict
from marketplace.payouts.payday_report import left_alone, sent
from marketplace.payouts.payee import Payee
from marketplace.payouts.transfer import pay_now
from tests.console.conftest import admin_at
from tests.support.market import PASSWORD, make_admin, make_creator, sign_in
from tests.support.money import assert_books_balance, held
from tests.support.paydays import begin, earn, release, the_payday, weekly_creator
from tests.support.payouts import available_deal, choose, onboarded, transfers_of

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
WHY = "The account’s papers are somebody else’s."


def told(user_id: int | None) -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == user_id, Notification.kind.contains("payouts_"))
    found = list(db.session.scalars(query.order_by(Notification.id)))
    db.session.rollback()
    return found


def test_nothing_is_sent_while_payouts_are_paused_and_all_of_it_when_they_are_resumed(run_jobs: RunJobs) -> None:
    with transaction():
        creator, admin = make_creator(), make_admin()
    onboarded(creator)
    choose(creator, Schedule.AS_EARNED)
    payee = Payee(creator_id=creator.id)
    with pytest.raises(NotAllowed), transaction():
        pause_payouts(creator.actor, payee, WHY)
    with pytest.raises(Invalid), transaction():
        pause_payouts(admin, payee, " ")
    with transaction():
        pause_payouts(admin, payee, WHY)
    with pytest.raises(Conflict, match="paused already"), transaction():
        pause_payouts(admin, payee, WHY)
    available_deal(1_000_00, creator)
    with clock.at(datetime.now(UTC) + timedelta(days=89)):
        run_jobs()
        sweep()
        send_old_money()
        run_jobs()
        with pytest.raises(Conflict, match="paused"), transaction():
            pay_now(creator.actor, "CNY")
    assert transfers_of(creator) == []
    assert held(creator_available(creator.id, "CNY")) == 1_000_00
    with transaction():
        resume_payouts(admin, payee, "The papers are theirs.")
    run_jobs()
    assert [one.amount for one in transfers_of(creator)] == [1_000_00]
    assert told(creator.user_id) == ["money.payouts_paused", "money.payouts_resumed"]
    assert_books_balance()


def test_a_payday_leaves_out_whose_payouts_are_paused(run_jobs: RunJobs) -> None:
    first, second = weekly_creator(), weekly_creator()
    earn([first, second])
    with transaction():
        pause_payouts(make_admin(), Payee(creator_id=first.id), WHY)
    with clock.at(datetime.now(UTC) + timedelta(days=4)):
        release()
        begin()
        run_jobs()
    run = the_payday()
    assert [(one.transfers, one.total) for one in left_alone(run, Verdict.PAUSED)] == [(1, Money(1_000_00))]
    assert [one.transfers for one in sent(run)] == [1]
    assert transfers_of(first) == []
    assert_books_balance()


def test_an_administrator_pauses_and_resumes_on_a_page_with_the_password(app: Flask) -> None:
    with transaction():
        creator = make_creator()
    browser, client = admin_at(app).client, app.test_client()
    sign_in(client, creator)
    theirs = f"/console/payees/creator/{creator.id}"
    assert browser.get("/console/payees/agency/1/payouts").status_code == 404
    refused = browser.post(f"{theirs}/pause", data={"reason": WHY, "password": "not it"})
    assert refused.status_code == 422
    assert WHY in refused.text
    assert pause_of(Payee(creator_id=creator.id)) is None
    assert "is-invalid" in browser.post(f"{theirs}/pause", data={"reason": "", "password": PASSWORD}).text
    assert browser.post(f"{theirs}/pause", data={"reason": WHY, "password": PASSWORD}).status_code == 303
    assert WHY in browser.get(f"{theirs}/payouts").text
    assert WHY in browser.get("/console/payees?heap=paused").text
    for address in ("/earnings", "/earnings/payouts"):
        shown = client.get(address).text
        assert f"mailto:{settings().help_email}" in shown
        assert WHY not in shown
    done = browser.post(f"{theirs}/resume", data={"reason": "Settled.", "password": PASSWORD})
    assert done.status_code == 303
    assert lengths()[Heap.PAUSED] == 0
    assert "mailto:" not in client.get("/earnings/payouts").text


def test_suspending_a_creator_pauses_their_payouts_and_reinstating_doesnt_resume_them() -> None:
    with transaction():
        creator, admin = make_creator(), make_admin()
        suspend_user(admin, creator.user_id, WHY)
    pause = pause_of(Payee(creator_id=creator.id))
    assert pause is not None
    assert pause.reason == WHY
    with transaction():
        reinstate_user(admin, creator.user_id, "A mistake.")
        suspend_user(admin, creator.user_id, "None after all.")
    again = pause_of(Payee(creator_id=creator.id))
    assert again is not None
    assert again.id == pause.id
