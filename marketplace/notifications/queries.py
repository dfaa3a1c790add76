"""Reads of what people were told."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db
from marketplace.notifications.models import Notification

_PAGE = 40
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Some notifications, newest first; `older` is the id to go on from, if there are more."""

    notifications: list[Notification]
    older: int | None


def unread_count(user_id: int) -> int:
    """How many notifications the person hasn't opened."""
    return db.session.scalar(unread_notifications(user_id)) or 0


def unread_notifications(user_id: int) -> Select[int]:
    """The same as a query, for a page that counts other things along with it."""
    mine = (Notification.user_id == user_id, Notification.in_bell)
    return select(func.count()).where(*mine, Notification.read_at.is_(None))


def newest(actor: Actor, *, before: int | None = None) -> Page:
    query = (
        select(Notification)
        .where(Notification.user_id == actor.user_id, Notification.in_bell)
        .order_by(Notification.id.desc())
    )
    if before is not None and 0 < before <= _LARGEST_ID:
        query = query.where(Notification.id < before)
    found = list(db.session.scalars(query.limit(_PAGE + 1)))
    return Page(found[:_PAGE], found[_PAGE - 1].id if len(found) > _PAGE else None)
