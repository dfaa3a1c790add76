"""Who may do what with a brief, and when one takes answers. Days are those of the platform's own time zone."""

from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.brands.policy import can_manage
from marketplace.briefs.models import Brief, BriefStatus, BudgetKind
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from marketplace.kit.money import Money


def platform_today() -> date:
    """The present day where the platform is: the one that a brief's dates are compared with."""
    return clock.now().astimezone(ZoneInfo(settings().default_timezone)).date()


def may_edit(actor: Actor, brief: Brief) -> bool:
    return can_manage(actor, brief.brand_id)


def may_open(actor: Actor, brief: Brief) -> bool:
    return may_edit(actor, brief) and brief.status in (BriefStatus.DRAFT, BriefStatus.CLOSED)


def may_close(actor: Actor, brief: Brief) -> bool:
    """What an administrator looks at can be taken back too."""
    return may_edit(actor, brief) and brief.status in (BriefStatus.OPEN, BriefStatus.HELD)


def may_extend(actor: Actor, brief: Brief) -> bool:
    return may_edit(actor, brief) and brief.status in (BriefStatus.OPEN, BriefStatus.CLOSED)


def may_remove(actor: Actor, brief: Brief) -> bool:
    """Only what nobody else has ever seen."""
    return may_edit(actor, brief) and is_unfinished(brief) and brief.opened_at is None


def is_unfinished(brief: Brief) -> bool:
    """May lack anything, and is the brand's alone."""
    return brief.status in (BriefStatus.DRAFT, BriefStatus.TEMPLATE)


def is_open(brief: Brief) -> bool:
    """Open for new applications and invitations: not closed, and its last day isn't over."""
    return brief.status is BriefStatus.OPEN and brief.apply_by >= platform_today()


def takes_answers(brief: Brief) -> bool:
    """Whether a selection of it can still be accepted: open with a free place. Its last day is for applying only."""
    return brief.status is BriefStatus.OPEN and brief.slots_left > 0


def is_within_budget(brief: Brief, price: Money) -> bool:
    """A price outside the budget may be asked for; the page says that it is."""
    if price.currency != brief.currency:
        return False
    if brief.budget_kind is BudgetKind.VIEWS:
        return price <= brief.budget_max
    return brief.budget_min <= price <= brief.budget_max


def price_for_views(brief: Brief, views: int) -> Money:
    """The fixed price of `views` promised: the brief's rate for a thousand of them, at most its `budget_max`.

    Fractions of the minor unit are dropped. What is agreed stays this price, however many watch (decision 0008).

    Raises:
        Invalid: the brief doesn't pay by views, or so few that the price would be nothing; the field is
            `views_promised`.
    """
    if brief.rate_amount is None:
        raise Invalid(_l("This brief doesn’t pay by promised views."), field="views_promised")
    amount = brief.rate_amount * max(views, 0) // 1000
    if amount <= 0:
        raise Invalid(_l("Promise more views: at this rate they would be worth nothing."), field="views_promised")
    return Money(min(amount, brief.budget_max_amount), brief.currency)


def views_at_cap(brief: Brief) -> int | None:
    """From how many promised views on the price no longer grows; None where it doesn't depend on them."""
    if brief.rate_amount is None:
        return None
    return -(-brief.budget_max_amount * 1000 // brief.rate_amount)
