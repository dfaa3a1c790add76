"""What the home page of a creator or a brand shows: what waits for them and for others, money, suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.brands.queries import brands_by_ids
from marketplace.briefs.models import Brief
from marketplace.briefs.queries import BriefFilter, list_open_briefs
from marketplace.creators.queries import accepted_readings
from marketplace.deals.queries import DealRow, Tab, list_deals
from marketplace.discovery.queries import Found, find_creators
from marketplace.discovery.wanted import Wanted
from marketplace.escrow.queries import SpendingTotals, spending_totals
from marketplace.matching.models import Selection
from marketplace.matching.queries import Tab as Drawer
from marketplace.matching.queries import list_selections
from marketplace.payouts.queries import EarningsSummary, earnings_summary

SHOWN = 6
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on a role's home; lists are cut to what a person can look at, with the whole number beside them."""

    deals_yours: Sequence[DealRow]
    deals_theirs: Sequence[DealRow]
    answers: Sequence[Selection]
    waiting: Sequence[Selection]
    waiting_for_you: int
    earnings: Sequence[EarningsSummary]
    spending: Sequence[SpendingTotals]
    briefs: Sequence[Brief]
    brands: dict[int, Brand]
    creators: Sequence[Found]


def look_at_today(actor: Actor) -> Today:
    """Gather the page for the actor; the number of queries doesn't depend on how much there is."""
    yours, theirs = list_deals(actor, Tab.YOURS), list_deals(actor, Tab.THEIRS)
    answers, waiting = list_selections(actor, Drawer.ANSWER), list_selections(actor, Drawer.WAITING)
    briefs = _briefs(actor) if actor.brand_id is None else []
    return Today(
        deals_yours=yours.rows[:SHOWN],
        deals_theirs=theirs.rows[:SHOWN],
        answers=answers.selections[:SHOWN],
        waiting=waiting.selections[:SHOWN],
        waiting_for_you=yours.counts[Tab.YOURS] + answers.total,
        earnings=earnings_summary(actor.creator_id) if actor.creator_id is not None else [],
        spending=spending_totals(actor.brand_id) if actor.brand_id is not None else [],
        briefs=briefs,
        brands=brands_by_ids(brief.brand_id for brief in briefs),
        creators=find_creators(Wanted()).found[:SUGGESTED] if actor.brand_id is not None else [],
    )


def _briefs(actor: Actor) -> Sequence[Brief]:
    """Newest briefs whose fans the creator has; all open ones for somebody without a profile."""
    if actor.creator_id is None:
        return list_open_briefs(BriefFilter()).briefs[:SUGGESTED]
    readings = accepted_readings([actor.creator_id]).get(actor.creator_id, [])
    fans = {reading.channel.platform: reading.fans for reading in readings}
    return list_open_briefs(BriefFilter(fans_by_platform=fans)).briefs[:SUGGESTED]
