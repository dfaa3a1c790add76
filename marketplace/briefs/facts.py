"""What a brief says, as plain values, and the steps in which it is written."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.briefs.models import Brief, BriefDeliverable, BudgetKind, Visibility
from marketplace.creators.models import Category
from marketplace.infra.i18n import reader
from marketplace.infra.labels import label, register
from marketplace.infra.settings import settings
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import DEFAULT_CURRENCY, Money


class Step(StrEnum):
    """In the order of writing. The files and links are kept as they come, and the last step only looks at the rest."""

    GOAL = "goal"
    WORK = "work"
    REFERENCES = "references"
    WHO = "who"
    BUDGET = "budget"
    RULES = "rules"
    REVIEW = "review"


register(
    Step,
    {
        Step.GOAL: _l("Goal"),
        Step.WORK: _l("Work"),
        Step.REFERENCES: _l("References"),
        Step.WHO: _l("Creators"),
        Step.BUDGET: _l("Budget and dates"),
        Step.RULES: _l("Rules"),
        Step.REVIEW: _l("Review"),
    },
)

FIELDS: Final[dict[Step, tuple[str, ...]]] = {
    Step.GOAL: ("title", "product", "goal"),
    Step.WORK: ("deliverables", "details", "key_messages", "musts", "must_nots"),
    Step.WHO: ("category", "platforms", "minimum_fans", "maximum_fans", "audience", "visibility"),
    Step.BUDGET: ("budget_kind", "budget_min", "budget_max", "rate", "total", "slots", "apply_by", "publish_by"),
    Step.RULES: ("disclosure", "usage_rights", "exclusivity"),
}
"""The facts that each step writes."""


@dataclass(frozen=True, slots=True)
class Deliverable:
    """How many of one kind each creator makes."""

    content: ContentKind
    count: int = 1


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What a brief says; a draft may lack anything. Budgets but `total` are for each place; days are the platform's.

    `details` are the brand's own words about the deliverables. With `rate` (for a thousand promised views) `budget_max`
    is the most that a place costs, and `budget_min` follows by itself.
    """

    title: str = ""
    product: str = ""
    goal: str = ""
    deliverables: tuple[Deliverable, ...] = ()
    details: str = ""
    key_messages: tuple[str, ...] = ()
    musts: tuple[str, ...] = ()
    must_nots: tuple[str, ...] = ()
    category: Category | None = None
    platforms: tuple[str, ...] = ()
    minimum_fans: int = 0
    maximum_fans: int | None = None
    audience: str = ""
    visibility: Visibility = Visibility.PUBLIC
    budget_kind: BudgetKind = BudgetKind.RANGE
    budget_min: Money | None = None
    budget_max: Money | None = None
    rate: Money | None = None
    total: Money | None = None
    slots: int = 1
    apply_by: date | None = None
    publish_by: date | None = None
    disclosure: str = ""
    usage_rights: str = ""
    exclusivity: str = ""

    @property
    def currency(self) -> str:
        amounts = (self.budget_max, self.budget_min, self.rate, self.total)
        return next((amount.currency for amount in amounts if amount is not None), DEFAULT_CURRENCY)

    def texts(self) -> list[str]:
        """Everything that a person wrote freely."""
        lines = (*self.key_messages, *self.musts, *self.must_nots)
        prose = (self.title, self.product, self.goal, self.details, self.audience)
        return [text for text in (*prose, *lines, self.disclosure, self.usage_rights, self.exclusivity) if text]


def facts_of(brief: Brief, rows: list[BriefDeliverable]) -> BriefFacts:
    """What the brief says now; `rows` are its deliverables in order."""

    def amount(minor: int) -> Money | None:
        return Money(minor, brief.currency) if minor else None

    same = (
        "title", "product", "goal", "details", "category", "minimum_fans", "maximum_fans", "audience", "visibility",
        "budget_kind", "rate", "total", "slots", "apply_by", "publish_by", "disclosure", "usage_rights", "exclusivity",
    )  # fmt: skip
    return BriefFacts(
        **{name: getattr(brief, name) for name in same},
        deliverables=tuple(Deliverable(row.content, row.count) for row in rows),
        key_messages=tuple(brief.key_messages),
        musts=tuple(brief.musts),
        must_nots=tuple(brief.must_nots),
        platforms=tuple(brief.platforms),
        budget_min=amount(brief.budget_min_amount),
        budget_max=amount(brief.budget_max_amount),
    )


def columns_of(facts: BriefFacts) -> dict[str, Any]:
    """The brief's columns for the facts."""
    low, high = _budget_ends(facts)
    same = (
        "title", "product", "goal", "details", "category", "minimum_fans", "maximum_fans", "audience", "visibility",
        "budget_kind", "slots", "apply_by", "publish_by", "disclosure", "usage_rights", "exclusivity",
    )  # fmt: skip
    return {
        **{name: getattr(facts, name) for name in same},
        **{name: list(getattr(facts, name)) for name in ("key_messages", "musts", "must_nots", "platforms")},
        "kind": facts.deliverables[0].content.deal_kind if facts.deliverables else None,
        "deliverables": in_words(facts),
        "budget_min_amount": low,
        "budget_max_amount": high,
        "rate_amount": facts.rate.amount if facts.rate and facts.budget_kind is BudgetKind.VIEWS else None,
        "total_amount": facts.total.amount if facts.total is not None else None,
        "currency": facts.currency,
    }


def _budget_ends(facts: BriefFacts) -> tuple[int, int]:
    """In minor units; 0 stands for what isn't known yet."""
    high = facts.budget_max.amount if facts.budget_max is not None else 0
    match facts.budget_kind:
        case BudgetKind.FIXED:
            return high, high
        case BudgetKind.RANGE:
            return facts.budget_min.amount if facts.budget_min is not None else 0, high
        case BudgetKind.VIEWS:
            # The price of a thousand views, as nobody promises fewer.
            return min(facts.rate.amount if facts.rate is not None else 0, high), high


def in_words(facts: BriefFacts) -> str:
    """The deliverables for what is agreed: each kind on a line, then the brand's own words, in the brief's language."""
    with reader(language_of(facts), settings().default_timezone):
        lines = [counted(found.content, found.count) for found in facts.deliverables]
    return "\n".join([*lines, *([facts.details] if facts.details else [])])


def counted(content: ContentKind, count: int) -> str:
    """So many of one kind: 2 × Video, over 60 s."""
    return str(_("%(count)s × %(kind)s", count=count, kind=label(content)))


def language_of(facts: BriefFacts) -> str:
    """The language that a brief is written in, by its letters: `en` or `zh`."""
    written = f"{facts.title}{facts.goal}{facts.details}"
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in written) else "en"


MISSING: Final[dict[str, LazyString]] = {
    "title": _l("Give the brief a title."),
    "goal": _l("Say what you want."),
    "deliverables": _l("Say what each creator makes."),
    "category": _l("Choose a category."),
    "platforms": _l("Choose at least one platform."),
    "budget_min": _l("Say where the budget begins."),
    "budget_max": _l("Say what you pay for each place at most."),
    "rate": _l("Say what a thousand views pay."),
    "apply_by": _l("Choose the last day to apply."),
    "publish_by": _l("Choose the day by which the work is public."),
}
"""What is said where a fact is missing that a brief needs before it opens."""
