"""A creator's public side: from an empty profile to a page that shows all of it to whoever passes by."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from marketplace.accounts.models import Side
from marketplace.offers.models import AddonKind
from tests.journeys import steps
from tests.journeys.stage import Stage, from_today
from tests.journeys.walker import Walker
from tests.support.files import picture
from tests.support.market import make_admin, make_user

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
HEADLINES = {"en": "Slow suppers in a small kitchen", "zh": "小厨房里的慢晚餐"}
STORIES = {"en": "One pot, one window, rain.", "zh": "一口锅，一扇窗，一场雨。"}


def test_a_creator_shows_all_of_themselves(stage: Stage, tmp_path: Path) -> None:
    with stage.scene():
        user_id, admin_id = make_user(Side.CREATOR, "Lin Yue").id, make_admin().user_id
    creator = stage.enter(user_id)
    write_profile(creator, tmp_path)
    prove_channel(stage, creator, stage.enter(admin_id))
    add_work(creator)
    state_audience(stage, creator)
    offer_id = list_offer(stage, creator)
    take_today_off(stage, creator)

    visitor = stage.visitor()
    visitor.go("/c/lin-yue")
    read_everything(stage, visitor)
    visitor.follow(f"/offers/{offer_id}")
    assert visitor.says("A supper film with your pot", stage.label(AddonKind.USAGE_RIGHTS), "1,500")


def write_profile(creator: Walker, folder: Path) -> None:
    """In both languages, with a part of a photograph."""
    photograph = folder / "me.png"
    photograph.write_bytes(picture(size=(800, 400)))
    creator.go("/me/profile")
    creator.fill(name="Lin Yue", handle="lin-yue", region="Shanghai", category="food", second_category="home")
    creator.fill(headline_en=HEADLINES["en"], headline_zh=HEADLINES["zh"])
    creator.fill(biography_en=STORIES["en"], biography_zh=STORIES["zh"], spoken=["en", "zh"])
    creator.fill(avatar=photograph)
    stage = creator.page.locator(".crop--face [data-crop-stage]")
    stage.locator(".cropper-container").wait_for()
    stage.focus()
    creator.page.keyboard.press("+")
    creator.send()
    assert creator.path == "/me/channels"


def prove_channel(stage: Stage, creator: Walker, admin: Walker) -> None:
    """By a code in its public text, which an administrator finds there."""
    creator.follow("/me/channels/new")
    creator.fill(platform="bilibili", handle="slow-suppers", url="https://space.bilibili.com/31415926")
    creator.send()
    page = creator.path
    creator.follow(f"{page}/code")
    creator.send(f"{page}/code")
    code = creator.page.locator(".proof-code").inner_text()
    creator.fill(fans="48,200")
    creator.send(f"{page}/code/placed")
    assert creator.says(code)

    admin.go("/console/readings?queue=codes")
    admin.click(admin.main.locator('a[href^="/console/codes/"]').first)
    assert admin.says(code, "48,200", "slow-suppers")
    admin.send(button="verdict=accept")
    creator.go("/me/channels")
    assert creator.says("48,200", stage.words("Verified"))


def add_work(creator: Walker) -> None:
    creator.go("/me/works")
    creator.follow("/me/works/new")
    creator.fill(title="Broth for one", platform="bilibili", url="https://www.bilibili.com/video/BV1xx411c7mD")
    creator.fill(published_on=from_today(-20).isoformat(), views="4,120")
    creator.send()
    assert creator.path == "/me/works"
    assert creator.says("Broth for one", "4,120")


def state_audience(stage: Stage, creator: Walker) -> None:
    """Shares that don't make a whole are refused with what was typed still there."""
    creator.go("/me/audience")
    creator.fill(gender_women="71", gender_men="39")
    creator.send(status=422)
    creator.fill(gender_men="29")
    creator.send()
    assert creator.says(stage.words("Stated, not verified"), "71 %")


def list_offer(stage: Stage, creator: Walker) -> int:
    """One package, an add-on, an example; first seen as a preview, then listed."""
    creator.go("/me/offers/new")
    creator.fill(title="A supper film with your pot", category="food", description="I cook it three evenings first.")
    steps.fill_package(creator, 0, "Standard", "12,000")
    creator.fill(usage_rights__on=True, usage_rights__days="90", usage_rights__price="1,500")
    creator.main.get_by_label("Broth for one").check()
    creator.press(stage.words("Save and preview"))
    offer_id = creator.number_in(r"^/offers/(\d+)$")
    creator.go("/me/offers")
    creator.send(f"/me/offers/{offer_id}/list")
    return offer_id


def take_today_off(stage: Stage, creator: Walker) -> None:
    creator.go("/me/availability")
    creator.page.locator(f"#day-{from_today(0).isoformat()}").check()
    expect(creator.page.locator("#days-said")).to_have_text(stage.words("The days are saved. Brands see it at once."))


def read_everything(stage: Stage, visitor: Walker) -> None:
    """What the creator wrote, in the visitor's language; and what a link to the page shows elsewhere."""
    own, other = stage.look.locale, "en" if stage.look.locale == "zh" else "zh"
    assert visitor.says("Lin Yue", HEADLINES[own], STORIES[own], "Shanghai", "48,200", "Broth for one", "4,120")
    assert not visitor.says(HEADLINES[other])
    assert visitor.says("Standard", "¥12,000", "71 %")
    tomorrow = stage.day(from_today(1))
    expect(visitor.page.locator(".free--no")).to_have_text(stage.words("Free from %(free)s", free=tomorrow))
    face = visitor.page.locator(".profile__head .face")
    assert (face.get_attribute("src") or "").startswith("/pictures/")
    assert face.evaluate("picture => picture.naturalWidth") > 0
    card = visitor.page.locator('meta[property="og:image"]').get_attribute("content")
    assert card is not None
    assert visitor.page.request.get(card).headers["content-type"] == "image/png"
