"""An audience: stated in shares that make a whole, verified against its evidence, the newest one counting."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.creators.audience import (
    count_waiting_statements,
    newest_audience,
    newest_statement,
    review_audience,
    shares_of,
    state_audience,
    waiting_statements,
)
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import ReadingStatus
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import StoredFile
from marketplace.infra.uploads import Upload
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.notifications.models import Notification
from tests.support.files import picture, sent
from tests.support.market import CreatorSide, make_admin, make_creator, sign_in
from tests.support.web import Client

SPLIT = {"gender": {"women": 7_100, "men": 2_900}}
OTHER = {"gender": {"women": 5_000, "men": 5_000}}
EVIDENCE = Upload("statistics.png", "image/png", picture())
TYPED = {
    "gender_women": "71",
    "gender_men": "29",
    "age_18_24": "33.4",
    "age_25_34": "54,1 %",
    "age_45_up": "１２.５",
    "region_first_tier": "",
}


@pytest.fixture
def creator(app: Flask, client: Client) -> CreatorSide:
    with app.app_context(), transaction():
        made = make_creator()
    sign_in(client, made)
    return made


def statements() -> int:
    return db.session.scalar(select(func.count()).select_from(AudienceStatement)) or 0


def test_an_audience_is_stated_by_hand_and_shown_as_such(app: Flask, client: Client, creator: CreatorSide) -> None:
    assert client.post("/me/audience", data=TYPED).status_code == 303
    with app.app_context():
        found = newest_audience(creator.id)
        assert found is not None
        assert found.split == {
            "gender": {"women": 7_100, "men": 2_900},
            "age": {"18_24": 3_340, "25_34": 5_410, "45_up": 1_250},
        }
        assert [str(name) for name, _share in shares_of(found)[1].shares] == ["18 to 24", "25 to 34", "45 and older"]
        assert count_waiting_statements() == 0, "without evidence there is nothing to review"
    page = client.get("/me/audience").text
    assert "Stated, not verified" in page
    assert "33.4 %" in page
    assert 'value="33.4"' in page
    assert 'width="54.1"' in page


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"gender_men": "28.9"}, "gender_women", "must make 100 together"),
        ({"gender_men": "30"}, "gender_women", "must make 100 together"),
        ({"gender_men": "29.05"}, "gender_men", "one decimal at most"),
        ({"gender_men": "-29"}, "gender_men", "one decimal at most"),
        ({"gender_men": "101"}, "gender_men", "at most 100"),
        ({"gender_men": "most"}, "gender_men", "one decimal at most"),
        ({"age_25_34": "54.2"}, "age_under_18", "must make 100 together"),
    ],
)
def test_shares_that_make_no_whole_are_refused_beside_their_group(
    client: Client, creator: CreatorSide, change: dict[str, str], field: str, why: str
) -> None:
    answer = client.post("/me/audience", data={**TYPED, **change})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="33.4"' in answer.text
    with client.application.app_context():
        assert statements() == 0


def test_nothing_at_all_is_no_statement(app: Flask, client: Client, creator: CreatorSide) -> None:
    for typed in ({}, {"gender_women": "0", "gender_men": "0"}):
        answer = client.post("/me/audience", data=typed)
        assert answer.status_code == 422
        assert "Fill in at least one of the three." in answer.text
    with app.app_context():
        assert statements() == 0


@pytest.mark.parametrize(
    "split",
    [
        {"gender": {"women": 9_999}},
        {"gender": {"women": 11_000, "men": -1_000}},
        {"gender": {"cats": 10_000}},
        {},
    ],
)
def test_the_verb_refuses_what_no_form_sends(context: None, split: dict[str, dict[str, int]]) -> None:
    with transaction():
        creator = make_creator()
    with pytest.raises(Invalid):
        state_audience(creator.actor, split)
    assert statements() == 0


def test_evidence_that_is_no_picture_is_refused_and_nothing_is_stored(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(StoredFile))
    data = {**TYPED, "evidence": sent(b"<script>", "statistics.png")}
    answer = client.post("/me/audience", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="evidence-error"' in answer.text
    with app.app_context():
        assert statements() == 0
        assert db.session.scalar(select(func.count()).select_from(StoredFile)) == before


def test_evidence_waits_for_an_administrator_and_makes_the_audience_verified(
    app: Flask, client: Client, creator: CreatorSide, run_jobs: Callable[..., None]
) -> None:
    with app.app_context(), transaction():
        admin = make_admin()
    data = {**TYPED, "evidence": sent(picture())}
    assert client.post("/me/audience", data=data, content_type="multipart/form-data").status_code == 303
    assert "Waiting for review" in client.get("/me/audience").text
    run_jobs()
    with app.app_context():
        (waiting,) = waiting_statements()
        told = select(Notification.kind).where(Notification.user_id == admin.user_id)
        assert "audience.pending" in db.session.scalars(told).all()
        with transaction():
            review_audience(admin, waiting[0].id, accept=True)
        assert count_waiting_statements() == 0
    run_jobs()
    assert "Verified" in client.get("/me/audience").text
    with app.app_context():
        found = newest_audience(creator.id)
        assert found is not None
        assert (found.status, found.reviewed_by) == (ReadingStatus.ACCEPTED, admin.user_id)
        told = select(Notification.kind).where(Notification.user_id == creator.user_id)
        assert "audience.accepted" in db.session.scalars(told).all()


def test_what_was_rejected_is_seen_by_nobody_else_and_the_creator_reads_why(
    app: Flask, client: Client, creator: CreatorSide, run_jobs: Callable[..., None]
) -> None:
    with app.app_context():
        with transaction():
            first = state_audience(creator.actor, OTHER).id
            second = state_audience(creator.actor, SPLIT, EVIDENCE).id
            with pytest.raises(Invalid, match="Write why"):
                review_audience(make_admin(), second, accept=False, reason=" ")
            review_audience(make_admin(), second, accept=False, reason="The day can’t be read.")
        shown, newest = newest_audience(creator.id), newest_statement(creator.id)
        assert shown is not None
        assert newest is not None
        assert (shown.id, newest.id) == (first, second)
    run_jobs()
    page = client.get("/me/audience").text
    assert "The day can’t be read." in page
    assert "Your evidence was not accepted" in page
    assert "was not accepted" in client.get("/notifications").text


def test_a_newer_statement_takes_the_older_out_of_the_queue(context: None) -> None:
    with transaction():
        creator, admin = make_creator(), make_admin()
        old = state_audience(creator.actor, OTHER, EVIDENCE).id
        new = state_audience(creator.actor, SPLIT, EVIDENCE).id
    assert [statement.id for statement, _creator in waiting_statements()] == [new]
    with pytest.raises(Conflict, match="another split since"):
        review_audience(admin, old, accept=True)
    with transaction():
        review_audience(admin, new, accept=True)
    with pytest.raises(Conflict, match="decided already"):
        review_audience(admin, new, accept=False, reason="No.")


def test_only_administrators_review_and_nobody_their_own(context: None) -> None:
    with transaction():
        creator, stranger = make_creator(), make_creator("Su Bai")
        statement = state_audience(creator.actor, SPLIT, EVIDENCE).id
        unproved = state_audience(stranger.actor, SPLIT).id
        admin = make_admin()
    with pytest.raises(NotAllowed):
        review_audience(stranger.actor, statement, accept=True)
    with pytest.raises(NotFound):
        review_audience(admin, unproved, accept=True)
    with transaction():
        own = make_admin()
        db.session.execute(
            AudienceStatement.metadata.tables["creators"]
            .update()
            .values(user_id=own.user_id)
            .where(AudienceStatement.metadata.tables["creators"].c.id == creator.id)
        )
    with pytest.raises(NotAllowed, match="own"):
        review_audience(own, statement, accept=True)


def test_the_evidence_is_its_creators_and_the_administrators(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        statement = state_audience(creator.actor, SPLIT, EVIDENCE).id
        unproved = state_audience(creator.actor, SPLIT).id
        stranger = make_creator("Su Bai")
    found = client.get(f"/audience/{statement}/evidence")
    assert (found.status_code, found.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert client.get(f"/audience/{unproved}/evidence").status_code == 404
    other = app.test_client()
    sign_in(other, stranger)
    assert other.get(f"/audience/{statement}/evidence").status_code == 404
