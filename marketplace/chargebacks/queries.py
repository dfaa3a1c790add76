"""Reads of chargebacks: what they hold back of a settlement, and what payees have paid of their debts."""

from sqlalchemy import ColumnElement, exists, func, select

from marketplace.chargebacks.models import ChargebackPart, PartState, Recovery
from marketplace.escrow.models import Settlement


def withheld() -> ColumnElement[bool]:
    """The condition for settlements of which nothing is sent: a bank has the payment, and hasn't decided."""
    return exists().where(ChargebackPart.deal_id == Settlement.deal_id, ChargebackPart.state == PartState.HELD)


def recovered(*, to_agencies: bool) -> ColumnElement[int]:
    """What of a settlement's earning, or of its agency's share, has paid debts and is sent to nobody. Minor units."""
    theirs = Recovery.agency_id.is_not(None) if to_agencies else Recovery.creator_id.is_not(None)
    query = select(func.coalesce(func.sum(Recovery.amount), 0)).where(Recovery.settlement_id == Settlement.id, theirs)
    return query.scalar_subquery()
