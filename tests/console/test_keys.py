"""Reviewing by keys alone: they move the focus, and Enter decides."""

import pytest
from flask import Flask

from marketplace.creators.models import ReadingStatus
from marketplace.creators.queries import get_reading
from marketplace.infra.db import transaction
from tests.console.test_readings import hand_in
from tests.support.market import BrandSide, make_admin, make_creator, sign_in_browser
from tests.support.people import NewPerson

pytestmark = pytest.mark.browser


def test_a_queue_is_gone_through_by_keys(app: Flask, new_person: NewPerson) -> None:
    with app.app_context(), transaction():
        admin = make_admin()
        first, second = (hand_in(make_creator(name, eligible=False), 20_000) for name in ("Lin Yue", "Gu Wen"))
    assert admin.user_id is not None
    reviewer = new_person("reviewer")
    page = reviewer.page
    page.goto("/")
    sign_in_browser(app, reviewer.context, BrandSide(0, "", admin.user_id, f"{admin.user_id}:1", admin), page.url)
    page.goto("/console/readings")
    for key, name in (("j", "Lin Yue"), ("j", "Gu Wen"), ("j", "Gu Wen"), ("k", "Lin Yue")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.textContent") == name
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/readings/{first}")
    page.keyboard.press("r")
    page.keyboard.type("a jar of aj")
    assert page.input_value("textarea[name=reason]") == "a jar of aj", "keys that are typed are only typed"
    page.fill("textarea[name=reason]", "")
    page.locator("h1").click()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/readings/{second}")
    with app.app_context():
        assert get_reading(first).status is ReadingStatus.ACCEPTED
        assert get_reading(second).status is ReadingStatus.PENDING
