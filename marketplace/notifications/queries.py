"""Reads of what people were told."""

from sqlalchemy import func, select

from marketplace.infra.db import db
from marketplace.notifications.models import Notification


def unread_count(user_id: int) -> int:
    """How many notifications the person hasn't opened."""
    unread = select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return db.session.scalar(unread) or 0
