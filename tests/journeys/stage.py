"""Where the journeys of both sides play: the running site, and how its people read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext
from sqlalchemy import update

from marketplace.accounts.models import User
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import day, reader
from marketplace.infra.labels import label
from marketplace.kit import clock
from tests.journeys.walker import Walker, walker
from tests.support.market import sign_in_browser
from tests.support.people import NewPerson
from tests.support.web import LiveServer

_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Look:
    """Which language a person reads, and in how large a window."""

    browser: str
    locale: str
    lang: str
    width: int
    height: int


LOOKS = {
    "english-desktop": Look("en", "en", "en", 1280, 900),
    "chinese-phone": Look("zh-CN", "zh", "zh-CN", 390, 844),
}


@dataclass(frozen=True)
class _Account:
    session_id: str


@dataclass(frozen=True)
class Stage:
    """The site, and everybody on it in one look. `words` and its kin write what a page should say, by its catalogue."""

    app: Flask
    live: LiveServer
    look: Look
    run_jobs: Callable[..., None]
    new_person: NewPerson

    @contextmanager
    def scene(self) -> Iterator[None]:
        """Prepare something by verbs, in one transaction."""
        with self.app.app_context(), transaction():
            yield

    def visitor(self, name: str = "visitor") -> Walker:
        person = self.new_person(name, language=self.look.browser, width=self.look.width, height=self.look.height)
        return walker(person, lang=self.look.lang)

    def enter(self, user_id: int | None) -> Walker:
        """Somebody who has an account, signed in and reading their language."""
        with self.scene():
            db.session.execute(update(User).where(User.id == user_id).values(locale=self.look.locale))
            user = db.session.get_one(User, user_id)
            name, account = user.name, _Account(user.get_id())
        found = self.visitor(name)
        sign_in_browser(self.app, found.page.context, account, self.live.url)
        return found

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Texts are in the people's language."""
        with self.app.test_request_context(), reader(self.look.locale, _ZONE):
            yield

    def words(self, message: str, **values: Any) -> str:
        with self.reading():
            return str(gettext(message, **values))

    def label(self, member: StrEnum) -> str:
        with self.reading():
            return str(label(member))

    def day(self, when: date) -> str:
        with self.reading():
            return day(when)


def from_today(days: int) -> date:
    """Counted where the platform's days are."""
    return clock.now().astimezone(ZoneInfo(_ZONE)).date() + timedelta(days=days)
