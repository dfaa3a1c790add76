"""Who hears of what, who is kept in mind, who is kept away; and what both sides say of each other in the end."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.escrow.settle import accept_work
from marketplace.infra.db import db
from marketplace.infra.mail import Mail
from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.deals import make_deal
from tests.support.market import CreatorSide, brief_facts, make_brand, make_brief, make_creator, make_offer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NOTE = "Warm light, and she answers at once."
OF_CREATOR, OF_BRAND = "Came a day early, and the rain is just right.", "Paid at once, and knew what they wanted."


def test_a_creator_is_saved_invited_told_and_blocked(stage: Stage) -> None:
    with stage.scene():
        lin, tidewell = make_creator("Lin Yue"), make_brand("Tidewell")
        make_offer(lin)
        brief_id = make_brief(tidewell, brief_facts(title="Rain on a tin roof")).id
    creator, brand = stage.enter(lin.user_id), stage.enter(tidewell.user_id)
    stage.run_jobs()
    want_no_mail(creator)
    mails = mails_of(stage, lin)
    save(brand, lin)
    invite_from(stage, brand, lin, brief_id)
    stage.run_jobs()
    assert mails_of(stage, lin) == mails
    hear_the_bell(stage, creator)

    block(brand, lin)
    for person, pages in ((brand, [f"/c/{lin.handle}"]), (creator, [f"/b/{tidewell.handle}", f"/briefs/{brief_id}"])):
        for page in pages:
            person.go(page, status=404)
    brand.go("/creators")
    assert not brand.says("Lin Yue")
    creator.go("/briefs")
    assert not creator.says("Rain on a tin roof")
    brand.go("/company/blocked")
    assert brand.says("Lin Yue", "Late twice.")
    brand.send(f"/company/blocked/{lin.id}/unblock")
    creator.go(f"/briefs/{brief_id}")


def want_no_mail(creator: Walker) -> None:
    """Of what reaches them; it still stands behind the bell."""
    creator.go("/notifications")
    creator.follow("/notifications/preferences")
    creator.page.locator("[name=mail][value=proposals]").uncheck()
    creator.send("/notifications/preferences")
    creator.go("/notifications/preferences")
    expect(creator.page.locator("[name=mail][value=proposals]")).not_to_be_checked()
    expect(creator.page.locator("[name=bell][value=proposals]")).to_be_checked()
    creator.go("/notifications")
    creator.send("/notifications/read")


def mails_of(stage: Stage, lin: CreatorSide) -> int:
    with stage.scene():
        return db.session.scalars(select(func.count()).where(Mail.user_id == lin.user_id)).one()


def save(brand: Walker, lin: CreatorSide) -> None:
    """From the list of creators, in a sheet over it."""
    brand.go("/creators")
    brand.page.locator(f"#save-{lin.id}").click()
    sheet = brand.page.get_by_role("dialog", name="Lin Yue")
    sheet.locator("[name=name]").fill("Autumn")
    sheet.locator("[name=note]").fill(NOTE)
    sheet.locator("form[method=post] button[type=submit]").click()
    expect(sheet).to_be_hidden()
    assert brand.path == "/creators"
    brand.go("/company/lists")
    brand.click(brand.main.get_by_role("link", name="Autumn"))
    assert brand.says("Lin Yue", NOTE)


def invite_from(stage: Stage, brand: Walker, lin: CreatorSide, brief_id: int) -> None:
    brand.page.locator(f'main [name=ids][value="{lin.id}"]').check()
    brand.press(stage.words("Invite to a brief"))
    assert brand.path == "/invitations/new"
    brand.fill(brief_id=brief_id, price="9,000", message="The rain, please.")
    brand.press(stage.words("Invite them"))
    assert brand.says("Lin Yue", "Rain on a tin roof")


def hear_the_bell(stage: Stage, creator: Walker) -> None:
    """One new thing, which leads to where it is answered and is old after that."""
    creator.go("/today")
    bell = creator.page.locator('header a[href="/notifications"]')
    assert bell.inner_text().strip() == "1"
    creator.click(bell)
    creator.click(creator.page.locator(".news__line.is-unread .news__link"))
    creator.number_in(r"^/selections/(\d+)$")
    assert creator.says("The rain, please.", "Tidewell")
    assert bell.inner_text().strip() == ""


def block(brand: Walker, lin: CreatorSide) -> None:
    brand.go(f"/c/{lin.handle}")
    brand.follow(f"/creators/{lin.handle}/block")
    brand.fill(reason="Late twice.")
    brand.send()
    assert brand.path == "/company/blocked"


def test_both_sides_review_a_deal_and_everybody_reads_it(stage: Stage) -> None:
    with stage.scene():
        sides = make_deal(state=State.ACCEPTANCE)
        accept_work(sides.brand.actor, sides.id)
    creator, brand = stage.enter(sides.creator.user_id), stage.enter(sides.brand.user_id)
    review(brand, sides.id, "5", OF_CREATOR)
    creator.go(f"/deals/{sides.id}/review")
    assert not creator.says(OF_CREATOR), "neither reads the other's before writing"
    visitor = stage.visitor()
    visitor.go(f"/c/{sides.creator.handle}")
    assert not visitor.says(OF_CREATOR)
    review(creator, sides.id, "4", OF_BRAND)
    assert creator.says(OF_CREATOR, OF_BRAND)
    stage.run_jobs()
    visitor.go(f"/c/{sides.creator.handle}")
    assert visitor.says(OF_CREATOR, "5.0", "Tidewell")
    visitor.follow(f"/b/{sides.brand.handle}")
    assert visitor.says(OF_BRAND, "4.0", "Lin Yue")


def review(person: Walker, deal_id: int, stars: str, text: str) -> None:
    person.go(f"/deals/{deal_id}")
    person.follow(f"/deals/{deal_id}/review")
    person.send(status=422)
    person.fill(stars=stars, text=text)
    person.send()
    assert person.says(text)
    assert person.page.locator("main form").count() == 0, "nobody writes twice"
