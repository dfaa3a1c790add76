"""The switch in the header, in a browser: its list is fetched when it is opened, and it works without scripts."""

from flask import Flask

from marketplace.brands.models import Member
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support.market import CreatorSide, make_brand, make_creator, sign_in_browser
from tests.support.people import NewPerson
from tests.support.web import LiveServer


def _person_with_two_places(app: Flask) -> tuple[CreatorSide, int]:
    with app.app_context(), transaction():
        creator, brand = make_creator("Lin Yue"), make_brand("Tidewell")
        db.session.add(Member(brand_id=brand.id, user_id=creator.user_id, role="finance", joined_at=clock.now()))
        return creator, brand.id


def test_the_menu_fetches_its_places_and_goes_there(app: Flask, live_server: LiveServer, new_person: NewPerson) -> None:
    creator, brand_id = _person_with_two_places(app)
    for width in (1280, 390):
        person = new_person(width=width)
        sign_in_browser(app, person.context, creator, live_server.url)
        person.page.goto("/settings")
        menu = person.page.locator("details.menu")
        assert menu.locator("button.place").count() == 0
        menu.locator("summary").click()
        menu.locator(f'button[value="brand:{brand_id}"]').click()
        person.page.wait_for_url("**/today")
        assert "Tidewell" in menu.locator("summary").inner_text() or width == 390
        assert person.page.locator('header nav a[href="/company/briefs"]').is_visible()
        menu.locator("summary").click()
        assert menu.locator('button[aria-current="true"]').get_attribute("value") == f"brand:{brand_id}"


def test_without_scripts_the_menu_leads_to_the_page_of_places(
    app: Flask, live_server: LiveServer, new_person: NewPerson
) -> None:
    creator, brand_id = _person_with_two_places(app)
    person = new_person(javascript=False, width=390)
    sign_in_browser(app, person.context, creator, live_server.url)
    person.page.goto("/settings")
    person.page.locator("details.menu summary").click()
    person.page.locator('details.menu a[href="/places"]').click()
    person.page.locator(f'form:has(input[value="brand:{brand_id}"]) button').click()
    assert person.page.url.endswith("/today")
    assert person.page.locator('header nav a[href="/company/briefs"]').is_visible()
