"""The verbs of readings: hand one in with its evidence, review it."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.creators.channels import lock_own_channel
from marketplace.creators.models import FanReading, ReadingStatus
from marketplace.creators.policy import require_reviewer, today
from marketplace.creators.queries import get_reading
from marketplace.creators.reading_queries import waiting_reading
from marketplace.creators.standing import refresh_standing
from marketplace.creators.verification import flag_of, mark_verified
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.storage import store_file
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed


def submit_reading(actor: Actor, channel_id: int, fans: int, taken_on: date, evidence: Upload) -> FanReading:
    """Hand in a count of the channel's fans with its evidence; administrators are told, and one of them reviews it.

    Raises:
        NotFound: the channel isn't the actor's.
        Conflict: a reading of the channel is waiting for review.
        Invalid: the count is negative, or was taken in the future.
    """
    channel = lock_own_channel(actor, channel_id)
    if fans < 0:
        raise Invalid(_l("The number can’t be negative."), field="fans")
    if taken_on > today():
        raise Invalid(_l("The day can’t be in the future."), field="taken_on")
    if waiting_reading(channel.id) is not None:
        raise Conflict(_l("A reading of this channel is waiting for review. You can hand in the next one after that."))
    stored = store_file(evidence.name, evidence.content_type, evidence.content)
    reading = FanReading(
        channel_id=channel.id,
        fans=fans,
        taken_on=taken_on,
        evidence_id=stored.id,
        status=ReadingStatus.PENDING,
        flag=flag_of(channel.id, fans, taken_on),
        submitted_at=clock.now(),
    )
    db.session.add(reading)
    db.session.flush()
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading


def review_reading(actor: Actor, reading_id: int, accept: bool, reason: str = "") -> FanReading:
    """Accept or reject a waiting reading, work out the creator's standing anew, and tell the creator.

    An accepted one proves the channel, whatever way it came.

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
    if accept:
        mark_verified(reading.channel, reading.source)
    db.session.flush()
    refresh_standing(reading.channel.creator_id)
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading
