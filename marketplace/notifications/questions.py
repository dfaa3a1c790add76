"""What is told of a brief: that somebody asked, what the brand answered, and what became of its review."""

from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief, BriefQuestion, BriefStatus
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.notifications.recipients import administrators, brand_people, creator_people, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, list_detail

_EXCERPT = 200
_HELD = ("held", "held_again")


def tell_of_question(question_id: int, what: str) -> None:
    """`what` is asked, answered or removed; asked and answered of one that was removed since tell nothing."""
    question = db.session.get(BriefQuestion, question_id)
    if question is None or (question.removed_at is not None) != (what == "removed"):
        return
    brief = db.session.get_one(Brief, question.brief_id)
    is_asked = what == "asked"
    values = {"asked": {"question_id": question.id}, "answered": {"brief_id": brief.id}, "removed": {}}[what]
    who = db.session.get_one(Creator, question.creator_id) if is_asked else db.session.get_one(Brand, brief.brand_id)
    details: dict[str, Detail] = {
        "who": who.name,
        "title": brief.title,
        "excerpt": _excerpt(question.question if is_asked else question.answer),
    }
    news = News(f"question:{question.id}:{what}", "brief", values, details)
    people = brand_people(brief.brand_id) if is_asked else creator_people(question.creator_id)
    for to in without(people, (question.asked_by if is_asked else None,)):
        tell(to, f"brief.question.{what}", news)


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"


def tell_of_brief(brief_id: int, what: str, version: int) -> None:
    """`what` is held, held_again, passed or sent_back, as `version` of the brief was; what is over tells nothing."""
    brief = db.session.get(Brief, brief_id)
    if brief is None or (what in _HELD) != (brief.status is BriefStatus.HELD):
        return
    brand = db.session.get_one(Brand, brief.brand_id)
    details: dict[str, Detail] = {
        "who": brand.name,
        "title": brief.title,
        "words": list_detail(brief.held_for),
        "reason": brief.review_note,
    }
    news = News(f"brief:{brief_id}:{what}:{version}", "brief", {"brief_id": brief_id}, details)
    people = administrators() if what in _HELD else brand_people(brief.brand_id)
    for to in people:
        tell(to, f"brief.{what}", news)
