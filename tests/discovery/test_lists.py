"""Saved creators: lists that a brand's managers keep and all its members read; nobody else's."""

from threading import Barrier, Thread

import pytest
from flask import Flask

from marketplace.accounts.models import Side
from marketplace.brands.blocks import block_brand
from marketplace.creators.models import Creator
from marketplace.discovery import lists
from marketplace.discovery.list_queries import choices_for, list_page, lists_of, saved_ids
from marketplace.discovery.models import CreatorList, ListedCreator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support import market
from tests.support.market import BrandSide, CreatorSide
from tests.support.web import Client


@pytest.fixture
def lin(context: None) -> CreatorSide:
    with transaction():
        found = market.make_creator("Lin Yue")
        market.make_offer(found)
        return found


@pytest.fixture
def su(context: None) -> CreatorSide:
    with transaction():
        return market.make_creator("Su Bai")


@pytest.fixture
def tidewell(context: None) -> BrandSide:
    with transaction():
        return market.make_brand("Tidewell")


@pytest.fixture
def autumn(tidewell: BrandSide) -> int:
    with transaction():
        return lists.make_list(tidewell.actor, "Autumn").id


def save(brand: BrandSide, creator: CreatorSide, list_id: int, note: str = "") -> None:
    with transaction():
        lists.save_creator(brand.actor, creator.id, list_id, note)


def notes(brand: BrandSide, list_id: int) -> dict[str, str]:
    db.session.rollback()
    return {entry.creator.name: entry.listed.note for entry in list_page(brand.actor, list_id, 1).entries}


def test_a_creator_is_saved_once_and_a_new_note_replaces_the_old(
    tidewell: BrandSide, lin: CreatorSide, autumn: int
) -> None:
    save(tidewell, lin, autumn, "Warm light.")
    save(tidewell, lin, autumn)
    assert notes(tidewell, autumn) == {"Lin Yue": "Warm light."}
    save(tidewell, lin, autumn, "Answers quickly.")
    assert notes(tidewell, autumn) == {"Lin Yue": "Answers quickly."}
    assert saved_ids(tidewell.actor, [lin.id, 999]) == {lin.id}


def test_names_are_taken_once_in_any_case(tidewell: BrandSide, autumn: int) -> None:
    with pytest.raises(Invalid, match="of this name"), transaction():
        lists.make_list(tidewell.actor, "AUTUMN")
    with transaction():
        lists.rename_list(tidewell.actor, autumn, "autumn")
        winter = lists.make_list(tidewell.actor, "Winter").id
    with pytest.raises(Invalid, match="of this name"), transaction():
        lists.rename_list(tidewell.actor, winter, "Autumn")
    with transaction():
        rival = market.make_brand("Northmoss")
        lists.make_list(rival.actor, "Autumn")


def test_moving_keeps_notes_and_does_not_double(
    tidewell: BrandSide, lin: CreatorSide, su: CreatorSide, autumn: int
) -> None:
    with transaction():
        winter = lists.make_list(tidewell.actor, "Winter").id
    save(tidewell, lin, autumn, "Of autumn.")
    save(tidewell, su, autumn, "Of autumn too.")
    save(tidewell, lin, winter, "Of winter.")
    with transaction():
        lists.move_creators(tidewell.actor, autumn, winter, {lin.id, su.id})
    assert notes(tidewell, autumn) == {}
    assert notes(tidewell, winter) == {"Lin Yue": "Of winter.", "Su Bai": "Of autumn too."}
    with pytest.raises(Invalid), transaction():
        lists.move_creators(tidewell.actor, winter, winter, {lin.id})
    with pytest.raises(Invalid), transaction():
        lists.remove_creators(tidewell.actor, winter, set())
    with transaction():
        assert lists.remove_creators(tidewell.actor, winter, {lin.id, 999}) == 1
        assert lists.delete_list(tidewell.actor, winter) == "Winter"
    assert db.session.query(ListedCreator).count() == 0


def test_who_only_looks_on_changes_nothing_and_another_brand_finds_nothing(
    tidewell: BrandSide, lin: CreatorSide, autumn: int, client: Client
) -> None:
    save(tidewell, lin, autumn, "Warm light.")
    with transaction():
        viewer, finance = market.make_member(tidewell, "viewer"), market.make_member(tidewell, "finance")
        rival = market.make_brand("Northmoss")
        winter = lists.make_list(rival.actor, "Winter").id
    for actor, refusal in ((viewer.actor, NotAllowed), (finance.actor, NotAllowed), (rival.actor, NotFound)):
        for change in (
            lambda actor=actor: lists.save_creator(actor, lin.id, autumn),
            lambda actor=actor: lists.write_note(actor, autumn, lin.id, "Mine."),
            lambda actor=actor: lists.rename_list(actor, autumn, "Mine"),
            lambda actor=actor: lists.delete_list(actor, autumn),
            lambda actor=actor: lists.remove_creators(actor, autumn, {lin.id}),
            lambda actor=actor: lists.move_creators(actor, winter, autumn, {lin.id}),
        ):
            with pytest.raises(refusal), transaction():
                change()
    assert notes(tidewell, autumn) == {"Lin Yue": "Warm light."}
    market.sign_in(client, viewer)
    page = client.get(f"/company/lists/{autumn}").text
    assert "Warm light." in page
    assert "Delete the list" not in page
    assert "Save the note" not in page
    market.sign_in(client, rival)
    assert client.get(f"/company/lists/{autumn}").status_code == 404


def test_a_blocked_creator_stands_in_no_list_and_cannot_be_saved(
    tidewell: BrandSide, lin: CreatorSide, su: CreatorSide, autumn: int
) -> None:
    save(tidewell, lin, autumn, "Warm light.")
    with transaction():
        block_brand(lin.actor, tidewell.id)
        block_brand(su.actor, tidewell.id)
    assert notes(tidewell, autumn) == {}
    assert [line.number for line in lists_of(tidewell.actor)] == [0]
    with pytest.raises(NotFound), transaction():
        lists.save_creator(tidewell.actor, su.id, autumn)


def test_a_list_and_the_number_of_lists_have_an_end(tidewell: BrandSide, lin: CreatorSide, autumn: int) -> None:
    """Filled by the row: fifty lists, and one with two hundred creators."""
    with transaction():
        for number in range(lists.MOST_LISTS - 1):
            lists.make_list(tidewell.actor, f"List {number}")
        crowd = [market.make_user(Side.CREATOR).id for _ in range(lists.MOST_IN_A_LIST)]
        creators = [
            Creator(
                user_id=user_id,
                handle=f"crowd-{user_id}",
                name="Crowd",
                category="food",
                categories=["food"],
                created_at=clock.now(),
            )
            for user_id in crowd
        ]
        db.session.add_all(creators)
        db.session.flush()
        for creator in creators:
            lists.save_creator(tidewell.actor, creator.id, autumn)
    with pytest.raises(Conflict, match="50 lists"), transaction():
        lists.make_list(tidewell.actor, "One more")
    with pytest.raises(Conflict, match="at most 200"), transaction():
        lists.save_creator(tidewell.actor, lin.id, autumn)
    page = list_page(tidewell.actor, autumn, 99)
    assert (page.total, page.number, len(page.entries)) == (200, 4, 50)


def test_two_members_cannot_both_put_the_last_one_in(
    tidewell: BrandSide, lin: CreatorSide, autumn: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_IN_A_LIST", 1)
    with transaction():
        su = market.make_creator("Su Bai")
    start, outcomes = Barrier(2), []

    def put(creator_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    lists.save_creator(tidewell.actor, creator_id, autumn)
                outcomes.append("in")
            except Conflict:
                outcomes.append("full")

    threads = [Thread(target=put, args=(side.id,)) for side in (lin, su)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full", "in"]
    assert len(notes(tidewell, autumn)) == 1


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_saving_to_a_new_list_leads_back_where_one_was(tidewell: BrandSide, lin: CreatorSide, client: Client) -> None:
    market.sign_in(client, tidewell)
    tiles = client.get("/creators").text
    assert f"/creators/{lin.handle}/save?next=/creators" in tiles
    sent = {"name": "Autumn", "note": "Warm <b>light</b>."}
    back = client.post(f"/creators/{lin.handle}/save?next=/creators?category=food", data=sent)
    assert back.location == "/creators?category=food"
    assert client.post(f"/creators/{lin.handle}/save?next=https://evil.example/", data={"name": "Winter"}).location == (
        f"/c/{lin.handle}"
    )
    assert [choice.has for choice in choices_for(tidewell.actor, lin.id)] == [True, True]
    page = client.get(f"/company/lists/{choices_for(tidewell.actor, lin.id)[0].kept.id}").text
    assert "Warm &lt;b&gt;light&lt;/b&gt;." in page
    assert "Tidewell owner" in page
    assert ">Saved<" in client.get(f"/c/{lin.handle}").text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Choose a list, or write the name of a new one."),
        ({"name": "Autumn"}, "a list of this name already"),
        ({"name": "x" * 61}, "at most 60"),
        ({"list": "here", "note": "y" * 1001}, "at most 1,000"),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    tidewell: BrandSide, lin: CreatorSide, client: Client, sent: dict[str, str], says: str
) -> None:
    with transaction():
        autumn = lists.make_list(tidewell.actor, "Autumn").id
    market.sign_in(client, tidewell)
    sent = {name: str(autumn) if value == "here" else value for name, value in sent.items()}
    page = client.post(f"/creators/{lin.handle}/save", data=sent)
    assert page.status_code == 422
    assert says in page.text
    assert notes(tidewell, autumn) == {}


def test_the_sheet_shows_the_form_and_gives_the_button_its_new_state(
    tidewell: BrandSide, lin: CreatorSide, autumn: int, client: Client
) -> None:
    market.sign_in(client, tidewell)
    headers = {"HX-Request": "true", "HX-Target": "sheet"}
    form = client.get(f"/creators/{lin.handle}/save?look=tile", headers=headers).text
    assert "<html" not in form
    assert 'hx-post="/creators/' in form
    wrong = client.post(f"/creators/{lin.handle}/save", data={}, headers=headers)
    assert wrong.status_code == 200
    assert "Choose a list" in wrong.text
    done = client.post(f"/creators/{lin.handle}/save?look=tile", data={"list": str(autumn)}, headers=headers).text
    assert 'hx-swap-oob="true"' in done
    assert "tile__pick" in done
    assert "Lin Yue is saved to “Autumn”." in done
    assert notes(tidewell, autumn) == {"Lin Yue": ""}


@pytest.mark.parametrize("list_id", ["999999", "1e9", "-1", "x" * 30, "9" * 40])
def test_a_list_that_is_not_the_brands_takes_nobody(
    tidewell: BrandSide, lin: CreatorSide, client: Client, list_id: str
) -> None:
    market.sign_in(client, tidewell)
    assert client.post(f"/creators/{lin.handle}/save", data={"list": list_id}).status_code in (404, 422)
    assert db.session.query(ListedCreator).count() == 0
    assert db.session.query(CreatorList).count() == 0


def test_a_note_and_the_chosen_ones_are_changed_on_the_lists_page(
    tidewell: BrandSide, lin: CreatorSide, su: CreatorSide, autumn: int, client: Client
) -> None:
    save(tidewell, lin, autumn)
    save(tidewell, su, autumn)
    with transaction():
        market.make_brief(tidewell)
    market.sign_in(client, tidewell)
    assert (
        client.post(f"/company/lists/{autumn}/creators/{lin.id}/note", data={"note": "Ask in May."}).status_code == 303
    )
    assert notes(tidewell, autumn)["Lin Yue"] == "Ask in May."
    nobody = client.post(f"/company/lists/{autumn}/creators", data={"do": "remove"}, follow_redirects=True)
    assert "Choose at least one creator." in nobody.text
    nowhere = client.post(
        f"/company/lists/{autumn}/creators", data={"do": "move", "ids": lin.id}, follow_redirects=True
    )
    assert "Choose the list to move them to." in nowhere.text
    client.post(f"/company/lists/{autumn}/creators", data={"do": "remove", "ids": [lin.id, "x", "9" * 30]})
    assert notes(tidewell, autumn) == {"Su Bai": ""}
    page = client.get(f"/company/lists/{autumn}").text
    assert "data-confirm" in page
    invited = client.post(f"/company/lists/{autumn}/creators", data={"do": "invite", "ids": [su.id]})
    assert invited.location == f"/invitations/new?ids={su.id}"
    assert "Su Bai" in client.get(invited.location).text
    client.post(f"/company/lists/{autumn}/name", data={"name": "Late autumn"})
    assert "Late autumn" in client.get("/company/lists").text
    assert client.post(f"/company/lists/{autumn}/delete").location == "/company/lists"
    assert "No list yet" in client.get("/company/lists").text


def test_a_visitor_and_a_creator_see_no_button(lin: CreatorSide, client: Client) -> None:
    assert "/save" not in client.get(f"/c/{lin.handle}").text
    market.sign_in(client, lin)
    assert "/save" not in client.get("/creators").text
