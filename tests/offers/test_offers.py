"""Offers: written, listed when the creator is eligible, paused, and shown with what a brand pays."""

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.creators.queries import get_creator
from marketplace.fees.models import FeeAgreement
from marketplace.fees.policy import Bracket, Rule, RuleKind, rule_to_json
from marketplace.fees.queries import fee_day
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import brand_owner
from marketplace.offers.models import Offer, OfferStatus, Package
from marketplace.offers.policy import MOST_OFFERS
from marketplace.offers.prices import brand_prices
from marketplace.offers.queries import bookable_package, listed_offers_of, own_offer, own_offers
from marketplace.offers.service import PackageFacts, create_offer, edit_offer, list_offer, pause_offer
from tests.support.market import CreatorSide, creator_of, make_brand, make_creator, sign_in
from tests.support.offers import make_offer, offer_facts, package_facts
from tests.support.web import Client


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator()


def test_a_draft_keeps_its_packages_in_order_and_the_lowest_price(context: None, creator: CreatorSide) -> None:
    with transaction():
        facts = offer_facts(package_facts(31_000_00, name="Week"), package_facts(6_800_00, name="Post"))
        offer = make_offer(creator, facts, listed=False)
    assert (offer.status, offer.listed_at, offer.lowest) == (OfferStatus.DRAFT, None, Money(6_800_00))
    assert [(package.position, package.name) for package in offer.packages] == [(1, "Week"), (2, "Post")]


def test_only_an_eligible_creator_with_a_confirmed_address_lists(context: None) -> None:
    with transaction():
        small = make_creator(eligible=False)
        offer = make_offer(small, listed=False)
        with pytest.raises(NotAllowed, match=r"at least 10,001 verified fans on one channel\. You have 0"):
            list_offer(small.actor, offer.id)
        unconfirmed = make_creator(confirmed=False)
        offer = make_offer(unconfirmed, listed=False)
        with pytest.raises(Invalid, match="Confirm your e-mail"):
            list_offer(unconfirmed.actor, offer.id)
    assert offer.status is OfferStatus.DRAFT


def test_an_offer_is_listed_paused_and_listed_again(context: None, creator: CreatorSide) -> None:
    with transaction():
        offer = make_offer(creator)
        first = offer.listed_at
        with pytest.raises(Conflict, match="listed already"):
            list_offer(creator.actor, offer.id)
        pause_offer(creator.actor, offer.id)
        with pytest.raises(Conflict, match="nothing to pause"):
            pause_offer(creator.actor, offer.id)
        list_offer(creator.actor, offer.id)
    assert (offer.status, offer.listed_at) == (OfferStatus.LISTED, first), "listing again makes it no newer"


def test_nobody_else_changes_or_sees_what_isnt_listed(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        other, brand = make_creator("Gu Wen"), make_brand()
        offer_id = make_offer(creator, listed=False).id
        for actor in (other.actor, brand.actor, Actor()):
            for verb in (list_offer, pause_offer, own_offer):
                with pytest.raises((NotFound, NotAllowed)):
                    verb(actor, offer_id)
            with pytest.raises(NotFound):
                edit_offer(actor, offer_id, offer_facts(), 1)
    for who in (None, other, brand):
        visitor = app.test_client()
        if who is not None:
            sign_in(visitor, who)
        assert visitor.get(f"/offers/{offer_id}").status_code == 404
    sign_in(client, other)
    for address in (f"/me/offers/{offer_id}/list", f"/me/offers/{offer_id}/pause", f"/me/offers/{offer_id}"):
        assert client.post(address).status_code == 404
    sign_in(client, creator)
    page = client.get(f"/offers/{offer_id}")
    assert page.status_code == 200
    assert "Only you see this page." in page.text


def test_a_creator_below_the_threshold_disappears_with_their_offers(context: None, creator: CreatorSide) -> None:
    with transaction():
        offer = make_offer(creator)
        package = offer.packages[0].id
        assert bookable_package(package, lock=True).id == package
        creator_of(creator).eligible = False
        db.session.flush()
        with pytest.raises(NotFound):
            bookable_package(package)
        assert listed_offers_of(creator_of(creator)) == []


def test_an_edit_changes_adds_and_takes_out_packages(context: None, creator: CreatorSide) -> None:
    with transaction():
        offer = make_offer(creator, offer_facts(package_facts(name="One"), package_facts(name="Two")))
        one, two = (package.id for package in offer.packages)
        changed = (package_facts(9_000_00, name="Three"), package_facts(7_000_00, name="Second", package_id=two))
        edit_offer(creator.actor, offer.id, offer_facts(*changed), version=1)
    assert [(package.name, package.position) for package in offer.packages] == [("Three", 1), ("Second", 2)]
    assert offer.packages[1].id == two
    assert (offer.lowest, offer.version) == (Money(7_000_00), 2)
    assert db.session.get_one(Package, one).position is None, "kept for the bookings that refer to it"
    with pytest.raises(NotFound):
        bookable_package(one)


def test_an_edit_of_an_older_version_is_refused(context: None, creator: CreatorSide) -> None:
    with transaction():
        offer = make_offer(creator)
        edit_offer(creator.actor, offer.id, offer_facts(title="First"), version=1)
        with pytest.raises(Conflict, match="changed in another window"):
            edit_offer(creator.actor, offer.id, offer_facts(title="Late"), version=1)
    assert offer.title == "First"


def test_a_package_of_another_offer_cant_be_smuggled_in(context: None, creator: CreatorSide) -> None:
    with transaction():
        stranger = make_offer(make_creator("Gu Wen")).packages[0].id
        offer = make_offer(creator)
        own = offer.packages[0].id
    for ids in ((stranger,), (own, own), (-1,)):
        packages = [package_facts(package_id=package_id) for package_id in ids]
        with pytest.raises(Conflict), transaction():
            edit_offer(creator.actor, offer.id, offer_facts(*packages), version=1)
    owner = select(Offer.creator_id).join(Package, Package.offer_id == Offer.id).where(Package.id == stranger)
    assert db.session.scalar(owner) != creator.id


@pytest.mark.parametrize(
    ("packages", "why"),
    [
        ([package_facts(price) for price in (1_00, 2_00, 3_00, 4_00)], "at most 3 packages"),
        ([package_facts(99)], "too small or too large"),
        ([package_facts(90_000_001)], "too small or too large"),
    ],
)
def test_the_verb_holds_the_bounds_itself(
    creator: CreatorSide, context: None, packages: list[PackageFacts], why: str
) -> None:
    with pytest.raises(Invalid, match=why):
        create_offer(creator.actor, offer_facts(*packages))


def test_a_creator_has_only_so_many_offers(context: None, creator: CreatorSide) -> None:
    with transaction():
        for _ in range(MOST_OFFERS):
            make_offer(creator, listed=False)
        with pytest.raises(Invalid, match="which is the most"):
            make_offer(creator, listed=False)
    assert len(own_offers(creator.actor)) == MOST_OFFERS


def test_a_brand_pays_the_service_fee_but_none_on_live_selling(context: None, creator: CreatorSide) -> None:
    with transaction():
        film = package_facts(12_000_00)
        live = package_facts(12_000_00, name="Live", content=ContentKind.LIVE_COMMERCE)
        offer = make_offer(creator, offer_facts(film, live))
    prices = brand_prices(offer, get_creator(offer.creator_id))
    first, second = (prices[package.id] for package in offer.packages)
    assert (first.fee, first.total) == (Money(600_00), Money(12_600_00))
    assert [line.amount for line in first.fees] == [Money(600_00)]
    assert (second.fee, second.total) == (Money(0), Money(12_000_00))


def test_the_page_says_what_a_brand_pays_and_leads_to_the_booking(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    with app.app_context(), transaction():
        offer = make_offer(creator)
        offer_id, package_id, brand = offer.id, offer.packages[0].id, make_brand()
    page = client.get(f"/offers/{offer_id}")
    assert page.status_code == 200
    assert "¥12,600" in page.text
    assert "5 % of the price" in page.text
    assert f"/packages/{package_id}/book" in page.text
    sign_in(client, brand)
    assert f"/packages/{package_id}/book" in client.get(f"/offers/{offer_id}").text
    sign_in(client, creator)
    assert f"/packages/{package_id}/book" not in client.get(f"/offers/{offer_id}").text
    assert client.get("/offers/99999999999999999999").status_code == 404


def test_a_brand_reads_the_service_fee_that_it_has_agreed_and_nobody_else_does(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    with app.app_context(), transaction():
        offer_id, brand = make_offer(creator).id, make_brand()
        agreement = FeeAgreement(
            brand=brand_owner(brand.id),
            rule=rule_to_json(Rule("R", RuleKind.BRAND_SERVICE_FEE, (Bracket(200),))),
            starts=fee_day(),
            why="They bring much.",
            editors=["user:1"],
            created_at=clock.now(),
            published_at=clock.now(),
            published_by="user:2",
        )
        db.session.add(agreement)
    for reader, fee in ((None, "5 % of the price"), (creator, "5 % of the price"), (brand, "2 % of the price")):
        if reader is not None:
            sign_in(client, reader)
        page = client.get(f"/offers/{offer_id}").text
        assert fee in page
        assert ("As agreed with the company." in page) is (reader is brand)
