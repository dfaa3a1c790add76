"""A portfolio: what goes in, in which order, how much, and whose it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.creators.models import Platform, Work
from marketplace.creators.policy import today
from marketplace.creators.works import MOST_WORKS, WorkFacts, add_work, edit_work, move_work, remove_work, works_of
from marketplace.infra.db import db, transaction
from marketplace.infra.pictures import WORK, Picture, PictureChange, cut_picture
from marketplace.kit.errors import Invalid, NotFound
from tests.support.files import picture, sent
from tests.support.market import CreatorSide, make_creator, sign_in
from tests.support.web import Client

TYPED = {
    "title": "Broth for one",
    "platform": "bilibili",
    "url": "www.bilibili.com/video/BV1xx411c7mD?p=2#reply",
    "published_on": "2026-01-09",
    "views": "412,000",
    "likes": "",
    "comments": "1",
}


def facts(title: str = "Broth for one") -> WorkFacts:
    return WorkFacts(title, "https://www.bilibili.com/video/BV1xx411c7mD", Platform.BILIBILI, today())


@pytest.fixture
def creator(app: Flask, client: Client) -> CreatorSide:
    with app.app_context(), transaction():
        made = make_creator()
    sign_in(client, made)
    return made


def titles(creator: CreatorSide) -> list[str]:
    db.session.expire_all()
    return [work.title for work in works_of(creator.id)]


def test_a_work_is_added_with_its_figures_and_shown(app: Flask, client: Client, creator: CreatorSide) -> None:
    assert "No work yet" in client.get("/me/works").text
    data = {**TYPED, "cover": sent(picture("PNG", (800, 600)))}
    answer = client.post("/me/works/new", data=data, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, "/me/works")
    page = client.get("/me/works").text
    assert "412,000 views" in page
    assert "one comment" in page
    assert "like" not in page.split("412,000 views")[1].split("</ul>")[0]
    with app.app_context():
        work = works_of(creator.id)[0]
        assert work.url == "https://www.bilibili.com/video/BV1xx411c7mD?p=2"
        assert work.cover_id is not None
        kept = db.session.get_one(Picture, work.cover_id)
        assert (kept.width, kept.height) == (800, 450)
    assert f"/pictures/{work.cover_id}/320.webp" in page


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("title", "", "Fill this in."),
        ("url", "", "Fill this in."),
        ("url", "javascript:alert(1)", "Write the whole address of the work"),
        ("url", "ftp://www.bilibili.com/video/1", "Write the whole address of the work"),
        ("url", "https://www.bilibili.com.evil.example/video/1", "An address on Bilibili is at bilibili.com"),
        ("url", "https://www.douyin.com/video/1", "An address on Bilibili is at bilibili.com"),
        ("url", "https://user:pw@www.bilibili.com/video/1", "Write the whole address of the work"),
        ("platform", "myspace", "Choose one of the options."),
        ("published_on", "2036-01-01", "can’t be after"),
        ("published_on", "yesterday", "Write the day as"),
        ("views", "-1", "can’t be negative"),
        ("views", "many", "Write a whole number"),
        ("likes", "9" * 30, "may be at most"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_keeps_what_was_typed(
    client: Client, creator: CreatorSide, field: str, typed: str, why: str
) -> None:
    answer = client.post("/me/works/new", data={**TYPED, field: typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="412,000"' in answer.text or field == "views"
    with client.application.app_context():
        assert titles(creator) == []


def test_an_address_elsewhere_needs_another_platform(client: Client, creator: CreatorSide) -> None:
    answer = client.post("/me/works/new", data={**TYPED, "platform": "other"})
    assert "belongs to Bilibili" in answer.text
    elsewhere = {**TYPED, "platform": "other", "url": "https://suppers.example/broth"}
    assert client.post("/me/works/new", data=elsewhere).status_code == 303


def test_the_newest_stands_on_top_and_the_creator_changes_the_order(context: None) -> None:
    with transaction():
        creator = make_creator()
        first, second, third = (add_work(creator.actor, facts(title)).id for title in ("first", "second", "third"))
    assert titles(creator) == ["third", "second", "first"]
    for work_id, way, order in (
        (first, "up", ["third", "first", "second"]),
        (third, "up", ["third", "first", "second"]),
        (third, "down", ["first", "third", "second"]),
        (second, "down", ["first", "third", "second"]),
    ):
        with transaction():
            move_work(creator.actor, work_id, way)  # type: ignore[arg-type]
        assert titles(creator) == order
    with transaction():
        add_work(creator.actor, facts("fourth"))
    assert titles(creator) == ["fourth", "first", "third", "second"]


def test_the_order_is_changed_by_buttons(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        first = add_work(creator.actor, facts("first")).id
        add_work(creator.actor, facts("second"))
    answer = client.post(f"/me/works/{first}/move", data={"way": "up"})
    assert answer.location == f"/me/works#work-{first}"
    assert client.post(f"/me/works/{first}/move", data={"way": "sideways"}).status_code == 404
    with app.app_context():
        assert titles(creator) == ["first", "second"]


def test_a_work_is_changed_and_its_cover_replaced_and_taken_away(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    with app.app_context(), transaction():
        cut = cut_picture(picture("PNG", (400, 300)), "image/png", WORK)
        work_id = add_work(creator.actor, facts(), PictureChange(cut)).id
    address = f"/me/works/{work_id}"
    assert "https://www.bilibili.com/video/BV1xx411c7mD" in client.get(address).text
    assert client.post(address, data={**TYPED, "title": "Broth for two"}).status_code == 303
    with app.app_context():
        assert works_of(creator.id)[0].cover_id is not None
        assert titles(creator) == ["Broth for two"]
    client.post(address, data={**TYPED, "cover_remove": "y"})
    with app.app_context():
        assert works_of(creator.id)[0].cover_id is None
        assert db.session.scalar(select(func.count()).select_from(Picture)) == 0


def test_removing_asks_first_and_takes_the_cover_along(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        cut = cut_picture(picture("PNG", (400, 300)), "image/png", WORK)
        work_id = add_work(creator.actor, facts(), PictureChange(cut)).id
    assert 'data-confirm="Remove “Broth for one” from your portfolio?"' in client.get("/me/works").text
    assert client.post(f"/me/works/{work_id}/remove").status_code == 303
    assert client.post(f"/me/works/{work_id}/remove").status_code == 404
    with app.app_context():
        assert titles(creator) == []
        assert db.session.scalar(select(func.count()).select_from(Picture)) == 0


def test_a_portfolio_has_an_end(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        for number in range(MOST_WORKS):
            add_work(creator.actor, facts(f"work {number}"))
    answer = client.post("/me/works/new", data=TYPED)
    assert answer.status_code == 422
    assert "has 24 works, which is the most" in answer.text
    page = client.get("/me/works").text
    assert "/me/works/new" not in page
    with app.app_context():
        assert len(titles(creator)) == MOST_WORKS


def test_another_creators_work_is_not_there(context: None) -> None:
    with transaction():
        creator, stranger = make_creator(), make_creator("Su Bai")
        work_id = add_work(creator.actor, facts()).id
        mine = add_work(stranger.actor, facts("mine")).id
    for verb in (
        lambda: edit_work(stranger.actor, work_id, facts("theirs")),
        lambda: remove_work(stranger.actor, work_id),
        lambda: move_work(stranger.actor, work_id, "up"),
    ):
        with pytest.raises(NotFound):
            verb()
        db.session.rollback()
    assert titles(creator) == ["Broth for one"]
    assert [work.id for work in works_of(stranger.id)] == [mine]


def test_a_day_ahead_is_refused_by_the_verb(context: None) -> None:
    with transaction():
        creator = make_creator()
    with pytest.raises(Invalid) as refused:
        add_work(creator.actor, replace(facts(), published_on=today() + timedelta(days=1)))
    assert refused.value.field == "published_on"
    assert db.session.scalar(select(func.count()).select_from(Work)) == 0


def test_without_a_profile_there_are_no_works(app: Flask, client: Client) -> None:
    client.post("/language", data={"locale": "en"})
    assert client.get("/me/works").status_code == 302
