"""Who may write a review, and until when."""

from datetime import datetime, timedelta

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.policy import side_of
from marketplace.infra.settings import settings
from marketplace.kit import clock


def write_until(deal: Deal) -> datetime:
    """When the time to review a completed deal is over."""
    return deal.state_since + timedelta(days=settings().review_days)


def may_review(actor: Actor, deal: Deal) -> bool:
    """Either side of a completed deal in its time; for a brand, those who manage it."""
    if deal.state is not State.COMPLETED or clock.now() >= write_until(deal):
        return False
    side = side_of(actor, deal)
    return side is DealSide.CREATOR or (side is DealSide.BRAND and actor.may_manage_brand)
