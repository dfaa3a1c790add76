"""The inbox: what narrows it, what is unread for whom, and answering from it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.matching.inbox import InboxFilter, count_drawers, list_selections
from marketplace.matching.marks import mark_all_read, mark_read
from marketplace.matching.models import DeclineReason, Selection, SelectionKind
from marketplace.matching.policy import is_unread
from marketplace.matching.queries import Tab, count_waiting, get_selection
from marketplace.matching.service import book_package, decline, invite_creator, withdraw
from tests.support.counting import counted_queries
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    make_offer,
    sign_in,
)
from tests.support.web import Client


def _ids(actor: Actor, tab: Tab, wanted: InboxFilter) -> set[int]:
    return {selection.id for selection in list_selections(actor, tab, 1, wanted).selections}


def test_filters_narrow_by_kind_brief_name_and_star(context: None) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator("Lin Yue"), make_creator("Gu 100% Wen")
        first, second = make_brief(brand, brief_facts(title="Suppers")), make_brief(brand, brief_facts(title="Rain"))
        supper, rain = make_application(creator, first.id).id, make_application(other, second.id)
        asked = invite_creator(brand.actor, other.id, first.id, Money(9_000_00), "Come.").id
        booked = book_package(brand.actor, make_offer(creator).packages[0].id).id
        rain.shortlisted_at = clock.now()
        db.session.flush()
        for tab, wanted, found in (
            (Tab.ANSWER, InboxFilter(), {supper, rain.id}),
            (Tab.ANSWER, InboxFilter(brief_id=first.id), {supper}),
            (Tab.ANSWER, InboxFilter(name="lin"), {supper}),
            (Tab.ANSWER, InboxFilter(name="rain"), {rain.id}),
            (Tab.ANSWER, InboxFilter(name="100%"), {rain.id}),
            (Tab.ANSWER, InboxFilter(name="%"), {rain.id}),
            (Tab.ANSWER, InboxFilter(shortlisted=True), {rain.id}),
            (Tab.ANSWER, InboxFilter(unread=True), {supper, rain.id}),
            (Tab.WAITING, InboxFilter(kind=SelectionKind.BOOKING), {booked}),
            (Tab.WAITING, InboxFilter(kind=SelectionKind.INVITATION), {asked}),
            (Tab.WAITING, InboxFilter(unread=True), set()),
        ):
            assert _ids(brand.actor, tab, wanted) == found, wanted
        # A star is the brand's alone: to the creator the filter shows nothing.
        assert _ids(other.actor, Tab.WAITING, InboxFilter(shortlisted=True)) == set()
        assert _ids(creator.actor, Tab.WAITING, InboxFilter(name="tidewell")) == {supper}
        assert count_waiting(brand.actor) == 2


def test_each_change_is_unread_for_the_other_side_until_it_looks(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        selection = make_application(creator, make_brief(brand).id)
        viewer = make_member(brand, "viewer").actor
        assert [is_unread(selection, actor) for actor in (brand.actor, creator.actor, viewer)] == [True, False, False]
        mark_read(viewer, selection)
        db.session.refresh(selection)
        assert is_unread(selection, brand.actor)
        mark_read(brand.actor, selection)
        db.session.refresh(selection)
        assert not is_unread(selection, brand.actor)
        with clock.at(clock.now() + timedelta(minutes=1)):
            decline(brand.actor, selection.id, "", DeclineReason.PRICE)
        assert [is_unread(selection, actor) for actor in (brand.actor, creator.actor)] == [False, True]
        assert count_drawers(creator.actor).unread == {Tab.ANSWER: 0, Tab.WAITING: 0, Tab.CLOSED: 1}
        assert mark_all_read(creator.actor, clock.now()) == 0
        assert mark_all_read(creator.actor, selection.changed_at) == 1
        db.session.refresh(selection)
        assert not is_unread(selection, creator.actor)


def test_what_the_clock_or_the_maker_ended_is_unread_for_those_who_did_not(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        asked = invite_creator(brand.actor, creator.id, make_brief(brand).id, Money(9_000_00), "Come.")
        mark_read(creator.actor, asked)
        with clock.at(clock.now() + timedelta(minutes=1)):
            withdraw(brand.actor, asked.id)
        db.session.refresh(asked)
        assert [is_unread(asked, actor) for actor in (brand.actor, creator.actor)] == [False, True]


def test_opening_marks_read_and_one_button_marks_all(context: None, client: Client) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand)
        first, second = make_application(creator, brief.id).id, make_application(other, brief.id).id
    sign_in(client, brand)
    assert "Unread (2)" in client.get("/selections").text
    assert client.get(f"/selections/{first}").status_code == 200
    page = client.get("/selections?unread=1").text
    assert "Gu Wen applied" in page
    assert "Lin Yue applied" not in page
    answer = client.post("/selections/read", data={"until": "not a time", "next": "/selections?unread=1"})
    assert (answer.status_code, answer.location) == (303, "/selections?unread=1")
    assert client.post("/selections/read", data={"next": "https://elsewhere.example"}).location == "/selections"
    assert "Unread (0)" in client.get("/selections?unread=1").text
    with transaction():
        assert not is_unread(get_selection(brand.actor, second), brand.actor)


def test_an_agency_reads_and_answers_as_the_creator(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        agent = Actor(
            user_id=make_creator("Wei Min").user_id,
            name="Wei Min",
            creator_id=creator.id,
            agency_id=1,
            agency_name="Lantern Agency",
            side="agency",
            email_confirmed=True,
        )
        asked = invite_creator(brand.actor, creator.id, make_brief(brand).id, Money(9_000_00), "Come.")
        assert _ids(agent, Tab.ANSWER, InboxFilter(unread=True)) == {asked.id}
        decline(agent, asked.id, "She is away.")
        assert asked.answered_by_name == "Wei Min · Lantern Agency"


@pytest.mark.parametrize(
    "query",
    [
        "kind=booking",
        "kind=nonsense",
        "brief=1",
        "brief=x",
        "brief=99999999",
        "brief=" + "9" * 40,
        "q=%00",
        "q=" + "x" * 200,
        "unread=1&shortlisted=1",
        "tab=closed&q=Lin&page=99999",
    ],
)
def test_any_address_gives_a_page(context: None, client: Client, query: str) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        make_application(creator, make_brief(brand).id)
    for side in (brand, creator):
        reader = client.application.test_client()
        sign_in(reader, side)
        assert reader.get(f"/selections?{query}").status_code == 200


def test_one_answers_from_the_inbox_and_reads_why_it_failed(context: None, client: Client) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand, brief_facts(slots=1))
        first, second = make_application(creator, brief.id).id, make_application(other, brief.id).id
    sign_in(client, brand)
    page = client.get("/selections").text
    assert f'action="/selections/{first}/accept"' in page
    assert f'href="/selections/{first}/decline"' in page
    assert client.post(f"/selections/{first}/accept").status_code == 303
    late = client.post(f"/selections/{second}/accept")
    assert late.status_code == 409
    assert "The last place of this brief has gone to someone else. Nothing was agreed." in late.text
    assert "Answer Gu Wen" in late.text
    again = client.post(f"/selections/{first}/accept")
    assert again.status_code == 409
    assert "Open the deal" in again.text


def test_a_reason_is_chosen_and_words_are_needed_only_for_another(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        ids = [make_application(creator, make_brief(brand).id).id for _ in range(2)]
    sign_in(client, brand)
    page = client.get(f"/selections/{ids[0]}/decline").text
    assert "Somebody else was chosen" in page
    assert "Too much else at the moment" not in page
    for form in (
        {"declined_for": "other", "reason": " "},
        {"declined_for": "busy"},
        {"declined_for": "x" * 99},
        {"reason": "x" * 501},
    ):
        assert client.post(f"/selections/{ids[0]}/decline", data=form).status_code == 422
    assert client.post(f"/selections/{ids[0]}/decline", data={"declined_for": "price"}).status_code == 303
    reader = client.application.test_client()
    sign_in(reader, creator)
    assert "The price doesn’t fit." in reader.get(f"/selections/{ids[0]}").text
    with transaction():
        declined = db.session.scalars(select(Selection).where(Selection.id == ids[0])).one()
        assert (declined.declined_for, declined.decline_reason) == (DeclineReason.PRICE, "")


@pytest.mark.parametrize("who", ["brand", "creator"])
def test_the_inbox_asks_as_often_for_many_as_for_few(app: Flask, context: None, client: Client, who: str) -> None:
    def choose(brand: BrandSide, creator: CreatorSide, number: int) -> None:
        for _ in range(number):
            make_application(creator, make_brief(brand).id)

    with transaction():
        brand, creator = make_brand(), make_creator()
        choose(brand, creator, 2)
    sign_in(client, brand if who == "brand" else creator)
    address = "/selections" if who == "brand" else "/selections?tab=waiting"
    client.get(address)
    with counted_queries(app) as few:
        client.get(address)
    with transaction():
        choose(brand, creator, 6)
    with counted_queries(app) as many:
        client.get(address)
    assert len(few) == len(many) <= 12, "\n".join(many)
