"""A person who walks through pages by what any language has in common: addresses, names of fields, roles."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response, expect

from tests.support.people import PATIENCE_MS, Person


@dataclass
class Walker:
    """One person in one browser. Every step says what the server must answer, 200 where nothing is said.

    `scripts` says whether questions before a step are asked; without scripts a click is the answer. With `lang` every
    page must say that it is written in it, and fit into the window.
    """

    page: Page
    scripts: bool = True
    lang: str | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def go(self, path: str, status: int = 200) -> None:
        """Type an address."""
        self._arrive(self.page.goto(path), status)

    def follow(self, path: str, status: int = 200) -> None:
        """Click a link of the page's content that leads to `path` (its query aside)."""
        link = self.page.locator(f'main a[href="{path}"], main a[href^="{path}?"], main a[href^="{path}#"]').first
        self.click(link, status)

    def menu(self, path: str) -> None:
        """Click an item of the main navigation, or of the menu where a narrow page keeps it."""
        item = self.page.locator(f'header nav a[href="{path}"]')
        if not item.is_visible():
            self.page.locator("details.menu > summary").click()
            item = self.page.locator(f'details.menu a[href="{path}"]')
        self.click(item, 200)

    def fill(self, **typed: Any) -> None:
        """Fill in the fields of these names: text, choices, ticks, files. `__` writes a hyphen."""
        for name, value in typed.items():
            self._fill(name.replace("__", "-"), value)

    def _fill(self, name: str, value: Any) -> None:
        found = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
        kind = found.first.get_attribute("type")
        if isinstance(value, Path):
            found.set_input_files(value)
        elif isinstance(value, bool):
            found.set_checked(value)
        elif kind in ("radio", "checkbox"):
            for one in [value] if isinstance(value, str) else value:
                self.page.locator(f'main [name="{name}"][value="{one}"]').check()
        elif found.evaluate("field => field.tagName") == "SELECT":
            found.select_option(str(value))
        else:
            found.fill(str(value))

    def send(self, action: str = "", *, button: str = "", status: int = 200) -> None:
        """Send the form that posts to `action`, or to this page, with its last button or `button` (name=value).

        Answers yes to the question that is asked first, where scripts run.
        """
        form = self.page.locator(f'main form[method="post"][action="{action}"]')
        name, _, value = button.partition("=")
        named = f'button[name="{name}"][value="{value}"]' if name else "button[type=submit]:not([tabindex])"
        pressed = form.locator(named).last
        question = pressed.get_attribute("data-confirm") or form.first.get_attribute("data-confirm")
        if not (question and self.scripts):
            self.click(pressed, status)
            return
        pressed.click()
        dialog = self.page.get_by_role("dialog", name=question)
        self.click(dialog.locator("button[value=yes]"), status)

    def press(self, words: str, status: int = 200) -> None:
        """Press the button of the page's content that says just these words; another page follows."""
        self.click(self.main.get_by_role("button", name=words, exact=True), status)

    def unfold(self, words: str) -> None:
        """Open what is folded away under these words, unless it stands open."""
        folded = self.main.locator("details", has=self.page.locator("summary", has_text=words)).first
        if folded.get_attribute("open") is None:
            folded.locator("summary").click()

    def click(self, found: Locator, status: int = 200) -> None:
        """Click what leads to another page."""
        with self.page.expect_navigation(wait_until="load") as navigation:
            found.click()
        self._arrive(navigation.value, status)

    def _arrive(self, answer: Response | None, status: int) -> None:
        assert answer is not None
        assert answer.status == status, f"{answer.url} answered {answer.status}"
        if self.lang is None:
            return
        lang, wide, most = self.page.evaluate(
            "[document.documentElement.lang, document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert lang == self.lang, f"{self.page.url} is written in {lang}"
        assert wide <= most, f"{self.page.url} is {wide} wide in a window of {most}"

    def says(self, *words: str) -> bool:
        """Whether the page's content shows all of the words, whatever the spaces and line breaks in them."""
        text = _dense(self.main.inner_text())
        return all(_dense(word) in text for word in words)

    def waits_for(self, found: str, words: str) -> None:
        """What scripts put into the place `found` of this page comes to say the words."""
        expect(self.page.locator(found)).to_contain_text(words, timeout=PATIENCE_MS)

    def number_in(self, pattern: str) -> int:
        """The number in this page's address, such as a deal's."""
        found = re.search(pattern, self.path)
        assert found is not None, self.page.url
        return int(found[1])


def walker(person: Person, *, scripts: bool = True, lang: str | None = None) -> Walker:
    return Walker(person.page, scripts, lang)


def _dense(text: str) -> str:
    return "".join(text.split())
