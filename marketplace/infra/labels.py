"""The words of enums: every feature registers its own beside them, every page asks here."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.kit.deal_kinds import ContentKind, DealKind

Member = TypeVar("Member", bound=StrEnum)
_words: dict[type[StrEnum], Mapping[StrEnum, LazyString]] = {}


def register(members: type[Member], words: Mapping[Member, LazyString]) -> None:
    """Give the words of an enum, all of them.

    Raises:
        ValueError: a member has no words.
    """
    missing = set(members) - set(words)
    if missing:
        raise ValueError(f"no words for {', '.join(sorted(missing))} of {members.__name__}")
    _words[members] = {member: words[member] for member in members}


def label(member: StrEnum) -> LazyString:
    """What people call it, in the language of whoever reads it. A template writes `{{ label(offer.category) }}`."""
    return _words[type(member)][member]


register(
    DealKind,
    {
        DealKind.VIDEO: _l("Video"),
        DealKind.IMAGE: _l("Picture post"),
        DealKind.LIVE_MENTION: _l("Mention in a live show"),
        DealKind.LIVE_SESSION: _l("Live show"),
        DealKind.LIVE_COMMERCE: _l("Live selling"),
        DealKind.LIVE_REWARDS: _l("Live show with gifts"),
    },
)
register(
    ContentKind,
    {
        ContentKind.VIDEO_20: _l("Short video, 1 to 20 s"),
        ContentKind.VIDEO_60: _l("Video, 21 to 60 s"),
        ContentKind.VIDEO_LONG: _l("Video, over 60 s"),
        ContentKind.SERIES: _l("Series of videos"),
        ContentKind.IMAGE_POST: _l("Picture post"),
        ContentKind.LIVE_MENTION: _l("Mention in a live show"),
        ContentKind.LIVE_SESSION: _l("Live show, by the hour"),
        ContentKind.LIVE_COMMERCE: _l("Live selling"),
    },
)
