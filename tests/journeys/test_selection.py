"""Choosing each other: applications weighed side by side; invitations and bookings that hold what they ask for."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from marketplace.deals.lifecycle import State
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.matching.jobs import expire_selections
from marketplace.matching.models import DeclineReason, Selection, SelectionStatus
from marketplace.offers.availability import Busy
from marketplace.offers.models import AddonKind
from tests.journeys import steps
from tests.journeys.stage import Stage, from_today
from tests.journeys.walker import Walker
from tests.support import offers
from tests.support.market import (
    CreatorSide,
    brief_facts,
    creator_of,
    make_application,
    make_brand,
    make_brief,
    make_creator,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NOTE, WHY = "Warm light, ask for the lid.", "A little above what we planned."


def test_applicants_are_compared_one_declined_and_one_accepted(stage: Stage) -> None:
    with stage.scene():
        tidewell, lin, su = make_brand("Tidewell"), make_creator("Lin Yue"), make_creator("Su Bai", fans=80_000)
        brief_id = make_brief(tidewell).id
        declined = make_application(su, brief_id, 14_000_00).id
    creator, brand = stage.enter(lin.user_id), stage.enter(tidewell.user_id)
    creator.go("/today")
    wanted = steps.apply(creator, brief_id, "12,000")
    read_the_inbox(stage, brand, wanted)
    shortlist(stage, brand, brief_id, wanted)
    compare(stage, brand, brief_id, (wanted, declined))
    creator.go(f"/selections/{wanted}")
    assert not creator.says(NOTE), "what the company notes stays its own"
    assert not creator.says("Su Bai"), "nobody sees who else applied"

    brand.follow(f"/selections/{declined}/decline")
    brand.fill(declined_for="price", reason=WHY)
    brand.send()
    deal_id = steps.accept_application(brand, brief_id, wanted)
    other = stage.enter(su.user_id)
    other.go("/selections?tab=closed")
    other.follow(f"/selections/{declined}")
    assert other.says(stage.label(DeclineReason.PRICE), WHY)
    creator.go("/deals?tab=theirs")
    creator.follow(f"/deals/{deal_id}")
    assert creator.says("12,000.00")
    assert steps.state_of(stage.app, deal_id) is State.NEGOTIATING


def read_the_inbox(stage: Stage, brand: Walker, selection_id: int) -> None:
    """What was looked at isn't new any more."""
    brand.go("/selections")
    assert brand.says(stage.words("Unread (%(number)s)", number=2))
    brand.follow(f"/selections/{selection_id}")
    brand.go("/selections?unread=1")
    assert brand.says(stage.words("Unread (%(number)s)", number=1), "Su Bai")
    assert not brand.says("Lin Yue")


def shortlist(stage: Stage, brand: Walker, brief_id: int, selection_id: int) -> None:
    brand.go(f"/company/briefs/{brief_id}/applicants")
    one = brand.page.locator(f"#applicant-{selection_id}")
    one.locator(f"#star-{selection_id}").click()
    expect(one.locator(f"#star-{selection_id}")).to_have_attribute("aria-pressed", "true")
    one.locator("summary").click()
    one.locator("textarea").fill(NOTE)
    brand.click(one.get_by_role("button", name=stage.words("Save the note")))
    brand.go(f"/company/briefs/{brief_id}/applicants?shortlisted=1")
    assert brand.says("Lin Yue")
    assert not brand.says("Su Bai")


def compare(stage: Stage, brand: Walker, brief_id: int, picked: tuple[int, int]) -> None:
    brand.go(f"/company/briefs/{brief_id}/applicants")
    for selection_id in picked:
        brand.page.locator(f"#pick-{selection_id}").check()
    brand.press(stage.words("Compare"))
    columns = brand.page.locator(".compare__one")
    assert columns.count() == 2
    lin, su = (brand.page.locator(f"#applicant-{selection_id}") for selection_id in picked)
    expect(lin).to_contain_text(NOTE)
    expect(lin).to_contain_text("50,000")
    expect(su).to_contain_text("80,000")
    lowest = stage.words("lowest")
    prices = [one.locator("dd", has_text="¥1").first.inner_text() for one in (lin, su)]
    assert [lowest in price for price in prices] == [True, False]


def test_invitations_hold_places_and_a_booked_creator_is_full(stage: Stage) -> None:
    with stage.scene():
        tidewell, lin, su = make_brand("Tidewell"), make_creator("Lin Yue"), make_creator("Su Bai")
        earlier, brief_id = make_brief(tidewell).id, make_brief(tidewell, brief_facts(title="Rain on a tin roof")).id
        for applicant in (lin, su):
            make_application(applicant, earlier)
        extra = offers.addon_facts(AddonKind.USAGE_RIGHTS, 1_500_00, days=90)
        package_id = offers.make_offer(lin, offers.offer_facts(addons=(extra,))).packages[0].id
        creator_of(lin).most_deals = 1
    brand, creator = stage.enter(tidewell.user_id), stage.enter(lin.user_id)
    declined, left_open = invite_both(stage, brand, earlier, brief_id, (lin, su))
    creator.go("/selections")
    creator.follow(f"/selections/{declined}/decline")
    creator.fill(declined_for="dates")
    creator.send()
    assert_places(stage, brand, brief_id, held=1, free=1)

    booking = book(stage, brand, package_id)
    creator.go("/selections")
    creator.follow(f"/selections/{booking}")
    assert creator.says("¥13,500.00", stage.label(AddonKind.USAGE_RIGHTS), stage.day(from_today(9)))
    creator.send(f"/selections/{booking}/accept")
    creator.number_in(r"^/deals/(\d+)$")
    be_refused(stage, brand, lin, package_id)
    lapse(stage, brand, su, left_open)
    assert_places(stage, brand, brief_id, held=0, free=2)


def invite_both(
    stage: Stage, brand: Walker, earlier: int, brief_id: int, both: tuple[CreatorSide, CreatorSide]
) -> list[int]:
    """From those who applied to another brief; one of them for a price of her own. Returns the two invitations."""
    brand.go(f"/company/briefs/{earlier}/applicants")
    for box in brand.page.locator('main [name="ids"]').all():
        box.check()
    brand.press(stage.words("Invite to another brief"))
    brand.fill(brief_id=brief_id, price="9,000", message="The rain, please.")
    brand.fill(**{f"price_{both[1].id}": "9,500"})
    brand.send("/invitations/new")
    assert brand.path == "/selections"
    assert brand.says("Lin Yue", "¥9,000", "Su Bai", "¥9,500")
    assert_places(stage, brand, brief_id, held=2, free=0)
    with stage.scene():
        query = select(Selection).where(Selection.brief_id == brief_id)
        found = {selection.creator_id: selection.id for selection in db.session.scalars(query)}
        assert {one.price for one in db.session.scalars(query)} == {Money(9_000_00), Money(9_500_00)}
    return [found[one.id] for one in both]


def assert_places(stage: Stage, brand: Walker, brief_id: int, *, held: int, free: int) -> None:
    brand.go(f"/briefs/{brief_id}")
    counts = stage.words("%(filled)s filled, %(held)s held, %(free)s free", filled=0, held=held, free=free)
    assert brand.says(counts)


def book(stage: Stage, brand: Walker, package_id: int) -> int:
    """With an extra, for a day; the price follows while it is ticked."""
    brand.go(f"/packages/{package_id}/book")
    assert not brand.says("¥13,500")
    brand.page.locator("main [name=addons]").check()
    brand.waits_for("#total", "¥13,500")
    brand.fill(wanted_on=from_today(9).isoformat(), message="For our winter pots.")
    brand.send()
    return brand.number_in(r"^/selections/(\d+)$")


def be_refused(stage: Stage, brand: Walker, lin: CreatorSide, package_id: int) -> None:
    """Who works on as many deals as they take is shown so everywhere, and can't be had for those days."""
    full = stage.label(Busy.FULL)
    brand.go("/creators")
    assert brand.says("Lin Yue", full)
    brand.go(f"/c/{lin.handle}")
    assert brand.page.locator(".free--no").is_visible()
    brand.follow(f"/packages/{package_id}/book")
    brand.fill(wanted_on=from_today(9).isoformat())
    brand.send(status=409)
    assert brand.page.locator("[role=alert]").is_visible()
    assert brand.says("Lin Yue", stage.day(from_today(0)))


def lapse(stage: Stage, brand: Walker, su: CreatorSide, selection_id: int) -> None:
    """Three days without an answer."""
    creator = stage.enter(su.user_id)
    with stage.live.at(clock.now() + timedelta(hours=72, minutes=1)):
        with stage.app.app_context():
            expire_selections()
        creator.go("/selections")
        assert creator.page.locator(f'main a[href^="/selections/{selection_id}"]').count() == 0
        for person in (creator, brand):
            person.go(f"/selections/{selection_id}")
            assert person.says(stage.label(SelectionStatus.EXPIRED))
            assert person.page.locator('main form[action$="/accept"], main form[action$="/withdraw"]').count() == 0
