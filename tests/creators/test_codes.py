"""A code in the channel's public text: asked for, placed, looked for by a reviewer."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.creators.codes import ask_code, report_code, review_code
from marketplace.creators.models import Channel, ChannelCode, FanReading, ReadingSource, ReadingStatus
from marketplace.creators.queries import get_creator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.notifications.models import Notification
from tests.creators.conftest import accept, channel_of
from tests.support.market import CreatorSide, make_admin, make_brand, make_creator


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator(eligible=False)


def placed(creator: CreatorSide, fans: int = 20_000) -> int:
    ask_code(creator.actor, channel_of(creator))
    return report_code(creator.actor, channel_of(creator), fans).id


def told(user_id: int | None) -> list[str]:
    return list(
        db.session.scalars(select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id))
    )


def test_a_second_click_gives_the_same_code(context: None, creator: CreatorSide) -> None:
    with transaction():
        first = ask_code(creator.actor, channel_of(creator))
        again = ask_code(creator.actor, channel_of(creator))
    assert first.id == again.id
    assert len(first.code) == len("MU-XXXX-XXXX")


def test_codes_of_two_channels_differ(context: None, creator: CreatorSide) -> None:
    with transaction():
        other = make_creator("Gu Wen")
        codes = {ask_code(one.actor, channel_of(one)).code for one in (creator, other)}
    assert len(codes) == 2


def test_a_confirmed_code_proves_the_channel_and_its_fans(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin, code_id = make_admin(), placed(creator)
    with clock.at(clock.now() + timedelta(hours=3)), transaction():
        review_code(admin, code_id, confirm=True)
    channel = db.session.get_one(Channel, channel_of(creator))
    reading = db.session.scalars(select(FanReading).where(FanReading.channel_id == channel.id)).one()
    assert channel.verified_by is ReadingSource.CODE
    assert (reading.source, reading.status, reading.fans) == (ReadingSource.CODE, ReadingStatus.ACCEPTED, 20_000)
    assert (reading.reviewed_by, reading.evidence_id) == (admin.user_id, None)
    assert get_creator(creator.id).eligible


def test_a_rejection_needs_its_reason_and_lets_the_creator_try_again(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin, code_id = make_admin(), placed(creator)
        with pytest.raises(Invalid) as refused:
            review_code(admin, code_id, confirm=False, reason=" ")
        assert refused.value.field == "reason"
        review_code(admin, code_id, confirm=False, reason="The text shows another code.")
        assert db.session.get_one(Channel, channel_of(creator)).verified_at is None
        again = ask_code(creator.actor, channel_of(creator))
    assert again.id != code_id


def test_a_code_is_decided_once_and_not_before_it_is_placed(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin = make_admin()
        code = ask_code(creator.actor, channel_of(creator))
        with pytest.raises(Conflict, match="hasn’t said yet"):
            review_code(admin, code.id, confirm=True)
        report_code(creator.actor, channel_of(creator), 20_000)
        with pytest.raises(Conflict, match="already that the code"):
            report_code(creator.actor, channel_of(creator), 30_000)
        review_code(admin, code.id, confirm=True)
        with pytest.raises(Conflict, match="decided about already"):
            review_code(make_admin("Pan Qing"), code.id, confirm=False, reason="No.")
        with pytest.raises(Conflict, match="Get a code first"):
            report_code(creator.actor, channel_of(creator), 20_000)


def test_only_other_administrators_decide_and_only_owners_ask(context: None, creator: CreatorSide) -> None:
    with transaction():
        code_id = placed(creator)
        for actor in (creator.actor, make_brand().actor, Actor()):
            with pytest.raises(NotAllowed):
                review_code(actor, code_id, confirm=True)
        with pytest.raises(NotAllowed, match="your own"):
            review_code(Actor(user_id=creator.user_id, creator_id=creator.id, is_admin=True), code_id, confirm=True)
        with pytest.raises(NotFound):
            review_code(make_admin(), 999, confirm=True)
        stranger = make_creator("Gu Wen")
        with pytest.raises(NotFound):
            ask_code(stranger.actor, channel_of(creator))
        with pytest.raises(NotFound):
            report_code(stranger.actor, channel_of(creator), 1)
        ask_code(stranger.actor, channel_of(stranger))
        with pytest.raises(Invalid, match="negative"):
            report_code(stranger.actor, channel_of(stranger), -1)


def test_a_suspicious_count_waits_though_the_channel_is_proved(app: Flask, run_jobs: object) -> None:
    with app.app_context():
        with transaction():
            creator, admin = make_creator(fans=50_000), make_admin()
            code_id = placed(creator, 100_001)
            review_code(admin, code_id, confirm=True)
        waiting = db.session.scalars(select(FanReading).where(FanReading.status == ReadingStatus.PENDING)).one()
        assert (waiting.source, waiting.flag) == (ReadingSource.CODE, "growth:100:30")
        assert get_creator(creator.id).verified_fans == 50_000
        run_jobs()  # type: ignore[operator]
        assert "channel.code.confirmed" in told(creator.user_id)
        assert "reading.flagged" in told(admin.user_id)


def test_two_suspicious_counts_cannot_wait_at_once(context: None) -> None:
    with transaction():
        creator, admin = make_creator(fans=50_000), make_admin()
        review_code(admin, placed(creator, 100_001), confirm=True)
        second = placed(creator, 100_002)
        with pytest.raises(Conflict, match="Decide about that one first"):
            review_code(admin, second, confirm=True)


def test_people_are_told_at_each_step(app: Flask, run_jobs: object, creator: CreatorSide) -> None:
    with app.app_context():
        with transaction():
            admin, code_id = make_admin(), placed(creator)
        run_jobs()  # type: ignore[operator]
        assert told(admin.user_id) == ["channel.code.pending"]
        with transaction():
            review_code(admin, code_id, confirm=False, reason="It isn’t there.")
        run_jobs()  # type: ignore[operator]
        assert told(creator.user_id) == ["channel.code.rejected"]
        with transaction():
            review_code(admin, placed(creator), confirm=True)
        run_jobs()  # type: ignore[operator]
        assert told(creator.user_id) == ["channel.code.rejected", "reading.accepted.enough"]


def test_a_later_reading_with_evidence_counts_beside_a_code(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin = make_admin()
        review_code(admin, placed(creator), confirm=True)
        with clock.at(clock.now() + timedelta(days=1)):
            accept(creator, 21_000)
    assert get_creator(creator.id).verified_fans == 21_000
    assert db.session.get_one(Channel, channel_of(creator)).verified_by is ReadingSource.CODE
    assert db.session.scalars(select(ChannelCode.confirmed)).all() == [True]
