"""Reads of paydays that wait for an administrator."""

from sqlalchemy import Select, exists, func, literal, select, true
from sqlalchemy.orm import aliased

from marketplace.payouts.due import GIVEN_BACK
from marketplace.payouts.models import Payday, PaydayState, Transfer, TransferState

# Older ones are history.
_NEWEST = 4


def refused_paydays() -> Select[int]:
    """The query of how many of the newest paydays have transfers that Stripe refused and that nobody has sent since."""
    newest = (
        select(Payday.id)
        .where(Payday.state == PaydayState.FINISHED)
        .order_by(Payday.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    later = aliased(Transfer)
    sent = exists().where(
        later.settlement_id == Transfer.settlement_id,
        later.creator_id.is_not_distinct_from(Transfer.creator_id),
        later.resends_id.is_(None),
        later.state != TransferState.FAILED,
    )
    # The first one is enough, as the count stands on every page. What we gave back ourselves nobody refused.
    refused = (Transfer.state == TransferState.FAILED, Transfer.failure.not_in(GIVEN_BACK))
    waiting = select(literal(1).label("one")).where(Transfer.payday_id == newest.c.id, *refused, ~sent)
    return select(func.count()).select_from(newest.join(waiting.limit(1).lateral(), true()))
