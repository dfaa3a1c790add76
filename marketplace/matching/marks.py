"""What a side notes for itself: what it has read, the brand's stars and notes. The other side sees none of it."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from marketplace.accounts.actor import Actor
from marketplace.brands.policy import can_manage
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed, NotFound
from marketplace.matching.inbox import unread_for
from marketplace.matching.models import Selection, SelectionKind
from marketplace.matching.policy import is_unread
from marketplace.matching.queries import lock_selection

MOST_NOTE = 1000


def mark_read(actor: Actor, selection: Selection) -> None:
    """The actor has looked at it as it stands; who only looks on for their company marks nothing."""
    if not is_unread(selection, actor):
        return
    side = Selection.creator_seen_at if actor.creator_id is not None else Selection.brand_seen_at
    row = update(Selection).where(Selection.id == selection.id)
    db.session.execute(row.values({side: selection.changed_at}).execution_options(synchronize_session=False))


def mark_all_read(actor: Actor, until: datetime) -> int:
    """The actor has looked at everything that changed until then; how many were unread."""
    side = Selection.creator_seen_at if actor.creator_id is not None else Selection.brand_seen_at
    rows = update(Selection).where(unread_for(actor), Selection.changed_at <= until)
    found = db.session.execute(rows.values({side: Selection.changed_at}).execution_options(synchronize_session=False))
    return int(found.rowcount)  # type: ignore[attr-defined]


def shortlist(actor: Actor, selection_id: int, *, on: bool) -> Selection:
    """Star an application, or take the star away; pressed twice it stays as it is.

    Raises:
        NotFound: it is no application to the actor's company.
        NotAllowed: the actor only looks on.
    """
    selection = _own_application(actor, selection_id)
    if on != (selection.shortlisted_at is not None):
        selection.shortlisted_at = clock.now() if on else None
        db.session.flush()
    return selection


def write_note(actor: Actor, selection_id: int, note: str) -> Selection:
    """What the company's people tell each other about an applicant.

    Raises:
        NotFound, NotAllowed: as `shortlist`.
        Invalid: it is too long.
    """
    selection = _own_application(actor, selection_id)
    if len(note) > MOST_NOTE:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_NOTE), field="note")
    selection.brand_note = note.strip()
    db.session.flush()
    return selection


def _own_application(actor: Actor, selection_id: int) -> Selection:
    selection = lock_selection(actor, selection_id)
    if actor.brand_id != selection.brand_id or selection.kind is not SelectionKind.APPLICATION:
        raise NotFound
    if not can_manage(actor, selection.brand_id):
        raise NotAllowed(_l("Only owners and managers of the company may do this."))
    return selection
