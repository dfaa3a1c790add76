"""The places of one person: companies, a creator's profile, an agency's creators; and the switch between them."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.acting import Acting, place_of
from marketplace.accounts.actor import Actor, AgencyRole, BrandRole
from marketplace.accounts.models import Side, User
from marketplace.agencies.models import Agency, AgencyMember, Representation, RepresentationStatus
from marketplace.app import load_actor
from marketplace.brands.members import remove_member
from marketplace.brands.models import Brand, Member
from marketplace.creators.models import Category
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.home.places import PlaceKind, places_of
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support import market
from tests.support.counting import counted_queries
from tests.support.deals import make_deal
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator, make_user, sign_in
from tests.support.web import Client

COMPANY = {
    "name": "Second Company", "handle": "second-company", "legal_name": "Second Company Ltd.", "version": "0"
}  # fmt: skip


def _join(brand: BrandSide, user_id: int, role: str = "manager") -> None:
    db.session.add(Member(brand_id=brand.id, user_id=user_id, role=role, joined_at=clock.now()))
    db.session.flush()


def _agency(user_id: int, *creators: CreatorSide, name: str = "Lanterns", role: str = "member") -> int:
    """An agency with this person, that represents these creators."""
    now = clock.now()
    agency = Agency(handle=f"agency-{user_id}", name=name, legal_name=name, created_at=now)
    db.session.add(agency)
    db.session.flush()
    db.session.add(AgencyMember(agency_id=agency.id, user_id=user_id, role=AgencyRole(role), joined_at=now))
    for creator in creators:
        db.session.add(
            Representation(
                agency_id=agency.id,
                creator_id=creator.id,
                status=RepresentationStatus.ACTIVE,
                share=1000,
                notice_days=30,
                offered_by=user_id,
                offered_at=now,
                consent="I agree.",
                consented_name="Lin Yue",
                consented_at=now,
            )
        )
    db.session.flush()
    return agency.id


def _actor(user_id: int, acting: Acting | None = None) -> Actor:
    return load_actor(db.session.get_one(User, user_id), acting)


def _go(client: Client, place: str, **more: str) -> int:
    return client.post("/places", data={"place": place, **more}).status_code


def test_all_places_are_listed_with_what_waits_there(context: None) -> None:
    with transaction():
        creator, represented = make_creator("Lin Yue"), make_creator("Su Bai")
        brand, rival = make_brand("Tidewell"), make_brand("Northmoss")
        _join(brand, creator.user_id, "finance")
        _join(rival, creator.user_id, "owner")
        agency_id = _agency(creator.user_id, represented)
        market.invite(make_brand(), creator)
        make_deal(make_creator(), brand)
        market.invite(make_brand(), represented)
    with transaction():
        found = places_of(creator.user_id)
        assert [(place.kind, place.name, place.role, place.waiting) for place in found] == [
            (PlaceKind.CREATOR, "Lin Yue", None, 1),
            (PlaceKind.BRAND, "Tidewell", BrandRole.FINANCE, 1),
            (PlaceKind.BRAND, "Northmoss", BrandRole.OWNER, 0),
            (PlaceKind.AGENCY, "Lanterns", AgencyRole.MEMBER, 0),
        ]
        below = found[-1].below
        assert [(place.name, place.waiting, str(place.acting)) for place in below] == [
            ("Su Bai", 1, f"agency:{agency_id}:creator:{represented.id}")
        ]


def test_the_list_takes_as_many_questions_however_long_it_is(context: None, app: Flask) -> None:
    with transaction():
        creator = make_creator()
        _join(make_brand(), creator.user_id)
        _agency(creator.user_id, make_creator("Su Bai"))
    with counted_queries(app) as few:
        places_of(creator.user_id)
    with transaction():
        for _ in range(8):
            _join(make_brand(), creator.user_id)
    with counted_queries(app) as many:
        assert len(places_of(creator.user_id)) == 11
    assert len(few) == len(many) == 5


def test_what_a_person_does_depends_on_the_place(context: None, client: Client) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        _join(brand, creator.user_id, "viewer")
    sign_in(client, creator)
    assert client.get("/me/profile").status_code == 200
    assert client.get("/company/members").status_code == 403
    assert _go(client, f"brand:{brand.id}") == 303
    assert client.get("/me/profile").status_code == 403
    assert "Sees everything and changes nothing." in client.get("/company/members").text
    assert _go(client, "creator") == 303
    assert client.get("/me/profile").status_code == 200


def test_each_companys_things_are_its_own(context: None, client: Client) -> None:
    with transaction():
        brand, rival = make_brand("Tidewell"), make_brand("Northmoss")
        _join(rival, brand.user_id)
        deal_id = make_deal(brand=rival).id
    sign_in(client, brand)
    refused = client.get(f"/deals/{deal_id}")
    assert refused.status_code == 404
    assert "You look as Tidewell." in refused.text
    assert 'href="/places"' in refused.text
    _go(client, f"brand:{rival.id}")
    assert client.get(f"/deals/{deal_id}").status_code == 200
    assert "Members of Northmoss" in client.get("/company/members").text


def test_a_form_left_open_in_one_place_isnt_sent_in_another(context: None, client: Client) -> None:
    with transaction():
        first, second = make_brand("Tidewell"), make_brand("Northmoss")
        _join(second, first.user_id, "owner")
    sign_in(client, first)
    token = _token_on(client, "/company/lists")
    assert client.post("/company/lists", data={"name": "Cooks", "csrf_token": token}, csrf=False).status_code == 303
    assert client.post("/places", data={"place": f"brand:{first.id}"}).status_code == 303
    assert client.post("/company/lists", data={"name": "More", "csrf_token": token}, csrf=False).status_code == 303
    assert client.post("/places", data={"place": f"brand:{second.id}"}).status_code == 303
    assert client.post("/company/lists", data={"name": "Bakers", "csrf_token": token}, csrf=False).status_code == 400
    token = _token_on(client, "/company/lists")
    assert client.post("/company/lists", data={"name": "Bakers", "csrf_token": token}, csrf=False).status_code == 303


def test_a_form_sent_in_a_lost_place_isnt_sent_in_another(context: None, client: Client) -> None:
    with transaction():
        first, second = make_brand("Tidewell"), make_brand("Northmoss")
        _join(second, first.user_id, "owner")
    sign_in(client, first)
    client.post("/places", data={"place": f"brand:{second.id}"})
    with transaction():
        remove_member(second.actor, first.user_id)
    lost = client.post("/company/lists", data={"name": "Bakers"})
    assert (lost.status_code, "not any more" in lost.text) == (404, True)
    assert "Bakers" not in client.get("/company/lists").text
    assert client.post("/company/lists", data={"name": "Bakers"}).status_code == 303
    assert client.post("/sign-out").status_code == 303


def _token_on(client: Client, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "place",
    ["", "brand", "nonsense", "brand:9999999", "brand:{rival}", "agency:{agency}", "agency:{agency}:creator:{creator}"],
)
def test_nobody_goes_where_they_have_no_place(context: None, client: Client, place: str) -> None:
    with transaction():
        brand, rival, creator = make_brand(), make_brand(), make_creator()
        agency_id = _agency(make_user(Side.AGENCY).id, creator)
    sign_in(client, brand)
    found = place.format(rival=rival.id, agency=agency_id, creator=creator.id)
    assert _go(client, found) == (303 if place == "brand" else 404)
    assert f"Members of {'Tidewell'}" in client.get("/company/members").text
    with client.session_transaction() as session:
        assert session.get("acting") in (None, "brand")


def test_an_agencys_person_acts_for_its_creators_and_for_no_other(context: None, client: Client) -> None:
    with transaction():
        creator, other = make_creator("Su Bai"), make_creator("He Lin")
        user = make_user(Side.AGENCY, "Pan Qing")
        agency_id = _agency(user.id, creator)
        session_id = user.get_id()
        found = _actor(user.id, Acting("agency", agency_id=agency_id, for_creator_id=creator.id))
        assert (found.creator_id, found.place, found.signature) == (creator.id, "Su Bai", "Pan Qing · Lanterns")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_id, True
    assert _go(client, f"agency:{agency_id}:creator:{other.id}") == 404
    assert _go(client, f"agency:{agency_id}:creator:{creator.id}") == 303
    page = client.get("/places").text
    assert "You act for Su Bai, as Lanterns" in page
    assert "You are here" in page
    assert _go(client, f"agency:{agency_id}") == 303
    assert "You act for" not in client.get("/places").text


def test_a_creator_who_left_the_agency_is_no_place_of_its_people(context: None, client: Client) -> None:
    with transaction():
        creator = make_creator("Su Bai")
        user = make_user(Side.AGENCY)
        agency_id = _agency(user.id, creator)
        session_id = user.get_id()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_id, True
    _go(client, f"agency:{agency_id}:creator:{creator.id}")
    with transaction():
        db.session.scalars(select(Representation)).one().status = RepresentationStatus.ENDED
    page = client.get("/places").text
    assert "Su Bai" not in page
    assert "You act for" not in page


def test_the_page_and_the_menu_list_the_same(context: None, client: Client) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        _join(brand, creator.user_id)
    sign_in(client, creator)
    page, menu = client.get("/places"), client.get("/places", headers={"HX-Request": "true"})
    for found in (page, menu):
        assert found.status_code == 200
        assert f'value="brand:{brand.id}"' in found.text
        assert "Tidewell" in found.text
    assert "<html" in page.text
    assert "<html" not in menu.text


def test_going_leads_back_to_where_one_was_asked_and_nowhere_else(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
    sign_in(client, brand)
    place = f"brand:{brand.id}"
    assert client.post("/places", data={"place": place, "next": "/deals"}).location == "/deals"
    assert client.post("/places", data={"place": place, "next": "https://evil.example"}).location == "/today"
    assert client.post("/places", data={"place": place}).location == "/today"


def test_a_brands_person_becomes_a_creator_too(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
    sign_in(client, brand)
    assert "Become a creator" in client.get("/places").text
    assert client.post("/places", data={"place": "creator"}).location == "/me/profile"
    assert client.get("/me/profile").status_code == 200
    with transaction():
        facts = CreatorFacts(name="Lin Yue", handle="lin-yue", category=Category.FOOD, headline_en="Slow suppers")
        save_profile(_actor(brand.user_id, Acting("creator")), facts)
        assert [place.kind for place in places_of(brand.user_id)] == [PlaceKind.CREATOR, PlaceKind.BRAND]
    page = client.get("/places").text
    assert "Become a creator" not in page
    assert client.get("/company/members").status_code == 403


def test_a_second_company_is_made_and_gone_to(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
    sign_in(client, brand)
    assert client.get("/companies/new").status_code == 200
    answer = client.post("/companies/new", data=COMPANY)
    assert (answer.status_code, answer.location) == (303, "/company")
    assert "Members of Second Company" in client.get("/company/members").text
    assert client.post("/companies/new", data=COMPANY).status_code == 409
    with transaction():
        assert [place.name for place in places_of(brand.user_id)] == ["Tidewell", "Second Company"]
        made = db.session.scalars(select(Brand).where(Brand.handle == "second-company")).one()
        assert _actor(brand.user_id, Acting("brand", brand_id=made.id)).owns_brand


def test_a_creator_makes_a_company_without_losing_the_profile(context: None, client: Client) -> None:
    with transaction():
        creator = make_creator()
    sign_in(client, creator)
    assert client.post("/companies/new", data=COMPANY).status_code == 303
    assert client.get("/company").status_code == 200
    assert _go(client, "creator") == 303
    assert client.get("/me/profile").status_code == 200


def test_an_administrator_has_no_places(context: None, client: Client) -> None:
    with transaction():
        user = make_user(Side.NONE, is_admin=True)
        session_id = user.get_id()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_id, True
    assert client.get("/places").location == "/console"
    assert _go(client, "creator") == 404
    assert client.get("/companies/new").status_code == 403
    assert client.post("/companies/new", data=COMPANY).status_code == 403
    assert "hx-get" not in client.get("/settings").text


def test_the_frame_names_the_place_and_counts_what_waits(context: None, client: Client) -> None:
    with transaction():
        creator, brand = make_creator("Lin Yue"), make_brand("Tidewell")
        _join(brand, creator.user_id)
        for _ in range(2):
            market.invite(make_brand(), creator)
    sign_in(client, creator)
    page = client.get("/settings").text
    assert '<span class="tool__place">Lin Yue</span>' in page
    assert '<b class="nav-count">2' in page
    _go(client, f"brand:{brand.id}")
    page = client.get("/settings").text
    assert '<span class="tool__place">Tidewell</span>' in page
    assert "nav-count" not in page
    assert 'href="/selections"' in page


def test_a_visitor_is_told_of_no_places(context: None, client: Client) -> None:
    assert "/places" not in client.get("/nowhere").text
    assert client.get("/places").location == "/sign-in?next=/places"


def test_a_place_is_read_back_as_it_is_written() -> None:
    for place in (
        Acting("creator"),
        Acting("brand", brand_id=3),
        Acting("agency", agency_id=4),
        Acting("agency", agency_id=4, for_creator_id=12),
    ):
        assert Acting.read(str(place)) == place
    assert place_of(Actor(side="agency", agency_id=4, creator_id=12)) == Acting("agency", None, 4, 12)
    assert place_of(Actor(side="creator", creator_id=12)) == Acting("creator")
