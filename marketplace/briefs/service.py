"""The verbs of a brief's own life: write it step by step, open it, extend it, close it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import missing_facts, require_manager
from marketplace.brands.queries import get_brand
from marketplace.briefs.checks import contradictions, gaps, oversold, refuse, wrong_days
from marketplace.briefs.facts import FIELDS, BriefFacts, Step, columns_of, facts_of
from marketplace.briefs.models import Brief, BriefDeliverable, BriefStatus
from marketplace.briefs.policy import is_unfinished, may_close, may_extend
from marketplace.briefs.queries import deliverables_of, lock_brief, references_of
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.moderation.service import find_watched_words


def create_brief(
    actor: Actor, facts: BriefFacts | None = None, *, status: BriefStatus = BriefStatus.DRAFT, step: Step | None = None
) -> Brief:
    """A draft, or a template, that only the brand sees. `step` is the one written where it isn’t all.

    Raises:
        NotAllowed: the actor manages no brand.
        Invalid: the facts contradict each other, or its days have passed.
    """
    brand_id = require_manager(actor)
    if actor.user_id is None:
        raise NotAllowed
    written = [] if facts is None else list(FIELDS) if step is None else [step]
    facts = facts or BriefFacts()
    refuse(contradictions(facts))
    refuse(wrong_days(facts.apply_by, facts.publish_by))
    brief = Brief(
        **columns_of(facts),
        brand_id=brand_id,
        created_by=actor.user_id,
        steps=[found.value for found in written],
        status=status,
        created_at=clock.now(),
        version=1,
    )
    _sign(actor, brief)
    db.session.add(brief)
    db.session.flush()
    _write_deliverables(brief, facts)
    return brief


def save_step(actor: Actor, brief_id: int, step: Step, changes: Mapping[str, Any], version: int) -> Brief:
    """Write what one step says, by a form that was made from `version`. Selections keep what they copied.

    A draft may lack anything. An open brief may not, and one whose new words are watched is held until an
    administrator has looked at it; a held one without such words opens.

    Raises:
        NotFound: the brief isn't the actor's brand's.
        Conflict: another member has changed it since, and what they wrote would be lost.
        Invalid: the facts contradict each other or what is agreed on, its days have passed, or it lacks what it needs.
    """
    brief = own_brief(actor, brief_id)
    before = facts_of(brief, deliverables_of(brief.id))
    facts = replace(before, **{name: changes[name] for name in FIELDS[step]})
    if facts == before and step.value in brief.steps:
        return brief
    if brief.version != version:
        # What says the same again loses nothing: a second click, or the page's own last save on its way.
        raise Conflict(_l("%(name)s has changed this brief since you opened it.", name=brief.changed_by_name))
    _check_step(brief, step, before, facts)
    write_facts(actor, brief, facts, before)
    brief.steps = [*brief.steps, *([step.value] if step.value not in brief.steps else [])]
    _look_again(brief, facts)
    db.session.flush()
    return brief


def _check_step(brief: Brief, step: Step, before: BriefFacts, facts: BriefFacts) -> None:
    """What other steps lack is theirs to say, unless the brief is past being a draft."""
    refuse(gap for gap in contradictions(facts) if gap.step is step)
    refuse(oversold(brief, facts))
    if not is_unfinished(brief):
        refuse(gaps(facts))
    if brief.status is not BriefStatus.CLOSED:
        refuse(
            wrong_days(
                facts.apply_by if facts.apply_by != before.apply_by else None,
                facts.publish_by if facts.publish_by != before.publish_by else None,
            )
        )


def write_facts(actor: Actor, brief: Brief, facts: BriefFacts, before: BriefFacts) -> None:
    """Put checked facts into the locked row."""
    for name, value in columns_of(facts).items():
        setattr(brief, name, value)
    if facts.deliverables != before.deliverables:
        _write_deliverables(brief, facts)
    brief.version += 1
    _sign(actor, brief)


def recheck(actor: Actor, brief: Brief) -> None:
    """After a change of the locked brief outside of its steps: a newer version, whose words are looked at again."""
    brief.version += 1
    _sign(actor, brief)
    db.session.flush()
    _look_again(brief, facts_of(brief, deliverables_of(brief.id)))


def _write_deliverables(brief: Brief, facts: BriefFacts) -> None:
    db.session.execute(delete(BriefDeliverable).where(BriefDeliverable.brief_id == brief.id))
    db.session.add_all(
        BriefDeliverable(brief_id=brief.id, position=place, content=found.content, count=found.count)
        for place, found in enumerate(facts.deliverables)
    )
    db.session.flush()


def _sign(actor: Actor, brief: Brief) -> None:
    brief.changed_by, brief.changed_by_name, brief.changed_at = actor.user_id, actor.name, clock.now()


def open_brief(actor: Actor, brief_id: int) -> Brief:
    """Show a draft, or a closed brief again, to those whom it is for; held if its words are watched.

    Raises:
        NotAllowed: the brand's profile lacks facts.
        Invalid: it lacks something, its days have passed, no place is left, or the actor's e-mail isn't confirmed.
        Conflict: it is open already, or being reviewed, or a template.
    """
    brief = own_brief(actor, brief_id)
    require_confirmed(actor)
    _require_openable(brief)
    if missing_facts(get_brand(brief.brand_id)):
        raise NotAllowed(_l("Complete your company’s profile before you open a brief."))
    facts = facts_of(brief, deliverables_of(brief.id))
    refuse([*contradictions(facts), *gaps(facts), *wrong_days(facts.apply_by, facts.publish_by)])
    if brief.slots_left <= 0:
        raise Invalid(_l("Every place of this brief is filled. Raise their number first."), field="slots")
    if brief.status is BriefStatus.CLOSED:
        brief.opened_at = clock.now()
    brief.closed_at = None
    brief.version += 1
    _publish(brief, facts)
    return brief


def _require_openable(brief: Brief) -> None:
    match brief.status:
        case BriefStatus.OPEN:
            raise Conflict(_l("This brief is open already."))
        case BriefStatus.HELD:
            raise Conflict(_l("This brief is being reviewed. It opens by itself when that is done."))
        case BriefStatus.TEMPLATE:
            raise Conflict(_l("A template is never opened. Start a brief from it."))


def _look_again(brief: Brief, facts: BriefFacts) -> None:
    """At words that others can read: also of a closed brief, whose page stays."""
    if brief.status in (BriefStatus.OPEN, BriefStatus.HELD):
        _publish(brief, facts)
    elif brief.status is BriefStatus.CLOSED:
        brief.held_for = _not_passed(brief, facts)
        db.session.flush()


def _not_passed(brief: Brief, facts: BriefFacts) -> list[str]:
    """The watched words in it that no administrator has let pass yet."""
    texts = [*facts.texts(), *(reference.title for reference in references_of(brief.id))]
    return [word for word in find_watched_words(texts) if word not in brief.cleared_words]


def _publish(brief: Brief, facts: BriefFacts) -> None:
    """Open the brief, or hold it: for words that nobody has let pass yet, or as an administrator closed it before."""
    brief.held_for = _not_passed(brief, facts)
    was_held = brief.status is BriefStatus.HELD
    taken_down = bool(brief.review_note) and brief.status is not BriefStatus.DRAFT
    held = bool(brief.held_for) or taken_down
    if held:
        brief.status = BriefStatus.HELD
    else:
        show(brief)
    db.session.flush()
    if held and not was_held:
        tell(brief, "held" if brief.held_for else "held_again")


def show(brief: Brief) -> None:
    """From now on the brief stands in the list."""
    brief.status, brief.opened_at, brief.review_note = BriefStatus.OPEN, brief.opened_at or clock.now(), ""


def tell(brief: Brief, what: str) -> None:
    """Enqueue the news of a review: held, held_again, passed or sent_back."""
    defer("notifications.tell_brief", brief_id=brief.id, what=what, version=brief.version)


def close_brief(actor: Actor, brief_id: int) -> Brief:
    """Take no more selections. Those that wait for an answer lapse; deals go on. What was never open is a draft again.

    Raises:
        Conflict: it isn't open.
    """
    brief = own_brief(actor, brief_id)
    if not may_close(actor, brief):
        raise Conflict(_l("This brief isn’t open."))
    not_passed = brief.held_for
    end(brief)
    if brief.status is BriefStatus.CLOSED:
        # Closing isn't the way to show what waits for a look.
        brief.held_for = not_passed
        db.session.flush()
    return brief


def end(brief: Brief) -> None:
    """Close the locked brief; one that nobody has seen yet becomes a draft."""
    brief.held_for = []
    brief.version += 1
    if brief.opened_at is None:
        brief.status = BriefStatus.DRAFT
    else:
        brief.status, brief.closed_at = BriefStatus.CLOSED, clock.now()
        defer("matching.lapse_selections", brief_id=brief.id)
    db.session.flush()


def extend_brief(actor: Actor, brief_id: int, apply_by: date, publish_by: date) -> Brief:
    """Give a brief a later last day; a closed one opens with it. What has lapsed stays so, and may be made again.

    Raises:
        Conflict: it is neither open nor closed.
        Invalid: the days are past, out of order, or not later; and what `open_brief` refuses.
        NotAllowed: as `open_brief`.
    """
    brief = own_brief(actor, brief_id)
    if not may_extend(actor, brief):
        raise Conflict(_l("Only a brief that is open or closed can be extended."))
    if brief.status is BriefStatus.OPEN and apply_by <= brief.apply_by:
        raise Invalid(_l("Choose a day after the present last day."), field="apply_by")
    before = facts_of(brief, deliverables_of(brief.id))
    facts = replace(before, apply_by=apply_by, publish_by=publish_by)
    refuse([*wrong_days(apply_by, publish_by), *contradictions(facts)])
    write_facts(actor, brief, facts, before)
    db.session.flush()
    return open_brief(actor, brief_id) if brief.status is BriefStatus.CLOSED else brief


def own_brief(actor: Actor, brief_id: int) -> Brief:
    """A brief of the actor's brand with its row locked, for a manager to change.

    Raises:
        NotFound: it isn't the actor's brand's.
        NotAllowed: the actor only looks on or pays.
    """
    brief = lock_brief(brief_id)
    if actor.brand_id is None or brief.brand_id != actor.brand_id:
        raise NotFound
    require_manager(actor)
    return brief
