"""Choosing the part of a picture in a browser: by keys, under the strict policy, and without scripts at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from marketplace.creators.models import Creator
from marketplace.infra.db import db, transaction
from marketplace.infra.pictures import Picture
from tests.support.files import picture
from tests.support.market import CreatorSide, make_creator, sign_in_browser
from tests.support.people import NewPerson
from tests.support.web import LiveServer


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator()


@pytest.fixture
def open_profile(
    app: Flask, live_server: LiveServer, new_person: NewPerson, creator: CreatorSide
) -> Callable[..., Page]:
    """The profile's form in a browser of the creator's."""

    def opened(**browser: object) -> Page:
        person = new_person("creator", **browser)
        sign_in_browser(app, person.context, creator, live_server.url)
        person.page.goto("/me/profile")
        return person.page

    return opened


@pytest.fixture
def photograph(tmp_path: Path) -> str:
    path = tmp_path / "me.png"
    path.write_bytes(picture("PNG", (800, 400)))
    return str(path)


def part(page: Page) -> list[int]:
    """What the form would send: x, y, width and height."""
    found = page.locator("[name=avatar_crop]").input_value()
    return [int(figure) for figure in found.split(",")] if found else []


def saved(app: Flask, creator: CreatorSide) -> Picture | None:
    with app.app_context():
        avatar_id = db.session.get_one(Creator, creator.id).avatar_id
        return db.session.get_one(Picture, avatar_id) if avatar_id is not None else None


def test_a_part_is_chosen_with_the_keys_alone(
    app: Flask, open_profile: Callable[..., Page], creator: CreatorSide, photograph: str
) -> None:
    page = open_profile()
    stage = page.locator(".crop--face [data-crop-stage]")
    assert not stage.is_visible()
    page.locator("#avatar").set_input_files(photograph)
    stage.locator(".cropper-container").wait_for()
    assert part(page) == [200, 0, 400, 400]
    stage.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    x, _y, width, height = part(page)
    assert width == height < 400
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert part(page)[0] > x, "the picture moves to the left, and what is shown to the right"
    chosen = part(page)
    page.get_by_role("button", name="Save your profile").click()
    page.get_by_text("Your profile is saved.").wait_for()
    kept = saved(app, creator)
    assert kept is not None
    assert kept.width == chosen[2]
    assert page.locator(".crop--face [data-crop-now]").get_attribute("src") == f"/pictures/{kept.id}/256.webp"


def test_the_buttons_do_what_the_keys_do_and_give_the_picture_up(
    open_profile: Callable[..., Page], photograph: str
) -> None:
    page = open_profile(width=390)
    page.locator("#avatar").set_input_files(photograph)
    page.locator(".crop--face .cropper-container").wait_for()
    face = page.locator(".crop--face")
    face.get_by_role("button", name="Larger").click()
    assert part(page)[2] < 400
    face.get_by_role("button", name="Whole picture").click()
    assert part(page) == [200, 0, 400, 400]
    for _ in range(40):
        face.get_by_role("button", name="Larger").click()
    assert part(page)[2] >= 64, "nearer than the smallest size there is only blur"
    face.get_by_role("button", name="Don’t use it").click()
    assert part(page) == []
    assert page.locator("#avatar").input_value() == ""


def test_the_open_stage_breaks_no_rule_of_accessibility(open_profile: Callable[..., Page], photograph: str) -> None:
    page = open_profile()
    page.locator("#avatar").set_input_files(photograph)
    page.locator(".crop--face .cropper-container").wait_for()
    page.evaluate(Axe().axe_script)
    found = page.evaluate("async () => (await axe.run('.crop', {preload: false})).violations.map(rule => rule.id)")
    assert found == []


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"\0" * 8_000_001, "me.png", "at most 8 MB"),
        (b"<svg/>", "me.svg", "Choose one of these"),
        (b"no picture", "me.png", "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_before_it_is_sent(
    open_profile: Callable[..., Page], tmp_path: Path, content: bytes, name: str, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    page = open_profile()
    page.locator("#avatar").set_input_files(str(path))
    page.locator(".crop--face [data-crop-error]").get_by_text(why).wait_for()
    assert page.locator("#avatar").input_value() == ""


def test_without_scripts_the_middle_is_kept(
    app: Flask, open_profile: Callable[..., Page], creator: CreatorSide, photograph: str
) -> None:
    page = open_profile(javascript=False)
    page.locator("#avatar").set_input_files(photograph)
    page.get_by_role("button", name="Save your profile").click()
    page.get_by_text("Your profile is saved.").wait_for()
    kept = saved(app, creator)
    assert kept is not None
    assert (kept.width, kept.height) == (400, 400)
