"""The verbs of moderation: find what an administrator watches for, keep a report, decide about it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import Limit, count_try
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed
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


def report(actor: Actor, subject: str, reason: ReportReason, text: str) -> Report:
    """Keep one person's report of something (`brief:12`). While it is open, a second one is the first.

    Raises:
        NotAllowed: nobody is signed in.
        TooMany: the person has reported a lot within the hour.
    """
    if actor.user_id is None:
        raise NotAllowed
    refused = count_try(_REPORTS, str(actor.user_id))
    if refused is not None:
        raise refused
    row = insert(Report).values(
        subject=subject, reason=reason, text=text.strip(), reported_by=actor.user_id, reported_at=clock.now()
    )
    db.session.execute(row.on_conflict_do_nothing())
    mine = (Report.subject == subject, Report.reported_by == actor.user_id, Report.decided_at.is_(None))
    return db.session.scalars(select(Report).where(*mine)).one()
