"""Reads of chargebacks: what they hold back of a settlement, and what payees have paid of their debts."""

from sqlalchemy import ColumnElement, exists, func, select

from marketplace.chargebacks.models import ChargebackPart, PartState, Recovery
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db


def withheld() -> ColumnElement[bool]:
    """The condition for settlements of which nothing is sent: a bank has the payment, and hasn't decided."""
    return exists().where(ChargebackPart.deal_id == Settlement.deal_id, ChargebackPart.state == PartState.HELD)


def is_withheld(deal_id: int) -> bool:
    """The same of one deal; its settlement's row must be locked, as who books a chargeback locks it too."""
    query = select(exists().where(ChargebackPart.deal_id == deal_id, ChargebackPart.state == PartState.HELD))
    return bool(db.session.scalar(query))


def recovered(*, to_agencies: bool) -> ColumnElement[int]:
    """What of a settlement's earning, or of its agency's share, has paid debts and is sent to nobody. Minor units."""
    theirs = Recovery.agency_id.is_not(None) if to_agencies else Recovery.creator_id.is_not(None)
    query = select(func.coalesce(func.sum(Recovery.amount), 0)).where(Recovery.settlement_id == Settlement.id, theirs)
    return query.scalar_subquery()
