"""The verbs of briefs: write one, change it, open it, close it, and fill a place."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import missing_facts, require_manager
from marketplace.brands.queries import get_brand
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.policy import platform_today
from marketplace.briefs.queries import lock_brief
from marketplace.creators.models import Category
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money

MOST_SLOTS = 100
MOST_BUDGET = 900_000_00
"""Minor units for one place. Stripe charges at most 99,999,999 at once, and the brand's fee comes on top."""
_HORIZON = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What a brief says. Budgets are for each slot; both days are the platform's."""

    title: str
    goal: str
    deliverables: str
    kind: DealKind
    category: Category
    platforms: tuple[str, ...]
    minimum_fans: int
    budget_min: Money
    budget_max: Money
    slots: int
    apply_by: date
    publish_by: date


def create_brief(actor: Actor, facts: BriefFacts) -> Brief:
    """A draft that only the brand sees.

    Raises:
        NotAllowed: the actor manages no brand.
        Invalid: the facts contradict each other, or its days have passed.
    """
    brand_id = require_manager(actor)
    if actor.user_id is None:
        raise NotAllowed
    _check(facts)
    _check_days(facts.apply_by, facts.publish_by)
    brief = Brief(
        **_columns(facts),
        brand_id=brand_id,
        created_by=actor.user_id,
        status=BriefStatus.DRAFT,
        slots_filled=0,
        created_at=clock.now(),
        changed_at=clock.now(),
        version=1,
    )
    db.session.add(brief)
    db.session.flush()
    return brief


def edit_brief(actor: Actor, brief_id: int, facts: BriefFacts, version: int) -> Brief:
    """Change what the actor saw at `version`. Selections copied what they offer, so none of them changes.

    Raises:
        NotFound: the brief isn't the actor's brand's.
        Conflict: another member has changed it since.
        Invalid: the facts contradict each other, the places filled, or its days have passed.
    """
    brief = _own(actor, brief_id)
    if brief.version != version:
        raise Conflict(_l("Someone else has changed this brief since you opened it. Open it again to see how."))
    _check(facts)
    if facts.slots < brief.slots_filled:
        text = _l("%(filled)s places are filled already; there can’t be fewer.", filled=brief.slots_filled)
        raise Invalid(text, field="slots")
    if brief.status is not BriefStatus.CLOSED:
        _check_days(facts.apply_by, facts.publish_by)
    for name, value in _columns(facts).items():
        setattr(brief, name, value)
    brief.version += 1
    db.session.flush()
    return brief


def open_brief(actor: Actor, brief_id: int) -> Brief:
    """Show a draft, or a closed brief again, to everybody.

    Raises:
        NotAllowed: the brand's profile lacks facts.
        Invalid: its days have passed, no place is left, or the actor's e-mail isn't confirmed.
        Conflict: it is open already.
    """
    brief = _own(actor, brief_id)
    require_confirmed(actor)
    if brief.status is BriefStatus.OPEN:
        raise Conflict(_l("This brief is open already."))
    if missing_facts(get_brand(brief.brand_id)):
        raise NotAllowed(_l("Complete your company’s profile before you open a brief."))
    _check_days(brief.apply_by, brief.publish_by)
    if brief.slots_left == 0:
        raise Invalid(_l("Every place of this brief is filled. Raise their number first."), field="slots")
    brief.status, brief.opened_at, brief.closed_at = BriefStatus.OPEN, clock.now(), None
    brief.version += 1
    db.session.flush()
    return brief


def close_brief(actor: Actor, brief_id: int) -> Brief:
    """Take no more selections. Those that wait for an answer lapse; deals go on.

    Raises:
        Conflict: it isn't open.
    """
    brief = _own(actor, brief_id)
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_l("This brief isn’t open."))
    brief.status, brief.closed_at = BriefStatus.CLOSED, clock.now()
    brief.version += 1
    db.session.flush()
    defer("matching.lapse_selections", brief_id=brief.id)
    return brief


def fill_slot(brief: Brief) -> None:
    """Count one more accepted selection. The brief's row must be locked.

    Raises:
        Conflict: the brief was closed, or its last place has gone.
    """
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_l("This brief has been closed. Nothing was agreed."))
    if brief.slots_left <= 0:
        raise Conflict(_l("The last place of this brief has just gone to someone else. Nothing was agreed."))
    brief.slots_filled += 1
    db.session.flush()


def _own(actor: Actor, brief_id: int) -> Brief:
    brief = lock_brief(brief_id)
    if actor.brand_id is None or brief.brand_id != actor.brand_id:
        raise NotFound
    require_manager(actor)
    return brief


def _columns(facts: BriefFacts) -> dict[str, object]:
    return {
        **{name: value for name, value in asdict(facts).items() if not name.startswith("budget_")},
        "platforms": list(facts.platforms),
        "budget_min_amount": facts.budget_min.amount,
        "budget_max_amount": facts.budget_max.amount,
        "currency": facts.budget_max.currency,
    }


def _check(facts: BriefFacts) -> None:
    if not facts.platforms:
        raise Invalid(_l("Choose at least one platform."), field="platforms")
    if facts.budget_min.currency != facts.budget_max.currency:
        raise Invalid(_l("Both ends of the budget are in the same currency."), field="budget_max")
    if facts.budget_min.amount <= 0:
        raise Invalid(_l("The budget must be above zero."), field="budget_min")
    if facts.budget_max < facts.budget_min:
        raise Invalid(_l("The upper end can’t be below the lower end."), field="budget_max")
    if facts.budget_max.amount > MOST_BUDGET:
        raise Invalid(_l("The budget is too large."), field="budget_max")
    if not 1 <= facts.slots <= MOST_SLOTS:
        raise Invalid(_l("A brief has from 1 to %(most)s places.", most=MOST_SLOTS), field="slots")
    if facts.minimum_fans < 0:
        raise Invalid(_l("The number of fans can’t be negative."), field="minimum_fans")
    if facts.publish_by < facts.apply_by:
        raise Invalid(_l("The work is published after people have applied: choose a later day."), field="publish_by")


def _check_days(apply_by: date, publish_by: date) -> None:
    today = platform_today()
    if apply_by < today:
        raise Invalid(_l("This day has passed. Choose today or later."), field="apply_by")
    if publish_by > today + _HORIZON:
        raise Invalid(_l("Choose a day within two years."), field="publish_by")
