"""What is told of a fan reading: to administrators that it waits, to the creator what became of it."""

from marketplace.creators.models import FanReading, ReadingStatus
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.notifications.recipients import administrators, creator_people, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, count_detail


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
        "threshold": count_detail(settings().fan_threshold),
    }
    waits = reading.status is ReadingStatus.PENDING
    values = {"reading_id": reading.id} if waits else {}
    news = News(f"reading:{reading.id}:{reading.status.value}", "reading", values, details)
    people = administrators() if waits else without(creator_people(channel.creator_id), (reading.reviewed_by,))
    for to in people:
        tell(to, _kind(reading), news)


def _kind(reading: FanReading) -> str:
    if reading.status is not ReadingStatus.ACCEPTED:
        return f"reading.{reading.status.value}"
    enough = reading.channel.creator.verified_fans > settings().fan_threshold
    return "reading.accepted.enough" if enough else "reading.accepted.few"
