"""Jobs of the books."""

import structlog

from marketplace.infra.db import transaction
from marketplace.infra.jobs import periodic
from marketplace.kit import clock
from marketplace.ledger.closings import BooksBusy, close_period, finish_closing, newest_midnight

logger = structlog.get_logger(__name__)


@periodic("ledger.close", "5 * * * *")
def close_books() -> None:
    """Close the day that has ended; every hour, so that one that was missed or interrupted is made up for."""
    try:
        with transaction():
            close_period(newest_midnight(clock.now()))
    except BooksBusy:
        logger.warning("books not closed: postings under way take long")
    more = True
    while more:
        with transaction():
            more = finish_closing()
