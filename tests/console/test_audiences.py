"""The queue of stated audiences, and the page where one is held against its evidence."""

import pytest
from flask import Flask

from marketplace.creators.audience import newest_audience, state_audience
from marketplace.creators.models import ReadingStatus
from marketplace.infra.db import transaction
from marketplace.infra.uploads import Upload
from tests.console.conftest import Admin
from tests.support.files import picture
from tests.support.market import CreatorSide, make_creator

SPLIT = {"gender": {"women": 7_100, "men": 2_900}, "age": {"25_34": 10_000}}
EVIDENCE = Upload("statistics.png", "image/png", picture())


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator()


@pytest.fixture
def waiting(app: Flask, creator: CreatorSide) -> int:
    with app.app_context(), transaction():
        return state_audience(creator.actor, SPLIT, EVIDENCE).id


def status(app: Flask, creator: CreatorSide) -> ReadingStatus | None:
    with app.app_context():
        found = newest_audience(creator.id)
        return found.status if found is not None else None


def test_what_waits_is_listed_and_accepted(app: Flask, admin: Admin, creator: CreatorSide, waiting: int) -> None:
    queue = admin.client.get("/console/audiences").text
    assert f"/console/audiences/{waiting}" in queue
    assert "Lin Yue" in queue
    page = admin.client.get(f"/console/audiences/{waiting}").text
    assert "71 %" in page
    assert f"/audience/{waiting}/evidence" in page
    answer = admin.client.post(f"/console/audiences/{waiting}", data={"verdict": "accept"})
    assert (answer.status_code, answer.location) == (303, "/console/audiences")
    assert status(app, creator) is ReadingStatus.ACCEPTED
    assert "No audience waits" in admin.client.get("/console/audiences").text
    assert admin.client.post(f"/console/audiences/{waiting}", data={"verdict": "reject"}).status_code == 409


def test_a_rejection_needs_its_reason(app: Flask, admin: Admin, creator: CreatorSide, waiting: int) -> None:
    address = f"/console/audiences/{waiting}"
    answer = admin.client.post(address, data={"verdict": "reject", "reason": " "})
    assert answer.status_code == 422
    assert "Write why" in answer.text
    assert admin.client.post(address, data={}).status_code == 422
    assert admin.client.post(address, data={"verdict": "reject", "reason": "Which account is it?"}).status_code == 303
    assert status(app, creator) is None
    assert "Which account is it?" in admin.client.get(address).text


def test_a_statement_that_was_replaced_cant_be_decided(
    app: Flask, admin: Admin, creator: CreatorSide, waiting: int
) -> None:
    with app.app_context(), transaction():
        state_audience(creator.actor, SPLIT)
    page = admin.client.get(f"/console/audiences/{waiting}").text
    assert "There is a newer one" in page
    assert 'value="accept"' not in page
    assert admin.client.post(f"/console/audiences/{waiting}", data={"verdict": "accept"}).status_code == 409
