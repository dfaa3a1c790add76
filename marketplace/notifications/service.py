"""The verbs of notifications: tell somebody something, once; and note what was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db
from marketplace.infra.mail import send_mail
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.notifications.models import Notification
from marketplace.notifications.preferences import unsubscribe_url, wish_of
from marketplace.notifications.recipients import Recipient
from marketplace.notifications.told import Detail, Told
from marketplace.notifications.topics import topic_of
from marketplace.notifications.words import KINDS


@dataclass(frozen=True, slots=True)
class News:
    """What happened, before it is known whom to tell. `values` complete the address of the page it leads to."""

    cause: str
    message: str
    values: Mapping[str, int]
    details: Mapping[str, Detail]


def tell(to: Recipient, kind: str, news: News) -> None:
    """Put it behind the person's bell and mail it, as far as they want either; a second time nothing happens.

    An e-mail that nobody has confirmed may be a stranger's: it gets no such mail.
    """
    topic = topic_of(kind)
    wish = wish_of(to.user.id, topic)
    if not wish.bell and not wish.mail:
        return
    made = _keep(to, kind, news, in_bell=wish.bell)
    if made is None or not wish.mail or to.user.email_confirmed_at is None:
        return
    send_mail(
        news.message,
        user_id=to.user.id,
        address=to.user.email,
        locale=to.user.locale,
        timezone=to.user.timezone,
        unsubscribe_url=unsubscribe_url(to.user.id, topic),
        told=Told(kind, news.details),
        url=url_for("notifications.open", notification_id=made, _external=True),
        preferences_url=url_for("notifications.preferences", _external=True),
    )


def _keep(to: Recipient, kind: str, news: News, *, in_bell: bool) -> int | None:
    """The id of the new row; None where it was told before."""
    row = insert(Notification).values(
        {
            "user_id": to.user.id,
            "kind": kind,
            "acting": str(to.acting) if to.acting is not None else None,
            "cause": news.cause,
            "endpoint": KINDS[kind].endpoint,
            "values": dict(news.values),
            "details": dict(news.details),
            "in_bell": in_bell,
            "created_at": clock.now(),
        }
    )
    return db.session.scalar(row.on_conflict_do_nothing().returning(Notification.id))


def mark_read(actor: Actor, notification_id: int) -> Notification:
    """
    Raises:
        NotFound: there is no such notification, or it isn't the actor's.
    """
    mine = (Notification.id == notification_id, Notification.user_id == actor.user_id)
    found = db.session.scalars(select(Notification).where(*mine)).first()
    if found is None:
        raise NotFound
    found.read_at = found.read_at or clock.now()
    return found


def mark_all_read(actor: Actor, newest_id: int) -> None:
    """Everything up to the newest one that the person has seen listed."""
    mine = (Notification.user_id == actor.user_id, Notification.id <= newest_id, Notification.read_at.is_(None))
    db.session.execute(update(Notification).where(*mine).values(read_at=clock.now()))
