"""Money taken back out of a payee's account: by an administrator, or in Stripe's dashboard; and sent again.

What came back is the payee's available money, held until an administrator sends it again. These verbs talk to Stripe,
so they own their transactions, but for `send_again`.
"""

import uuid
from dataclasses import dataclass

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.chargebacks.queries import withheld
from marketplace.escrow.models import Settlement
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.i18n import money_text
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import stripe_clearing
from marketplace.ledger.models import LedgerAccount
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.service import post, post_many
from marketplace.payouts.due import LEFT_FOR, Part
from marketplace.payouts.models import Transfer, TransferReversal, TransferState
from marketplace.payouts.pausing import pause_of
from marketplace.payouts.payee import lock_payee, payee_of_row
from marketplace.payouts.preparing import prepare_again
from marketplace.payouts.queries import account_for
from marketplace.payouts.transfer import locked_transfer

logger = structlog.get_logger(__name__)
_LONGEST_REASON = 500
_TOO_LITTLE = "balance_insufficient"


@dataclass(frozen=True, slots=True)
class _Order:
    """A prepared reversal as plain values, to be used while no transaction is open."""

    reversal_id: uuid.UUID
    tried: bool
    order: gateway.ReversalOrder


def reverse_transfer(actor: Actor, transfer_id: uuid.UUID, amount: Money, why: str) -> None:
    """Take `amount` of a transfer back out of its payee's account.

    Raises:
        NotAllowed, NotFound: the actor is no administrator; there is no such transfer.
        Invalid: there is no reason, or the amount isn't within what is left (fields `why`, `amount`).
        Conflict: the transfer wasn't made, another reversal is under way, or Stripe refuses: nothing was taken.
        ProviderUnavailable: Stripe doesn't answer; it goes on by itself.
    """
    if not actor.is_admin:
        raise NotAllowed
    end_transaction()
    with transaction():
        _known(transfer_id)
        transfer = locked_transfer(transfer_id)
        reversal_id = _prepare(actor, transfer, amount, why.strip())
    failure = send_reversal(reversal_id)
    if failure == _TOO_LITTLE:
        raise Conflict(_l("Stripe refuses: the account holds less than that. Nothing was taken back."))
    if failure:
        raise Conflict(_l("Stripe refuses (%(code)s). Nothing was taken back.", code=failure))


def _known(transfer_id: uuid.UUID) -> Transfer:
    found = db.session.get(Transfer, transfer_id)
    if found is None:
        raise NotFound
    return found


def _prepare(actor: Actor, transfer: Transfer, amount: Money, why: str) -> uuid.UUID:
    if not why:
        raise Invalid(_l("Say why: the payee reads it."), field="why")
    if len(why) > _LONGEST_REASON:
        raise Invalid(_l("Say it in %(most)s characters at most.", most=_LONGEST_REASON), field="why")
    if transfer.state is not TransferState.PAID:
        raise Conflict(_l("This transfer wasn’t made: nothing of it can be taken back."))
    if not Money.zero(transfer.currency) < amount <= transfer.left:
        most = money_text(transfer.left)
        raise Invalid(_l("Name an amount above nothing, and %(most)s at most.", most=most), field="amount")
    under_way = (TransferReversal.transfer_id == transfer.id, TransferReversal.state == TransferState.PREPARED)
    if db.session.scalar(select(func.count()).select_from(TransferReversal).where(*under_way)):
        raise Conflict(_l("Another part of this transfer is being taken back at this moment."))
    row = _row(transfer, amount, actor.user_id, why)
    db.session.add(row)
    return row.id


def _row(transfer: Transfer, amount: Money, user_id: int | None, why: str) -> TransferReversal:
    return TransferReversal(
        id=new_uuid(),
        transfer_id=transfer.id,
        state=TransferState.PREPARED,
        amount=amount.amount,
        currency=amount.currency,
        user_id=user_id,
        why=why,
        tries=0,
        created_at=clock.now(),
    )


def send_reversal(reversal_id: uuid.UUID) -> str:
    """Have Stripe make a prepared reversal and book it; the code of Stripe's refusal, or nothing. Harmless to repeat.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; the same reversal goes on later.
    """
    end_transaction()
    with transaction():
        order = _order(_locked(reversal_id))
    if order is None:
        return ""
    try:
        made = _earlier(order) or gateway.create_reversal(order.order)
    except gateway.ProviderFault:
        with transaction():
            reversal = _locked(reversal_id)
            if _key(reversal) == order.order.key:
                reversal.tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        with transaction():
            _refuse(_locked(reversal_id), refusal.code)
        return refusal.code
    with transaction():
        _book(_locked(reversal_id), made)
    return ""


def _order(reversal: TransferReversal) -> _Order | None:
    transfer = db.session.get_one(Transfer, reversal.transfer_id)
    if reversal.state is not TransferState.PREPARED or transfer.stripe_transfer_id is None:
        return None
    order = gateway.ReversalOrder(_key(reversal), str(reversal.id), transfer.stripe_transfer_id, reversal.total)
    tried = reversal.tries > 0 or reversal.created_at < clock.now() - gateway.KEYS_LAST
    return _Order(reversal.id, tried, order)


def _key(reversal: TransferReversal) -> str:
    return f"reversal:{reversal.id}:{reversal.tries}"


def _earlier(order: _Order) -> gateway.Reversal | None:
    """The reversal that an earlier try for the same row may have made."""
    if not order.tried:
        return None
    made = gateway.list_reversals(order.order.transfer_id)
    return next((one for one in made if one.row == order.order.row), None)


def _refuse(reversal: TransferReversal, code: str) -> None:
    if reversal.state is TransferState.PREPARED:
        logger.error("reversal refused", reversal=str(reversal.id), code=code)
        reversal.state, reversal.failure, reversal.finished_at = TransferState.FAILED, code, clock.now()


def read_reversals(stripe_transfer_id: str) -> None:
    """Book what was taken back of a transfer and isn't booked yet: by us, or in Stripe's dashboard.

    Raises:
        ProviderUnavailable: Stripe doesn't answer.
    """
    end_transaction()
    transfer_id = db.session.scalar(select(Transfer.id).where(Transfer.stripe_transfer_id == stripe_transfer_id))
    end_transaction()
    if transfer_id is None:
        return
    for made in reversed(gateway.list_reversals(stripe_transfer_id)):
        with transaction():
            _book_read(locked_transfer(transfer_id), made)


def _book_read(transfer: Transfer, made: gateway.Reversal) -> None:
    """The transfer is locked: who reads the same at the same time comes after."""
    known = select(TransferReversal.id).where(TransferReversal.stripe_reversal_id == made.id)
    if db.session.scalar(known) is not None:
        return
    ours = select(TransferReversal.id).where(TransferReversal.transfer_id == transfer.id)
    row_id = next((one for one in db.session.scalars(ours) if str(one) == made.row), None)
    if row_id is None:
        row = _row(transfer, made.amount, None, "")
        db.session.add(row)
        db.session.flush()
        row_id = row.id
    _book(_locked(row_id), made)


def _book(reversal: TransferReversal, made: gateway.Reversal) -> None:
    """Back through the account of what is on its way, as it had left: what was transferred is what left there."""
    transfer = locked_transfer(reversal.transfer_id)
    if reversal.state is TransferState.PAID:
        return
    reversal.state, reversal.finished_at, reversal.failure = TransferState.PAID, clock.now(), ""
    reversal.stripe_reversal_id, reversal.balance_transaction_id = made.id, made.balance_transaction_id
    transfer.reversed_amount += reversal.amount
    payee, currency, amount = payee_of_row(transfer), reversal.currency, reversal.total
    deal_id = db.session.get_one(Settlement, transfer.settlement_id).deal_id
    back = (debit(stripe_clearing(currency), amount), credit(payee.in_transit(currency), amount))
    held = (debit(payee.in_transit(currency), amount), credit(payee.available(currency), amount))
    key, reference, moved = f"reversal:{reversal.id}", f"deal:{deal_id}", made.balance_transaction_id
    # In one statement, which locks the accounts in the order of all: a payday is at them, too.
    post_many(
        [
            Posting("transfer.taken_back", f"{key}:back", back, reference, external_id=moved),
            Posting("transfer.held", f"{key}:held", held, reference),
        ]
    )
    defer(
        "notifications.tell_payee",
        kind="transfer_reversed",
        cause=str(reversal.id),
        amount=reversal.amount,
        currency=currency,
        reason=reversal.why,
        creator_id=transfer.creator_id,
        agency_id=transfer.agency_id,
    )


def send_again(actor: Actor, transfer_id: uuid.UUID, seen: Money) -> None:
    """Send what came back of a transfer, or of a debt that its settlement paid, to its payee once more; what they owe
    of chargebacks is taken first. `seen` is what the actor saw waiting.

    Raises:
        NotAllowed, NotFound: the actor is no administrator; there is no such transfer.
        Conflict: nothing of it waits, or another amount than they saw; the payee's account takes nothing, their payouts
            are paused, or a bank has taken the payment back.
    """
    if not actor.is_admin:
        raise NotAllowed
    payee = payee_of_row(_known(transfer_id))
    # Before the transfer, as everybody who locks both does.
    lock_payee(payee)
    transfer = locked_transfer(transfer_id)
    held, account = transfer.held_back, account_for(payee)
    if not held or transfer.state is not TransferState.PAID:
        raise Conflict(_l("Nothing of this transfer waits to be sent again."))
    if held != seen:
        raise Conflict(_l("Another amount waits than when you opened the page. Nothing was sent."))
    if account is None or not account.transfers_enabled:
        raise Conflict(_l("Their payout account takes nothing at the moment. The money stays theirs, and waits."))
    if pause_of(payee) is not None:
        raise Conflict(_l("Their payouts are paused. The money stays theirs, and waits until they are resumed."))
    settlement = db.session.get_one(Settlement, transfer.settlement_id, with_for_update=True)
    if db.session.scalar(select(Settlement.id).where(Settlement.id == settlement.id, withheld())) is not None:
        raise Conflict(_l("A bank has taken this payment back. The money waits until the bank has decided."))
    left = held - _net(transfer, held, f"deal:{settlement.deal_id}")
    if left:
        part = Part(settlement.id, settlement.deal_id, payee, account.id, left, resends_id=transfer.id)
        defer("payouts.send_transfer", transfer_id=str(prepare_again(part)))
    transfer.resent_amount += held.amount


def _net(transfer: Transfer, held: Money, reference: str) -> Money:
    """What the payee owes in this currency is paid from what came back; how much of it."""
    payee, currency = payee_of_row(transfer), transfer.currency
    owes = payee.owes(currency)
    named = (LedgerAccount.owner == owes.owner, LedgerAccount.kind == owes.kind, LedgerAccount.commodity == currency)
    owed = db.session.scalar(select(LedgerAccount.balance).where(*named).with_for_update()) or 0
    taken = min(Money(max(owed, 0), currency), held)
    if taken:
        lines = [debit(payee.available(currency), taken), credit(owes, taken)]
        # A key of its own each time: the transfer's sums may come back to what they were.
        post("transfer.netted", f"transfer:{transfer.id}:netted:{new_uuid()}", lines, reference)
    return taken


def reversals_left_prepared(limit: int = 100) -> list[uuid.UUID]:
    """Those that a crash or a silent provider left without an outcome."""
    query = (
        select(TransferReversal.id)
        .where(TransferReversal.state == TransferState.PREPARED)
        .where(TransferReversal.created_at < clock.now() - LEFT_FOR)
        .order_by(TransferReversal.created_at)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _locked(reversal_id: uuid.UUID) -> TransferReversal:
    """The transfer's row first, as everybody locks the two in this order."""
    found = db.session.get_one(TransferReversal, reversal_id)
    locked_transfer(found.transfer_id)
    query = select(TransferReversal).where(TransferReversal.id == reversal_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
