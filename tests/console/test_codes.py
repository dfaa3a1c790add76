"""Looking for codes on the console: the queue, the page, one decision and on to the next."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.creators.codes import ask_code, report_code
from marketplace.creators.models import Channel, ReadingSource
from marketplace.creators.queries import get_creator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.console.conftest import Admin, admin_at
from tests.creators.conftest import channel_of
from tests.support.counting import counted_queries
from tests.support.market import CreatorSide, make_creator, sign_in
from tests.support.web import Client


def place(creator: CreatorSide, fans: int = 20_000) -> int:
    ask_code(creator.actor, channel_of(creator))
    return report_code(creator.actor, channel_of(creator), fans).id


@pytest.fixture
def waiting(app: Flask) -> tuple[CreatorSide, int]:
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", eligible=False)
        return creator, place(creator)


def test_the_queue_shows_counts_and_who_waits_longest(
    app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]
) -> None:
    with app.app_context(), clock.at(clock.now() - timedelta(days=2)), transaction():
        place(make_creator("Gu Wen"), 60_000)
    page = admin.client.get("/console/readings").text
    assert 'aria-current="page">Codes<b>2</b>' in page, "the first queue in which something waits"
    assert page.index("Gu Wen") < page.index("Lin Yue")
    assert "+20 %" in page
    assert "first reading" in page
    assert "No reading waits" in admin.client.get("/console/readings?queue=evidence").text
    assert "No jump waits" in admin.client.get("/console/readings?queue=flagged").text


def test_confirming_verifies_and_leads_to_the_next(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    creator, code = waiting
    with app.app_context(), transaction():
        other = place(make_creator("Gu Wen", eligible=False))
    page = admin.client.get(f"/console/codes/{code}").text
    assert "Look for MU-" in page
    assert f"https://www.douyin.com/user/{creator.handle}" in page
    answer = admin.client.post(f"/console/codes/{code}", data={"verdict": "accept"})
    assert (answer.status_code, answer.location) == (303, f"/console/codes/{other}")
    assert "The channel of Lin Yue is verified" in admin.client.get(answer.location).text
    with app.app_context():
        assert db.session.get_one(Channel, channel_of(creator)).verified_by is ReadingSource.CODE
        assert get_creator(creator.id).verified_fans == 20_000
    assert "Confirmed" in admin.client.get(f"/console/codes/{code}").text


def test_rejecting_needs_a_reason(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    address = f"/console/codes/{waiting[1]}"
    refused = admin.client.post(address, data={"verdict": "reject", "reason": " "})
    assert (refused.status_code, "Write why" in refused.text) == (422, True)
    assert admin.client.post(address, data={"verdict": "maybe"}).status_code == 422
    answer = admin.client.post(address, data={"verdict": "reject", "reason": "The <i>text</i> is empty."})
    assert (answer.status_code, answer.location) == (303, "/console/readings")
    assert "The &lt;i&gt;text&lt;/i&gt; is empty." in admin.client.get(address).text


def test_the_second_decision_finds_the_first(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    other, address = admin_at(app, "Pan Qing"), f"/console/codes/{waiting[1]}"
    assert admin.client.post(address, data={"verdict": "accept"}).status_code == 303
    late = other.client.post(address, data={"verdict": "reject", "reason": "It isn’t there."})
    assert (late.status_code, "decided about already" in late.text) == (409, True)


def test_strangers_decide_nothing(app: Flask, client: Client, waiting: tuple[CreatorSide, int]) -> None:
    address = f"/console/codes/{waiting[1]}"
    assert client.post(address, data={"verdict": "accept"}).status_code == 302
    sign_in(client, waiting[0])
    assert client.post(address, data={"verdict": "accept"}).status_code == 403
    assert client.get(address).status_code == 403


def test_the_queue_asks_the_same_however_many_wait(app: Flask, admin: Admin, waiting: tuple[CreatorSide, int]) -> None:
    pages = ("/console/readings?queue=codes", f"/console/codes/{waiting[1]}")
    with counted_queries(app) as few:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    with app.app_context(), transaction():
        for number in range(4):
            place(make_creator(f"Creator {number}"), 60_000)
    with counted_queries(app) as many:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    assert len(many) == len(few) <= 24, many


def test_a_code_that_is_not_placed_can_be_seen_but_not_decided(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
        code = ask_code(creator.actor, channel_of(creator)).id
    page = admin.client.get(f"/console/codes/{code}").text
    assert "Not placed yet" in page
    assert 'name="verdict"' not in page
    assert admin.client.post(f"/console/codes/{code}", data={"verdict": "accept"}).status_code == 409
    assert admin.client.get("/console/codes/999").status_code == 404
