"""What a creator still needs before offers can be listed, said with figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.creators.models import Channel, Creator, FanReading, ReadingStatus
from marketplace.creators.policy import is_eligible
from marketplace.creators.queries import channels_with_readings
from marketplace.infra.i18n import count, short_date
from marketplace.infra.labels import label, register
from marketplace.infra.settings import settings


class Standing(StrEnum):
    """How far a creator has come."""

    NO_CHANNEL = "no_channel"
    NO_READING = "no_reading"
    WAITING = "waiting"
    REJECTED = "rejected"
    BELOW = "below"
    ELIGIBLE = "eligible"


register(
    Standing,
    {
        Standing.NO_CHANNEL: _l("Add a channel"),
        Standing.NO_READING: _l("Hand in a reading of your fans"),
        Standing.WAITING: _l("Your reading is being reviewed"),
        Standing.REJECTED: _l("Hand in another reading"),
        Standing.BELOW: _l("You need more fans"),
        Standing.ELIGIBLE: _l("You can list offers"),
    },
)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Where a creator stands. `needed` is the smallest count that is enough; `reading` is the one that decides."""

    standing: Standing
    verified_fans: int
    needed: int
    reading: FanReading | None = None

    @property
    def eligible(self) -> bool:
        return self.standing is Standing.ELIGIBLE

    def explain(self) -> str:
        """What is there and what is missing, in the reader's language, as plain text."""
        return _SENTENCES[self.standing](self)


def eligibility(creator: Creator) -> Eligibility:
    """Where the creator stands now."""
    return _judge(creator, channels_with_readings(creator.id))


def _judge(creator: Creator, channels: Sequence[Channel]) -> Eligibility:
    readings = sorted((one for channel in channels for one in channel.readings), key=lambda one: one.id, reverse=True)
    waiting = [one for one in readings if one.status is ReadingStatus.PENDING]
    accepted = [one for one in readings if one.status is ReadingStatus.ACCEPTED]
    reading: FanReading | None = None
    if is_eligible(creator):
        standing, reading = Standing.ELIGIBLE, next(iter(accepted), None)
    elif waiting:
        standing, reading = Standing.WAITING, max(waiting, key=lambda one: one.fans)
    elif readings and readings[0].status is ReadingStatus.REJECTED:
        standing, reading = Standing.REJECTED, readings[0]
    elif accepted:
        standing, reading = Standing.BELOW, accepted[0]
    else:
        standing = Standing.NO_READING if channels else Standing.NO_CHANNEL
    return Eligibility(standing, creator.verified_fans, settings().fan_threshold + 1, reading)


def _no_channel(found: Eligibility) -> str:
    words: str = _(
        "To list offers you need at least %(needed)s verified fans on one channel. Add the channel first.",
        needed=count(found.needed),
    )
    return words


def _no_reading(found: Eligibility) -> str:
    words: str = _(
        "No reading of your fans has been handed in. You need one of at least %(needed)s, with its evidence.",
        needed=count(found.needed),
    )
    return words


def _waiting(found: Eligibility) -> str:
    assert found.reading is not None
    values = {
        "fans": count(found.reading.fans),
        "platform": label(found.reading.channel.platform),
        "day": short_date(found.reading.submitted_at),
        "needed": count(found.needed),
    }
    words: str = _("Your reading of %(fans)s fans on %(platform)s is waiting for review since %(day)s.", **values)
    if found.reading.fans < found.needed:
        words = _(
            "Your reading of %(fans)s fans on %(platform)s is waiting for review since %(day)s. It won’t be enough to "
            "list offers: you need at least %(needed)s.",
            **values,
        )
    return words


def _rejected(found: Eligibility) -> str:
    assert found.reading is not None
    words: str = _(
        "You need a reading of at least %(needed)s fans. The one of %(fans)s on %(platform)s was rejected because: "
        "%(reason)s",
        needed=count(found.needed),
        fans=count(found.reading.fans),
        platform=label(found.reading.channel.platform),
        reason=found.reading.reason,
    )
    return words


def _below(found: Eligibility) -> str:
    words: str = _(
        "%(fans)s fans are accepted; you need at least %(needed)s on one channel.",
        fans=count(found.verified_fans),
        needed=count(found.needed),
    )
    return words


def _eligible(found: Eligibility) -> str:
    words: str = _(
        "%(fans)s fans are accepted, at least %(needed)s are needed.",
        fans=count(found.verified_fans),
        needed=count(found.needed),
    )
    return words


_SENTENCES = {
    Standing.NO_CHANNEL: _no_channel,
    Standing.NO_READING: _no_reading,
    Standing.WAITING: _waiting,
    Standing.REJECTED: _rejected,
    Standing.BELOW: _below,
    Standing.ELIGIBLE: _eligible,
}
