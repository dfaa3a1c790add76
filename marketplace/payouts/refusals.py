"""Transfers that Stripe refused: which wait for another one, and who hears of them."""

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from marketplace.chargebacks.queries import recovered
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.payouts.due import GIVEN_BACK
from marketplace.payouts.models import Transfer, TransferState


def is_refused() -> ColumnElement[bool]:
    """The condition for transfers that Stripe refused, the newest of each earning, of which something is still to be
    sent: nothing has been since, and no debt has taken all of it. What we gave back ourselves nobody refused; what
    is sent again and refused is held again."""
    later = aliased(Transfer)
    of_it = (
        later.settlement_id == Transfer.settlement_id,
        later.creator_id.is_not_distinct_from(Transfer.creator_id),
        later.resends_id.is_(None),
    )
    newer = tuple_(later.created_at, later.id) > tuple_(Transfer.created_at, Transfer.id)
    followed = exists().where(*of_it, or_(later.state != TransferState.FAILED, newer))
    to_agency = Transfer.agency_id.is_not(None)
    part = case((to_agency, Settlement.agency_amount), else_=Settlement.creator_amount)
    gone = case((to_agency, recovered(to_agencies=True)), else_=recovered(to_agencies=False))
    left = select(Settlement.id).where(Settlement.id == Transfer.settlement_id, part > gone).exists()
    return and_(
        Transfer.state == TransferState.FAILED,
        Transfer.failure.not_in(GIVEN_BACK),
        Transfer.resends_id.is_(None),
        ~followed,
        left,
    )


def tell_of_refusal(transfer: Transfer) -> None:
    """Have the payee and the administrators told that Stripe refused the transfer, unless they were of an earlier one
    of the same money: it is tried again by itself, however often. A payday's report tells of its own, and who is
    refused once more after it is told then."""
    before = aliased(Transfer)
    refused = (before.state == TransferState.FAILED, before.failure.not_in(GIVEN_BACK), before.id != transfer.id)
    same = (
        before.settlement_id == transfer.settlement_id,
        before.creator_id.is_not_distinct_from(transfer.creator_id),
        before.resends_id.is_not_distinct_from(transfer.resends_id),
        before.payday_id.is_(None),
    )
    if transfer.payday_id is not None or db.session.scalar(select(exists().where(*same, *refused))):
        return
    defer(
        "notifications.tell_refused_transfer",
        creator_id=transfer.creator_id,
        agency_id=transfer.agency_id,
        prepared_at=transfer.created_at.isoformat(),
    )
