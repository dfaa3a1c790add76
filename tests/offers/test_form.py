"""The form of an offer: packages added and removed without scripts, and answered when something is wrong."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.infra.db import db, transaction
from marketplace.kit.money import Money
from marketplace.offers.models import AddonKind, Offer, OfferStatus
from marketplace.offers.queries import example_works, own_offers
from tests.support.market import CreatorSide, make_creator, make_user, sign_in
from tests.support.offers import make_offer, make_work, offer_facts, offer_form, package_facts
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
    assert "You need at least 10,001 verified fans on one channel. You have" in answer.text
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


ADDON = {
    "usage_rights-on": "y",
    "usage_rights-days": "180",
    "usage_rights-price": "3,000",
    "usage_rights-details": "Web",
}


def test_all_that_an_offer_says_travels_through_the_form(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        works = [make_work(creator), make_work(creator, "Noodles")]
    live = {"content": "live_session", "hours": "2", "included": " Link in the text \n\n Recording ", "price": "900.50"}
    typed = offer_form(currency="USD") | {f"packages-0-{name}": value for name, value in live.items()}
    saved = client.post(NEW, data={**typed, **ADDON, "raw_files-price": "what", "examples": [str(works[0])]})
    assert saved.status_code == 303, "what isn't ticked isn't judged"
    with app.app_context():
        [offer] = own_offers(creator.actor)
        [package], [addon] = offer.packages, offer.addons
        assert (offer.currency, package.hours, package.price) == ("USD", 2, Money(900_50, "USD"))
        assert package.included == ["Link in the text", "Recording"]
        assert (addon.kind, addon.days, addon.price) == (AddonKind.USAGE_RIGHTS, 180, Money(3_000_00, "USD"))
        assert [work.id for work in example_works(offer.id)] == works[:1]
    opened = client.get(f"/me/offers/{offer.id}").text
    for shown in ('value="900.50"', 'value="USD" selected', "Recording", 'value="180"', 'value="Web"'):
        assert shown in opened.replace('selected value="USD"', 'value="USD" selected')
    page = client.get(f"/offers/{offer.id}").text
    assert "US$450" in page, "what an hour comes to"
    for shown in ("2 hours live", "Usage rights", "For 180 days", "Broth for one", "Preview"):
        assert shown in page
    assert "Noodles" not in page


@pytest.mark.usefixtures("creator")
@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"packages-0-content": "live_session"}, "packages-0-hours", "Fill this in."),
        ({"packages-0-content": "live_session", "packages-0-hours": "13"}, "packages-0-hours", "at most 12"),
        ({"packages-0-content": "series", "packages-0-episodes": "1"}, "packages-0-episodes", "at least 2"),
        ({"packages-0-included": "a\n" * 9}, "packages-0-included", "at most 8 lines"),
        ({"packages-0-included": "a" * 121}, "packages-0-included", "at most 120 characters a line"),
        ({"currency": "KRW"}, "currency", "Choose one of the options."),
        ({"currency": "JPY", "packages-0-price": "12.50"}, "packages-0-price", "Amounts in JPY have no decimals."),
        ({"usage_rights-days": ""}, "usage_rights-days", "Fill this in."),
        ({"usage_rights-price": ""}, "usage_rights-price", "Fill this in."),
        ({"usage_rights-days": "5000"}, "usage_rights-days", "at most 1,830"),
        ({"usage_rights-details": "x" * 121}, "usage_rights-details", "at most 120 characters"),
        ({"examples": [str(number) for number in range(1, 8)]}, "examples", "at most 6 examples"),
    ],
)
def test_the_parts_of_an_offer_are_answered_beside_their_field(
    client: Client, typed: dict[str, str], field: str, why: str
) -> None:
    answer = client.post(NEW, data={**offer_form(), **ADDON, **typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'href="#{field}"' in answer.text
    assert count_offers(client) == 0


@pytest.mark.usefixtures("creator")
def test_hours_of_what_isnt_live_are_let_be(app: Flask, client: Client, creator: CreatorSide) -> None:
    assert client.post(NEW, data=offer_form(packages__0__hours="many", packages__0__episodes="x")).status_code == 303
    with app.app_context():
        assert own_offers(creator.actor)[0].packages[0].hours is None


@pytest.mark.usefixtures("creator")
@pytest.mark.parametrize("sent", ["999", "x", "9" * 50, "-1"])
def test_a_strangers_work_is_refused_with_a_page(client: Client, sent: str) -> None:
    assert client.post(NEW, data={**offer_form(), "examples": sent}).status_code == 409
    assert count_offers(client) == 0


def test_a_draft_is_copied_moved_and_deleted_from_the_page(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        offer_id = make_offer(creator).id
    copied = client.post(f"/me/offers/{offer_id}/duplicate")
    assert copied.status_code == 303
    draft = int(copied.location.rsplit("/", 1)[1])
    page = client.get("/me/offers").text
    assert page.index("Copy of A supper film") < page.index(f'id="h-offer-{offer_id}"')
    assert f"/me/offers/{draft}/delete" in page
    assert f"/me/offers/{offer_id}/delete" not in page
    moved = client.post(f"/me/offers/{draft}/move", data={"direction": "down"})
    assert moved.location == f"/me/offers#h-offer-{draft}"
    page = client.get("/me/offers").text
    assert page.index(f'id="h-offer-{offer_id}"') < page.index(f'id="h-offer-{draft}"')
    assert "Pause this offer instead" in client.post(f"/me/offers/{offer_id}/delete", follow_redirects=True).text
    assert "The draft is gone." in client.post(f"/me/offers/{draft}/delete", follow_redirects=True).text
    assert client.post(f"/me/offers/{draft}/delete").status_code == 404, "a second click"
