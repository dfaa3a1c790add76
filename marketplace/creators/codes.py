"""The verbs of codes: ask for one, say that it stands in the channel's public text, confirm that it does."""

import secrets

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.creators.channels import lock_own_channel
from marketplace.creators.models import Channel, ChannelCode, ReadingSource, ReadingStatus
from marketplace.creators.policy import platform_day, require_reviewer
from marketplace.creators.reading_queries import get_code, open_code
from marketplace.creators.standing import refresh_standing
from marketplace.creators.verification import mark_verified, take_count
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed

# Without signs that look alike in some typeface.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def ask_code(actor: Actor, channel_id: int) -> ChannelCode:
    """The channel's code: the one that was given out and not decided about, or a new one.

    Raises:
        NotFound: the channel isn't the actor's.
    """
    channel = lock_own_channel(actor, channel_id)
    code = open_code(channel.id)
    if code is None:
        code = ChannelCode(channel_id=channel.id, code=_new_code(), created_at=clock.now())
        db.session.add(code)
        db.session.flush()
    return code


def _new_code() -> str:
    drawn = "".join(secrets.choice(_SIGNS) for _ in range(8))
    return f"MU-{drawn[:4]}-{drawn[4:]}"


def report_code(actor: Actor, channel_id: int, fans: int) -> ChannelCode:
    """Say that the code stands in the channel's text, and how many fans are shown there; administrators are told.

    Raises:
        NotFound: the channel isn't the actor's.
        Conflict: no code was asked for, or it was said before.
        Invalid: the count is negative.
    """
    channel = lock_own_channel(actor, channel_id)
    code = open_code(channel.id)
    if code is None:
        raise Conflict(_l("Get a code first; the last one was decided about."))
    if code.placed_at is not None:
        raise Conflict(_l("You have said already that the code is there. A reviewer looks for it."))
    if fans < 0:
        raise Invalid(_l("The number can’t be negative."), field="fans")
    code.fans, code.placed_at = fans, clock.now()
    db.session.flush()
    defer("notifications.tell_code", code_id=code.id, what="placed")
    return code


def review_code(actor: Actor, code_id: int, confirm: bool, reason: str = "") -> ChannelCode:
    """Confirm that the code stands in the channel's text, which verifies the channel and takes its count; or don't.

    Raises:
        NotFound: there is no such code.
        NotAllowed: the actor is no administrator, or the channel is their own.
        Conflict: it was decided already, isn't placed yet, or its suspicious count would wait beside another.
        Invalid: it is rejected without a reason.
    """
    if not actor.is_admin:
        raise NotAllowed
    db.session.execute(select(ChannelCode.id).where(ChannelCode.id == code_id).with_for_update())
    code = get_code(code_id)
    db.session.refresh(code)
    channel = db.session.get_one(Channel, code.channel_id, with_for_update=True, populate_existing=True)
    require_reviewer(actor, channel.creator)
    if code.reviewed_at is not None:
        raise Conflict(_l("This code was decided about already."))
    if code.placed_at is None:
        raise Conflict(_l("The creator hasn’t said yet that the code is there."))
    if not confirm and not reason.strip():
        raise Invalid(_l("Write why, so that the creator knows what to do."), field="reason")
    code.confirmed, code.reason = confirm, reason.strip()
    code.reviewed_by, code.reviewed_at = actor.user_id, clock.now()
    db.session.flush()
    if not confirm:
        defer("notifications.tell_code", code_id=code.id, what="decided")
        return code
    _take_count(actor, code, channel)
    return code


def _take_count(actor: Actor, code: ChannelCode, channel: Channel) -> None:
    assert code.fans is not None, "it was said when the code was placed"
    assert code.placed_at is not None, "checked by the caller"
    mark_verified(channel, ReadingSource.CODE)
    reading = take_count(channel, code.fans, platform_day(code.placed_at), ReadingSource.CODE, actor.user_id)
    if reading is None:
        raise Conflict(_l("This count is a suspicious jump, and another reading waits. Decide about that one first."))
    if reading.status is ReadingStatus.PENDING:
        defer("notifications.tell_code", code_id=code.id, what="decided")
    defer("notifications.tell_reading", reading_id=reading.id)
    refresh_standing(channel.creator_id)
