"""The lists of watched words: what the whole platform looks for now."""

from datetime import datetime
from typing import TypeAlias

from flask import current_app
from sqlalchemy import func, select

from marketplace.infra.db import db
from marketplace.moderation.models import WatchedWord
from marketplace.moderation.text import Words

# Rows are only added and removed: another number of them, or another newest one, is another list.
_Version: TypeAlias = tuple[int, int | None, datetime | None]


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
