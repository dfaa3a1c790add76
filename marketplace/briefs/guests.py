"""Who sees a private brief."""

from sqlalchemy.dialects.postgresql import insert

from marketplace.briefs.models import BriefGuest
from marketplace.infra.db import db
from marketplace.kit import clock


def admit(brief_id: int, creator_id: int) -> None:
    """Let a creator in who chooses the brief or is chosen for it: in the transaction that makes the selection."""
    row = insert(BriefGuest).values(brief_id=brief_id, creator_id=creator_id, since=clock.now())
    db.session.execute(row.on_conflict_do_nothing())
