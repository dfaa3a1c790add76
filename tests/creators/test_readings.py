"""Readings: handed in with evidence, reviewed once by an administrator, and what they make of a creator."""

import io
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from marketplace.accounts.actor import Actor
from marketplace.creators.channels import add_channel
from marketplace.creators.eligibility import Eligibility, Standing, eligibility
from marketplace.creators.models import Channel, FanReading, Platform, ReadingStatus
from marketplace.creators.policy import today
from marketplace.creators.queries import (
    accepted_readings,
    count_pending_readings,
    eligible,
    get_creator,
    get_reading,
    pending_readings,
)
from marketplace.creators.reading_queries import reading_history
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import StoredFile
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.files import pdf, picture
from tests.support.market import BrandSide, CreatorSide, make_admin, make_brand, make_creator, sign_in
from tests.support.web import Client

SHOT = Upload("fans.png", "image/png", b"picture")


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator(eligible=False)


def channel_id(creator: CreatorSide) -> int:
    return (
        db.session.scalars(select(Channel.id).where(Channel.creator_id == creator.id).order_by(Channel.id)).first() or 0
    )


def handed_in(creator: CreatorSide, fans: int, day: date | None = None, channel: int | None = None) -> int:
    return submit_reading(creator.actor, channel or channel_id(creator), fans, day or today(), SHOT).id


def judged(
    creator: CreatorSide, fans: int, admin: Actor, *, accept: bool = True, day: date | None = None
) -> FanReading:
    return review_reading(admin, handed_in(creator, fans, day), accept, "" if accept else "The picture was cut.")


def standing(creator: CreatorSide) -> Eligibility:
    return eligibility(get_creator(creator.id))


def form(fans: str = "12,000", file: bytes | None = None, name: str = "fans.png", **more: str) -> dict[str, object]:
    content = picture() if file is None else file
    return {"fans": fans, "taken_on": _yesterday(), "evidence": (io.BytesIO(content), name), **more}


def _yesterday() -> str:
    return (clock.now() - timedelta(days=1)).date().isoformat()


# --- Handing in ---------------------------------------------------------------------------------------------------
def test_a_reading_is_handed_in_with_a_picture(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        channel = channel_id(creator)
        answer = client.post(f"/me/channels/{channel}/readings/new", data=form())
        assert (answer.status_code, answer.location) == (303, "/me/channels")
        [reading] = reading_history(channel)[0]
        assert (reading.fans, reading.status) == (12_000, ReadingStatus.PENDING)
        assert get_creator(creator.id).verified_fans == 0
    page = client.get("/me/channels").text
    assert "Waiting for review" in page
    assert "Your reading of 12,000 fans on Douyin is waiting for review" in page


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"fans": ""}, "fans", "Fill this in."),
        ({"fans": "0"}, "fans", "at least 1"),
        ({"fans": "-5"}, "fans", "can’t be negative"),
        ({"fans": "1.5"}, "fans", "whole number"),
        ({"fans": "99999999999"}, "fans", "at most 10,000,000,000"),
        ({"taken_on": ""}, "taken_on", "Fill this in."),
        ({"taken_on": "2999-01-01"}, "taken_on", "can’t be after"),
        ({"taken_on": "24.11.2026"}, "taken_on", "year, month and day"),
        ({"evidence": ""}, "evidence", "Choose a file."),
        ({"evidence": (io.BytesIO(b"<svg onload=alert(1)>"), "fans.png")}, "evidence", "can’t be taken"),
        ({"evidence": (io.BytesIO(b"\x89PNG\r\n\x1a\ncut"), "fans.png")}, "evidence", "damaged"),
        ({"evidence": (io.BytesIO(b""), "fans.png")}, "evidence", "empty"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_keeps_nothing(
    client: Client, creator: CreatorSide, change: dict[str, object], field: str, why: str
) -> None:
    sign_in(client, creator)
    with client.application.app_context():
        address = f"/me/channels/{channel_id(creator)}/readings/new"
    answer = client.post(address, data={**form(), **change})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    with client.application.app_context():
        assert count_pending_readings() == 0
        assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_file_over_the_limit_is_answered_beside_the_field(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        address = f"/me/channels/{channel_id(creator)}/readings/new"
    answer = client.post(address, data=form(file=picture() + b"\0" * 8_000_000))
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == 422
    assert "It may have at most 8 MB." in answer.text
    enormous = client.post(address, data=form(file=b"\0" * 10_000_000))
    enormous.request.environ["wsgi.input"].close()
    assert enormous.status_code == 413


def test_a_second_click_hands_in_nothing_twice(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        address = f"/me/channels/{channel_id(creator)}/readings/new"
    assert client.post(address, data=form()).status_code == 303
    again = client.post(address, data=form())
    assert again.status_code == 409
    assert "waiting for review" in again.text
    with app.app_context():
        assert count_pending_readings() == 1


def test_another_creators_channel_is_not_there(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        other = make_creator("Gu Wen", eligible=False)
        with pytest.raises(NotFound):
            submit_reading(other.actor, channel_id(creator), 20_000, today(), SHOT)
        address = f"/me/channels/{channel_id(creator)}/readings/new"
    sign_in(client, other)
    assert client.get(address).status_code == 404
    assert client.post(address, data=form()).status_code == 404
    assert client.get("/me/channels/99999999999999999999/readings/new").status_code == 404


def test_the_verb_refuses_tomorrow_and_less_than_nothing(context: None, creator: CreatorSide) -> None:
    with pytest.raises(Invalid, match="future"):
        handed_in(creator, 20_000, today() + timedelta(days=1))
    with pytest.raises(Invalid, match="negative"):
        handed_in(creator, -1)


# --- Evidence ------------------------------------------------------------------------------------------------------
def test_evidence_is_for_its_creator_and_administrators(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        brand, other, admin = make_brand(), make_creator("Gu Wen"), make_admin()
        address = f"/me/channels/{channel_id(creator)}/readings/new"
        session_of_admin = f"{admin.user_id}:1"
    sign_in(client, creator)
    client.post(address, data=form(file=pdf(), name="粉丝.pdf"))
    with app.app_context():
        reading = db.session.scalars(select(FanReading.id).order_by(FanReading.id.desc())).first()
    evidence = f"/readings/{reading}/evidence"
    found = client.get(evidence)
    assert (found.status_code, found.data) == (200, pdf())
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" not in found.headers["Cache-Control"] or "private" in found.headers["Cache-Control"]
    assert status(app, evidence, other) == 404
    assert status(app, evidence, brand) == 403
    assert status(app, evidence, None) == 302
    assert status(app, evidence, BrandSide(0, "", admin.user_id or 0, session_of_admin, admin)) == 200


def status(app: Flask, address: str, who: CreatorSide | BrandSide | None) -> int:
    client = app.test_client()
    if who is not None:
        sign_in(client, who)
    return client.get(address).status_code


# --- Review --------------------------------------------------------------------------------------------------------
def test_exactly_the_threshold_is_not_enough(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin = make_admin()
        judged(creator, 10_000, admin)
        assert not eligible(get_creator(creator.id))
        assert standing(creator).standing is Standing.BELOW
        assert standing(creator).explain() == "10,000 fans are accepted, which isn’t enough yet."
        assert standing(creator).requirement() == "You need at least 10,001 verified fans on one channel."
        judged(creator, 10_001, admin)
    assert eligible(get_creator(creator.id))
    assert standing(creator).explain() == "10,001 fans are accepted, which is enough."


def test_the_largest_of_the_channels_newest_readings_counts(context: None, creator: CreatorSide) -> None:
    with transaction():
        admin, week = make_admin(), timedelta(days=7)
        second = add_channel(creator.actor, Platform.BILIBILI, "lin", "https://space.bilibili.com/1").id
        judged(creator, 40_000, admin, day=today() - week)
        judged(creator, 30_000, admin, day=today())
        assert get_creator(creator.id).verified_fans == 30_000, "the newer one, though smaller"
        judged(creator, 90_000, admin, day=today() - 2 * week)
        assert get_creator(creator.id).verified_fans == 30_000, "an old count handed in late changes nothing"
        review_reading(admin, handed_in(creator, 35_000, channel=second), accept=True)
        assert get_creator(creator.id).verified_fans == 35_000
        judged(creator, 99_000, admin, accept=False)
    assert get_creator(creator.id).verified_fans == 35_000
    readings = accepted_readings([creator.id])[creator.id]
    assert [(reading.fans, reading.channel.platform) for reading in readings] == [
        (35_000, Platform.BILIBILI),
        (30_000, Platform.DOUYIN),
    ]


def test_a_rejection_needs_a_reason_and_is_shown_with_it(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        admin = make_admin()
        reading = handed_in(creator, 20_000)
        with pytest.raises(Invalid) as refused:
            review_reading(admin, reading, accept=False, reason="  ")
        assert refused.value.field == "reason"
        review_reading(admin, reading, accept=False, reason="The name <b>can’t</b> be read.")
        found = get_reading(reading)
        assert (found.status, found.reviewed_by) == (ReadingStatus.REJECTED, admin.user_id)
    sign_in(client, creator)
    page = client.get("/me/channels").text
    assert "was rejected because: The name &lt;b&gt;can’t&lt;/b&gt; be read." in page


def test_a_reading_is_decided_once(context: None, creator: CreatorSide) -> None:
    with transaction():
        first, second = make_admin(), make_admin("Pan Qing")
        reading = judged(creator, 20_000, first)
        with pytest.raises(Conflict, match="decided already"):
            review_reading(second, reading.id, accept=False, reason="No.")
    assert get_reading(reading.id).status is ReadingStatus.ACCEPTED


def test_only_administrators_review_and_never_their_own(context: None, creator: CreatorSide) -> None:
    with transaction():
        reading = handed_in(creator, 20_000)
        for actor in (creator.actor, make_brand().actor, Actor()):
            with pytest.raises(NotAllowed):
                review_reading(actor, reading, accept=True)
        both = Actor(user_id=creator.user_id, creator_id=creator.id, is_admin=True)
        with pytest.raises(NotAllowed, match="your own"):
            review_reading(both, reading, accept=True)
        with pytest.raises(NotFound):
            review_reading(make_admin(), 999, accept=True)


def test_handing_in_and_reviewing_each_tell_people_in_the_same_transaction(context: None, creator: CreatorSide) -> None:
    jobs = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.tell_reading'")
    with transaction():
        reading = judged(creator, 20_000, make_admin()).id
    assert db.session.scalars(jobs).all() == [{"reading_id": reading}] * 2


def test_the_queue_shows_who_waits_longest_first(context: None, creator: CreatorSide) -> None:
    with transaction():
        other = make_creator("Gu Wen", eligible=False)
        first, second = handed_in(creator, 20_000), handed_in(other, 30_000)
    assert [reading.id for reading in pending_readings()] == [first, second]
    assert [reading.channel.creator.name for reading in pending_readings()] == ["Lin Yue", "Gu Wen"]
    assert pending_readings(page=2) == []
    assert count_pending_readings() == 2


# --- What is missing -----------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("fans", "accept", "found", "says"),
    [
        (None, None, Standing.NO_READING, "No fans are verified yet."),
        (20_000, None, Standing.WAITING, "20,000 fans on Douyin is waiting for review"),
        (9_000, None, Standing.WAITING, "It won’t be enough"),
        (20_000, False, Standing.REJECTED, "The picture was cut."),
        (500, True, Standing.BELOW, "500 fans are accepted, which isn’t enough yet."),
        (20_000, True, Standing.ELIGIBLE, "20,000 fans are accepted"),
    ],
)
def test_a_creator_is_told_exactly_what_is_missing(
    creator: CreatorSide, fans: int | None, accept: bool | None, found: Standing, says: str
) -> None:
    with transaction():
        if fans is not None and accept is None:
            handed_in(creator, fans)
        elif fans is not None and accept is not None:
            judged(creator, fans, make_admin(), accept=accept)
    assert standing(creator).standing is found
    assert says in standing(creator).explain()


def test_without_a_channel_that_comes_first(context: None, creator: CreatorSide) -> None:
    with transaction():
        db.session.execute(text("DELETE FROM channels"))
    assert standing(creator).standing is Standing.NO_CHANNEL
    assert "Add the channel where" in standing(creator).explain()
