"""How a channel is proved to be its creator's: four ways behind one interface, and what an accepted count does.

The ways themselves: evidence and codes are reviewed by administrators (`readings`, `codes`), the platform's feed brings
counts in bulk (`feed`), and YouTube is asked for those of channels that were proved before (`youtube`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.creators.models import Channel, FanReading, Platform, ReadingSource, ReadingStatus
from marketplace.creators.reading_queries import ChannelState, newest_accepted, waiting_reading
from marketplace.creators.suspicion import GrowthRule
from marketplace.infra.db import db
from marketplace.infra.i18n import short_date
from marketplace.infra.labels import label, register
from marketplace.infra.settings import settings
from marketplace.kit import clock

register(
    ReadingSource,
    {
        ReadingSource.EVIDENCE: _l("Evidence"),
        ReadingSource.CODE: _l("Code"),
        ReadingSource.FEED: _l("The platform’s feed"),
        ReadingSource.YOUTUBE: _l("YouTube"),
    },
)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next on one way: `says` in a sentence or two; `act` and `endpoint` where the creator does it."""

    says: str
    act: str = ""
    endpoint: str = ""


class Way(Protocol):
    """One way to prove a channel and to keep its count fresh."""

    source: ReadingSource

    def step(self, state: ChannelState) -> Step | None:
        """What the creator does, or waits for; None where this way isn't open to the channel."""


class Evidence:
    source = ReadingSource.EVIDENCE

    def step(self, state: ChannelState) -> Step | None:
        if state.waiting is not None and state.waiting.source is ReadingSource.EVIDENCE:
            since = short_date(state.waiting.submitted_at)
            return Step(_("Your reading was handed in on %(day)s and waits for an administrator.", day=since))
        if state.waiting is not None:
            return Step(_("A count of this channel waits for an administrator. After that you can hand in another."))
        says = _("Hand in the count with a screenshot of your own account page; an administrator compares the two.")
        return Step(says, _("Hand in a reading"), "creators.add_reading")


class Code:
    source = ReadingSource.CODE

    def step(self, state: ChannelState) -> Step | None:
        code = state.code
        if code is None:
            says = _("Put a code into the channel’s public text for a while; a reviewer opens the channel and looks.")
            return Step(says, _("Get a code"), "creators.channel_code")
        if code.placed_at is None:
            says = _("Put %(code)s into the channel’s public text, then say that it is there.", code=code.code)
            return Step(says, _("Go on with the code"), "creators.channel_code")
        since = short_date(code.placed_at)
        says = _("Leave %(code)s where it is: it waits for a reviewer since %(day)s.", code=code.code, day=since)
        return Step(says, _("See the code"), "creators.channel_code")


class Feed:
    source = ReadingSource.FEED

    def step(self, state: ChannelState) -> Step | None:
        if not settings().feed_keys or state.channel.platform is Platform.OTHER:
            return None
        platform = label(state.channel.platform)
        return Step(
            _("Where %(platform)s sends us counts by itself, there is nothing for you to do.", platform=platform)
        )


class YouTube:
    source = ReadingSource.YOUTUBE

    def step(self, state: ChannelState) -> Step | None:
        if settings().youtube_api_key is None or state.channel.platform is not Platform.YOUTUBE:
            return None
        if state.channel.verified_at is None:
            return Step(_("Once the channel is proved yours another way, we read its count from YouTube every day."))
        return Step(_("We read the count from YouTube every day; there is nothing for you to do."))


WAYS: Final[tuple[Way, ...]] = (Evidence(), Code(), Feed(), YouTube())


def open_ways(state: ChannelState) -> list[tuple[ReadingSource, Step]]:
    """The ways that are open to the channel, each with its next step."""
    return [(way.source, step) for way in WAYS if (step := way.step(state)) is not None]


def mark_verified(channel: Channel, source: ReadingSource) -> None:
    """Note when the channel was proved to be its creator's, and how; the first proof stands."""
    if channel.verified_at is None:
        channel.verified_at, channel.verified_by = clock.now(), source


def flag_of(channel_id: int, fans: int, taken_on: date) -> str:
    """The flag of a new reading: empty unless the growth since the newest accepted one is suspicious."""
    rule = GrowthRule.now()
    return rule.flag if rule.finds(fans, taken_on, newest_accepted(channel_id)) else ""


def take_count(
    channel: Channel, fans: int, taken_on: date, source: ReadingSource, reviewed_by: int | None = None
) -> FanReading | None:
    """Keep a count that nobody has to compare with evidence: accepted at once, or waiting where the jump is suspicious.

    The channel's row is locked by the caller, who refreshes the creator's standing. None where the count would have
    to wait while another reading of the channel does: of two only one can be decided.
    """
    flag = flag_of(channel.id, fans, taken_on)
    if flag and waiting_reading(channel.id) is not None:
        return None
    now = clock.now()
    reading = FanReading(
        channel_id=channel.id,
        fans=fans,
        taken_on=taken_on,
        source=source,
        status=ReadingStatus.PENDING if flag else ReadingStatus.ACCEPTED,
        flag=flag,
        submitted_at=now,
        reviewed_at=None if flag else now,
        reviewed_by=None if flag else reviewed_by,
    )
    db.session.add(reading)
    if not flag:
        mark_verified(channel, source)
    db.session.flush()
    return reading
