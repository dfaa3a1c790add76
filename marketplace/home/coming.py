"""What comes next for somebody: the next dates of their deals and selections, each with what happens then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.deals.lifecycle import State
from marketplace.deals.queries import DealRow
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.matching.models import Selection
from marketplace.matching.policy import made_by_brand

_AT_DEADLINE = {
    State.NEGOTIATING: _l("The negotiation lapses"),
    State.SIGNING: _l("Both have signed, or it lapses"),
    State.FUNDING: _l("The escrow is funded, or it lapses"),
    State.DRAFT_REVIEW: _l("The draft counts as approved"),
    State.ACCEPTANCE: _l("The work counts as accepted"),
}


@dataclass(frozen=True, slots=True)
class Coming:
    """One date ahead: `day` where the whole day counts, else the moment `at`; one of the ids leads there."""

    at: datetime
    day: date | None
    what: LazyString
    title: str
    deal_id: int | None = None
    selection_id: int | None = None


def coming_next(deals: Iterable[DealRow], selections: Iterable[Selection], most: int) -> Sequence[Coming]:
    """The soonest of what these have ahead of them; what is overdue stands among what waits instead."""
    ends = (_of_deal(row) for row in deals)
    found = [*(end for end in ends if end is not None), *map(_of_selection, selections)]
    return sorted((coming for coming in found if coming.at > clock.now()), key=lambda coming: coming.at)[:most]


def _of_selection(selection: Selection) -> Coming:
    answerer = selection.creator.name if made_by_brand(selection) else selection.brand.name
    maker = selection.brand.name if made_by_brand(selection) else selection.creator.name
    what = _l("%(answerer)s answers %(maker)s, or it lapses", answerer=answerer, maker=maker)
    return Coming(selection.expires_at, None, what, selection.title, selection_id=selection.id)


def _of_deal(row: DealRow) -> Coming | None:
    deal = row.deal
    if deal.state is State.PRODUCTION:
        return _on(row.terms.draft_due_on, _l("The draft is due"), row)
    if deal.state is State.PUBLISHING:
        return _on(row.terms.publish_on, _l("The work is published"), row)
    if deal.state not in _AT_DEADLINE or deal.deadline_at is None:
        return None
    return Coming(deal.deadline_at, None, _AT_DEADLINE[deal.state], deal.title, deal_id=deal.id)


def _on(day: date, what: LazyString, row: DealRow) -> Coming:
    zone = ZoneInfo(settings().default_timezone)
    end = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    return Coming(end, day, what, row.deal.title, deal_id=row.deal.id)
