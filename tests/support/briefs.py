"""What the forms of a brief's steps send, whole and right, and briefs that need words or guests."""

from datetime import timedelta

from marketplace.briefs.models import Brief
from marketplace.briefs.policy import platform_today
from marketplace.infra.db import db, transaction
from marketplace.moderation.words import add_words
from tests.support import market

GOAL = {"title": "A week of suppers", "product": "A clay pot.", "goal": "Show that one pot is enough."}
WORK = {
    "deliverables-0-content": "video_long",
    "deliverables-0-count": "2",
    "deliverables-1-content": "image_post",
    "deliverables-1-count": "",
    "details": "Films of 60 to 180 s.",
    "key_messages": "One pot\n\n Five evenings ",
    "musts": "The lid\nThe washing-up",
    "must_nots": "Other pots",
}
WHO = {
    "category": "food",
    "platforms": ["douyin", "bilibili"],
    "minimum_fans": "20,000",
    "maximum_fans": "",
    "audience": "People who cook on weekdays.",
    "visibility": "public",
}
RULES = {"disclosure": "“Ad” in the first line.", "usage_rights": "Six months.", "exclusivity": ""}


def budget(**changes: object) -> dict[str, object]:
    today = platform_today()
    return {
        "budget_kind": "range",
        "price": "",
        "budget_min": "8,000",
        "budget_max": "15,000.00",
        "rate": "",
        "cap": "",
        "total": "",
        "slots": "2",
        "apply_by": (today + timedelta(days=10)).isoformat(),
        "publish_by": (today + timedelta(days=40)).isoformat(),
    } | changes


def steps() -> dict[str, dict[str, object]]:
    """Every step in order."""
    return {"goal": dict(GOAL), "work": dict(WORK), "who": dict(WHO), "budget": budget(), "rules": dict(RULES)}


def watch(*words: str) -> None:
    """An administrator watches these words."""
    with transaction():
        add_words(market.make_admin("Wei Lan"), "en", words)


def fresh(brief_id: int) -> Brief:
    """The brief as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Brief, brief_id, populate_existing=True)
