"""The review of briefs that are held for their words: an administrator opens one, or sends it back with a note."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.queries import lock_brief
from marketplace.briefs.service import end, show, tell
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed

MOST_NOTE = 1000
PAGE_SIZE = 30
_HELD = Brief.status == BriefStatus.HELD


def pass_brief(actor: Actor, brief_id: int) -> Brief:
    """Open a held brief; its watched words hold it no more.

    Raises:
        NotFound: there is none.
        NotAllowed: the actor is no administrator.
        Conflict: it isn't held any more.
    """
    brief = _held(actor, brief_id)
    brief.cleared_words = sorted({*brief.cleared_words, *brief.held_for})
    brief.held_for = []
    brief.version += 1
    show(brief)
    db.session.flush()
    tell(brief, "passed")
    return brief


def send_back(actor: Actor, brief_id: int, note: str) -> Brief:
    """Make a held brief a draft again, closed if it was open before; the brand reads the note.

    Raises:
        NotFound: there is none.
        NotAllowed: the actor is no administrator.
        Conflict: it isn't held any more.
        Invalid: the note is empty or too long.
    """
    _check_note(note)
    return _give_back(_held(actor, brief_id), note)


def take_down(actor: Actor, brief_id: int, note: str) -> Brief:
    """Close a brief that is open, for what it says; the brand reads the note. Deals that came of it go on.

    Raises:
        NotFound: there is none.
        NotAllowed: the actor is no administrator.
        Conflict: it isn't open.
        Invalid: the note is empty or too long.
    """
    if not actor.is_admin:
        raise NotAllowed
    _check_note(note)
    brief = lock_brief(brief_id)
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_l("This brief isn’t open."))
    brief.reviewed_by, brief.reviewed_at = actor.user_id, clock.now()
    return _give_back(brief, note)


def _check_note(note: str) -> None:
    if not note.strip():
        raise Invalid(_l("Say what has to change; the company reads it."), field="note")
    if len(note) > MOST_NOTE:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_NOTE), field="note")


def _give_back(brief: Brief, note: str) -> Brief:
    brief.review_note = note.strip()
    end(brief)
    tell(brief, "sent_back")
    return brief


def _held(actor: Actor, brief_id: int) -> Brief:
    if not actor.is_admin:
        raise NotAllowed
    brief = lock_brief(brief_id)
    if brief.status is not BriefStatus.HELD:
        raise Conflict(_l("Somebody has decided about this brief already, or the company has changed it."))
    brief.reviewed_by, brief.reviewed_at = actor.user_id, clock.now()
    return brief


def held_briefs(page: int = 1) -> tuple[Sequence[tuple[Brief, Brand]], int]:
    """One page of the queue with the companies, the longest waiting first; and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(Brief).where(_HELD)) or 0
    query = select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id).where(_HELD)
    query = query.order_by(Brief.changed_at, Brief.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    return [(brief, brand) for brief, brand in db.session.execute(query)], total
