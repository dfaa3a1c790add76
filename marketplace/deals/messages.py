"""The verb that says something to the other side, in whatever state the deal is."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.deals.models import Message
from marketplace.deals.policy import may_write, side_of
from marketplace.deals.queries import get_deal
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed

LONGEST_MESSAGE = 4000
# The same words from the same person within this time are a second click.
_SAME_CLICK = timedelta(seconds=30)


def post_message(actor: Actor, deal_id: int, body: str) -> Message:
    """Write to the other side. The same words again within half a minute are the message that is there already.

    Raises:
        NotFound, NotAllowed: as always.
        Invalid: it says nothing, or too much.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = side_of(actor, deal)
    if side is None or actor.user_id is None or not may_write(actor, deal):
        raise NotAllowed
    body = body.strip()
    if not body or len(body) > LONGEST_MESSAGE:
        raise Invalid(_l("Write between 1 and 4,000 characters."), field="body")
    now = clock.now()
    newest = select(Message).where(Message.deal_id == deal.id).order_by(Message.id.desc()).limit(1)
    last = db.session.scalars(newest).first()
    if last is not None and (last.user_id, last.body) == (actor.user_id, body) and now - last.at < _SAME_CLICK:
        return last
    message = Message(deal_id=deal.id, side=side, user_id=actor.user_id, author_name=actor.signature, body=body, at=now)
    db.session.add(message)
    db.session.flush()
    defer("notifications.tell_message", message_id=message.id)
    return message
