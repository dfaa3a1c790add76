"""Who has enough fans: the two rules, the grace after falling, and what people are told of it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from marketplace.accounts.models import User
from marketplace.config import SettingsError, load_settings
from marketplace.console.service import reinstate_user, suspend_user
from marketplace.creators.channels import add_channel
from marketplace.creators.eligibility import Standing, eligibility
from marketplace.creators.fan_rule import fan_rule, rule_of
from marketplace.creators.jobs import end_due_graces
from marketplace.creators.models import Channel, Creator, Platform, ReadingSource
from marketplace.creators.policy import today
from marketplace.creators.queries import get_creator
from marketplace.creators.standing import refresh_next, refresh_standing, refresh_standings
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.notifications.models import Notification
from tests.creators.conftest import Setting, accept, channel_of
from tests.support.market import CreatorSide, make_admin, make_creator, sign_in
from tests.support.web import Client

DAY = timedelta(days=1)


def bilibili(creator: CreatorSide) -> int:
    return add_channel(creator.actor, Platform.BILIBILI, creator.handle, "https://space.bilibili.com/1").id


def fallen(fans: int = 9_000) -> CreatorSide:
    """A creator who had enough yesterday and hasn't now."""
    creator = make_creator(fans=50_000)
    with clock.at(clock.now() + DAY):
        accept(creator, fans)
    return creator


def kinds_told(user_id: int, beginning: str = "standing.") -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id)
    return [kind for kind in db.session.scalars(query) if kind.startswith(beginning)]


# --- The rules -----------------------------------------------------------------------------------------------------
def test_the_first_accepted_reading_proves_the_channel(context: None) -> None:
    with transaction():
        creator = make_creator(eligible=False)
        channel = db.session.get_one(Channel, channel_of(creator))
        assert (channel.verified_at, channel.verified_by) == (None, None)
        accept(creator, 500)
    assert channel.verified_by is ReadingSource.EVIDENCE
    first = channel.verified_at
    with transaction(), clock.at(clock.now() + DAY):
        accept(creator, 600)
    assert channel.verified_at == first, "the first proof stands"


def test_channels_count_together_where_the_setting_says_so(context: None, setting: Setting) -> None:
    setting(fan_rule="sum")
    with transaction():
        creator = make_creator(eligible=False)
        second = bilibili(creator)
        accept(creator, 6_000)
        accept(creator, 4_000, channel=second)
        assert (get_creator(creator.id).verified_fans, get_creator(creator.id).eligible) == (10_000, False)
        accept(creator, 4_001, channel=second)
    assert (get_creator(creator.id).verified_fans, get_creator(creator.id).eligible) == (10_001, True)
    assert "on all your channels together" in fan_rule().explain()


@pytest.mark.parametrize(("fans", "enough"), [(30_000, False), (30_001, True)])
def test_a_platform_may_have_a_limit_of_its_own(context: None, setting: Setting, fans: int, enough: bool) -> None:
    setting(fan_thresholds={"douyin": 30_000, "bilibili": 500})
    with transaction():
        creator = make_creator(fans=fans)
    assert get_creator(creator.id).eligible is enough
    with transaction():
        accept(creator, 501, channel=bilibili(creator))
    assert get_creator(creator.id).eligible, "enough on one of them is enough"
    assert "Douyin (30,001) and Bilibili (501)" in fan_rule().explain()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"fan_thresholds": {"myspace": 1}}, "'myspace' is none of"),
        ({"fan_thresholds": {"douyin": -1}}, "below zero"),
        ({"fan_thresholds": {"douyin": 1}, "fan_rule": "sum"}, "FAN_RULE is sum"),
    ],
)
def test_settings_that_mean_nothing_stop_the_start(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        rule_of(load_settings(**values))


# --- Grace ---------------------------------------------------------------------------------------------------------
def test_a_creator_who_falls_stays_listed_for_thirty_days(app: Flask, run_jobs: object, client: Client) -> None:
    now = clock.now()
    with app.app_context(), clock.at(now):
        with transaction():
            creator = make_creator(fans=50_000)
            assert not get_creator(creator.id).grace_until
        with transaction():
            accept(creator, 10_000)
        found = get_creator(creator.id)
        assert (found.verified_fans, found.eligible, found.enough_fans) == (10_000, True, False)
        assert found.grace_until == now + 30 * DAY
        assert eligibility(found).standing is Standing.GRACE
        with transaction():
            accept(creator, 8_000)
        assert get_creator(creator.id).grace_until == now + 30 * DAY, "falling further doesn't begin it anew"
        run_jobs()  # type: ignore[operator]
        assert kinds_told(creator.user_id) == ["standing.began"]
        sign_in(client, creator)
        page = client.get("/me/channels").text
        assert "8,000 fans are accepted, which isn’t enough any more. Your offers stay listed until" in page


def test_each_step_of_a_grace_is_told_once(app: Flask, run_jobs: object) -> None:
    now = clock.now()
    with app.app_context():
        with clock.at(now), transaction():
            creator = fallen()
        begun = get_creator(creator.id).grace_until
        assert begun is not None
        for moment, told in (
            (now + 2 * DAY, ["began"]),
            (begun - 8 * DAY, ["began"]),
            (begun - 7 * DAY, ["began", "week"]),
            (begun - DAY / 24, ["began", "week"]),
            (begun, ["began", "week", "ended"]),
            (begun + DAY, ["began", "week", "ended"]),
        ):
            with clock.at(moment):
                end_due_graces()
                run_jobs()  # type: ignore[operator]
                assert kinds_told(creator.user_id) == [f"standing.{what}" for what in told], moment
                assert get_creator(creator.id).eligible is (moment < begun)
        found = get_creator(creator.id)
        assert eligibility(found).standing is Standing.BELOW
        assert "brands don’t see your offers" in eligibility(found).explain()
        with clock.at(begun + 2 * DAY):
            with transaction():
                accept(creator, 10_001)
            run_jobs()  # type: ignore[operator]
        found = get_creator(creator.id)
        assert (found.eligible, found.grace_until) == (True, None)
        assert kinds_told(creator.user_id)[-1] == "standing.regained"


def test_who_has_enough_again_hears_no_more_of_the_end(app: Flask, run_jobs: object) -> None:
    now = clock.now()
    with app.app_context():
        with clock.at(now), transaction():
            creator = fallen()
        with clock.at(now + 5 * DAY), transaction():
            accept(creator, 12_000)
        for days in (6, 25, 40):
            with clock.at(now + days * DAY):
                end_due_graces()
                run_jobs()  # type: ignore[operator]
        assert kinds_told(creator.user_id) == ["standing.regained"]
        assert get_creator(creator.id).eligible


def test_without_a_grace_it_ends_at_once(context: None, setting: Setting) -> None:
    setting(fan_grace_days=0)
    with transaction():
        creator = fallen()
    found = get_creator(creator.id)
    assert not found.eligible
    told = text("SELECT args->>'what' FROM procrastinate_jobs WHERE task_name = 'notifications.tell_standing'")
    assert db.session.scalars(told).all() == ["ended"]


def test_a_higher_threshold_begins_graces_when_the_command_runs(app: Flask, setting: Setting) -> None:
    with app.app_context(), transaction():
        creators = [make_creator(f"Creator {number}", fans=20_000 + number) for number in range(3)]
    setting(fan_threshold=20_001)
    said = app.test_cli_runner().invoke(args=["creators", "refresh"])
    assert said.exit_code == 0, said.output
    assert "their grace begins: 2" in said.output
    with app.app_context():
        assert [get_creator(one.id).grace_until is None for one in creators] == [False, False, True]
        setting(fan_threshold=20_000)
        with transaction():
            assert refresh_next(0)[1] == {"regained": 1}, "nobody's fans changed, but one has enough again"
        assert refresh_next(creators[-1].id) == (None, {})


def test_a_first_time_is_told_where_no_reading_tells_it(context: None) -> None:
    told = text("SELECT args->>'what' FROM procrastinate_jobs WHERE task_name = 'notifications.tell_standing'")
    with transaction():
        creator = make_creator(fans=50_000)
        assert db.session.scalars(told).all() == []
        db.session.execute(update(Creator).values(eligible=False, enough_fans=False))
        assert refresh_standings([creator.id], tell_reached=True) == {"reached": 1}
        assert db.session.scalars(told).all() == ["reached"]
        assert refresh_standings([creator.id], tell_reached=True) == {}


# --- Suspension ----------------------------------------------------------------------------------------------------
def test_a_suspended_creator_is_not_to_be_had(context: None) -> None:
    with transaction():
        creator, admin = make_creator(fans=50_000), make_admin()
        suspend_user(admin, creator.user_id, "Sold fans.")
        assert not get_creator(creator.id).eligible
        reinstate_user(admin, creator.user_id, "They were real.")
    assert get_creator(creator.id).eligible


def test_who_falls_while_suspended_has_the_whole_grace_from_then(app: Flask, run_jobs: object) -> None:
    now = clock.now()
    with app.app_context(), clock.at(now):
        with transaction():
            creator, admin = make_creator(fans=50_000), make_admin()
            suspend_user(admin, creator.user_id, "Sold fans.")
            accept(creator, 9_000, day=today())
            assert not get_creator(creator.id).eligible
            assert get_creator(creator.id).grace_until == now + 30 * DAY
        run_jobs()  # type: ignore[operator]
        assert kinds_told(creator.user_id) == [], "suspended people are told nothing"
        with transaction():
            reinstate_user(admin, creator.user_id, "They were real.")
        assert get_creator(creator.id).eligible
        assert db.session.get_one(User, creator.user_id).suspended_at is None


def test_a_standing_that_stays_is_not_written(context: None) -> None:
    with transaction():
        creator = make_creator(fans=50_000)
    version = text("SELECT xmin FROM creators WHERE id = :id")
    before = db.session.scalar(version, {"id": creator.id})
    with transaction():
        refresh_standing(creator.id)
    assert db.session.scalar(version, {"id": creator.id}) == before
