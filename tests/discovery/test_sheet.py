"""Saving a creator in the browser: a sheet over the list where scripts run, a page of its own where they don't."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from marketplace.discovery.list_queries import lists_of
from marketplace.infra.db import db, transaction
from tests.support import market
from tests.support.market import BrandSide
from tests.support.people import NewPerson
from tests.support.web import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture
def tidewell(context: None) -> BrandSide:
    with transaction():
        market.make_offer(market.make_creator("Lin Yue"))
        return market.make_brand("Tidewell")


def test_the_sheet_saves_without_leaving_the_list(
    app: Flask, live_server: LiveServer, tidewell: BrandSide, new_person: NewPerson
) -> None:
    member = new_person("Tidewell", width=390)
    market.sign_in_browser(app, member.context, tidewell, live_server.url)
    page = member.page
    page.goto("/creators")
    button = page.get_by_role("link", name="Save Lin Yue")
    button.click()
    sheet = page.get_by_role("dialog", name="Save Lin Yue")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet.get_by_text("Choose a list, or write the name of a new one.").first).to_be_visible()
    sheet.get_by_role("button", name="Not now").click()
    expect(sheet).to_be_hidden()
    button.click()
    sheet.get_by_label("A new list").fill("Autumn")
    sheet.get_by_label("Note").fill("Warm light.")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet).to_be_hidden()
    saved = page.get_by_role("link", name="Saved Lin Yue")
    expect(saved).to_be_focused()
    expect(page.locator("#live")).to_have_text("Lin Yue is saved to “Autumn”.")
    assert page.url.endswith("/creators")
    assert [(line.kept.name, line.number) for line in lists_of(tidewell.actor)] == [("Autumn", 1)]


def test_without_scripts_it_is_a_page_that_leads_back(
    app: Flask, live_server: LiveServer, tidewell: BrandSide, new_person: NewPerson
) -> None:
    member = new_person("Tidewell", javascript=False)
    market.sign_in_browser(app, member.context, tidewell, live_server.url)
    page = member.page
    page.goto("/creators?category=food")
    page.get_by_role("link", name="Save Lin Yue").click()
    page.get_by_label("A new list").fill("Autumn")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Lin Yue is saved to “Autumn”.")).to_be_visible()
    assert page.url.endswith("/creators?category=food")
    db.session.rollback()
    assert [line.number for line in lists_of(tidewell.actor)] == [1]
