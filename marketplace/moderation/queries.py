"""Reads of moderation: what was reported and what became of it, and the lists of watched words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.moderation.models import Report, ReportReason, WatchedWord
from marketplace.moderation.text import fold

CASES_A_PAGE = 30
WORDS_A_PAGE = 100
_MINE_SHOWN = 100
_FILED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Case:
    """What people reported of one thing and was not decided, or was decided together."""

    subject: str
    title: str
    reports: int
    reasons: Sequence[ReportReason]
    since: datetime
    decided_at: datetime | None
    upheld: bool | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, and how many there are in all."""

    cases: Sequence[Case]
    total: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // CASES_A_PAGE))


@dataclass(frozen=True, slots=True)
class Filed:
    """One report with who made it and, when it is decided, who decided."""

    report: Report
    by: str
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class WordPage:
    """One page of the watched words of a language, in their order; `total` counts those that fit the search."""

    words: Sequence[tuple[WatchedWord, str]]
    total: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // WORDS_A_PAGE))


def find_cases(page: int = 1, *, decided: bool = False) -> CasePage:
    """The cases that wait, the longest waiting first, or those that are decided, the newest first: two queries."""
    query = (
        select(
            Report.subject,
            func.max(Report.title).label("title"),
            func.count().label("reports"),
            func.array_agg(Report.reason.distinct()).label("reasons"),
            func.min(Report.reported_at).label("since"),
            Report.decided_at,
            func.bool_and(Report.upheld).label("upheld"),
        )
        .where(Report.decided_at.is_not(None) if decided else Report.decided_at.is_(None))
        .group_by(Report.subject, Report.decided_at)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = Report.decided_at.desc() if decided else func.min(Report.reported_at)
    rows = query.order_by(order, Report.subject).limit(CASES_A_PAGE).offset((page - 1) * CASES_A_PAGE)
    return CasePage([Case(**row) for row in db.session.execute(rows).mappings()], total)


def count_open_cases() -> Select[int]:
    """The query of how many things wait for a decision about their reports."""
    return select(func.count(Report.subject.distinct())).where(Report.decided_at.is_(None))


def reports_of(subject: str) -> Sequence[Filed]:
    """The newest reports of one thing, open and decided, in one query."""
    decider = aliased(User)
    query = (
        select(Report, User.name, decider.name)
        .join(User, User.id == Report.reported_by)
        .outerjoin(decider, decider.id == Report.decided_by)
        .where(Report.subject == subject)
        .order_by(Report.id.desc())
        .limit(_FILED_SHOWN)
    )
    return [Filed(*row) for row in db.session.execute(query)]


def open_report(actor: Actor, subject: str) -> Report | None:
    """The actor's own report of the thing that nobody has decided about yet."""
    mine = (Report.subject == subject, Report.reported_by == actor.user_id, Report.decided_at.is_(None))
    return db.session.scalars(select(Report).where(*mine)).first()


def reports_by(actor: Actor) -> Sequence[Report]:
    """What the actor reported, the newest first."""
    mine = select(Report).where(Report.reported_by == actor.user_id).order_by(Report.id.desc())
    return db.session.scalars(mine.limit(_MINE_SHOWN)).all()


def count_words() -> dict[str, int]:
    """How many words each language's list has; languages without any are left out."""
    rows = db.session.execute(select(WatchedWord.locale, func.count()).group_by(WatchedWord.locale))
    return dict(rows.all())


def list_words(locale: str, text: str = "", page: int = 1) -> WordPage:
    """One page of a language's list with who added each word; `text` is looked for in any case and width."""
    query: Select[WatchedWord] = select(WatchedWord).where(WatchedWord.locale == locale)
    if text:
        query = query.where(WatchedWord.folded.contains(fold(text), autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = query.add_columns(User.name).join(User, User.id == WatchedWord.added_by)
    rows = rows.order_by(WatchedWord.folded).limit(WORDS_A_PAGE).offset((page - 1) * WORDS_A_PAGE)
    return WordPage([(word, name) for word, name in db.session.execute(rows)], total)
