"""Pages of selections: applying, inviting, booking and answering in the browser, and what strangers are shown."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.limits import ASK, CHOOSE, Limit, count_try
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.matching.service import book_package, close_as_accepted, decline, invite_creator, withdraw
from marketplace.offers.models import AddonKind
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
    sign_in_browser,
)
from tests.support.offers import addon_facts, offer_facts
from tests.support.offers import make_offer as make_full_offer
from tests.support.people import NewPerson
from tests.support.web import Client, LiveServer


def _as(client: Client, side: CreatorSide | BrandSide) -> Client:
    found = client.application.test_client()
    assert isinstance(found, Client)
    sign_in(found, side)
    return found


def _only() -> Selection:
    return db.session.scalars(select(Selection)).one()


def _count() -> int:
    with transaction():
        return db.session.scalar(select(func.count()).select_from(Selection)) or 0


def test_a_creator_applies_and_the_brand_declines_with_a_reason(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
    maker, answerer = _as(client, creator), _as(client, brand)
    assert maker.get(f"/briefs/{brief_id}/apply").status_code == 200
    answer = maker.post(f"/briefs/{brief_id}/apply", data={"price": "12,000.00", "message": "I cook anyway."})
    with transaction():
        selection = _only()
        assert (selection.kind, selection.price) == (SelectionKind.APPLICATION, Money(12_000_00))
    assert (answer.status_code, answer.location) == (303, f"/selections/{selection.id}")
    own = maker.get(f"/selections/{selection.id}").text
    assert "Withdraw" in own
    assert "You’d receive about" in own
    assert "¥11,300" in own
    assert "You have applied for ¥12,000.00." in maker.get(f"/briefs/{brief_id}").text
    page = answerer.get(f"/selections/{selection.id}").text
    assert f'action="/selections/{selection.id}/accept"' in page
    assert "¥12,600" in page
    assert "Lin Yue applied to Tidewell" in answerer.get("/selections").text
    assert answerer.get(f"/selections/{selection.id}/decline").status_code == 200
    assert answerer.post(f"/selections/{selection.id}/decline", data={"reason": "Drier humour."}).status_code == 303
    page = maker.get(f"/selections/{selection.id}").text
    assert "Tidewell declined" in page
    assert "Drier humour." in page
    assert answerer.post(f"/selections/{selection.id}/decline", data={"reason": "Again."}).status_code == 409


def test_a_brand_invites_and_takes_it_back(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
    maker = _as(client, brand)
    assert "You have no open brief with a free place" in maker.get(f"/creators/{creator.handle}/invite").text
    with transaction():
        brief_id = make_brief(brand).id
        make_brief(brand, brief_facts(title="Another brief"))
    page = maker.get(f"/creators/{creator.handle}/invite?brief={brief_id}").text
    assert f'<option selected value="{brief_id}">' in page
    form = {"brief_id": str(brief_id), "price": "9,000", "message": "Come."}
    assert maker.post(f"/creators/{creator.handle}/invite", data=form).status_code == 303
    with transaction():
        selection_id = _only().id
    assert "Tidewell invited Lin Yue" in _as(client, creator).get("/selections").text
    assert maker.post(f"/selections/{selection_id}/withdraw").status_code == 303
    assert maker.post(f"/selections/{selection_id}/withdraw").status_code == 409
    assert "Tidewell withdrew it" in maker.get(f"/selections/{selection_id}").text


def test_a_booking_ignores_a_price_that_the_client_sends(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        package_id = make_offer(creator).packages[0].id
    maker = _as(client, brand)
    page = maker.get(f"/packages/{package_id}/book").text
    assert "Book for ¥6,800.00" in page
    assert "¥7,140" in page
    form = {"message": "", "price": "0.01", "price_amount": "1", "deliverables": "Everything"}
    assert maker.post(f"/packages/{package_id}/book", data=form).status_code == 303
    with transaction():
        selection = _only()
        assert (selection.price, selection.deliverables) == (Money(6_800_00), "Basic: one film and its cover.")
    assert maker.post(f"/packages/{package_id}/book", data=form).status_code == 409
    assert _count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", ""),
        ("price", "-5"),
        ("price", "0"),
        ("price", "0.99"),
        ("price", "1e3"),
        ("price", "900,000.01"),
        ("price", "9" * 60),
        ("price", "12.345"),
        ("message", ""),
        ("message", " \n "),
        ("message", "x" * 2001),
    ],
)
def test_a_wrong_application_is_named_and_kept(context: None, client: Client, field: str, typed: str) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
    form = {"price": "12,000", "message": "Me & my <pot>."} | {field: typed}
    answer = _as(client, creator).post(f"/briefs/{brief_id}/apply", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "12,000" in answer.text if field == "message" else "Me &amp; my &lt;pot&gt;." in answer.text
    invite = {"price": "12,000", "message": "Come."} | {field: typed}
    answer = _as(client, brand).post(f"/creators/{creator.handle}/invite", data=invite | {"brief_id": str(brief_id)})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert _count() == 0


@pytest.mark.parametrize("brief_id", ["", "x", "-1", "99999", "9" * 40, "foreign", "draft"])
def test_only_an_open_brief_of_ones_own_can_be_chosen(context: None, client: Client, brief_id: str) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        make_brief(brand)
        others = {
            "foreign": str(make_brief(make_brand("Northmoss")).id),
            "draft": str(make_brief(brand, opened=False).id),
        }
        package_id = make_offer(creator).packages[0].id
    maker, chosen = _as(client, brand), others.get(brief_id, brief_id)
    form = {"brief_id": chosen, "price": "9,000", "message": "Come."}
    answer = maker.post(f"/creators/{creator.handle}/invite", data=form)
    assert answer.status_code == 422
    assert "Choose one of your open briefs." in answer.text
    assert _count() == 0
    answer = maker.post(f"/packages/{package_id}/book", data={"brief_id": chosen})
    assert answer.status_code == (422 if brief_id else 303)


def test_a_second_press_meets_a_clear_page(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
    maker, form = _as(client, creator), {"price": "12,000", "message": "Me."}
    assert maker.post(f"/briefs/{brief_id}/apply", data=form).status_code == 303
    second = maker.post(f"/briefs/{brief_id}/apply", data=form)
    assert second.status_code == 409
    assert "already waiting for an answer" in second.text
    assert _count() == 1


def test_who_lacks_something_is_refused_even_without_the_page(context: None, client: Client) -> None:
    with transaction():
        small, unconfirmed = make_creator(eligible=False), make_creator("Gu Wen", confirmed=False, eligible=False)
        brief_id = make_brief(make_brand()).id
    form = {"price": "12,000", "message": "Me."}
    answer = _as(client, small).post(f"/briefs/{brief_id}/apply", data=form)
    assert answer.status_code == 403
    assert "at least 10,001 verified fans" in answer.text
    page = _as(client, unconfirmed).get(f"/briefs/{brief_id}").text
    assert "Confirm your e-mail" in page
    assert _as(client, unconfirmed).post(f"/briefs/{brief_id}/apply", data=form).status_code == 422
    assert _count() == 0


def test_strangers_and_the_other_applicants_find_nothing(context: None, client: Client) -> None:
    with transaction():
        brand, rival = make_brand(), make_brand("Northmoss")
        creator, other = make_creator(), make_creator("Gu Wen")
        brief_id = make_brief(brand).id
        selection_id = make_application(creator, brief_id).id
        make_application(other, brief_id)
    for stranger in (_as(client, rival), _as(client, other)):
        for answer in (
            stranger.get(f"/selections/{selection_id}"),
            stranger.get(f"/selections/{selection_id}/decline"),
            stranger.post(f"/selections/{selection_id}/decline", data={"reason": "No."}),
            stranger.post(f"/selections/{selection_id}/withdraw"),
        ):
            assert answer.status_code == 404
        assert "Lin Yue" not in stranger.get("/selections?tab=waiting").text
    assert "Lin Yue" not in _as(client, other).get(f"/briefs/{brief_id}").text
    assert client.get(f"/selections/{selection_id}").location == f"/sign-in?next=/selections/{selection_id}"
    with transaction():
        assert {one.status for one in db.session.scalars(select(Selection))} == {SelectionStatus.OPEN}


def test_roles_meet_the_right_door(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        viewer = make_member(brand, "viewer")
        brief_id = make_brief(brand).id
        package_id = make_offer(creator).packages[0].id
        selection_id = make_application(creator, brief_id).id
    paths = (f"/creators/{creator.handle}/invite", f"/packages/{package_id}/book")
    for path in paths:
        assert _as(client, creator).get(path).status_code == 403
        assert _as(client, viewer).get(path).status_code == 403
        assert client.get(path).status_code == 302
    assert _as(client, brand).get(f"/briefs/{brief_id}/apply").status_code == 403
    looking_on = _as(client, viewer)
    page = looking_on.get(f"/selections/{selection_id}")
    assert page.status_code == 200
    assert "/accept" not in page.text
    assert "/accept" not in looking_on.get(f"/company/briefs/{brief_id}/applicants").text
    assert looking_on.post(f"/selections/{selection_id}/decline", data={"reason": "No."}).status_code == 403
    assert looking_on.post(f"/selections/{selection_id}/withdraw").status_code == 403


def test_every_end_of_a_selection_has_its_page(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        briefs = [make_brief(brand, brief_facts(title=f"Brief {number}")).id for number in range(4)]
        accepted, declined, withdrawn, late = (make_application(creator, brief_id) for brief_id in briefs)
        close_as_accepted(brand.actor, accepted.id)
        decline(brand.actor, declined.id, "Not this time.")
        withdraw(creator.actor, withdrawn.id)
        invite_creator(brand.actor, creator.id, make_brief(brand).id, Money(9_000_00), "Come.")
        book_package(brand.actor, make_offer(creator).packages[0].id)
    for side in (brand, creator):
        reader = _as(client, side)
        for tab in ("answer", "waiting", "closed", "nonsense"):
            assert reader.get(f"/selections?tab={tab}&page=7").status_code == 200
        for selection, words in (
            (declined, "Tidewell declined"),
            (withdrawn, "Lin Yue withdrew it"),
            (accepted, "Open the deal"),
        ):
            assert words in reader.get(f"/selections/{selection.id}").text
    with clock.at(late.expires_at + timedelta(seconds=1)):
        page = _as(client, brand).get(f"/selections/{late.id}")
        assert page.status_code == 200
        assert "/accept" not in page.text
        assert "It lapsed without an answer" in page.text


@pytest.mark.parametrize("path", ["/selections", "/company/briefs/{brief_id}/applicants"])
def test_lists_take_the_same_few_queries_whatever_the_rows(
    app: Flask, context: None, client: Client, path: str
) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand, brief_facts(slots=50)).id
        make_application(make_creator(), brief_id)
        declined = make_application(make_creator(), brief_id)
        decline(brand.actor, declined.id, "No.")
    reader, address = _as(client, brand), path.format(brief_id=brief_id)
    with counted_queries(app) as few:
        assert reader.get(address).status_code == 200
    with transaction():
        for number in range(8):
            make_application(make_creator(f"Creator {number}"), brief_id)
    with counted_queries(app) as many:
        assert reader.get(address).status_code == 200
    assert len(few) == len(many) <= 12, "\n".join(many)


@pytest.mark.parametrize("kind", ["apply", "selection", "book"])
def test_single_pages_take_few_queries(app: Flask, context: None, client: Client, kind: str) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief_id = make_brief(brand).id
        package_id = make_offer(creator).packages[0].id
        selection_id = make_application(creator, brief_id).id
    reader, address = {
        "apply": (_as(client, other), f"/briefs/{brief_id}/apply"),
        "selection": (_as(client, brand), f"/selections/{selection_id}"),
        "book": (_as(client, brand), f"/packages/{package_id}/book"),
    }[kind]
    with counted_queries(app) as sent:
        assert reader.get(address).status_code == 200
    assert len(sent) <= 12, "\n".join(sent)


@pytest.mark.browser
def test_another_price_brings_another_estimate(app: Flask, live_server: LiveServer, new_person: NewPerson) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
        brief_id = make_brief(make_brand()).id
    person = new_person("creator")
    sign_in_browser(app, person.context, creator, live_server.url)
    page = person.page
    page.goto(f"/briefs/{brief_id}")
    page.get_by_role("textbox", name="Your price").fill("14,000")
    page.get_by_text("¥13,100").wait_for()
    page.get_by_role("textbox", name="Your price").fill("nothing")
    page.get_by_text("Write a price to see what you’d receive.").wait_for()
    page.get_by_role("textbox", name="Your price").fill("14,000")
    page.get_by_role("textbox", name="A few words to Tidewell").fill("I cook anyway.")
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_role("heading", name="Tidewell has to answer").wait_for()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    page.get_by_role("heading", name="Lin Yue withdrew it").wait_for()
    with app.app_context(), transaction():
        assert (_only().price, _only().status) == (Money(14_000_00), SelectionStatus.WITHDRAWN)


@pytest.mark.browser
def test_extras_and_stars_change_without_leaving(app: Flask, live_server: LiveServer, new_person: NewPerson) -> None:
    with app.app_context(), transaction():
        brand, creator = make_brand(), make_creator()
        facts = offer_facts(addons=(addon_facts(AddonKind.RAW_FILES, 800_00),))
        package_id = make_full_offer(creator, facts).packages[0].id
        brief_id = make_brief(brand).id
        make_application(creator, brief_id)
    person = new_person("brand")
    sign_in_browser(app, person.context, brand, live_server.url)
    page = person.page
    page.goto(f"/packages/{package_id}/book")
    page.get_by_role("checkbox", name="Raw files").check()
    page.get_by_text("¥12,800").first.wait_for()
    page.get_by_role("checkbox", name="Raw files").uncheck()
    page.get_by_text("¥12,800").first.wait_for(state="detached")
    page.goto(f"/company/briefs/{brief_id}/applicants")
    page.get_by_role("button", name="Shortlist Lin Yue").click()
    page.get_by_role("button", name="Shortlisted Lin Yue").wait_for()
    page.get_by_label("Pick Lin Yue").check()
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="Compare applicants").wait_for()
    page.get_by_role("button", name="Shortlisted Lin Yue").wait_for()


def _use_up(limit: Limit, who: str) -> None:
    with transaction():
        for _number in range(limit.tries):
            assert count_try(limit, who) is None


def test_neither_side_fills_the_others_mailbox(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id, package_id = make_brief(brand).id, make_offer(creator).packages[0].id
    creators, brands = _as(client, creator), _as(client, brand)
    _use_up(CHOOSE, f"creator:{creator.id}")
    _use_up(CHOOSE, f"brand:{brand.id}")
    _use_up(ASK, f"creator:{creator.id}")
    form = {"price": "12,000.00", "message": "For our pots.", "brief_id": str(brief_id)}
    assert creators.post(f"/briefs/{brief_id}/apply", data=form).status_code == 429
    assert creators.post(f"/briefs/{brief_id}/ask", data={"question": "Which pot?"}).status_code == 429
    assert brands.post(f"/creators/{creator.handle}/invite", data=form).status_code == 429
    assert brands.post("/invitations/new", data={**form, "ids": str(creator.id)}).status_code == 429
    assert brands.post(f"/packages/{package_id}/book", data={"message": ""}).status_code == 429
    assert _count() == 0
