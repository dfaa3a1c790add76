"""Money on its way that the provider has given no answer about for a day, such as where our key lacks a permission.

Each try may have done its work, so nothing is given up by itself: the sweepers go on, and administrators hear of it.
"""

from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, Select, func, select

from marketplace.escrow.models import Refund, RefundState
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.payouts.models import Transfer, TransferReversal, TransferState

logger = structlog.get_logger(__name__)
_LATE = timedelta(days=1)


def is_unanswered(table: type[Refund | Transfer | TransferReversal]) -> ColumnElement[bool]:
    """The condition for those that were prepared a day ago or earlier and have no outcome."""
    prepared = RefundState.PREPARED if table is Refund else TransferState.PREPARED
    return (table.state == prepared) & (table.created_at <= clock.now() - _LATE)


def count_unanswered() -> Select[int]:
    """The query of how many there are: refunds, transfers, and what is taken back of those."""
    refunds, transfers, reversals = (
        select(func.count()).select_from(table).where(is_unanswered(table)).scalar_subquery()
        for table in (Refund, Transfer, TransferReversal)
    )
    return select(refunds + transfers + reversals)


def notice_unanswered() -> None:
    """Let administrators know, once each day for as long as there are any."""
    number = db.session.scalar(count_unanswered())
    if number:
        logger.error("no answer for a day", number=number)
        defer("notifications.tell_unanswered", number=number, day=clock.now().date().isoformat())
