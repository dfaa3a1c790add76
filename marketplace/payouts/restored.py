"""What payees had paid of chargebacks is theirs again, where a bank gives back what it had kept."""

import uuid
from collections.abc import Sequence

import structlog
from sqlalchemy import select

from marketplace.chargebacks.models import Recovery
from marketplace.chargebacks.queries import overpaid
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner, suspense
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.models import Transfer, TransferState
from marketplace.payouts.payee import Payee, lock_payee
from marketplace.payouts.transfer import locked_transfer

logger = structlog.get_logger(__name__)


def return_recovered(payee: Payee, amount: Money, chargeback_id: int, deal_id: int) -> None:
    """Take `amount` off what the payee's earnings had paid, the newest first: an earning of which nothing was sent is
    sent by its plan; of one that was, it waits until an administrator sends it again.

    Once for each deal of a chargeback. What no earning had paid stays in suspense, for an entry by hand: somebody paid
    it in another way, or it was written off; and what an earning has paid may be another debt, which still stands.
    """
    lock_payee(payee)
    key = f"chargeback:{chargeback_id}:{deal_id}:returned:{payee.owner}"
    if db.session.scalar(select(LedgerEntry.id).where(LedgerEntry.idempotency_key == key)) is not None:
        return
    currency = amount.currency
    theirs = min(amount.amount, overpaid(currency, **payee.ids))
    left = theirs
    for recovery in _recoveries(payee, currency):
        some = min(left, recovery.amount - recovery.returned_amount)
        if not some:
            continue
        recovery.returned_amount += some
        left -= some
        transfer_id = _live(payee, recovery.settlement_id)
        if transfer_id is not None:
            _hold(locked_transfer(transfer_id), some)
    returned = Money(theirs - left, currency)
    if returned != amount:
        rest = (amount - returned).amount
        logger.error("what paid a chargeback is none of an earning", owner=payee.owner, amount=rest, currency=currency)
    if returned:
        lines = [debit(suspense(currency, payee.owner), returned), credit(payee.available(currency), returned)]
        post("chargeback.returned", key, lines, deal_owner(deal_id))
        defer("payouts.pay_due", creator_id=payee.creator_id, agency_id=payee.agency_id)


def _recoveries(payee: Payee, currency: str) -> Sequence[Recovery]:
    theirs = Recovery.agency_id == payee.agency_id if payee.is_agency else Recovery.creator_id == payee.creator_id
    query = select(Recovery).where(theirs, Recovery.currency == currency, Recovery.returned_amount < Recovery.amount)
    return db.session.scalars(query.order_by(Recovery.id.desc()).with_for_update()).all()


def _live(payee: Payee, settlement_id: int) -> uuid.UUID | None:
    """The transfer that has taken what was left of the earning."""
    first = (Transfer.settlement_id == settlement_id, Transfer.resends_id.is_(None))
    query = select(Transfer.id).where(*first, payee.owns(Transfer), Transfer.state != TransferState.FAILED)
    return db.session.scalar(query)


def _hold(transfer: Transfer, amount: int) -> None:
    """Unless Stripe refused it a moment ago: then the next transfer of the earning sends this, too."""
    if transfer.state is not TransferState.FAILED:
        transfer.restored_amount += amount
