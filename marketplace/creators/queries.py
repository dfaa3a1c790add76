"""Reads of creators, channels and fan readings."""

from sqlalchemy import select

from marketplace.creators.models import Creator
from marketplace.infra.db import db


def creator_id_of(user_id: int) -> int | None:
    """The id of the user's creator profile, if they have made one."""
    return db.session.scalar(select(Creator.id).where(Creator.user_id == user_id))
