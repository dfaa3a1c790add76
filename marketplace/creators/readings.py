"""The verbs of readings: hand one in with its evidence, review it."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Channel, Creator, FanReading, ReadingStatus
from marketplace.creators.policy import require_reviewer, today
from marketplace.creators.queries import get_reading
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.infra.storage import store_file
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound


def submit_reading(actor: Actor, channel_id: int, fans: int, taken_on: date, evidence: Upload) -> FanReading:
    """Hand in a count of the channel's fans with its evidence; administrators are told, and one of them reviews it.

    Raises:
        NotFound: the channel isn't the actor's.
        Conflict: a reading of the channel is waiting for review.
        Invalid: the count is negative, or was taken in the future.
    """
    locked = select(Channel).where(Channel.id == channel_id, Channel.creator_id == actor.creator_id).with_for_update()
    channel = db.session.scalars(locked).one_or_none()
    if channel is None:
        raise NotFound
    if fans < 0:
        raise Invalid(_l("The number can’t be negative."), field="fans")
    if taken_on > today():
        raise Invalid(_l("The day can’t be in the future."), field="taken_on")
    waiting = select(FanReading.id).where(
        FanReading.channel_id == channel.id, FanReading.status == ReadingStatus.PENDING
    )
    if db.session.scalar(waiting) is not None:
        raise Conflict(_l("A reading of this channel is waiting for review. You can hand in the next one after that."))
    stored = store_file(evidence.name, evidence.content_type, evidence.content)
    reading = FanReading(
        channel_id=channel.id,
        fans=fans,
        taken_on=taken_on,
        evidence_id=stored.id,
        status=ReadingStatus.PENDING,
        submitted_at=clock.now(),
    )
    db.session.add(reading)
    db.session.flush()
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading


def review_reading(actor: Actor, reading_id: int, accept: bool, reason: str = "") -> FanReading:
    """Accept or reject a waiting reading, work out the creator's verified fans anew, and tell the creator.

    Raises:
        NotFound: there is no such reading.
        NotAllowed: the actor is no administrator, or the reading is their own.
        Conflict: it was decided already.
        Invalid: it is rejected without a reason.
    """
    if not actor.is_admin:
        raise NotAllowed
    db.session.execute(select(FanReading.id).where(FanReading.id == reading_id).with_for_update())
    reading = get_reading(reading_id)
    db.session.refresh(reading)
    require_reviewer(actor, reading.channel.creator)
    if reading.status is not ReadingStatus.PENDING:
        raise Conflict(_l("This reading was decided already."))
    if not accept and not reason.strip():
        raise Invalid(_l("Write why, so that the creator knows what to do."), field="reason")
    reading.status = ReadingStatus.ACCEPTED if accept else ReadingStatus.REJECTED
    reading.reviewed_by, reading.reviewed_at, reading.reason = actor.user_id, clock.now(), reason.strip()
    db.session.flush()
    _count_verified_fans(reading.channel.creator_id)
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading


def _count_verified_fans(creator_id: int) -> None:
    """The largest newest accepted reading of the creator's channels; the row lock orders two reviews at once."""
    creator = db.session.get(Creator, creator_id, with_for_update=True, populate_existing=True)
    assert creator is not None, "nothing removes a creator"
    newest = (
        select(FanReading.fans)
        .join(Channel, Channel.id == FanReading.channel_id)
        .where(Channel.creator_id == creator_id, FanReading.status == ReadingStatus.ACCEPTED)
        .ext(distinct_on(FanReading.channel_id))
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
        .subquery()
    )
    creator.verified_fans = db.session.scalar(select(func.max(newest.c.fans))) or 0
    creator.eligible = creator.verified_fans > settings().fan_threshold
    db.session.flush()
