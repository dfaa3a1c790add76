"""What payees had paid of chargebacks is theirs again, where a bank gives back what it had kept."""

import uuid
from collections.abc import Sequence

import structlog
from sqlalchemy import select

from marketplace.chargebacks.models import ChargebackPart, Recovery
from marketplace.chargebacks.queries import overpaid
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post
from marketplace.payouts.models import Transfer, TransferState
from marketplace.payouts.payee import Payee, lock_payee
from marketplace.payouts.transfer import locked_transfer

logger = structlog.get_logger(__name__)


def return_recovered(part_id: int, *, to_agency: bool) -> None:
    """Give back to a payee's earnings what they had paid of a debt that is none any more, the newest first: an earning
    of which nothing was sent is sent by its plan; of one that was, it waits until an administrator sends it again.

    Harmless to repeat. What no earning had paid stays in suspense, for an entry by hand: somebody paid it in another
    way, or it was written off; and what an earning has paid may be another debt, which still stands.
    """
    payee = _payee_of(part_id, to_agency=to_agency)
    lock_payee(payee)
    part = _locked_part(part_id)
    amount = _take_note(part, to_agency=to_agency)
    held = suspense(part.currency, payee.owner)
    # An administrator may have placed it by hand meanwhile.
    theirs = Money(min(amount, overpaid(part.currency, **payee.ids), balance(held)), part.currency)
    returned = theirs - _give_to_earnings(payee, theirs)
    if returned.amount < amount:
        rest = amount - returned.amount
        logger.error("what paid a chargeback is none of an earning", owner=payee.owner, part=part_id, amount=rest)
    if returned:
        key = f"chargeback:{part.chargeback_id}:{part.deal_id}:returned:{payee.owner}"
        lines = [debit(held, returned), credit(payee.available(part.currency), returned)]
        post("chargeback.returned", key, lines, deal_owner(part.deal_id))
        defer("payouts.pay_due", creator_id=payee.creator_id, agency_id=payee.agency_id)


def parts_unreturned(limit: int = 100) -> list[tuple[int, bool]]:
    """Parts of chargebacks of which something isn't looked up and returned, and whether to the agency: their jobs are
    under way, or had failed too often."""
    creators, agencies = ChargebackPart.creator_repaid_amount > 0, ChargebackPart.agency_repaid_amount > 0
    query = select(ChargebackPart.id, creators, agencies).where(creators | agencies).order_by(ChargebackPart.id)
    return [
        (part_id, to_agency)
        for part_id, to_creator, its_agency in db.session.execute(query.limit(limit))
        for to_agency, unreturned in ((False, to_creator), (True, its_agency))
        if unreturned
    ]


def _payee_of(part_id: int, *, to_agency: bool) -> Payee:
    query = select(Settlement.creator_id, Settlement.agency_id).join(
        ChargebackPart, ChargebackPart.deal_id == Settlement.deal_id
    )
    creator_id, agency_id = db.session.execute(query.where(ChargebackPart.id == part_id)).one()
    return Payee(agency_id=agency_id) if to_agency else Payee(creator_id=creator_id)


def _locked_part(part_id: int) -> ChargebackPart:
    query = select(ChargebackPart).where(ChargebackPart.id == part_id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _take_note(part: ChargebackPart, *, to_agency: bool) -> int:
    """What is to be returned, in minor units. From now on nothing is, whatever comes of it."""
    if to_agency:
        amount, part.agency_repaid_amount = part.agency_repaid_amount, 0
    else:
        amount, part.creator_repaid_amount = part.creator_repaid_amount, 0
    return amount


def _give_to_earnings(payee: Payee, amount: Money) -> Money:
    """What is left of it when each has what it had paid."""
    left = amount.amount
    for recovery in _recoveries(payee, amount.currency):
        some = min(left, recovery.amount - recovery.returned_amount)
        if not some:
            continue
        recovery.returned_amount += some
        left -= some
        transfer_id = _live(payee, recovery.settlement_id)
        if transfer_id is not None:
            _hold(locked_transfer(transfer_id), some)
    return Money(left, amount.currency)


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
