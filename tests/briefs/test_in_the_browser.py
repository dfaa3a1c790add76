"""Writing a brief in a real browser: it saves itself, two members get in each other's way, and no script is needed."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from marketplace.briefs.models import BriefStatus
from marketplace.infra.db import transaction
from tests.support.briefs import fresh, steps
from tests.support.market import make_brand, make_brief, make_member, sign_in_browser
from tests.support.people import NewPerson
from tests.support.web import LiveServer

pytestmark = pytest.mark.browser


def test_a_step_saves_itself_and_the_button_finds_nothing_lost(
    app: Flask, context: None, live_server: LiveServer, new_person: NewPerson
) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand, opened=False).id
    person = new_person("owner")
    sign_in_browser(app, person.context, brand, live_server.url)
    page = person.page
    page.goto(f"/company/briefs/{brief_id}/goal")
    page.get_by_label("Title").fill("Saved by itself")
    page.get_by_label("Product").fill("A pot")
    page.get_by_label("What you want").focus()
    expect(page.locator("#saved")).to_contain_text("Saved at")
    assert fresh(brief_id).title == "Saved by itself"
    page.get_by_label("What you want").fill("Show it.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The work")
    brief = fresh(brief_id)
    assert (brief.title, brief.product, brief.goal) == ("Saved by itself", "A pot", "Show it.")
    page.goto(f"/company/briefs/{brief_id}/budget")
    expect(page.get_by_label("Budget from")).to_be_visible()
    page.get_by_label("By promised views").check()
    expect(page.get_by_label("Budget from")).to_be_hidden()
    expect(page.get_by_label("Price for a thousand views")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Saved at")


def test_a_colleagues_edit_is_said_while_one_writes(
    app: Flask, context: None, live_server: LiveServer, new_person: NewPerson
) -> None:
    with transaction():
        brand = make_brand()
        colleague = make_member(brand, "manager")
        brief_id = make_brief(brand, opened=False).id
    first, second = new_person("owner"), new_person("manager", width=390)
    sign_in_browser(app, first.context, brand, live_server.url)
    sign_in_browser(app, second.context, colleague, live_server.url)
    for person in (first, second):
        person.page.goto(f"/company/briefs/{brief_id}/goal")
    second.page.get_by_label("Title").fill("Theirs")
    second.page.get_by_label("Product").focus()
    expect(second.page.locator("#saved")).to_contain_text("Saved at")
    first.page.get_by_label("Title").fill("Mine")
    first.page.get_by_label("Product").focus()
    expect(first.page.locator("#saved")).to_contain_text("has changed this brief since you opened it")
    assert fresh(brief_id).title == "Theirs"


def test_a_brief_is_written_and_opened_without_scripts(
    app: Flask, context: None, live_server: LiveServer, new_person: NewPerson
) -> None:
    with transaction():
        brand = make_brand()
    person = new_person("owner", javascript=False)
    sign_in_browser(app, person.context, brand, live_server.url)
    page = person.page
    page.goto("/company/briefs/new")
    for name, typed in steps()["goal"].items():
        page.locator(f"[name={name}]").fill(str(typed))
    page.get_by_role("button", name="Save and go on").click()
    page.locator("[name=deliverables-0-content]").select_option("video_long")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Go on").click()
    page.get_by_label("Category").select_option("food")
    page.get_by_label("Douyin").check()
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("A fixed price").check()
    for name, typed in steps()["budget"].items():
        if name in ("price", "apply_by", "publish_by"):
            page.locator(f"[name={name}]").fill(str(typed) or "9,000")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Ready to open")).to_be_visible()
    page.get_by_role("button", name="Open the brief").click()
    expect(page.get_by_text("Your brief is open.")).to_be_visible()
    brief = fresh(int(page.url.rpartition("/")[2]))
    assert (brief.status, brief.budget_max_amount) == (BriefStatus.OPEN, 9_000_00)
