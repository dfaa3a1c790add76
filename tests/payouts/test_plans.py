"""Plans: when what is available is sent by itself, from which amount on, and what no plan may keep waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.creators.models import Creator
from marketplace.escrow.models import Payment
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import perform, take_waiting
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_available
from marketplace.payouts import held as held_money
from marketplace.payouts.held import slice_of_now, slices
from marketplace.payouts.jobs import send_old_money, sweep
from marketplace.payouts.models import Schedule
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import next_payday, plan_of
from marketplace.payouts.transfer import pay_due, pay_now
from tests.support.agencies import make_agency
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator, sign_in
from tests.support.money import assert_books_balance, held
from tests.support.payouts import RunJobs, available_deal, choose, onboarded, transfers_of

pytestmark = pytest.mark.usefixtures("context", "sandbox")


@pytest.fixture
def creator() -> CreatorSide:
    with transaction():
        made = make_creator()
    onboarded(made)
    return made


def test_who_chose_nothing_has_the_marketplaces_plan(creator: CreatorSide) -> None:
    plan = plan_of(Payee(creator_id=creator.id))
    assert plan.schedule is Schedule.AS_EARNED
    assert not plan.chosen
    assert plan.minimum("CNY") == Money(1_00)
    assert plan.minimum("USD") == Money(0, "USD")
    choose(creator, Schedule.WEEKLY, CNY=50_00)
    choose(creator, Schedule.WEEKLY, USD=20_00)
    plan = plan_of(Payee(creator_id=creator.id))
    assert plan.chosen
    assert (plan.minimum("CNY"), plan.minimum("USD")) == (Money(50_00), Money(20_00, "USD"))


def test_a_minimum_below_the_marketplaces_or_beyond_measure_is_refused(creator: CreatorSide) -> None:
    for amount in (99, 2_000_000_00):
        with pytest.raises(Invalid) as refused:
            choose(creator, Schedule.WEEKLY, CNY=amount)
        assert refused.value.field == "minimum_CNY"


def test_only_those_whose_money_it_is_choose_a_plan() -> None:
    with transaction():
        brand = make_brand()
    with pytest.raises(NotAllowed), transaction():
        pay_now(brand.actor, "CNY")


def test_less_than_the_minimum_waits_and_goes_together_when_there_is_more(
    creator: CreatorSide, run_jobs: RunJobs
) -> None:
    choose(creator, Schedule.AS_EARNED, CNY=2_000_00)
    available_deal(1_000_00, creator)
    run_jobs()
    sweep()
    run_jobs()
    assert transfers_of(creator) == []
    with pytest.raises(Conflict, match="your minimum"), transaction():
        pay_now(creator.actor, "CNY")
    available_deal(1_500_00, creator)
    run_jobs()
    assert sorted(one.amount for one in transfers_of(creator)) == [1_000_00, 1_500_00]
    assert held(creator_available(creator.id, "CNY")) == 0
    assert_books_balance()


@pytest.mark.parametrize("schedule", [Schedule.WEEKLY, Schedule.ON_DEMAND])
def test_money_that_stripe_lets_us_hold_no_longer_is_sent_whatever_the_plan(
    creator: CreatorSide, run_jobs: RunJobs, schedule: Schedule
) -> None:
    choose(creator, schedule)
    available_deal(creator=creator)
    for age, sent in ((settings().holding_days - 20, []), (settings().holding_days - 5, [11_300_00])):
        with transaction():
            payment = db.session.scalars(select(Payment)).one()
            payment.finished_at = clock.now() - timedelta(days=age)
        sweep()
        send_old_money()
        run_jobs()
        assert [one.amount for one in transfers_of(creator)] == sent
    assert_books_balance()


def test_who_is_paid_weekly_is_left_to_the_payday(creator: CreatorSide, run_jobs: RunJobs) -> None:
    choose(creator, Schedule.WEEKLY)
    available_deal(creator=creator)
    assert sent_at_once() == []
    run_jobs()
    sweep()
    pay_due(Payee(creator_id=creator.id))
    run_jobs()
    assert transfers_of(creator) == []


def test_a_release_sends_what_is_earned_by_who_is_paid_at_once(creator: CreatorSide) -> None:
    available_deal(creator=creator)
    assert sent_at_once() == ["payouts.transfer_earnings"]


def sent_at_once() -> list[str]:
    """The transfers that the release enqueues."""
    with transaction():
        (released,) = [one for one in take_waiting() if one[0] == "payouts.transfer_released"]
    perform(*released)
    with transaction():
        return [name for name, _args in take_waiting()]


def test_the_next_payday_is_the_first_such_hour_of_the_platforms_week() -> None:
    # 2026-11-27 is a Friday; 09:00 in Shanghai is 01:00 UTC.
    friday = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    assert next_payday(friday - timedelta(seconds=1)) == friday
    assert next_payday(friday) == friday + timedelta(days=7)
    assert next_payday(friday - timedelta(days=3)) == friday


def test_the_plan_is_kept_by_its_form_and_a_wrong_amount_is_said_beside_its_field(
    app: Flask, creator: CreatorSide
) -> None:
    client = app.test_client()
    sign_in(client, creator)
    for amount, words in (("0.20", "must be at least"), ("much", "in figures"), ("9,999,999", "at most")):
        answer = client.post("/earnings/payouts/plan", data={"schedule": "weekly", "minimum_CNY": amount})
        assert answer.status_code == 422
        assert words in answer.text
        assert amount in answer.text
    assert client.post("/earnings/payouts/plan", data={"schedule": "hourly"}).status_code == 422
    assert not plan_of(Payee(creator_id=creator.id)).chosen
    db.session.rollback()
    answer = client.post("/earnings/payouts/plan", data={"schedule": "weekly", "minimum_CNY": "300"})
    assert answer.status_code == 303
    assert plan_of(Payee(creator_id=creator.id)).minimum("CNY") == Money(300_00)
    db.session.rollback()
    assert "300.00" in client.get("/earnings/payouts").text


def test_an_agencys_people_read_its_payouts_and_its_owners_plan_them(app: Flask) -> None:
    with transaction():
        agency = make_agency()
    client = app.test_client()
    sign_in(client, BrandSide(0, "", agency.user_id, agency.session_id, agency.actor))
    page = client.get("/earnings/payouts")
    assert page.status_code == 200
    assert "Set up the payout account" in page.text
    assert client.post("/earnings/payouts/plan", data={"schedule": "on_demand"}).status_code == 303
    assert plan_of(Payee(agency_id=agency.id)).schedule is Schedule.ON_DEMAND


def test_each_of_many_payees_has_their_turn_within_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many payees at once as would otherwise be a query of minutes."""
    monkeypatch.setattr(held_money, "PAYEES_A_SLICE", 1)
    with transaction():
        ids = {make_creator().id for _ in range(3)}
    start, met = clock.now(), set[int]()
    for turn in range(len(slices())):
        with clock.at(start + turn * timedelta(minutes=10)):
            query = select(Creator.id).where(slice_of_now().holds(Creator.id))
            met |= set(db.session.scalars(query))
    db.session.rollback()
    assert met == ids
