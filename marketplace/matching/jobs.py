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
    _in_batches(Selection.expires_at <= now, expire, with_briefs=True)
    _in_batches(Selection.remind_at <= now, remind, with_briefs=False)


@job("matching.lapse_selections")
def lapse_selections(brief_id: int) -> None:
    """A brief was closed: what waits for an answer can't be accepted any more. Nothing happens if it is open again."""
    with transaction():
        still_closed = _closed_brief(brief_id)
    if still_closed:
        _in_batches(Selection.brief_id == brief_id, expire, with_briefs=True)


def _closed_brief(brief_id: int) -> bool:
    return db.session.scalar(select(Brief.status).where(Brief.id == brief_id)) is BriefStatus.CLOSED


def _in_batches(due: ColumnElement[bool], handle: Callable[[Selection], None], *, with_briefs: bool) -> None:
    """A transaction a batch. Several workers may run this at once: each takes rows that no other holds.

    What ends gives places back, so the briefs are locked before the selections, as everywhere, and in one order.
    """
    last = 0
    while True:
        with transaction():
            query = select(Selection.id, Selection.brief_id).where(_OPEN, due, Selection.id > last)
            found = db.session.execute(query.order_by(Selection.id).limit(BATCH)).all()
            if with_briefs:
                _lock_briefs({brief_id for _id, brief_id in found if brief_id is not None})
            for selection in _take(due, [selection_id for selection_id, _brief_id in found]):
                handle(selection)
        if len(found) < BATCH:
            return
        last = found[-1][0]


def _lock_briefs(brief_ids: set[int]) -> None:
    query = select(Brief).where(Brief.id.in_(brief_ids)).order_by(Brief.id)
    db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _take(due: ColumnElement[bool], ids: list[int]) -> list[Selection]:
    query = select(Selection).where(_OPEN, due, Selection.id.in_(ids)).order_by(Selection.id)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return list(db.session.scalars(query))
