"""The form of an offer: packages added and removed without scripts, and answered when something is wrong."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.infra.db import db, transaction
from marketplace.offers.models import Offer, OfferStatus
from marketplace.offers.queries import own_offers
from tests.support.market import CreatorSide, make_creator, make_user, sign_in
from tests.support.offers import make_offer, offer_facts, offer_form, package_facts
from tests.support.web import Client

NEW = "/me/offers/new"


@pytest.fixture
def creator(app: Flask, client: Client) -> CreatorSide:
    """A creator who is signed in at `client`."""
    with app.app_context(), transaction():
        made = make_creator()
    sign_in(client, made)
    return made


def count_offers(client: Client) -> int:
    with client.application.app_context():
        return db.session.scalar(select(func.count()).select_from(Offer)) or 0


def test_an_offer_goes_from_the_form_to_the_list(app: Flask, client: Client, creator: CreatorSide) -> None:
    assert client.get(NEW).status_code == 200
    saved = client.post(NEW, data=offer_form(packages=3, packages__2__price="￥３１，０００"))
    assert saved.status_code == 303
    with app.app_context():
        [offer] = own_offers(creator.actor)
        assert [package.price.amount for package in offer.packages] == [12_000_00, 12_000_00, 31_000_00]
    assert saved.location == f"/offers/{offer.id}"
    assert client.post(f"/me/offers/{offer.id}/list").status_code == 303
    with app.app_context():
        assert own_offers(creator.actor)[0].status is OfferStatus.LISTED
    assert client.post(f"/me/offers/{offer.id}/list").status_code == 409, "a second click"
    assert "Pause" in client.get("/me/offers").text
    assert client.post(f"/me/offers/{offer.id}/pause").status_code == 303
    assert client.get(f"/me/offers/{offer.id}/list").status_code == 405


def test_listing_without_enough_fans_says_what_is_missing(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        small = make_creator(eligible=False)
        offer_id = make_offer(small, listed=False).id
    sign_in(client, small)
    answer = client.post(f"/me/offers/{offer_id}/list", follow_redirects=True)
    assert "Offers can be listed with at least 10,001 verified fans" in answer.text
    assert "Not ready to be listed yet" in answer.text


@pytest.mark.usefixtures("creator")
@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("title", "", "Fill this in."),
        ("title", "x" * 101, "at most 100 characters"),
        ("description", "", "Fill this in."),
        ("category", "none", "Choose one of the options."),
        ("packages-0-name", "", "Fill this in."),
        ("packages-0-content", "song", "Choose one of the options."),
        ("packages-0-deliverables", " ", "Fill this in."),
        ("packages-0-delivery_days", "0", "at least 1"),
        ("packages-0-delivery_days", "366", "at most 365"),
        ("packages-0-revisions", "-1", "can’t be negative"),
        ("packages-0-revisions", "11", "at most 10"),
        ("packages-0-price", "", "Fill this in."),
        ("packages-0-price", "-12", "can’t be negative"),
        ("packages-0-price", "0.99", "at least ¥1.00"),
        ("packages-0-price", "900,000.01", "at most ¥900,000.00"),
        ("packages-0-price", "12.345", "at most 2 decimals"),
        ("packages-0-price", "free", "Write an amount in figures"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_saves_nothing(
    client: Client, field: str, typed: str, why: str
) -> None:
    answer = client.post(NEW, data={**offer_form(), field: typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    assert f'href="#{field}"' in answer.text, "the summary leads to the field"
    assert count_offers(client) == 0


@pytest.mark.usefixtures("creator")
def test_a_package_is_added_and_what_was_typed_is_kept(client: Client) -> None:
    answer = client.post(NEW, data={**offer_form(packages__0__price="free"), "add": "1"})
    assert answer.status_code == 200
    assert 'value="free"' in answer.text
    assert "Package 2" in answer.text
    assert "Write an amount" not in answer.text, "nothing is judged before it is saved"
    full = client.post(NEW, data={**offer_form(packages=3), "add": "1"})
    assert "Package 3" in full.text
    assert "Package 4" not in full.text
    assert count_offers(client) == 0


@pytest.mark.usefixtures("creator")
def test_a_package_is_removed_and_the_others_move_up(client: Client) -> None:
    typed = offer_form(packages=3, packages__0__name="One", packages__1__name="Two", packages__2__name="Three")
    answer = client.post(NEW, data={**typed, "remove": "1"})
    assert answer.status_code == 200
    assert 'name="packages-0-name"' in answer.text
    assert 'value="Two"' not in answer.text
    third = answer.text.index('value="Three"')
    assert 'name="packages-1-name"' in answer.text[third - 200 : third + 200]
    last = client.post(NEW, data={**offer_form(), "remove": "0"})
    assert 'name="packages-0-name"' in last.text, "one package always stays"
    assert count_offers(client) == 0


@pytest.mark.usefixtures("creator")
@pytest.mark.parametrize(
    "name",
    [
        "packages-²-name",
        "packages-" + "9" * 5000 + "-name",
        "packages-x-name",
        "packages",
        "packages-1",
        "packages--1-name",
    ],
)
def test_names_that_no_form_of_ours_has_are_ignored(client: Client, name: str) -> None:
    assert client.post(NEW, data={**offer_form(), name: "x", "remove": "x"}).status_code == 200
    assert client.post(NEW, data={**offer_form(), name: "x"}).status_code == 303


def test_a_stale_form_is_refused_with_a_page(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        offer = make_offer(creator, offer_facts(package_facts(name="Only")))
        address, package = f"/me/offers/{offer.id}", str(offer.packages[0].id)
    opened = client.get(address).text
    assert 'name="version" type="hidden" value="1"' in opened
    form = offer_form(version="1", packages__0__package_id=package)
    assert client.post(address, data={**form, "title": "First"}).status_code == 303
    late = client.post(address, data={**form, "title": "Late"})
    assert late.status_code == 409
    assert "changed in another window" in late.text
    for version in ("", "x", "9" * 50, "-1"):
        assert client.post(address, data={**form, "version": version}).status_code == 409
    for smuggled in ("999999", "x", "9" * 50):
        stranger = {**form, "version": "2", "packages-0-package_id": smuggled}
        assert client.post(address, data=stranger).status_code == 409
    with app.app_context():
        [found] = own_offers(creator.actor)
        assert (found.title, found.version) == ("First", 2)


def test_without_a_profile_there_are_no_offers(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        user = make_user(Side.CREATOR)
        newcomer = CreatorSide(0, "", user.id, user.get_id(), load_actor(user))
    sign_in(client, newcomer)
    for answer in (client.get("/me/offers"), client.post(NEW, data=offer_form())):
        assert (answer.status_code, answer.location) == (303, "/me/profile")
