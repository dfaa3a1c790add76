"""What the home page of a creator or a brand shows: what waits for them and for others, money, suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief
from marketplace.briefs.queries import BriefFilter, newest_open_briefs
from marketplace.creators.completeness import Completeness, completeness
from marketplace.creators.queries import accepted_readings, get_creator
from marketplace.deals.queries import DealRow, open_deals
from marketplace.discovery.queries import Found, find_creators
from marketplace.discovery.wanted import Wanted
from marketplace.home.coming import Coming, coming_next
from marketplace.matching.inbox import open_selections
from marketplace.matching.models import Selection
from marketplace.notifications.queries import newest
from marketplace.notifications.told import Told
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import EarningsSummary, earnings_summary
from marketplace.payouts.spending import Spent, spending_totals

SHOWN = 6
SUGGESTED = 3
NEWS = 4
AHEAD = 5


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One thing that the person was told."""

    notification_id: int
    told: Told
    at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on a role's home; lists are cut to what a person can look at, with the whole number beside them."""

    deals_yours: Sequence[DealRow]
    deals_theirs: Sequence[DealRow]
    answers: Sequence[Selection]
    waiting: Sequence[Selection]
    waiting_for_you: int
    news: Sequence[NewsLine]
    coming: Sequence[Coming]
    profile: Completeness | None
    earnings: Sequence[EarningsSummary]
    spending: Sequence[Spent]
    briefs: Sequence[tuple[Brief, Brand]]
    creators: Sequence[Found]


def look_at_today(actor: Actor) -> Today:
    """Gather the page for the actor; the number of queries doesn't depend on how much there is."""
    deals, selections = open_deals(actor, SHOWN), open_selections(actor, SHOWN)
    return Today(
        deals_yours=deals.yours,
        deals_theirs=deals.theirs,
        answers=selections.answer,
        waiting=selections.waiting,
        waiting_for_you=deals.yours_in_all + selections.answer_in_all,
        news=_news(actor),
        coming=coming_next([*deals.yours, *deals.theirs], [*selections.answer, *selections.waiting], AHEAD),
        profile=completeness(get_creator(actor.creator_id)) if actor.creator_id is not None else None,
        earnings=earnings_summary(Payee(creator_id=actor.creator_id)) if actor.is_creator_themselves else [],
        spending=spending_totals(actor.brand_id) if actor.brand_id is not None else [],
        briefs=_briefs(actor) if actor.brand_id is None else [],
        creators=find_creators(Wanted(), actor.brand_id).found[:SUGGESTED] if actor.brand_id is not None else [],
    )


def _news(actor: Actor) -> Sequence[NewsLine]:
    found = newest(actor).notifications[:NEWS]
    return [NewsLine(row.id, Told(row.kind, row.details), row.created_at, row.read_at is None) for row in found]


def _briefs(actor: Actor) -> Sequence[tuple[Brief, Brand]]:
    """Newest briefs whose fans the creator has; all open ones for somebody without a profile."""
    if actor.creator_id is None:
        return newest_open_briefs(BriefFilter(), SUGGESTED, actor)
    readings = accepted_readings([actor.creator_id]).get(actor.creator_id, [])
    fans = {reading.channel.platform: reading.fans for reading in readings}
    return newest_open_briefs(BriefFilter(fans_by_platform=fans), SUGGESTED, actor)
