"""The lists of watched words: what the whole platform looks for now, and the verbs that change them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import structlog
from flask import current_app
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES, count
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed, NotFound
from marketplace.moderation.models import WatchedWord
from marketplace.moderation.text import Words, fold

LONGEST_WORD = 60
MOST_WORDS = 20_000
_ERRORS_SHOWN = 10
# One letter stands in every text.
_SHORTEST = 2
_COMMENT = "#"
logger = structlog.get_logger(__name__)
# Rows are only added and removed: another number of them, or another newest one, is another list.
_Version: TypeAlias = tuple[int, int | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the lines of a list: how many words are new, how many stood in it already."""

    new: int
    known: int


def watched_words() -> Words:
    """The words of every language, read again whenever an administrator has changed a list in any process."""
    version = _version()
    kept: tuple[_Version, Words] | None = current_app.extensions.get("mutuals_watched_words")
    if kept is None or kept[0] != version:
        kept = version, Words(dict(db.session.execute(select(WatchedWord.folded, WatchedWord.text)).all()))
        current_app.extensions["mutuals_watched_words"] = kept
    return kept[1]


def _version() -> _Version:
    newest = select(func.count(), func.max(WatchedWord.id), func.max(WatchedWord.added_at))
    number, last, moment = db.session.execute(newest).one()
    return number, last, moment


def add_words(actor: Actor, locale: str, lines: Iterable[str], reason: str = "") -> Added:
    """Add a word or phrase a line to a language's list, all or none. Empty lines and those that begin with # are none.

    Raises:
        NotAllowed: the actor is no administrator.
        Invalid: there is no such list, a line can't be a word (the message names the lines), or the list gets too long.
    """
    _require_admin(actor)
    if locale not in LANGUAGES:
        raise Invalid(_l("Choose a language."), field="locale")
    words = _read(lines)
    rows = [
        {
            "locale": locale,
            "text": text,
            "folded": folded,
            "reason": reason.strip(),
            "added_by": actor.user_id,
            "added_at": clock.now(),
        }
        for folded, text in words.items()
    ]
    made = insert(WatchedWord).on_conflict_do_nothing().returning(WatchedWord.id)
    new = len(db.session.scalars(made, rows).all())
    _require_room(locale)
    logger.info("watched words added", locale=locale, new=new, user_id=actor.user_id)
    return Added(new, len(words) - new)


def _read(lines: Iterable[str]) -> dict[str, str]:
    """The words by their folded form."""
    words: dict[str, str] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = " ".join(line.split())
        if not text or text.startswith(_COMMENT):
            continue
        folded = fold(text)
        problem = _problem(text, folded)
        if problem is None:
            words.setdefault(folded, text)
        else:
            wrong.append(_("Line %(number)s: %(problem)s", number=number, problem=problem))
    if wrong:
        raise Invalid(" ".join([*wrong[:_ERRORS_SHOWN], *_more(len(wrong) - _ERRORS_SHOWN)]), field="lines")
    if not words:
        raise Invalid(_l("Write at least one word, each on a line of its own."), field="lines")
    return words


def _problem(text: str, folded: str) -> LazyString | None:
    if len(text) > LONGEST_WORD or len(folded) > LONGEST_WORD:
        return _l("longer than %(most)s characters.", most=LONGEST_WORD)
    if len(folded) < _SHORTEST or not any(sign.isalnum() for sign in folded):
        return _l("too short to be looked for.")
    return None


def _more(number: int) -> list[str]:
    return [_("%(number)s more lines are wrong.", number=count(number))] if number > 0 else []


def _require_room(locale: str) -> None:
    number = db.session.scalar(select(func.count()).where(WatchedWord.locale == locale)) or 0
    if number > MOST_WORDS:
        raise Invalid(_("A list may have at most %(most)s words.", most=count(MOST_WORDS)), field="lines")


def remove_word(actor: Actor, word_id: int) -> WatchedWord:
    """
    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such word.
    """
    _require_admin(actor)
    word = db.session.get(WatchedWord, word_id)
    if word is None:
        raise NotFound
    db.session.execute(delete(WatchedWord).where(WatchedWord.id == word_id))
    logger.info("watched word removed", locale=word.locale, text=word.text, user_id=actor.user_id)
    return word


def _require_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotAllowed
