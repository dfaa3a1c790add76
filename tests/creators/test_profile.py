"""A creator's profile: made once, changed by its owner, its address unique even in a race."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.creators.models import Category, Creator
from marketplace.creators.queries import free_handle, get_creator_by_handle
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.market import CreatorSide, make_brand, make_creator, make_user, sign_in
from tests.support.web import Client

PROFILE = {
    "name": "Lin Yue",
    "handle": "lin-yue",
    "headline_en": "Slow suppers in a small kitchen",
    "category": "food",
    "region": "Chengdu",
    "biography_en": "I cook.",
    "version": "",
}


def facts(handle: str = "lin-yue", name: str = "Lin Yue") -> CreatorFacts:
    return CreatorFacts(name=name, handle=handle, category=Category.FOOD, headline_en="Slow suppers")


@pytest.fixture
def newcomer(app: Flask) -> CreatorSide:
    """Someone who joined as a creator and has no profile yet."""
    with app.app_context(), transaction():
        user = make_user(Side.CREATOR, "Lin Yue")
        return CreatorSide(0, "", user.id, user.get_id(), load_actor(user))


def creators() -> int:
    return db.session.scalar(select(func.count()).select_from(Creator)) or 0


def test_the_first_save_makes_the_profile(app: Flask, client: Client, newcomer: CreatorSide) -> None:
    sign_in(client, newcomer)
    opened = client.get("/me/profile")
    assert 'value="lin-yue"' in opened.text, "the address is suggested from the name"
    saved = client.post("/me/profile", data=PROFILE)
    assert (saved.status_code, saved.location) == (303, "/me/channels")
    page = client.get("/c/lin-yue")
    assert page.status_code == 200
    assert "Slow suppers in a small kitchen" in page.text
    with app.app_context():
        assert get_creator_by_handle("lin-yue").verified_fans == 0


def test_a_second_save_of_the_empty_form_makes_no_second_profile(
    app: Flask, client: Client, newcomer: CreatorSide
) -> None:
    sign_in(client, newcomer)
    client.post("/me/profile", data=PROFILE)
    again = client.post("/me/profile", data={**PROFILE, "handle": "another"})
    assert again.status_code == 409
    with app.app_context():
        assert creators() == 1
        assert get_creator_by_handle("lin-yue").name == "Lin Yue"


def test_a_form_opened_before_another_edit_is_refused(app: Flask, client: Client, newcomer: CreatorSide) -> None:
    sign_in(client, newcomer)
    client.post("/me/profile", data=PROFILE)
    assert client.post("/me/profile", data={**PROFILE, "version": "1", "name": "First"}).status_code == 303
    late = client.post("/me/profile", data={**PROFILE, "version": "1", "name": "Late"})
    assert late.status_code == 409
    assert "changed in another window" in late.text
    with app.app_context():
        assert get_creator_by_handle("lin-yue").name == "First"


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", "", "Fill this in."),
        ("name", "   ", "Fill this in."),
        ("name", "x" * 61, "at most 60 characters"),
        ("handle", "", "Fill this in."),
        ("handle", "a", "2 to 39 small letters"),
        ("handle", "-lin", "2 to 39 small letters"),
        ("handle", "lin yue", "2 to 39 small letters"),
        ("handle", "林悦", "2 to 39 small letters"),
        ("handle", "../admin", "2 to 39 small letters"),
        ("handle", "x" * 40, "at most 39 characters"),
        ("headline_en", "x" * 121, "at most 120 characters"),
        ("category", "weapons", "Choose one of the options."),
        ("category", "", "Choose one of the options."),
        ("second_category", "weapons", "Choose one of the options."),
        ("spoken", "klingon", "Choose languages of the list."),
        ("headline_en", "", "one of them is enough"),
        ("headline_zh", "字" * 121, "at most 120 characters"),
        ("biography_zh", "字" * 3001, "at most 3,000 characters"),
        ("biography_en", "x" * 3001, "at most 3,000 characters"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_changes_nothing(
    client: Client, newcomer: CreatorSide, field: str, typed: str, why: str
) -> None:
    sign_in(client, newcomer)
    answer = client.post("/me/profile", data={**PROFILE, field: typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "Slow suppers in a small kitchen" in answer.text or field == "headline_en", "what was typed is kept"
    with client.application.app_context():
        assert creators() == 0


def test_invisible_signs_and_markup_do_no_harm(client: Client, newcomer: CreatorSide) -> None:
    sign_in(client, newcomer)
    nasty = {**PROFILE, "name": "Lin\x00 <script>", "headline_en": "<img src=x onerror=alert(1)>"}
    assert client.post("/me/profile", data=nasty).status_code == 303
    page = client.get("/c/lin-yue").text
    assert "<script>" not in page.replace('<script src="', "")
    assert "Lin &lt;script&gt;" in page
    assert "<img src=x" not in page


def test_a_taken_address_is_refused_beside_its_field(app: Flask, client: Client, newcomer: CreatorSide) -> None:
    with app.app_context(), transaction():
        other = make_creator()
    sign_in(client, newcomer)
    answer = client.post("/me/profile", data={**PROFILE, "handle": other.handle.upper()})
    assert answer.status_code == 422
    assert "Another creator has this address" in answer.text


def test_two_who_take_one_address_at_once_are_told_apart(app: Flask) -> None:
    with app.app_context(), transaction():
        actors = [load_actor(make_user(Side.CREATOR)) for _ in range(2)]
    outcomes = _at_once(app, [partial(save_profile, actor, facts("same")) for actor in actors])
    assert sorted(outcomes) == ["Invalid", "done"]
    with app.app_context():
        assert creators() == 1


def test_two_first_saves_of_one_person_make_one_profile(app: Flask) -> None:
    with app.app_context(), transaction():
        actor = load_actor(make_user(Side.CREATOR))
    outcomes = _at_once(app, [partial(save_profile, actor, facts(handle)) for handle in ("one", "two")])
    assert sorted(outcomes) == ["Conflict", "done"]


def _at_once(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """Do the works in transactions at the same time; gives "done" or the refusal's name for each."""
    barrier, outcomes = Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    work()
            except (Invalid, Conflict) as refused:
                outcomes.append(type(refused).__name__)
            else:
                outcomes.append("done")
            db.session.remove()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_only_those_who_joined_as_creators_get_a_profile(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        with pytest.raises(NotAllowed):
            save_profile(brand.actor, facts())
        with pytest.raises(NotAllowed):
            save_profile(Actor(), facts())
    sign_in(client, brand)
    assert client.post("/me/profile", data=PROFILE).status_code == 403
    assert app.test_client().get("/me/profile").status_code == 302


def test_a_name_without_latin_letters_still_gets_an_address(context: None) -> None:
    assert free_handle("林悦", 7) == "creator-7"
    assert free_handle("Zoë Ångström!", 7) == "zoe-angstrom"
    with transaction():
        save_profile(load_actor(make_user(Side.CREATOR)), facts("lin-yue"))
    assert free_handle("Lin Yue", 7) == "lin-yue-2"


@pytest.mark.parametrize("handle", ["nobody", "%00", "a\x00b", "x" * 300, "%27;--"])
def test_a_page_of_nobody_is_404(client: Client, handle: str) -> None:
    assert client.get(f"/c/{handle}").status_code == 404


def test_an_address_of_nobody_is_not_found(context: None) -> None:
    with pytest.raises(NotFound):
        get_creator_by_handle("nobody")


def test_a_brand_may_invite_and_the_creator_may_edit(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
    address, invite = f"/c/{creator.handle}", f"/creators/{creator.handle}/invite"
    assert invite not in client.get(address).text
    sign_in(client, brand)
    assert invite in client.get(address).text
    own = app.test_client()
    sign_in(own, creator)
    page = own.get(address).text
    assert invite not in page
    assert "/me/profile" in page


def test_the_profile_shows_verified_fans_with_platform_and_day(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator(fans=128_400)
    page = client.get(f"/c/{creator.handle}").text
    assert "128,400" in page
    assert "Douyin, read on" in page
