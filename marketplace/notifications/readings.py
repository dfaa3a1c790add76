"""What is told of fans: that a reading or a code waits, what became of it, and whether a creator has enough of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.models import Channel, ChannelCode, Creator, FanReading, ReadingSource, ReadingStatus
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.notifications.recipients import administrators, creator_people, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, count_detail, moment_detail

# An end that was announced, but then came otherwise, is told of nobody.
_STILL_RUNS = ("began", "week")


def tell_of_reading(reading_id: int) -> None:
    """Where the reading stands now."""
    reading = db.session.get(FanReading, reading_id)
    if reading is None:
        return
    channel = reading.channel
    details: dict[str, Detail] = {
        "who": channel.creator.name,
        "channel": channel.handle,
        "fans": count_detail(reading.fans),
        "reason": reading.reason,
        "threshold": count_detail(fan_rule().needed(channel.platform) - 1),
    }
    waits = reading.status is ReadingStatus.PENDING
    values = {"reading_id": reading.id} if waits else {}
    news = News(f"reading:{reading.id}:{reading.status.value}", "reading", values, details)
    people = administrators() if waits else without(creator_people(channel.creator_id), (reading.reviewed_by,))
    for to in people:
        tell(to, _kind(reading), news)


def _kind(reading: FanReading) -> str:
    if reading.status is ReadingStatus.PENDING and reading.source is not ReadingSource.EVIDENCE:
        return "reading.flagged"
    if reading.status is not ReadingStatus.ACCEPTED:
        return f"reading.{reading.status.value}"
    if reading.channel.creator.enough_fans:
        return "reading.accepted.enough"
    return "reading.accepted.few_together" if fan_rule().sums else "reading.accepted.few"


def tell_of_code(code_id: int, what: str) -> None:
    """`what` is placed or decided: of a code that was decided meanwhile nobody hears that it waits."""
    code = db.session.get(ChannelCode, code_id)
    waits = code is not None and code.reviewed_at is None
    if code is None or waits is not (what == "placed"):
        return
    channel = db.session.get_one(Channel, code.channel_id)
    details: dict[str, Detail] = {
        "who": channel.creator.name,
        "channel": channel.handle,
        "fans": count_detail(code.fans or 0),
        "reason": code.reason,
    }
    status = "pending" if waits else "confirmed" if code.confirmed else "rejected"
    news = News(f"code:{code.id}:{status}", "reading", {"code_id": code.id} if waits else {}, details)
    people = administrators() if waits else without(creator_people(channel.creator_id), (code.reviewed_by,))
    for to in people:
        tell(to, f"channel.code.{status}", news)


def tell_of_standing(creator_ids: Sequence[int], what: str, until: datetime) -> None:
    """`what` is a `Change` of the creators' standing; `until` when their grace ends or ended, else when it happened."""
    for creator in db.session.scalars(select(Creator).where(Creator.id.in_(creator_ids)).order_by(Creator.id)):
        if not _still_so(creator, what, until):
            continue
        details: dict[str, Detail] = {"fans": count_detail(creator.verified_fans), "until": moment_detail(until)}
        news = News(f"standing:{what}:{until.isoformat()}", "reading", {}, details)
        for to in creator_people(creator.id):
            tell(to, f"standing.{what}", news)


def _still_so(creator: Creator, what: str, until: datetime) -> bool:
    if what in _STILL_RUNS:
        return creator.grace_until == until and until > clock.now()
    if what == "ended":
        return creator.grace_until == until
    return creator.enough_fans
