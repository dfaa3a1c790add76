"""What a creator still needs before offers can be listed, said with figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.creators.fan_rule import FanRule, fan_rule
from marketplace.creators.models import Creator, FanReading, ReadingStatus
from marketplace.creators.policy import is_eligible
from marketplace.creators.reading_queries import ChannelState, channel_states
from marketplace.infra.i18n import count, short_date, when
from marketplace.infra.labels import label, register


class Standing(StrEnum):
    """How far a creator has come."""

    NO_CHANNEL = "no_channel"
    NO_READING = "no_reading"
    WAITING = "waiting"
    REJECTED = "rejected"
    BELOW = "below"
    GRACE = "grace"
    ELIGIBLE = "eligible"


register(
    Standing,
    {
        Standing.NO_CHANNEL: _l("Add a channel"),
        Standing.NO_READING: _l("Hand in a reading of your fans"),
        Standing.WAITING: _l("Your reading is being reviewed"),
        Standing.REJECTED: _l("Hand in another reading"),
        Standing.BELOW: _l("You need more fans"),
        Standing.GRACE: _l("You have fewer fans than offers need"),
        Standing.ELIGIBLE: _l("You can list offers"),
    },
)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Where a creator stands. `reading` is the one that decides; `enough` says whether it would be, if accepted.

    `grace_until` is when a grace ends, or ended; `needed` the smallest count that is enough without exceptions.
    """

    standing: Standing
    verified_fans: int
    rule: FanRule
    reading: FanReading | None = None
    enough: bool = False
    grace_until: datetime | None = None

    @property
    def eligible(self) -> bool:
        return self.standing in (Standing.ELIGIBLE, Standing.GRACE)

    @property
    def needed(self) -> int:
        return self.rule.needed()

    def explain(self) -> str:
        """What is there and what is missing, in the reader's language, as plain text."""
        return _SENTENCES[self.standing](self)

    def requirement(self) -> str:
        """The rule, as a sentence with its figures."""
        return self.rule.explain()


def eligibility(creator: Creator) -> Eligibility:
    """Where the creator stands now."""
    return judge(creator, channel_states(creator.id))


def judge(creator: Creator, states: Sequence[ChannelState]) -> Eligibility:
    """The same for channels that the caller has loaded."""
    standing, reading = _standing(creator, states)
    rule = fan_rule()
    enough = reading is not None and _would_be_enough(reading, creator, states, rule)
    return Eligibility(standing, creator.verified_fans, rule, reading, enough, creator.grace_until)


def _standing(creator: Creator, states: Sequence[ChannelState]) -> tuple[Standing, FanReading | None]:
    if is_eligible(creator):
        return (Standing.ELIGIBLE if creator.enough_fans or creator.grace_until is None else Standing.GRACE), None
    waiting = [state.waiting for state in states if state.waiting is not None]
    if waiting:
        return Standing.WAITING, max(waiting, key=lambda one: one.fans)
    last = max((state.recent[0] for state in states if state.recent), key=lambda one: one.id, default=None)
    if last is not None and last.status is ReadingStatus.REJECTED:
        return Standing.REJECTED, last
    if any(state.newest is not None for state in states):
        return Standing.BELOW, None
    return (Standing.NO_READING if states else Standing.NO_CHANNEL), None


def _would_be_enough(reading: FanReading, creator: Creator, states: Sequence[ChannelState], rule: FanRule) -> bool:
    state = next(state for state in states if state.channel.id == reading.channel_id)
    if not rule.sums:
        return reading.fans >= rule.needed(state.channel.platform)
    before = state.newest.fans if state.newest is not None else 0
    return creator.verified_fans - before + reading.fans >= rule.needed()


def _no_channel(_found: Eligibility) -> str:
    words: str = _("Add the channel where most of your fans are. Your fans there are verified next.")
    return words


def _no_reading(_found: Eligibility) -> str:
    words: str = _("No fans are verified yet. Hand in a reading with its evidence, or put a code on the channel.")
    return words


def _waiting(found: Eligibility) -> str:
    assert found.reading is not None
    values = {
        "fans": count(found.reading.fans),
        "platform": label(found.reading.channel.platform),
        "day": short_date(found.reading.submitted_at),
    }
    words: str = _("Your reading of %(fans)s fans on %(platform)s is waiting for review since %(day)s.", **values)
    if not found.enough:
        words = _(
            "Your reading of %(fans)s fans on %(platform)s is waiting for review since %(day)s. It won’t be enough to "
            "list offers.",
            **values,
        )
    return words


def _rejected(found: Eligibility) -> str:
    assert found.reading is not None
    words: str = _(
        "The reading of %(fans)s on %(platform)s was rejected because: %(reason)s",
        fans=count(found.reading.fans),
        platform=label(found.reading.channel.platform),
        reason=found.reading.reason,
    )
    return words


def _below(found: Eligibility) -> str:
    if found.grace_until is None:
        words: str = _("%(fans)s fans are accepted, which isn’t enough yet.", fans=count(found.verified_fans))
    else:
        words = _(
            "%(fans)s fans are accepted, which isn’t enough any more. Since %(moment)s brands don’t see your offers "
            "and you can’t apply; deals that run go on.",
            fans=count(found.verified_fans),
            moment=when(found.grace_until),
        )
    return words


def _grace(found: Eligibility) -> str:
    assert found.grace_until is not None
    words: str = _(
        "%(fans)s fans are accepted, which isn’t enough any more. Your offers stay listed until %(moment)s; hand in a "
        "higher count before then. Deals that run go on in any case.",
        fans=count(found.verified_fans),
        moment=when(found.grace_until),
    )
    return words


def _eligible(found: Eligibility) -> str:
    words: str = _("%(fans)s fans are accepted, which is enough.", fans=count(found.verified_fans))
    return words


_SENTENCES = {
    Standing.NO_CHANNEL: _no_channel,
    Standing.NO_READING: _no_reading,
    Standing.WAITING: _waiting,
    Standing.REJECTED: _rejected,
    Standing.BELOW: _below,
    Standing.GRACE: _grace,
    Standing.ELIGIBLE: _eligible,
}
