"""An agency's people act for creators: what they may do, under whose name, and what stays the creator's own."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.agencies.members import remove_member
from marketplace.app import load_actor
from marketplace.brands.models import Member
from marketplace.contracts.models import ContractFile, Signature
from marketplace.creators.models import Category
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.deals.messages import post_message
from marketplace.deals.models import Deal, DealEvent, Message
from marketplace.deals.opening import accept_selection
from marketplace.deals.signing import sign
from marketplace.deals.terms import accept_terms
from marketplace.deals.work import submit_draft
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, add_statement, open_dispute
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection
from marketplace.matching.service import apply_to_brief, book_package
from marketplace.notifications.models import Notification
from marketplace.notifications.told import Told
from marketplace.payouts.onboarding import start_onboarding
from tests.support.agencies import AgencySide, make_agency, make_colleague, represent
from tests.support.market import (
    BrandSide,
    CreatorSide,
    make_brand,
    make_brief,
    make_creator,
    make_offer,
    sign_in,
)
from tests.support.money import Parties, funded_deal, negotiating_deal
from tests.support.sandbox import Sandbox
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context")
RunJobs = Callable[..., None]
NAME = "Wei Min · Lantern Agency"
FOR = "Wei Min · Lantern Agency, for Lin Yue"


def make_both() -> tuple[AgencySide, CreatorSide]:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator)
    return agency, creator


def fingerprint(parties: Parties) -> str:
    contract_id = db.session.get_one(Deal, parties.deal_id).contract_id
    query = select(ContractFile.sha256).where(ContractFile.contract_id == contract_id, ContractFile.locale == "en")
    return db.session.scalars(query).one()


def sign_as(actor: Actor, parties: Parties) -> None:
    with transaction():
        shown = fingerprint(parties)
        sign(actor, parties.deal_id, shown, address="127.0.0.1", user_agent="test", locale="en")


def client_of(app: Flask, agency: AgencySide, creator: CreatorSide | None = None) -> Client:
    """A browser of the agency's person, in the place of the creator where one is given."""
    client = app.test_client()
    assert isinstance(client, Client)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = agency.session_id, True
        session["acting"] = f"agency:{agency.id}" + (f":creator:{creator.id}" if creator is not None else "")
    return client


def test_each_thing_they_do_is_kept_under_both_names() -> None:
    agency, creator = make_both()
    acting = agency.acting_for(creator)
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        selection = apply_to_brief(acting, brief.id, Money(12_000_00), "She cooks every evening anyway.")
        assert selection.created_by_name == NAME
        deal = accept_selection(brand.actor, selection.id)
        parties = Parties(deal.id, creator, brand)
        post_message(acting, deal.id, "Shall we begin on Monday?")
    with transaction():
        accept_terms(brand.actor, parties.deal_id, 1)
    sign_as(acting, parties)
    names = {event.actor_name for event in db.session.scalars(select(DealEvent)) if event.side == "creator"}
    assert names == {NAME}
    assert db.session.scalars(select(Message.author_name)).one() == NAME
    assert db.session.scalars(select(Signature.name)).one() == NAME


def test_a_deals_page_says_who_did_it_for_whom_to_both_sides(app: Flask) -> None:
    agency, creator = make_both()
    parties = negotiating_deal(12_000_00, creator)
    with transaction():
        post_message(agency.acting_for(creator), parties.deal_id, "Shall we begin on Monday?")
    readers: tuple[CreatorSide | BrandSide, ...] = (parties.brand, creator)
    for reader in readers:
        client = app.test_client()
        sign_in(client, reader)
        assert FOR in client.get(f"/deals/{parties.deal_id}").text
    with transaction():
        colleague = make_colleague(agency)
    assert FOR in client_of(app, colleague, creator).get(f"/deals/{parties.deal_id}").text


def test_a_statement_in_a_dispute_says_it_too(app: Flask, sandbox: Sandbox) -> None:
    agency, creator = make_both()
    parties = funded_deal(12_000_00, creator)
    with transaction():
        claim = Claim("It came nine days late.", Money(0))
        dispute = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.LATE, claim).id
        add_statement(agency.acting_for(creator), dispute, Claim("It came on the day we agreed.", Money(12_000_00)))
    client = app.test_client()
    sign_in(client, parties.brand)
    assert FOR in client.get(f"/disputes/{dispute}").text


def test_news_name_them_and_reach_the_creator_and_the_agencys_people(run_jobs: RunJobs) -> None:
    agency, creator = make_both()
    with transaction():
        colleague = make_colleague(agency)
    parties = negotiating_deal(12_000_00, creator)
    with transaction():
        post_message(agency.acting_for(creator), parties.deal_id, "Shall we begin on Monday?")
        post_message(parties.brand.actor, parties.deal_id, "On Tuesday.")
    run_jobs()
    rows = db.session.scalars(select(Notification).where(Notification.kind == "message")).all()
    by_user = {row.user_id: row for row in rows}
    assert set(by_user) == {parties.brand.user_id, creator.user_id, agency.user_id, colleague.user_id}
    assert by_user[creator.user_id].acting == "creator"
    assert by_user[colleague.user_id].acting == f"agency:{agency.id}:creator:{creator.id}"
    to_brand = by_user[parties.brand.user_id]
    assert Told(to_brand.kind, to_brand.details).fact.startswith(f"{FOR} wrote to you")


def test_a_represented_creator_still_does_everything_themselves() -> None:
    agency, creator = make_both()
    with transaction():
        brief = make_brief(make_brand())
        selection = apply_to_brief(creator.actor, brief.id, Money(12_000_00), "I cook every evening anyway.")
        assert selection.created_by_name == "Lin Yue"
        assert agency.id


def test_the_payout_account_is_the_creators_own(app: Flask, sandbox: Sandbox) -> None:
    agency, creator = make_both()
    with pytest.raises(NotAllowed):
        start_onboarding(agency.acting_for(creator))
    acting = client_of(app, agency, creator)
    assert acting.post("/earnings/connect").status_code == 403
    assert acting.get("/earnings/connected").status_code == 403
    moved = acting.get("/earnings")
    assert (moved.status_code, moved.location) == (303, f"/agency/earnings?creator={creator.id}")
    assert acting.post("/agency/earnings/connect").status_code == 403


def test_only_an_owner_sets_up_the_agencys_payout_account(app: Flask, sandbox: Sandbox) -> None:
    agency, _creator = make_both()
    with transaction():
        colleague = make_colleague(agency)
    assert client_of(app, colleague).post("/agency/earnings/connect").status_code == 403
    assert client_of(app, agency).post("/agency/earnings/connect").status_code == 303


def test_whoever_acts_for_a_creator_can_neither_consent_nor_give_their_notice(app: Flask) -> None:
    agency, creator = make_both()
    acting = client_of(app, agency, creator)
    for path in ("/me/agency", "/me/agency/1"):
        assert acting.get(path).status_code == 403
    assert acting.post("/me/agency/1/decline").status_code == 403


def test_they_keep_the_creators_profile_and_see_only_the_creators_they_represent(app: Flask) -> None:
    agency, creator = make_both()
    with transaction():
        stranger = make_creator("Su Bai")
        save_profile(
            agency.acting_for(creator),
            CreatorFacts("Lin Yue", creator.handle, Category.FOOD, headline_en="Suppers, slower"),
            1,
        )
    assert not agency.acting_for(stranger).represents
    other = client_of(app, agency, stranger)
    # A place that isn't theirs is their own home instead.
    assert other.get("/today").location == "/agency"


def test_a_member_who_left_can_no_longer_act() -> None:
    agency, creator = make_both()
    with transaction():
        colleague = make_colleague(agency)
    parties = negotiating_deal(12_000_00, creator)
    assert colleague.acting_for(creator).represents
    with transaction():
        remove_member(agency.actor, colleague.user_id)
    with pytest.raises(NotFound), transaction():
        post_message(colleague.acting_for(creator), parties.deal_id, "Still here?")


def test_a_company_and_a_creator_whose_agencys_person_belongs_to_it_cant_choose_each_other() -> None:
    agency, creator = make_both()
    with transaction():
        brand = make_brand()
        db.session.add(Member(brand_id=brand.id, user_id=agency.user_id, role="viewer", joined_at=clock.now()))
        offer = make_offer(creator)
        package_id, brief_id = offer.packages[0].id, make_brief(brand).id
    with pytest.raises(NotAllowed, match="agency belongs to the company"), transaction():
        book_package(brand.actor, package_id, "For our pots.")
    with pytest.raises(NotAllowed), transaction():
        apply_to_brief(agency.acting_for(creator), brief_id, Money(12_000_00), "She cooks every evening.")
    assert db.session.scalars(select(Selection)).all() == []


def test_nobody_signs_for_both_sides() -> None:
    agency, creator = make_both()
    parties = negotiating_deal(12_000_00, creator)
    with transaction():
        accept_terms(parties.brand.actor, parties.deal_id, 2)
        # Who joins the company later could otherwise sign for it too.
        member = Member(brand_id=parties.brand.id, user_id=agency.user_id, role="manager", joined_at=clock.now())
        db.session.add(member)
    sign_as(agency.acting_for(creator), parties)
    both = load_actor(db.session.get_one(User, agency.user_id), Acting("brand", brand_id=parties.brand.id))
    with pytest.raises(NotAllowed, match="for the other side"):
        sign_as(both, parties)


def test_work_is_handed_in_under_their_name(sandbox: Sandbox) -> None:
    agency, creator = make_both()
    parties = funded_deal(12_000_00, creator)
    with transaction():
        handed = submit_draft(agency.acting_for(creator), parties.deal_id, url="https://example.com/draft")
        assert handed.submitted_by == agency.user_id
