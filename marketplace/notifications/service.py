"""The verbs of notifications: tell somebody something, once; and note what was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.infra.mail import send_mail
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.notifications.models import Notification
from marketplace.notifications.told import Detail, Told


@dataclass(frozen=True, slots=True)
class News:
    """What happened, before it is known whom to tell. `values` complete the address of the page it leads to."""

    cause: str
    message: str
    values: Mapping[str, int]
    details: Mapping[str, Detail]


def tell(user: User, kind: str, news: News) -> None:
    """Put it behind the person's bell and mail it; a second time nothing happens.

    An e-mail that nobody has confirmed may be a stranger's: it gets no such mail.
    """
    told = Told(kind, news.details)
    row = insert(Notification).values(
        {
            "user_id": user.id,
            "kind": kind,
            "cause": news.cause,
            "endpoint": told.words.endpoint,
            "values": dict(news.values),
            "details": dict(news.details),
            "created_at": clock.now(),
        }
    )
    made = db.session.scalar(row.on_conflict_do_nothing().returning(Notification.id))
    if made is None or user.email_confirmed_at is None:
        return
    send_mail(
        news.message,
        user_id=user.id,
        address=user.email,
        locale=user.locale,
        timezone=user.timezone,
        told=told,
        url=url_for("notifications.open", notification_id=made, _external=True),
    )


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
