"""The clock of selections: reminders half-way, and the end of those that nobody answered."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, select

from marketplace.briefs.models import Brief, BriefStatus
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import job, periodic
from marketplace.kit import clock
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.service import expire, remind

BATCH = 100
_OPEN = Selection.status == SelectionStatus.OPEN


@periodic("matching.expire_selections", "* * * * *")
def expire_selections() -> None:
    """Close what nobody answered in time, and remind of what is half-way there."""
    now = clock.now()
    _in_batches(Selection.expires_at <= now, expire)
    _in_batches(Selection.remind_at <= now, remind)


@job("matching.lapse_selections")
def lapse_selections(brief_id: int) -> None:
    """A brief was closed: what waits for an answer can't be accepted any more. Nothing happens if it is open again."""
    with transaction():
        still_closed = _closed_brief(brief_id)
    if still_closed:
        _in_batches(Selection.brief_id == brief_id, expire)


def _closed_brief(brief_id: int) -> bool:
    return db.session.scalar(select(Brief.status).where(Brief.id == brief_id)) is BriefStatus.CLOSED


def _in_batches(due: ColumnElement[bool], handle: Callable[[Selection], None]) -> None:
    """Several workers may run this at once: each takes rows that no other holds, a transaction a batch."""
    query = select(Selection).where(_OPEN, due).order_by(Selection.id).limit(BATCH)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    found = BATCH
    while found == BATCH:
        with transaction():
            selections = db.session.scalars(query).all()
            for selection in selections:
                handle(selection)
            found = len(selections)
