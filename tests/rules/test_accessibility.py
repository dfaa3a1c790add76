"""Every page of the route walk in Chromium: axe finds no WCAG 2.2 AA violation, light or dark, nothing is too wide."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize

from tests.rules.routes import ALL, GET
from tests.support.market import sign_in_browser
from tests.support.web import free_port, served
from tests.support.world import ROLES, World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
SCRIPT = Axe().axe_script
EVERY_RULE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The theme changes nothing but colours. To compare them takes longer than all else.
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
NO_COLOURS = {**EVERY_RULE, "rules": {"color-contrast": {"enabled": False}}}
RUN = """async options => {
    const found = await axe.run(document, {preload: false, resultTypes: ["violations"], ...options});
    const say = rule => rule.nodes.slice(0, 3).map(node => rule.id + " " + node.html.slice(0, 200));
    return found.violations.flatMap(say);
}"""
WIDTH = "document.documentElement.scrollWidth"
# What colours depend on, of every element with words of its own: where a page brings nothing new they need no second
# look.
STYLES = """() => {
    const behind = element => {
        for (let here = element; here; here = here.parentElement) {
            const style = getComputedStyle(here);
            if (style.backgroundColor !== "rgba(0, 0, 0, 0)" || style.backgroundImage !== "none")
                return style.backgroundColor + style.backgroundImage;
        }
        return "";
    };
    const found = new Set();
    for (const element of document.body.querySelectorAll("*")) {
        if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
        const style = getComputedStyle(element), around = getComputedStyle(element.parentElement);
        const link = element.tagName === "A" ? around.color + style.textDecorationLine : "";
        found.add([style.color, behind(element), style.fontSize, style.fontWeight, style.opacity, around.opacity, link]
            .join("|"));
    }
    return [...found];
}"""
# Pages that everybody may read, and that show each role something else.
OFFER_STEPS = {"briefs.show", "briefs.index", "offers.show", "creators.profile", "brands.profile"}
# Pieces that a page fetches into itself.
PIECES = {"matching.estimate", "matching.book_price"}
# What a browser keeps instead of showing it.
FILES = (".csv", ".json")
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


def pages_of(role: str) -> Iterator[str]:
    """What the role may read; what is the same for everybody only as a visitor."""
    column = ROLES.index(role)
    for endpoint, rows in GET.items():
        for row in rows:
            its_own = role == "visitor" or row.answers != ALL or endpoint in OFFER_STEPS
            is_page = not row.path.partition("?")[0].endswith(FILES)
            if its_own and is_page and row.answers.split()[column] == "200" and endpoint not in PIECES:
                yield row.path


@pytest.fixture(scope="module")
def address(demo: Flask) -> Iterator[str]:
    """The demo over HTTP: it has the pages that nobody else has, and its ribbon on each."""
    port = free_port()
    with served(demo, port):
        yield f"http://127.0.0.1:{port}"


class Seen:
    """The styles of words that have been looked at, each theme's apart."""

    def __init__(self) -> None:
        self._styles: dict[str, set[str]] = {"light": set(), "dark": set()}

    def is_new(self, page: Page, theme: str) -> bool:
        """Whether the page shows any that no page before it did."""
        here, before = set(page.evaluate(STYLES)), self._styles[theme]
        fresh = not here <= before
        before |= here
        return fresh


def faults_of(page: Page, path: str, seen: Seen) -> list[str]:
    """What is wrong with one page, in each theme and on a phone."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    if "text/html" not in answer.headers["content-type"]:
        return []
    page.evaluate(SCRIPT)
    found: list[str] = page.evaluate(RUN, EVERY_RULE if seen.is_new(page, "light") else NO_COLOURS)
    page.emulate_media(color_scheme="dark")
    if seen.is_new(page, "dark"):
        found += [f"dark: {fault}" for fault in page.evaluate(RUN, ONLY_COLOURS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    width = page.evaluate(WIDTH)
    if width > PHONE["width"]:
        # Plots take their new size a moment later.
        page.wait_for_timeout(500)
        width = page.evaluate(WIDTH)
    found += [f"{width} wide on a phone"] if width > PHONE["width"] else []
    page.set_viewport_size(WIDE)
    return found


@pytest.fixture(params=["visitor", "creator", "brand", "administrator"])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[0, pytest.param(1, marks=pytest.mark.long)], ids=["every other page", "those between"])
def paths(request: pytest.FixtureRequest, role: str) -> list[str]:
    """Half of the role's pages; `make long` looks at the others."""
    return list(pages_of(role))[request.param :: 2]


@pytest.fixture
def page(demo: Flask, world: World, browser: Browser, address: str, role: str) -> Iterator[Page]:
    """In the browser of somebody in the role."""
    context = browser.new_context(base_url=address, viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    person = world.people[role]
    if person is not None:
        sign_in_browser(demo, context, person, address)
    yield context.new_page()
    context.close()


def test_no_page_breaks_a_rule_of_accessibility(page: Page, world: World, paths: list[str]) -> None:
    seen = Seen()
    faults = [f"{path}: {fault}" for path in paths for fault in faults_of(page, world.path(path), seen)]
    assert not faults, "\n".join(faults)
