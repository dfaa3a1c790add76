"""A person who walks through pages by what any language has in common: addresses, names of fields, roles."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response

from tests.support.people import Person


@dataclass
class Walker:
    """One person in one browser. Every step says what the server must answer, 200 where nothing is said.

    `scripts` says whether questions before a step are asked; without scripts a click is the answer.
    """

    page: Page
    scripts: bool = True

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def go(self, path: str, status: int = 200) -> None:
        """Type an address."""
        _expect(self.page.goto(path), status)

    def follow(self, path: str, status: int = 200) -> None:
        """Click a link of the page's content that leads to `path` (its query aside)."""
        link = self.page.locator(f'main a[href="{path}"], main a[href^="{path}?"], main a[href^="{path}#"]').first
        self._click(link, status)

    def menu(self, path: str) -> None:
        """Click an item of the main navigation, or of the menu where a narrow page keeps it."""
        item = self.page.locator(f'header nav a[href="{path}"]')
        if not item.is_visible():
            self.page.locator("details.menu > summary").click()
            item = self.page.locator(f'details.menu a[href="{path}"]')
        self._click(item, 200)

    def fill(self, **typed: Any) -> None:
        """Fill in the fields of these names: text, choices, ticks, files. `__` writes a hyphen."""
        for name, value in typed.items():
            self._fill(name.replace("__", "-"), value)

    def _fill(self, name: str, value: Any) -> None:
        found = self.page.locator(f'main [name="{name}"]')
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
            self._click(pressed, status)
            return
        pressed.click()
        dialog = self.page.get_by_role("dialog", name=question)
        self._click(dialog.locator("button[value=yes]"), status)

    def _click(self, found: Locator, status: int) -> None:
        with self.page.expect_navigation(wait_until="load") as navigation:
            found.click()
        _expect(navigation.value, status)

    def says(self, *words: str) -> bool:
        """Whether the page's content shows all of the words, whatever the spaces and line breaks in them."""
        text = _dense(self.main.inner_text())
        return all(_dense(word) in text for word in words)

    def number_in(self, pattern: str) -> int:
        """The number in this page's address, such as a deal's."""
        found = re.search(pattern, self.path)
        assert found is not None, self.page.url
        return int(found[1])


def walker(person: Person, *, scripts: bool = True) -> Walker:
    return Walker(person.page, scripts)


def _dense(text: str) -> str:
    return "".join(text.split())


def _expect(answer: Response | None, status: int) -> None:
    assert answer is not None
    assert answer.status == status, f"{answer.url} answered {answer.status}"
