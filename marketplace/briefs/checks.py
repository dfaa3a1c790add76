"""What keeps a brief from being saved, as its facts contradict each other, and what it lacks before it can open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.briefs.facts import FIELDS, MISSING, BriefFacts, Step
from marketplace.briefs.models import Brief, BudgetKind
from marketplace.briefs.policy import platform_today
from marketplace.kit.errors import Invalid
from marketplace.kit.money import Money

MOST_SLOTS: Final = 100
MOST_BUDGET: Final = 900_000_00
"""Minor units for one place. Stripe charges at most 99,999,999 at once, and the brand's fee comes on top."""
MOST_TOTAL: Final = MOST_BUDGET * MOST_SLOTS
MOST_DELIVERABLES: Final = 4
MOST_OF_A_KIND: Final = 50
MOST_LINES: Final = 10
_HORIZON = timedelta(days=730)
_STEP_OF = {name: step for step, names in FIELDS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to write or to correct: the step and the fact it belongs to, and a sentence."""

    step: Step
    field: str
    text: LazyString


def _gap(field: str, text: LazyString) -> Gap:
    return Gap(_STEP_OF[field], field, text)


def contradictions(facts: BriefFacts) -> Iterator[Gap]:
    """What can't be right whatever is still missing."""
    yield from _money(facts)
    if not 1 <= facts.slots <= MOST_SLOTS:
        yield _gap("slots", _l("A brief has from 1 to %(most)s places.", most=MOST_SLOTS))
    if facts.minimum_fans < 0:
        yield _gap("minimum_fans", _l("The number of fans can’t be negative."))
    if facts.maximum_fans is not None and facts.maximum_fans < facts.minimum_fans:
        yield _gap("maximum_fans", _l("The upper end can’t be below the lower end."))
    if facts.apply_by and facts.publish_by and facts.publish_by < facts.apply_by:
        yield _gap("publish_by", _l("The work is published after people have applied: choose a later day."))
    if any(not 1 <= found.count <= MOST_OF_A_KIND for found in facts.deliverables):
        yield _gap("deliverables", _l("Ask for 1 to %(most)s of each kind.", most=MOST_OF_A_KIND))
    if len(facts.deliverables) > MOST_DELIVERABLES:
        yield _gap("deliverables", _l("A brief has at most %(most)s kinds of content.", most=MOST_DELIVERABLES))
    if len({found.content for found in facts.deliverables}) < len(facts.deliverables):
        yield _gap("deliverables", _l("Name each kind of content once and count it."))


def _money(facts: BriefFacts) -> Iterator[Gap]:
    amounts = {"budget_min": facts.budget_min, "budget_max": facts.budget_max, "rate": facts.rate, "total": facts.total}
    given = {name: amount for name, amount in amounts.items() if amount is not None}
    if len({amount.currency for amount in given.values()}) > 1:
        yield _gap("budget_max", _l("All amounts of a brief are in the same currency."))
        return
    for name in (name for name, amount in given.items() if amount.amount <= 0):
        yield _gap(name, _l("The budget must be above zero."))
    low, high = facts.budget_min, facts.budget_max
    if high is not None and high.amount > MOST_BUDGET:
        yield _gap("budget_max", _l("The budget is too large."))
    if facts.budget_kind is BudgetKind.RANGE and low is not None and high is not None and high < low:
        yield _gap("budget_max", _l("The upper end can’t be below the lower end."))
    if facts.budget_kind is BudgetKind.VIEWS and facts.rate is not None and high is not None and high < facts.rate:
        yield _gap("budget_max", _l("The most for one place can’t be below the price of a thousand views."))
    if facts.total is not None and high is not None and facts.total < high:
        yield _gap("total", _l("The budget for all places can’t be below that for one."))


def gaps(facts: BriefFacts) -> list[Gap]:
    """What must be written before the brief can open, in the order of the steps."""
    written = ("title", "goal", "deliverables", "category", "platforms")
    needed = (*written, *_budget_needed(facts), "apply_by", "publish_by")
    return [_gap(name, MISSING[name]) for name in needed if not getattr(facts, name)]


def _budget_needed(facts: BriefFacts) -> list[str]:
    match facts.budget_kind:
        case BudgetKind.FIXED:
            return ["budget_max"]
        case BudgetKind.RANGE:
            return ["budget_min", "budget_max"]
        case BudgetKind.VIEWS:
            return ["rate", "budget_max"]


def wrong_days(apply_by: date | None, publish_by: date | None) -> Iterator[Gap]:
    """Days that have passed, or lie too far off; those that are missing are another matter."""
    today = platform_today()
    if apply_by is not None and apply_by < today:
        yield _gap("apply_by", _l("This day has passed. Choose today or later."))
    if publish_by is not None and publish_by > today + _HORIZON:
        yield _gap("publish_by", _l("Choose a day within two years."))


def oversold(brief: Brief, facts: BriefFacts) -> Iterator[Gap]:
    """What was promised already stays possible."""
    bound = brief.slots_filled + brief.slots_held
    if facts.slots < bound:
        text = _l("%(number)s places are filled, or held for an answer; there can’t be fewer.", number=bound)
        yield _gap("slots", text)
    spent = Money(brief.committed_amount + brief.held_amount, brief.currency)
    if facts.total is not None and facts.total.currency == spent.currency and facts.total < spent:
        yield _gap("total", _l("More than that is agreed on already, or held for an answer."))
    if spent and facts.currency != brief.currency:
        yield _gap("budget_max", _l("What is agreed on already is in %(currency)s.", currency=brief.currency))


def refuse(found: Iterator[Gap] | list[Gap]) -> None:
    """
    Raises:
        Invalid: there is anything; the first is named.
    """
    for gap in found:
        raise Invalid(gap.text, field=gap.field)
