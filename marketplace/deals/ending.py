"""What a deal takes of a brief's budget and a creator's days, as agreed; and what its end gives back of both."""

from sqlalchemy import func, update

from marketplace.briefs.places import change_price, free_place
from marketplace.briefs.queries import lock_brief
from marketplace.deals.lifecycle import FINAL, State
from marketplace.deals.models import Deal, Terms
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.matching.models import Selection
from marketplace.offers.availability import end_engagement
from marketplace.offers.models import Engagement

UNPAID = frozenset({State.CANCELLED, State.EXPIRED, State.REFUNDED})
"""Ends by which the brand gave nothing, or got all of it back."""


def give_back(deal: Deal) -> None:
    """Called where a deal is moved, with its row locked: the brief's row is locked after it."""
    if deal.state not in FINAL:
        return
    end_engagement(deal.selection_id)
    if deal.state in UNPAID and deal.brief_id is not None:
        free_place(lock_brief(deal.brief_id), committed_price(deal))


def commit_terms(deal: Deal, agreed: Terms) -> None:
    """The terms agreed to may cost more or take longer than what was chosen: budget and calendar follow them.

    Raises:
        Conflict: the brief's budget doesn't reach.
    """
    before = committed_price(deal)
    if deal.brief_id is not None and agreed.price != before:
        change_price(lock_brief(deal.brief_id), before, agreed.price)
    days = update(Engagement).where(Engagement.selection_id == deal.selection_id)
    db.session.execute(
        days.values(ends_on=agreed.draft_due_on, starts_on=func.least(Engagement.starts_on, agreed.draft_due_on))
    )


def committed_price(deal: Deal) -> Money:
    """What the brief's budget counts for the deal: the agreed price, and until then the one that was chosen."""
    if deal.accepted_terms is not None:
        return deal.accepted_terms.price
    return db.session.get_one(Selection, deal.selection_id).price
