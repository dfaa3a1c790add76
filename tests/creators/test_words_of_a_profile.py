"""What a profile says in two languages: words, categories, languages; edited by the creator or their agency."""

from dataclasses import replace

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.creators.audience import state_audience
from marketplace.creators.completeness import completeness
from marketplace.creators.models import Category, Creator, Platform
from marketplace.creators.policy import today
from marketplace.creators.service import CreatorFacts, ProfilePictures, save_profile
from marketplace.creators.works import WorkFacts, add_work
from marketplace.infra.db import db, transaction
from marketplace.infra.pictures import FACE, PictureChange, cut_picture
from marketplace.kit.errors import Invalid, NotAllowed
from tests.support.counting import counted_queries
from tests.support.files import picture
from tests.support.market import CreatorSide, make_creator, sign_in
from tests.support.web import Client

TYPED = {
    "version": "1",
    "name": "Lin Yue",
    "handle": "lin-yue",
    "headline_zh": "晚归人的小厨房",
    "biography_zh": "我做饭。",
    "category": "food",
    "second_category": "travel",
    "third_category": "food",
    "spoken": ["en", "zh"],
    "region": "Chengdu",
}
FACTS = CreatorFacts("Lin Yue", "lin-yue", Category.FOOD, headline_en="Slow suppers")


def work_facts() -> WorkFacts:
    return WorkFacts("Broth for one", "https://www.bilibili.com/video/BV1xx411c7mD", Platform.BILIBILI, today())


@pytest.fixture
def creator(app: Flask, client: Client) -> CreatorSide:
    with app.app_context(), transaction():
        made = make_creator()
    sign_in(client, made)
    return made


def test_one_language_is_enough_and_both_readers_see_it(app: Flask, client: Client, creator: CreatorSide) -> None:
    assert client.post("/me/profile", data=TYPED).status_code == 303
    assert "晚归人的小厨房" in client.get("/c/lin-yue").text
    assert (
        client.post("/me/profile", data={**TYPED, "version": "2", "headline_en": "A small kitchen"}).status_code == 303
    )
    page = client.get("/c/lin-yue").text
    assert "A small kitchen" in page
    assert "晚归人的小厨房" not in page
    client.post("/language", data={"locale": "zh"})
    assert "晚归人的小厨房" in client.get("/c/lin-yue").text


def test_categories_keep_their_order_and_count_once(app: Flask, client: Client, creator: CreatorSide) -> None:
    client.post("/me/profile", data=TYPED)
    with app.app_context():
        found = db.session.get_one(Creator, creator.id)
        assert (found.category, found.categories) == (Category.FOOD, ["food", "travel"])
        assert found.spoken == ["zh", "en"]
    page = client.get("/me/profile").text
    assert 'value="travel" selected' in page.replace('selected value="travel"', 'value="travel" selected')
    assert "Cantonese" in page
    client.post("/language", data={"locale": "zh"})
    assert "粤语" in client.get("/me/profile").text


def test_what_was_typed_stays_when_something_is_wrong(client: Client, creator: CreatorSide) -> None:
    answer = client.post("/me/profile", data={**TYPED, "name": ""})
    assert answer.status_code == 422
    assert "我做饭。" in answer.text
    assert answer.text.count("checked") == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headline_en": ""}, "headline_en"),
        ({"more_categories": (Category.TRAVEL, Category.MUSIC, Category.SPORT)}, "category"),
        ({"spoken": ("tlh",)}, "spoken"),
    ],
)
def test_the_verb_refuses_what_no_form_sends(context: None, change: dict[str, object], field: str) -> None:
    with transaction():
        side = make_creator()
    with pytest.raises(Invalid) as refused:
        save_profile(side.actor, replace(FACTS, **change), version=1)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_an_agencys_person_edits_the_creator_they_represent_and_no_other(context: None) -> None:
    with transaction():
        side = make_creator()
    agent = Actor(user_id=side.user_id + 1000, creator_id=side.id, agency_id=7, agency_name="Tall Tree", side="agency")
    with pytest.raises(NotAllowed):
        save_profile(replace(agent, creator_id=None), FACTS)
    with pytest.raises(NotAllowed):
        add_work(replace(agent, agency_id=None), work_facts())
    with transaction():
        saved = save_profile(agent, FACTS, version=1)
        assert (saved.id, saved.user_id, saved.headline_en) == (side.id, side.user_id, "Slow suppers")
        assert add_work(agent, work_facts()).creator_id == side.id


def test_the_meter_says_what_is_missing_and_why(app: Flask, client: Client, creator: CreatorSide) -> None:
    page = client.get("/me/profile").text
    assert "Show three works" in page
    assert "What you made before says more than any description." in page
    assert "Have your fans verified" not in page
    assert "25 %" in page


def test_a_whole_profile_lacks_nothing_and_is_asked_in_one_query(app: Flask) -> None:
    with app.app_context():
        with transaction():
            side = make_creator()
            cut = cut_picture(picture("PNG", (600, 300)), "image/png", FACE)
            whole = replace(FACTS, headline_zh="慢", biography_en="I cook.", spoken=("zh",), region="Chengdu")
            pictures = ProfilePictures(PictureChange(cut), PictureChange(cut))
            found = save_profile(side.actor, whole, version=1, pictures=pictures)
            assert {step.name for step in completeness(found).missing} == {"works", "audience"}
            for _ in range(3):
                add_work(side.actor, work_facts())
            state_audience(side.actor, {"gender": {"women": 10_000}})
        found = db.session.get_one(Creator, side.id)
        with counted_queries(app) as sent:
            done = completeness(found)
        assert (done.percent, done.missing, len(sent)) == (100, (), 1)
