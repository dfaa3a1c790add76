"""An agency's pages and the creator's, through a browser without scripts."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.models import Representation, RepresentationStatus
from marketplace.agencies.queries import agency_of, representation_for
from marketplace.agencies.representing import give_notice
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.kit import clock
from marketplace.matching.service import book_package
from tests.support.agencies import AgencySide, make_agency, make_colleague, offer, represent
from tests.support.market import PASSWORD, make_brand, make_creator, make_offer, sign_in
from tests.support.money import negotiating_deal
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context")
PROFILE = {"name": "Lantern Agency", "handle": "lantern", "legal_name": "Lantern Culture Co., Ltd.", "version": "0"}


def enter(app: Flask, agency: AgencySide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = agency.session_id, True
        session["acting"] = f"agency:{agency.id}"
    return client


def test_joining_as_an_agency_leads_to_its_profile_and_then_its_home(client: Client) -> None:
    joined = client.post(
        "/sign-up", data={"side": "agency", "name": "Wei Min", "email": "wei@example.com", "password": PASSWORD}
    )
    assert joined.location == "/agency/new"
    # Everything of an agency leads there until there is one.
    for path in ("/today", "/agency", "/agency/people", "/agency/profile", "/agency/earnings", "/agency/offers/new"):
        assert "/agency" in client.get(path).location
    assert client.get("/agency").location == "/agency/new"
    refused = client.post("/agency/new", data={**PROFILE, "handle": "A B"})
    assert refused.status_code == 422
    made = client.post("/agency/new", data=PROFILE)
    assert made.location == "/agency"
    page = client.get("/agency").text
    assert "You represent nobody yet" in page
    assert client.get("/today").location == "/agency"


def test_the_home_says_what_waits_in_each_creators_name_and_lets_act_for_them(app: Flask) -> None:
    with transaction():
        agency, creator, idle = make_agency(), make_creator(), make_creator("Su Bai")
        represent(agency, creator)
        give_notice(agency.actor, represent(agency, idle, 1_000).id)
        listed = make_offer(creator)
        book_package(make_brand().actor, listed.packages[0].id, "For our pots.")
    client = enter(app, agency)
    page = client.get("/agency").text
    for words in (
        "1 choice to answer",
        "Nothing waits here.",
        "15 % of what is received",
        "Ends on",
        "Act for Lin Yue",
    ):
        assert words in page
    acted = client.post("/places", data={"place": f"agency:{agency.id}:creator:{creator.id}"})
    assert acted.location == "/today"
    assert "Tidewell" in client.get("/selections").text
    assert client.get("/agency").status_code == 200


def test_offering_reading_and_agreeing(app: Flask) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
    client, theirs = enter(app, agency), app.test_client()
    sign_in(theirs, creator)
    assert "Nobody represents you" in theirs.get("/me/agency").text
    assert f'value="{creator.handle}"' in client.get(f"/agency/offers/new?creator={creator.handle}").text
    sent = {"handle": creator.handle, "share": "15", "notice_days": "30", "message": "We know your kitchen."}
    for changed in ({"share": "51"}, {"share": ""}, {"notice_days": "0"}, {"handle": "nobody-here"}):
        assert client.post("/agency/offers/new", data={**sent, **changed}).status_code == 422
    made = client.post("/agency/offers/new", data=sent)
    assert made.status_code == 303
    assert client.post("/agency/offers/new", data=sent).status_code == 409
    assert "Waits for consent" in client.get(made.location).text
    page = theirs.get("/me/agency/1").text
    for words in ("We know your kitchen.", "Lantern Agency Co., Ltd.", "15 %", "It may not: see to my payout account"):
        assert words in page
    with reader("en", "Asia/Shanghai"):
        shown = fingerprint(consent_text(representation_for(creator.actor, 1)))
    db.session.rollback()
    assert shown in page
    assert theirs.post("/me/agency/1", data={"shown": shown, "name": "", "password": PASSWORD}).status_code == 422
    stale = theirs.post("/me/agency/1", data={"shown": "another", "name": "Lin Yue", "password": PASSWORD})
    assert (stale.status_code, "Read it again" in stale.text) == (422, True)
    stranger = theirs.post("/me/agency/1", data={"shown": shown, "name": "Lin Yue", "password": "not my password"})
    assert stranger.status_code == 422
    assert "This isn’t your password" in stranger.text
    signed = theirs.post("/me/agency/1", data={"shown": shown, "name": "Lin Yue", "password": PASSWORD})
    assert signed.location == "/me/agency"
    assert agency_of(creator.id) == agency.id
    assert "Lantern Agency" in theirs.get("/me/agency").text
    kept = client.get("/representations/1").text
    assert "Signed as “Lin Yue”" in kept
    assert theirs.get("/me/agency/1").location == "/representations/1"


def test_declining_and_withdrawing(app: Flask) -> None:
    with transaction():
        agency, creator, other = make_agency(), make_creator(), make_creator("Su Bai")
        offer(agency, creator)
        offer(agency, other)
    client, theirs = enter(app, agency), app.test_client()
    sign_in(theirs, creator)
    assert theirs.post("/me/agency/1/decline").location == "/me/agency"
    assert client.post("/representations/2/withdraw").location == "/agency"
    statuses = {found.id: found.status for found in db.session.scalars(db.select(Representation))}
    db.session.rollback()
    assert statuses == {1: RepresentationStatus.DECLINED, 2: RepresentationStatus.WITHDRAWN}
    assert "Declined" in client.get("/agency").text
    assert theirs.post("/me/agency/2/decline").status_code == 404
    assert client.post("/representations/1/withdraw").status_code == 409


def test_notice_shows_the_day_and_ends_it(app: Flask) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, notice_days=10)
    theirs = app.test_client()
    sign_in(theirs, creator)
    assert "10 days from now" in theirs.get("/representations/1/notice").text
    assert theirs.post("/representations/1/notice").location == "/representations/1"
    assert "Ends on" in theirs.get("/me/agency").text
    assert "There is nothing to do here" in theirs.get("/representations/1/notice").text
    assert theirs.post("/representations/1/notice").status_code == 409
    with clock.at(clock.now() + timedelta(days=11)):
        assert agency_of(creator.id) is None


def test_people_are_added_given_roles_and_removed(app: Flask) -> None:
    with transaction():
        agency, rival = make_agency(), make_agency("Harbour", "Ren Ke")
        creator = make_creator()
        email = "person-of-nobody@example.com"
    client = enter(app, agency)
    assert client.post("/agency/people", data={"email": email, "role": "member"}).status_code == 422
    address = db.session.scalar(db.text("SELECT email FROM users WHERE id = :id").bindparams(id=creator.user_id))
    db.session.rollback()
    assert client.post("/agency/people", data={"email": address, "role": "member"}).status_code == 303
    page = client.get("/agency/people").text
    assert "Lin Yue" in page
    assert client.post(f"/agency/people/{creator.user_id}/role", data={"role": "owner"}).status_code == 303
    assert client.post(f"/agency/people/{creator.user_id}/role", data={"role": "king"}).status_code == 409
    assert client.post(f"/agency/people/{rival.user_id}/remove").status_code == 404
    assert client.post(f"/agency/people/{creator.user_id}/remove").status_code == 303
    assert client.get("/agency/leave").status_code == 200
    assert client.post("/agency/leave").status_code == 409


def test_a_member_reads_and_changes_nothing(app: Flask) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator)
        member = make_colleague(agency)
    client = enter(app, member)
    assert "Only owners of the agency may change its profile" in client.get("/agency/profile").text
    assert "Add somebody" not in client.get("/agency/people").text
    assert "Give notice" not in client.get("/representations/1").text
    for path in ("/agency/offers/new", "/representations/1/notice"):
        assert client.get(path).status_code == 403
    assert client.post("/agency/profile", data={**PROFILE, "version": "1"}).status_code == 403
    assert client.post("/agency/people", data={"email": "a@example.com", "role": "member"}).status_code == 403
    assert client.post("/agency/leave").location == "/today"


def test_another_agencys_things_are_not_there(app: Flask) -> None:
    with transaction():
        agency, rival = make_agency(), make_agency("Harbour", "Ren Ke")
        represent(agency, make_creator())
        offer(agency, make_creator("Su Bai"))
    client = enter(app, rival)
    for path in ("/representations/1", "/representations/1/notice", "/representations/2", "/representations/99"):
        assert client.get(path).status_code == 404
    assert client.post("/representations/2/withdraw").status_code == 404


def test_quotes_show_the_share_to_the_creators_side_and_not_to_the_brand(app: Flask) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, 1_500)
    parties = negotiating_deal(12_000_00, creator)
    theirs, brands = app.test_client(), app.test_client()
    sign_in(theirs, creator)
    sign_in(brands, parties.brand)
    seen = theirs.get(f"/deals/{parties.deal_id}").text
    assert "Lantern Agency’s share" in seen
    assert "¥9,605" in seen
    assert "Lantern Agency" not in brands.get(f"/deals/{parties.deal_id}").text
    acting = enter(app, agency)
    with acting.session_transaction() as session:
        session["acting"] = f"agency:{agency.id}:creator:{creator.id}"
    ours = acting.get(f"/deals/{parties.deal_id}").text
    assert "Lantern Agency receives" in ours
    assert "¥1,695" in ours


def test_a_creator_isnt_asked_again_and_again(app: Flask) -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
    client = enter(app, agency)
    sent = {"handle": creator.handle, "share": "15", "notice_days": "30", "message": ""}
    for number in range(1, 5):
        assert client.post("/agency/offers/new", data=sent).status_code == 303
        assert client.post(f"/representations/{number}/withdraw").status_code == 303
    assert client.post("/agency/offers/new", data=sent).status_code == 429
