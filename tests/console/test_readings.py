"""Reviewing fan readings: the queue, the evidence, one decision."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from marketplace.accounts.models import User
from marketplace.creators.models import Channel, FanReading, ReadingStatus
from marketplace.creators.policy import today
from marketplace.creators.queries import READINGS_A_PAGE, get_creator, get_reading
from marketplace.creators.readings import submit_reading
from marketplace.infra.db import db, transaction
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from tests.console.conftest import Admin, admin_at
from tests.support.counting import counted_queries
from tests.support.files import pdf, picture
from tests.support.market import CreatorSide, make_creator, sign_in
from tests.support.web import Client

SHOT = Upload("粉丝.png", "image/png", picture())


def hand_in(creator: CreatorSide, fans: int, evidence: Upload = SHOT) -> int:
    channel = db.session.scalars(select(Channel.id).where(Channel.creator_id == creator.id)).one()
    return submit_reading(creator.actor, channel, fans, today(), evidence).id


@pytest.fixture
def waiting(app: Flask) -> tuple[CreatorSide, int]:
    """A creator with 50,000 accepted fans, and a reading of 61,200 that waits."""
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", fans=50_000)
        return creator, hand_in(creator, 61_200)


def status_of(app: Flask, reading_id: int) -> ReadingStatus:
    with app.app_context():
        return get_reading(reading_id).status


def test_the_queue_is_oldest_first_with_the_change(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        steady, fresh = make_creator("Lin Yue", fans=50_000), make_creator("Pan Qing", eligible=False)
        hand_in(fresh, 12_000)
        with clock.at(clock.now() - timedelta(hours=2)):
            # Both counts at one time: just past midnight a count of two hours ago is older than one accepted now.
            hand_in(make_creator("Gu Wen", fans=10_000), 31_200)
        with clock.at(clock.now() - timedelta(days=2)):
            hand_in(steady, 52_000)
            hand_in(jumper_too := make_creator("He Lin", fans=10_000), 20_000)
    page = admin.client.get("/console/readings").text
    assert page.index("Lin Yue") < page.index("He Lin") < page.index("Pan Qing")
    assert "Gu Wen" not in page, "suspicious jumps have a queue of their own"
    assert "+4 %" in page
    assert "Jump" not in page
    assert "first reading" in page
    assert page.count("due--soon") == 2, "two wait longer than a day"
    assert "3 wait" in page
    jumps = admin.client.get("/console/readings?queue=flagged").text
    assert "+212 %" in jumps
    assert jumps.count("Jump") == 1
    assert "A count that is more than 100 % above the last accepted one" in jumps
    assert jumper_too.handle not in jumps, "exactly twice as many is no jump"


def test_a_fall_and_a_start_from_nothing_are_said(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        falls, starts = make_creator("Lin Yue", fans=50_000), make_creator("Gu Wen", fans=0)
        hand_in(falls, 20_000)
        hand_in(starts, 9_000)
    page = admin.client.get("/console/readings").text
    assert "−60 %" in page
    assert "from nothing" in admin.client.get("/console/readings?queue=flagged").text


def test_the_evidence_is_shown_beside_the_history(admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    creator, reading = waiting
    page = admin.client.get(f"/console/readings/{reading}").text
    assert f'<img src="/readings/{reading}/evidence"' in page
    assert "粉丝.png" in page
    assert "+22 %" in page
    assert "50,000 on" in page
    assert f"/c/{creator.handle}" in page
    assert admin.client.get(f"/readings/{reading}/evidence").content_type == "image/png"


def test_a_pdf_is_a_link(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        reading = hand_in(make_creator(eligible=False), 20_000, Upload("fans.pdf", "application/pdf", pdf()))
    page = admin.client.get(f"/console/readings/{reading}").text
    assert f'href="/readings/{reading}/evidence"' in page
    assert f'<img src="/readings/{reading}/evidence"' not in page


def test_accepting_counts_and_tells(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    creator, reading = waiting
    answer = admin.client.post(f"/console/readings/{reading}", data={"verdict": "accept", "reason": ""})
    assert (answer.status_code, answer.location) == (303, "/console/readings")
    assert "Accepted. Lin Yue is told" in admin.client.get("/console/readings").text
    with app.app_context():
        found = get_reading(reading)
        assert (found.status, found.reviewed_by) == (ReadingStatus.ACCEPTED, admin.user_id)
        assert get_creator(creator.id).verified_fans == 61_200
        jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.tell_reading'")
        assert db.session.scalar(jobs) == 4, "each handed in and each decided"
    page = admin.client.get(f"/console/readings/{reading}").text
    assert "Decided on" in page
    assert 'name="verdict"' not in page


def test_rejecting_needs_a_reason(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    _creator, reading = waiting
    address = f"/console/readings/{reading}"
    refused = admin.client.post(address, data={"verdict": "reject", "reason": " \n "})
    assert refused.status_code == 422
    assert "Write why, so that the creator knows what to do." in refused.text
    assert status_of(app, reading) is ReadingStatus.PENDING
    long = admin.client.post(address, data={"verdict": "reject", "reason": "x" * 1001})
    assert long.status_code == 422
    assert "x" * 1001 in long.text, "what was typed is kept"
    answer = admin.client.post(address, data={"verdict": "reject", "reason": "The name is <cut> off."})
    assert answer.status_code == 303
    assert status_of(app, reading) is ReadingStatus.REJECTED
    assert "The name is &lt;cut&gt; off." in admin.client.get(address).text


@pytest.mark.parametrize("verdict", ["", "ACCEPT", "delete", None])
def test_another_verdict_decides_nothing(
    app: Flask, admin: Admin, waiting: tuple[CreatorSide, int], verdict: str | None
) -> None:
    form = {"reason": "No."} | ({} if verdict is None else {"verdict": verdict})
    refused = admin.client.post(f"/console/readings/{waiting[1]}", data=form)
    assert refused.status_code == 422
    assert "Choose whether to accept or to reject it." in refused.text
    assert status_of(app, waiting[1]) is ReadingStatus.PENDING


def test_the_second_decision_finds_the_first(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    other, address = admin_at(app, "Pan Qing"), f"/console/readings/{waiting[1]}"
    assert admin.client.post(address, data={"verdict": "accept"}).status_code == 303
    late = other.client.post(address, data={"verdict": "reject", "reason": "The picture was cut."})
    assert late.status_code == 409
    assert "This reading was decided already." in late.text
    with app.app_context():
        found = get_reading(waiting[1])
        assert (found.status, found.reviewed_by, found.reason) == (ReadingStatus.ACCEPTED, admin.user_id, "")


def test_nobody_reviews_their_own(app: Flask, client: Client, waiting: tuple[CreatorSide, int]) -> None:
    creator, reading = waiting
    with app.app_context(), transaction():
        db.session.get_one(User, creator.user_id).is_admin = True
    sign_in(client, creator)
    page = client.get(f"/console/readings/{reading}")
    assert "This is your own reading" in page.text
    assert 'name="verdict"' not in page.text
    assert client.post(f"/console/readings/{reading}", data={"verdict": "accept"}).status_code == 403
    assert status_of(app, reading) is ReadingStatus.PENDING


def test_a_stranger_decides_nothing(app: Flask, client: Client, waiting: tuple[CreatorSide, int]) -> None:
    address = f"/console/readings/{waiting[1]}"
    assert client.post(address, data={"verdict": "accept"}).status_code == 302
    sign_in(client, waiting[0])
    assert client.post(address, data={"verdict": "accept"}).status_code == 403
    assert status_of(app, waiting[1]) is ReadingStatus.PENDING


def test_readings_that_never_were(admin: Admin) -> None:
    for number in ("999", str(2**63 - 1), "9" * 30, "-1", "x"):
        assert admin.client.get(f"/console/readings/{number}").status_code == 404
        assert admin.client.post(f"/console/readings/{number}", data={"verdict": "accept"}).status_code == 404


@pytest.mark.parametrize("page", ["0", "-3", "x", "9" * 40, "1e9", "%00", "2"])
def test_hostile_pages_of_the_queue_show_one(admin: Admin, waiting: tuple[CreatorSide, int], page: str) -> None:
    found = admin.client.get(f"/console/readings?page={page}")
    assert found.status_code == 200
    assert "Lin Yue" in found.text


def test_pages_ask_the_same_however_many_wait(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    pages = ("/console/readings", f"/console/readings/{waiting[1]}")
    with counted_queries(app) as few:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    with app.app_context(), transaction():
        for number in range(READINGS_A_PAGE + 2):
            hand_in(make_creator(f"Creator {number}", eligible=False), 20_000 + number)
        once = db.session.get_one(FanReading, waiting[1])
        for fans in (1, 2, 3):
            add_old(once, fans)
    with counted_queries(app) as many:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    assert len(many) == len(few) <= 24, many
    second = admin.client.get("/console/readings?page=2").text
    assert f"Creator {READINGS_A_PAGE + 1}" in second
    assert "Lin Yue" not in second


def add_old(reading: FanReading, fans: int) -> None:
    """Another, decided, in the same channel's history."""
    values = {"fans": fans, "status": ReadingStatus.REJECTED, "reviewed_at": clock.now(), "reason": "Cut."}
    same = ("channel_id", "taken_on", "evidence_id", "submitted_at")
    db.session.add(FanReading(**{name: getattr(reading, name) for name in same} | values))
