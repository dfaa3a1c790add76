"""Every piece on one page, in a real browser, with and without scripts. The server is the test client: no database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import wtforms
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, flash, render_template_string
from flask_wtf import FlaskForm
from playwright.sync_api import Browser, Page, Request, Route
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional

from marketplace.kit import clock
from marketplace.kit.money import Money

pytestmark = pytest.mark.browser
_POLICY = "Content-Security-Policy"
GALLERY = (Path(__file__).parent / "gallery.html").read_text()
STEPS = [
    SimpleNamespace(label=label, note=note, place=place)
    for label, note, place in (
        ("Terms", "12 Nov", "past"),
        ("Making", "21 Nov", "past"),
        ("Draft review", "by 26 Nov", "now"),
        ("Publishing", None, "next"),
    )
]


class _Row(wtforms.Form):
    name = wtforms.StringField("Name", [InputRequired("Say a name.")])


class _Everything(FlaskForm):  # type: ignore[misc]
    price = wtforms.StringField("Price", [InputRequired("Say a price.")])
    due = wtforms.DateField("Draft due", [InputRequired("Choose a day.")])
    use = wtforms.SelectField("Usage rights", choices=[SelectChoice("own", "Own channels")], description="Where.")
    inc = wtforms.BooleanField("The price includes two revisions")
    kind = wtforms.RadioField(
        "How to pay", [InputRequired("Choose one.")], choices=[SelectChoice("card", "Card"), SelectChoice("qr", "Code")]
    )
    plats = wtforms.SelectMultipleField(
        "Platforms",
        choices=[SelectChoice("douyin", "Douyin"), SelectChoice("bilibili", "Bilibili")],
        widget=wtforms.widgets.ListWidget(prefix_label=False),
        option_widget=wtforms.widgets.CheckboxInput(),
    )
    note = wtforms.TextAreaField("A few words", [Optional()])
    up = wtforms.FileField("Evidence")
    rows = wtforms.FieldList(wtforms.FormField(_Row), min_entries=1)


def _gallery(app: Flask, refused: bool) -> str:
    now = clock.now()
    with app.test_request_context("/gallery"):
        form = _Everything(formdata=None)
        if refused:
            form.validate()
        flash("Draft approved.", "good")
        return render_template_string(
            GALLERY,
            form=form,
            money=lambda yuan: Money(yuan * 100),
            soon=now + timedelta(hours=20),
            late=now - timedelta(hours=30),
            later=now + timedelta(days=9),
            steps=STEPS,
        )


@pytest.fixture
def open_gallery(browser: Browser, look_app: Flask) -> Iterator[Callable[..., Page]]:
    contexts = []

    def serve(route: Route, request: Request, refused: bool) -> None:
        path = urlsplit(request.url).path
        with look_app.test_client().get("/healthz" if path == "/gallery" else path) as found:
            headers = dict(found.headers)
            status, body = found.status_code, found.data
        if path == "/gallery":
            headers = {"Content-Type": "text/html; charset=utf-8", _POLICY: headers[_POLICY]}
            body = _gallery(look_app, refused).encode()
        route.fulfill(status=status, body=body, headers=headers)

    def open_it(*, refused: bool = False, **options: object) -> Page:
        context = browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route, request: serve(route, request, refused))
        page.goto("http://127.0.0.1:8000/gallery")
        return page

    yield open_it
    for context in contexts:
        context.close()


def _posts(page: Page) -> list[str]:
    sent: list[str] = []

    def note(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(status=204)

    page.route("**/sent", note)
    return sent


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_no_piece_breaks_an_accessibility_rule_or_the_width(
    open_gallery: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_gallery(refused=True, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = Axe().run(
        page, options={"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    )
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_confirmation_that_is_declined_sends_nothing(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery()
    sent = _posts(page)
    page.get_by_role("button", name="Approve the draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    page.wait_for_timeout(100)
    assert sent == []


def test_a_confirmation_sends_once_and_says_what_it_does(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery()
    sent = _posts(page)
    page.get_by_role("button", name="Approve the draft").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("heading").inner_text() == "Approve the draft? Lin Yue then publishes it."
    with page.expect_request("**/sent"):
        dialog.get_by_role("button", name="Approve the draft").click()
    page.wait_for_timeout(100)
    assert len(sent) == 1
    assert "csrf_token=" in sent[0]


def test_three_clicks_send_one_form_with_the_pressed_button(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery()
    sent = _posts(page)
    page.evaluate(
        """() => {
            const form = document.createElement("form");
            form.method = "post"; form.action = "/sent";
            form.innerHTML = '<button type="submit" name="role" value="brand">Go</button>';
            document.body.append(form);
            const button = form.querySelector("button");
            button.click(); button.click(); button.click();
        }"""
    )
    page.wait_for_timeout(300)
    assert sent == ["role=brand"]


def test_the_theme_is_remembered_from_page_to_page(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    page.reload()
    assert page.evaluate(ground) == dark != light
    page.get_by_role("button", name="Auto").click()
    assert page.evaluate(ground) == light


def test_the_summary_of_errors_gets_the_focus(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery(refused=True)
    assert "things to correct" in str(page.evaluate("document.activeElement.textContent"))


def test_a_plot_is_drawn_under_the_strict_policy(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery()
    page.wait_for_function("window.Chart && Chart.getChart(document.querySelector('[data-plot] canvas'))")
    data = page.evaluate("Chart.getChart(document.querySelector('[data-plot] canvas')).data.datasets[0].data")
    assert data == [14000, 9300, 10600]


def test_without_scripts_the_button_still_sends(open_gallery: Callable[..., Page]) -> None:
    page = open_gallery(java_script_enabled=False)
    sent = _posts(page)
    assert page.get_by_role("button", name="Dark").count() == 0
    page.get_by_role("button", name="Approve the draft").click()
    assert len(sent) == 1
