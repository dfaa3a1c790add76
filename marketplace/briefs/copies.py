"""Verbs that make a brief from another: a template kept, a draft started from one, a duplicate; and removing either."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from marketplace.accounts.actor import Actor
from marketplace.brands.policy import require_manager
from marketplace.briefs.facts import FIELDS, BriefFacts, facts_of
from marketplace.briefs.models import Brief, BriefDeliverable, BriefReference, BriefStatus
from marketplace.briefs.policy import may_remove
from marketplace.briefs.queries import deliverables_of, get_own_brief, references_of
from marketplace.briefs.service import create_brief, own_brief
from marketplace.infra.db import db
from marketplace.kit.errors import Conflict

_MOST_TEMPLATES = 50


def duplicate_brief(actor: Actor, brief_id: int) -> Brief:
    """A draft that says the same, from a brief or a template of the actor's brand. Days are chosen anew.

    Raises:
        NotFound: the brief isn't the actor's brand's.
        NotAllowed: the actor only looks on or pays.
    """
    return _copy(actor, brief_id, BriefStatus.DRAFT)


def save_as_template(actor: Actor, brief_id: int) -> Brief:
    """Keep what the brief says as a template of the brand, and the brief as it is.

    Raises:
        NotFound: the brief isn't the actor's brand's.
        NotAllowed: the actor only looks on or pays.
        Conflict: it is a template, or there are too many.
    """
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    if brief.status is BriefStatus.TEMPLATE:
        raise Conflict(_l("This is a template already."))
    templates = db.session.query(Brief).filter_by(brand_id=brief.brand_id, status=BriefStatus.TEMPLATE).count()
    if templates >= _MOST_TEMPLATES:
        raise Conflict(_l("A company keeps at most %(most)s templates. Remove one first.", most=_MOST_TEMPLATES))
    return _copy(actor, brief_id, BriefStatus.TEMPLATE)


def _copy(actor: Actor, brief_id: int, status: BriefStatus) -> Brief:
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    facts = replace(facts_of(brief, deliverables_of(brief_id)), apply_by=None, publish_by=None)
    made = create_brief(actor, facts, status=status)
    made.steps = [step.value for step in FIELDS if step.value in brief.steps and _says_enough(facts)]
    for reference in references_of(brief_id):
        # Files are never changed, so that both may show the same one.
        copied = BriefReference(
            brief_id=made.id, title=reference.title, url=reference.url, file_id=reference.file_id
        )  # fmt: skip
        db.session.add(copied)
    db.session.flush()
    return made


def _says_enough(facts: BriefFacts) -> bool:
    return facts != BriefFacts()


def remove_brief(actor: Actor, brief_id: int) -> None:
    """Forget a template, or a draft that nobody else has seen.

    Raises:
        NotFound: it isn't the actor's brand's.
        Conflict: it was open once.
    """
    brief = own_brief(actor, brief_id)
    if not may_remove(actor, brief):
        raise Conflict(_l("A brief that was open stays, as others have answered it. You can close it."))
    for table in (BriefDeliverable, BriefReference):
        db.session.execute(delete(table).where(table.brief_id == brief_id))
    db.session.delete(brief)
    db.session.flush()
