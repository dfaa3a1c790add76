"""The verbs of moderation: find what an administrator watches for, keep a report, decide about it."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import Limit, count_try
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.moderation.models import Report, ReportReason
from marketplace.moderation.words import watched_words

# Enough for somebody who comes upon a nest of them, too few to drown the queue.
_REPORTS = Limit("report", tries=20, minutes=60)


def find_watched_words(texts: Iterable[str]) -> list[str]:
    """The watched words of any language that stand in the texts, as the administrator wrote them; empty when fine."""
    words = watched_words()
    found: set[str] = set()
    for text in texts:
        found |= words.find(text)
    return sorted(found)


def report(actor: Actor, subject: str, reason: ReportReason, text: str, title: str = "") -> Report:
    """Keep one person's report of something (`brief:12`, called `title`). While it is open, a second one is the first.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: the reason says nothing by itself, and neither does the text.
        TooMany: the person has reported a lot within the hour.
    """
    if actor.user_id is None:
        raise NotAllowed
    if reason is ReportReason.OTHER and not text.strip():
        raise Invalid(_l("Say what is wrong with it."), field="text")
    refused = count_try(_REPORTS, str(actor.user_id))
    if refused is not None:
        raise refused
    said = {"subject": subject, "title": title, "reason": reason, "text": text.strip()}
    row = insert(Report).values(**said, reported_by=actor.user_id, reported_at=clock.now())
    made = db.session.scalar(row.on_conflict_do_nothing().returning(Report.id))
    if made is not None:
        defer("notifications.tell_report", report_id=made)
    mine = (Report.subject == subject, Report.reported_by == actor.user_id, Report.decided_at.is_(None))
    return db.session.scalars(select(Report).where(*mine)).one()


def decide(actor: Actor, subject: str, *, upheld: bool, note: str) -> int:
    """Close every open report of the subject with one verdict, and tell who reported it; how many there were.

    Raises:
        NotAllowed: the actor is no administrator.
        Invalid: there is no note.
        Conflict: none is open any more.
    """
    if not actor.is_admin:
        raise NotAllowed
    if not note.strip():
        raise Invalid(_l("Write why: whoever looks at this later reads it."), field="note")
    verdict = {"upheld": upheld, "note": note.strip(), "decided_by": actor.user_id, "decided_at": clock.now()}
    closed = update(Report).where(Report.subject == subject, Report.decided_at.is_(None)).values(**verdict)
    decided = db.session.scalars(closed.returning(Report.id)).all()
    if not decided:
        raise Conflict(_l("Another administrator has decided about these reports already."))
    for report_id in decided:
        defer("notifications.tell_report", report_id=report_id)
    return len(decided)
