"""Who may do what with a brief, and when one takes answers. Days are those of the platform's own time zone."""

from datetime import date
from zoneinfo import ZoneInfo

from marketplace.accounts.actor import Actor
from marketplace.brands.policy import can_manage
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import Money


def platform_today() -> date:
    """The present day where the platform is: the one that a brief's dates are compared with."""
    return clock.now().astimezone(ZoneInfo(settings().default_timezone)).date()


def may_edit(actor: Actor, brief: Brief) -> bool:
    return can_manage(actor, brief.brand_id)


def may_open(actor: Actor, brief: Brief) -> bool:
    return may_edit(actor, brief) and brief.status is not BriefStatus.OPEN


def may_close(actor: Actor, brief: Brief) -> bool:
    return may_edit(actor, brief) and brief.status is BriefStatus.OPEN


def is_open(brief: Brief) -> bool:
    """Open for new applications and invitations: not closed, and its last day isn't over."""
    return brief.status is BriefStatus.OPEN and brief.apply_by >= platform_today()


def takes_answers(brief: Brief) -> bool:
    """Whether a selection of it can still be accepted: open with a free place. Its last day is for applying only."""
    return brief.status is BriefStatus.OPEN and brief.slots_left > 0


def is_within_budget(brief: Brief, price: Money) -> bool:
    """A price outside the budget may be asked for; the page says that it is."""
    return price.currency == brief.currency and brief.budget_min <= price <= brief.budget_max
