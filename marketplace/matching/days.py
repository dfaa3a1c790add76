"""The days that a selection promises: counted from its acceptance, or to the day it was wanted on."""

from datetime import date, timedelta
from typing import NamedTuple

from marketplace.briefs.policy import platform_today
from marketplace.matching.models import Selection
from marketplace.offers.availability import working_days

DRAFT_DAYS = 14
PUBLISH_DAYS_AFTER = 7


class Days(NamedTuple):
    starts_on: date
    draft_due_on: date
    publish_on: date


def promised_days(selection: Selection) -> Days:
    """If it were accepted today. A brief's last day to publish draws the days nearer, but for a booking's draft."""
    today = platform_today()
    wanted = max(selection.wanted_on, today + timedelta(days=1)) if selection.wanted_on is not None else None
    start, draft = working_days(selection.delivery_days or DRAFT_DAYS, wanted)
    publish = draft + timedelta(days=PUBLISH_DAYS_AFTER)
    last = selection.publish_by
    if last is None or not today < last < publish:
        return Days(start, draft, publish)
    if selection.package_id is not None:
        return Days(start, draft, max(draft, last))
    sooner = max(today + timedelta(days=1), min(draft, last - timedelta(days=PUBLISH_DAYS_AFTER)))
    return Days(start, sooner, last)
