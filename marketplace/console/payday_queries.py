"""Reads of paydays that wait for an administrator."""

from sqlalchemy import Select, distinct, exists, func, select, true
from sqlalchemy.orm import aliased

from marketplace.payouts.models import Payday, PaydayState, Transfer, TransferState

# Older ones are history, and a count that stands on every page looks at no more of one than this.
_NEWEST, _MOST = 4, 500


def refused_paydays() -> Select[int]:
    """The query of how many of the newest paydays have transfers that Stripe refused and that nobody has sent since."""
    newest = (
        select(Payday.id)
        .where(Payday.state == PaydayState.FINISHED)
        .order_by(Payday.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    refused = (
        select(Transfer.settlement_id, Transfer.creator_id)
        .where(Transfer.payday_id == newest.c.id, Transfer.state == TransferState.FAILED)
        .limit(_MOST)
        .lateral()
    )
    later = aliased(Transfer)
    sent = exists().where(
        later.settlement_id == refused.c.settlement_id,
        later.creator_id.is_not_distinct_from(refused.c.creator_id),
        later.resends_id.is_(None),
        later.state != TransferState.FAILED,
    )
    return select(func.count(distinct(newest.c.id))).select_from(newest.join(refused, true())).where(~sent)
