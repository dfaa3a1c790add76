"""Questions that creators ask about a brief and what the brand answers: everybody who sees the brief reads both."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import can_manage, require_manager
from marketplace.brands.queries import is_member
from marketplace.briefs.models import Brief, BriefQuestion
from marketplace.briefs.policy import is_open
from marketplace.briefs.queries import get_brief, lock_brief
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.infra.i18n import listed
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from marketplace.moderation.service import find_watched_words

MOST_OPEN = 5
MOST_QUESTION = 500
MOST_ANSWER = 1500
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its asker, whose name is there for the brand and for administrators alone."""

    question: BriefQuestion
    asker: Creator | None
    mine: bool


def ask_question(actor: Actor, brief_id: int, text: str) -> BriefQuestion:
    """Ask the brand something, for everybody who sees the brief to read.

    Raises:
        NotFound: there is no such brief for the actor.
        NotAllowed: the actor is no creator, or belongs to the brand.
        Conflict: the brief takes no more applications.
        TooMany: enough of the creator's questions wait for an answer.
        Invalid: the text, or the e-mail isn't confirmed.
    """
    get_brief(actor, brief_id)
    if actor.creator_id is None or actor.user_id is None:
        raise NotAllowed(_l("Fill in your creator’s profile first."))
    require_confirmed(actor)
    brief = lock_brief(brief_id)
    if is_member(actor.user_id, brief.brand_id):
        raise NotAllowed(_l("This is your own company’s brief."))
    if not is_open(brief):
        raise Conflict(_l("This brief no longer takes questions."))
    _check(text, MOST_QUESTION, "question")
    if _waiting_of(brief_id, actor.creator_id) >= MOST_OPEN:
        raise TooMany(_l("%(most)s of your questions wait for an answer. Ask again after it.", most=MOST_OPEN))
    question = BriefQuestion(
        brief_id=brief_id,
        creator_id=actor.creator_id,
        question=text.strip(),
        asked_by=actor.user_id,
        asked_at=clock.now(),
    )
    db.session.add(question)
    db.session.flush()
    _tell(question, "asked")
    return question


def answer_question(actor: Actor, question_id: int, text: str) -> BriefQuestion:
    """Answer a question about one's own brief, or correct the answer.

    Raises:
        NotFound: it isn't about a brief of the actor's brand, or was removed.
        NotAllowed: the actor only looks on or pays.
        Invalid: the text.
    """
    question = _of_own_brief(actor, question_id)
    _check(text, MOST_ANSWER, "answer")
    is_first = question.answered_at is None
    question.answer, question.answered_by, question.answered_at = text.strip(), actor.user_id, clock.now()
    db.session.flush()
    if is_first:
        _tell(question, "answered")
    return question


def remove_question(actor: Actor, question_id: int) -> BriefQuestion:
    """Take a question and its answer off the brief's page; the asker is told.

    Raises:
        NotFound: it isn't about a brief of the actor's brand, or was removed.
        NotAllowed: the actor only looks on or pays.
    """
    question = _of_own_brief(actor, question_id)
    question.removed_at = clock.now()
    db.session.flush()
    _tell(question, "removed")
    return question


def _of_own_brief(actor: Actor, question_id: int) -> BriefQuestion:
    query = select(BriefQuestion).join(Brief, Brief.id == BriefQuestion.brief_id)
    mine = (BriefQuestion.id == question_id, Brief.brand_id == actor.brand_id, BriefQuestion.removed_at.is_(None))
    locked = query.where(*mine).with_for_update(of=BriefQuestion).execution_options(populate_existing=True)
    question = db.session.scalars(locked).one_or_none()
    if question is None or actor.brand_id is None:
        raise NotFound
    require_manager(actor)
    return question


def _check(text: str, most: int, field: str) -> None:
    if not text.strip():
        raise Invalid(_l("Write a few words."), field=field)
    if len(text) > most:
        raise Invalid(_l("Write at most %(most)s characters.", most=most), field=field)
    words = find_watched_words([text])
    if words:
        text = _l("Everybody would read this. Write it without these words: %(words)s", words=listed(words))
        raise Invalid(text, field=field)


def _waiting_of(brief_id: int, creator_id: int) -> int:
    waiting = (
        BriefQuestion.brief_id == brief_id,
        BriefQuestion.creator_id == creator_id,
        BriefQuestion.answered_at.is_(None),
        BriefQuestion.removed_at.is_(None),
    )
    return db.session.scalar(select(func.count()).where(*waiting)) or 0


def _tell(question: BriefQuestion, what: str) -> None:
    defer("notifications.tell_question", question_id=question.id, what=what)


def get_question(actor: Actor, question_id: int) -> tuple[BriefQuestion, Brief]:
    """A question about a brief of the actor's brand.

    Raises:
        NotFound: there is none.
    """
    query: Select[BriefQuestion, Brief] = select(BriefQuestion, Brief).join(Brief, Brief.id == BriefQuestion.brief_id)
    mine = (BriefQuestion.id == question_id, Brief.brand_id == actor.brand_id, BriefQuestion.removed_at.is_(None))
    found = db.session.execute(query.where(*mine)).one_or_none()
    if found is None or actor.brand_id is None:
        raise NotFound
    return found[0], found[1]


def questions_about(actor: Actor, brief: Brief) -> Sequence[Asked]:
    """Those of a brief that the actor may see, as they were asked; for its brand those without an answer first."""
    sees_names = actor.is_admin or actor.brand_id == brief.brand_id
    query: Select[BriefQuestion, Creator] = select(BriefQuestion, Creator)
    query = query.join(Creator, Creator.id == BriefQuestion.creator_id)
    query = query.where(BriefQuestion.brief_id == brief.id, BriefQuestion.removed_at.is_(None))
    order = (BriefQuestion.answered_at.isnot(None), BriefQuestion.id) if sees_names else (BriefQuestion.id,)
    found = db.session.execute(query.order_by(*order).limit(_SHOWN))
    return [
        Asked(question, creator if sees_names else None, creator.id == actor.creator_id) for question, creator in found
    ]


def unanswered(brief_ids: Sequence[int]) -> dict[int, int]:
    """How many questions wait for an answer, by brief; briefs without any are left out."""
    if not brief_ids:
        return {}
    query = select(BriefQuestion.brief_id, func.count()).where(
        BriefQuestion.brief_id.in_(brief_ids), BriefQuestion.answered_at.is_(None), BriefQuestion.removed_at.is_(None)
    )
    return dict(db.session.execute(query.group_by(BriefQuestion.brief_id)).all())


def may_ask(actor: Actor, brief: Brief) -> bool:
    return actor.creator_id is not None and is_open(brief)


def may_answer(actor: Actor, brief: Brief) -> bool:
    return can_manage(actor, brief.brand_id)
