"""The clock of money that can't be held much longer."""

from collections.abc import Callable, Sequence

import structlog

from marketplace.disputes.limit import end_deal, open_case
from marketplace.disputes.service import end_by_chargeback
from marketplace.escrow.holding import deals_in_last_days, deals_past_limit
from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic

logger = structlog.get_logger(__name__)


@job("disputes.end_by_chargeback")
def end_by_chargeback_job(deal_id: int) -> None:
    with transaction():
        end_by_chargeback(deal_id)


@periodic("disputes.keep_holding_limit", "*/10 * * * *")
def keep_holding_limit() -> None:
    """Open a case on deals in their money's last days, and end those past its limit, each in its own transaction."""
    _each(deals_past_limit, end_deal)
    _each(deals_in_last_days, open_case)


def _each(find: Callable[[], Sequence[int]], act: Callable[[int], object]) -> None:
    with transaction():
        found = find()
    for deal_id in found:
        try:
            with transaction():
                act(deal_id)
        except Exception:
            # One deal that fails doesn't keep the others past their limit.
            logger.exception("holding limit failed", deal_id=deal_id)
