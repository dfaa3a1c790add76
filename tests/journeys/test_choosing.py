"""Both sides choose: bookings and invitations answered from the inbox; and a deal agreed on a phone without scripts."""

import pytest
from flask import Flask

from marketplace.deals.lifecycle import State
from marketplace.infra.db import transaction
from tests.journeys import steps
from tests.journeys.walker import Walker, walker
from tests.support.market import BrandSide, CreatorSide, make_brand, make_brief, make_creator, make_offer
from tests.support.people import NewPerson

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def lin(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator("Lin Yue")


@pytest.fixture
def tidewell(app: Flask) -> BrandSide:
    with app.app_context(), transaction():
        return make_brand("Tidewell")


def signed_in(app: Flask, new_person: NewPerson, side: CreatorSide | BrandSide, **window: object) -> Walker:
    """The side at its own browser."""
    found = walker(new_person(side.handle, **window), scripts=bool(window.get("javascript", True)))
    steps.sign_in(found, steps.email_of(app, side.user_id))
    return found


def test_a_booking_is_declined_and_an_invitation_accepted_from_the_inbox(
    app: Flask, new_person: NewPerson, lin: CreatorSide, tidewell: BrandSide
) -> None:
    with app.app_context(), transaction():
        offer_id, package_id = (found := make_offer(lin)).id, found.packages[0].id
        brief_id = make_brief(tidewell).id
    creator, brand = signed_in(app, new_person, lin), signed_in(app, new_person, tidewell)

    brand.menu("/creators")
    brand.follow(f"/c/{lin.handle}")
    brand.follow(f"/offers/{offer_id}")
    brand.follow(f"/packages/{package_id}/book")
    brand.fill(message="For our spring pots.")
    brand.send()
    booking = brand.number_in(r"^/selections/(\d+)$")

    answer(creator, booking)
    creator.follow(f"/selections/{booking}/decline")
    creator.send(status=422)
    creator.fill(declined_for="other", reason="I am away in that week.")
    creator.send()
    brand.go(f"/selections/{booking}")
    assert brand.says("I am away in that week.")

    brand.go(f"/c/{lin.handle}")
    brand.follow(f"/creators/{lin.handle}/invite")
    brand.fill(brief_id=brief_id, price="9,000", message="Your suppers are just what we look for.")
    brand.send()
    invitation = brand.number_in(r"^/selections/(\d+)$")

    answer(creator, invitation)
    creator.send(f"/selections/{invitation}/accept")
    deal_id = creator.number_in(r"^/deals/(\d+)$")
    brand.menu("/deals")
    brand.go("/deals?tab=theirs")
    brand.follow(f"/deals/{deal_id}")
    assert brand.says("9,000.00")
    assert steps.state_of(app, deal_id) is State.NEGOTIATING


def answer(creator: Walker, selection_id: int) -> None:
    """Open what waits in the inbox."""
    creator.go("/selections")
    creator.follow(f"/selections/{selection_id}")


def test_a_deal_is_agreed_and_signed_on_a_phone_without_scripts(
    app: Flask, new_person: NewPerson, lin: CreatorSide, tidewell: BrandSide
) -> None:
    with app.app_context(), transaction():
        brief_id = make_brief(tidewell).id
    creator = signed_in(app, new_person, lin, javascript=False, **PHONE)
    brand = signed_in(app, new_person, tidewell, javascript=False, **PHONE)
    selection_id = steps.apply(creator, brief_id, "12,000")
    deal_id = steps.accept_application(brand, brief_id, selection_id)
    steps.counter(brand, deal_id, "11,000")
    steps.counter(creator, deal_id, "11,500")
    steps.accept_terms(brand, deal_id, 3)
    assert steps.state_of(app, deal_id) is State.SIGNING
    steps.sign(creator, deal_id)
    steps.sign(brand, deal_id)
    assert steps.state_of(app, deal_id) is State.FUNDING
    for window in (creator, brand):
        wide = window.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"{window.page.url} is {wide} wide"
