"""The clock of deals: what their deadlines say, and the reminders before."""

from collections.abc import Callable

import structlog

from marketplace.deals import deadlines
from marketplace.infra.db import transaction
from marketplace.infra.jobs import periodic

logger = structlog.get_logger(__name__)
_BATCH = 500


@periodic("deals.enforce_deadlines", "* * * * *")
def enforce_deadlines() -> None:
    """Expire and approve what silence decides; one deal that fails doesn't hold the others up."""
    _each(deadlines.due_deals, deadlines.enforce_deadline)


@periodic("deals.send_reminders", "*/10 * * * *")
def send_reminders() -> None:
    """Remind at half time and one day before."""
    _each(deadlines.deals_to_remind, deadlines.remind)


def _each(find: Callable[[int], list[int]], act: Callable[[int], object]) -> None:
    """One transaction a deal, so that a lock is held for one deal only."""
    with transaction():
        found = find(_BATCH)
    for deal_id in found:
        try:
            with transaction():
                act(deal_id)
        except Exception:
            logger.exception("deadline failed", deal_id=deal_id)
