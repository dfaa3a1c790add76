"""A company and its people: invited by mail, held by a limit, handed over; and one person in two companies."""

import pytest
from playwright.sync_api import expect

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import Side, User
from marketplace.app import load_actor
from marketplace.brands.models import Brand
from marketplace.deals.lifecycle import State
from marketplace.infra.db import db
from tests.journeys import steps
from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.deals import make_deal
from tests.support.market import BrandSide, make_creator, make_user

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GUEST = "gu.wen@tidewell.example"


def test_a_company_is_shared_limited_and_handed_over(stage: Stage) -> None:
    with stage.scene():
        owner_id = make_user(Side.BRAND, "Mo Li").id
    owner = stage.enter(owner_id)
    owner.go("/company")
    steps.keep_company(owner, "Tidewell", "tidewell")
    guest_id, guest = invite(stage, owner)
    limit(stage, owner, guest, guest_id, deal_to_sign(stage, owner_id))
    hand_over(stage, owner, guest, guest_id)
    switch(stage, guest)


def invite(stage: Stage, owner: Walker) -> tuple[int, Walker]:
    """A colleague finds the link in their mail, and makes an account behind it."""
    owner.go("/company/members")
    owner.fill(email=GUEST, role="finance")
    owner.send("/company/members/invitations")
    assert owner.says(GUEST, stage.label(BrandRole.FINANCE))
    stage.run_jobs()
    guest = stage.visitor("Gu Wen")
    guest.go(steps.newest_link(stage.app, GUEST, "join"))
    assert guest.says("Tidewell", "Mo Li", stage.label(BrandRole.FINANCE))
    guest.fill(name="Gu Wen", password="short")
    guest.send(status=422)
    guest.fill(password=steps.PASSWORD)
    guest.send()
    assert guest.path == "/today"
    assert guest.says(stage.words("You have joined %(name)s.", name="Tidewell"))
    with stage.scene():
        guest_id = db.session.query(User.id).filter_by(email=GUEST).scalar()
    guest.go("/company/members")
    assert guest.page.locator("#h-invite").count() == 0, "only owners invite"
    return guest_id, guest


def deal_to_sign(stage: Stage, owner_id: int) -> int:
    with stage.scene():
        owner, brand = db.session.get_one(User, owner_id), db.session.query(Brand).one()
        side = BrandSide(brand.id, brand.handle, owner_id, owner.get_id(), load_actor(owner))
        return make_deal(make_creator(), side, price=12_000_00, state=State.SIGNING).id


def limit(stage: Stage, owner: Walker, guest: Walker, guest_id: int, deal_id: int) -> None:
    """Whoever pays may not sign; a manager may, as far as the limit goes."""
    guest.go(f"/deals/{deal_id}/contract")
    assert guest.page.locator("main input[type=password]").count() == 0
    owner.go("/company/members")
    owner.follow(f"/company/members/{guest_id}")
    owner.fill(role="manager")
    owner.send(f"/company/members/{guest_id}/role")

    sign = f"/deals/{deal_id}/contract/sign"
    guest.go(f"/deals/{deal_id}/contract")
    guest.fill(read=True, password=steps.PASSWORD)
    set_limit(owner, guest_id, "10,000")
    guest.send(sign, status=403)
    assert guest.says("¥12,600.00", "¥10,000.00", "Mo Li")
    assert guest.page.locator(f'form[action="{sign}"]').count() == 0, "nothing to press that can't be done"
    set_limit(owner, guest_id, "20,000")
    guest.go(f"/deals/{deal_id}/contract")
    assert guest.says("¥7,400.00"), "what is left of the month after this"
    guest.fill(read=True, password=steps.PASSWORD)
    guest.send(sign)
    assert guest.says(stage.words("You have signed."))
    guest.go("/company/members")
    assert guest.says("¥20,000.00", "¥12,600.00")


def set_limit(owner: Walker, guest_id: int, amount: str) -> None:
    owner.go(f"/company/members/{guest_id}")
    owner.fill(limit=amount)
    owner.send(f"/company/members/{guest_id}/limit")
    assert owner.path == "/company/members"


def hand_over(stage: Stage, owner: Walker, guest: Walker, guest_id: int) -> None:
    owner.go(f"/company/members/{guest_id}")
    owner.follow(f"/company/members/{guest_id}/transfer")
    owner.fill(password="not this one")
    owner.send(status=422)
    owner.fill(password=steps.PASSWORD)
    owner.send()
    assert owner.says(stage.words("%(name)s owns the company now. You are a manager.", name="Gu Wen"))
    assert owner.page.locator("#h-invite").count() == 0
    guest.go("/company/members")
    assert guest.page.locator("#h-invite").is_visible()


def switch(stage: Stage, person: Walker) -> None:
    """The new owner makes a second company, and goes back to the first by the header."""
    person.go("/places")
    person.follow("/companies/new")
    person.fill(name="Northmoss", handle="northmoss", legal_name="Northmoss Co., Ltd.")
    person.send()
    menu = person.page.locator("header details.menu")
    place = menu.locator("summary")
    assert "Northmoss" in (place.get_attribute("aria-label") or "")
    place.click()
    there = menu.get_by_role("button", name="Tidewell")
    expect(there).to_contain_text(stage.label(BrandRole.OWNER))
    person.click(there)
    assert person.path == "/today"
    assert "Tidewell" in (place.get_attribute("aria-label") or "")
