"""People in browsers: each has a context of its own, so that three can be signed in at once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

NewPerson = Callable[..., "Person"]
PATIENCE_MS = 10_000


@dataclass
class Person:
    """One browser window. `troubles` gathers what a page did wrong by itself: script errors, refusals, lost files."""

    name: str
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)


class Crowd:
    """Opens people on the site at `url` and lets them all go at the end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._people: list[Person] = []

    def new_person(
        self,
        name: str = "visitor",
        *,
        language: str = "en",
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
    ) -> Person:
        """A person whose browser asks for `language` (en or zh-CN)."""
        context = self._browser.new_context(
            base_url=self._url,
            locale=language,
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        context.set_default_timeout(PATIENCE_MS)
        person = Person(name, context, context.new_page())
        self._watch(person)
        self._people.append(person)
        return person

    def _watch(self, person: Person) -> None:
        def said(message: ConsoleMessage) -> None:
            # A refused form is an answer of ours (422, 409), which Chromium reports as a failed load.
            if message.type == "error" and "Failed to load resource" not in message.text:
                person.troubles.append(f"{person.page.url}: {message.text}")

        def failed(request: Request) -> None:
            if request.failure and "ERR_ABORTED" not in request.failure:
                person.troubles.append(f"{request.url}: {request.failure}")

        person.context.on("console", said)
        person.context.on("requestfailed", failed)
        person.context.on("weberror", lambda error: person.troubles.append(str(error.error)))

    def leave(self) -> list[str]:
        """Close every window; returns the troubles of all."""
        for person in self._people:
            person.context.close()
        return [f"{person.name}: {trouble}" for person in self._people for trouble in person.troubles]
