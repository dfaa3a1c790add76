"""What silence does, when, and who hears of it before."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.deals import jobs
from marketplace.deals.deadlines import Reminder, deals_to_remind, due_deals, enforce_deadline, remind
from marketplace.deals.lifecycle import State
from marketplace.deals.models import DealSide
from marketplace.deals.queries import events_of
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support.deals import DealSides, counter, current, earned_this_month, make_deal

pytestmark = pytest.mark.usefixtures("context")


def _deadline(sides: DealSides) -> datetime:
    found = current(sides).deadline_at
    assert found is not None
    return found


def _reminders() -> list[tuple[int, str]]:
    query = "SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.tell_deadline' ORDER BY id"
    return [(args["deal_id"], args["which"]) for (args,) in db.session.execute(text(query))]


@pytest.mark.parametrize("state", [State.NEGOTIATING, State.SIGNING, State.FUNDING])
def test_unpaid_deals_expire_at_their_moment_and_not_before(state: State) -> None:
    with transaction():
        sides = make_deal(state=state)
    end = _deadline(sides)
    with clock.at(end - timedelta(seconds=1)):
        jobs.enforce_deadlines()
    assert current(sides).state is state
    db.session.rollback()
    with clock.at(end):
        jobs.enforce_deadlines()
        jobs.enforce_deadlines()
    assert current(sides).state is State.EXPIRED
    last = events_of(sides.id)[-1]
    assert (last.side, last.from_state) == (DealSide.CLOCK, state)
    with clock.at(end):
        assert earned_this_month(sides.creator.id).amount == 0


def test_a_draft_without_an_answer_is_approved() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
    end = _deadline(sides)
    db.session.rollback()
    with clock.at(end):
        jobs.enforce_deadlines()
    assert current(sides).state is State.PUBLISHING


@pytest.mark.parametrize("state", [State.PRODUCTION, State.ACCEPTANCE])
def test_what_is_late_or_moves_money_is_left_to_others(state: State) -> None:
    with transaction():
        sides = make_deal(state=state)
    end = _deadline(sides)
    with clock.at(end + timedelta(days=1)), transaction():
        assert due_deals(10) == []
        assert enforce_deadline(sides.id) is None
    assert current(sides).state is state


def test_a_deal_that_somebody_holds_is_skipped(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    end = _deadline(sides)
    db.session.rollback()
    with db.engine.connect() as other, other.begin():
        other.execute(text("SELECT 1 FROM deals WHERE id = :id FOR UPDATE"), {"id": sides.id})
        with clock.at(end), transaction():
            assert due_deals(10) == [sides.id]
            assert enforce_deadline(sides.id) is None


def test_one_deal_that_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        first = make_deal()
        second = make_deal(first.creator, first.brand)
        # A broken row, as no verb makes: the trigger of the failure has to be in the data.
        db.session.execute(
            text(
                "ALTER TABLE deal_events ADD CONSTRAINT broken CHECK (deal_id <> :id OR action <> 'expire')".replace(
                    ":id", str(first.id)
                )
            )
        )
    try:
        with clock.at(max(_deadline(first), _deadline(second))):
            db.session.rollback()
            jobs.enforce_deadlines()
        assert (current(first).state, current(second).state) == (State.NEGOTIATING, State.EXPIRED)
    finally:
        db.session.rollback()
        with transaction():
            db.session.execute(text("ALTER TABLE deal_events DROP CONSTRAINT broken"))


def test_reminders_go_out_at_half_time_and_a_day_before_once_each() -> None:
    with transaction():
        sides = make_deal()
    end = _deadline(sides)
    db.session.rollback()
    for moment in (
        end - timedelta(days=8),
        end - timedelta(days=7),
        end - timedelta(days=6),
        end - timedelta(days=1),
        end - timedelta(hours=1),
    ):
        with clock.at(moment):
            jobs.send_reminders()
            jobs.send_reminders()
    assert _reminders() == [(sides.id, "half"), (sides.id, "day")]


def test_a_worker_that_slept_sends_only_the_later_reminder() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    end = _deadline(sides)
    with clock.at(end - timedelta(hours=2)), transaction():
        assert deals_to_remind(10) == [sides.id]
        assert remind(sides.id) is Reminder.DAY
        assert deals_to_remind(10) == []
        assert remind(sides.id) is None


def test_new_terms_start_the_reminders_anew() -> None:
    with transaction():
        sides = make_deal()
    half = _deadline(sides) - timedelta(days=7)
    with clock.at(half), transaction():
        assert remind(sides.id) is Reminder.HALF
        counter(sides, sides.brand.actor)
        assert remind(sides.id) is None
    with clock.at(half + timedelta(days=7)), transaction():
        assert remind(sides.id) is Reminder.HALF


def test_nobody_is_reminded_of_what_has_no_clock() -> None:
    with transaction():
        sides = make_deal(state=State.PUBLISHING)
    with clock.at(clock.now() + timedelta(days=400)), transaction():
        assert sides.id not in deals_to_remind(10)
        assert remind(sides.id) is None
