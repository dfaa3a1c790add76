"""Transfers to payees: what is due, as `due` tells, is prepared by `preparing`, then each is sent.

Sending talks to Stripe, so `send_transfer` and what calls it own their transactions.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select

from marketplace.accounts.actor import Actor
from marketplace.chargebacks.queries import is_lost, withheld
from marketplace.escrow.models import Settlement
from marketplace.escrow.refund import received_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.i18n import money_text
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import stripe_clearing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.due import GIVEN_BACK, PAUSED, REPLACED, WITHHELD, Part, due_parts, waiting
from marketplace.payouts.models import ConnectedAccount, Payday, PaydayState, Transfer, TransferState
from marketplace.payouts.pausing import pause_of, running_pause
from marketplace.payouts.payee import Payee, lock_payee, payee_of, payee_of_row
from marketplace.payouts.plans import plan_of
from marketplace.payouts.preparing import prepare_transfers
from marketplace.payouts.queries import account_for
from marketplace.payouts.refusals import tell_of_refusal

logger = structlog.get_logger(__name__)
_NO_CAPABILITY = "insufficient_capabilities_for_transfer"


@dataclass(frozen=True, slots=True)
class _Order:
    """A prepared transfer as plain values, to be used while no transaction is open: as the row was at `read_at`.
    `replaced_at` is when its payee left the account that it is for."""

    transfer_id: uuid.UUID
    account_id: uuid.UUID | None
    tried: bool
    replaced_at: datetime | None
    read_at: datetime
    order: gateway.TransferOrder

    @property
    def looked_after_all_calls(self) -> bool:
        """Whether no call for an account that was left could be under way any more when this was looked for."""
        return self.replaced_at is not None and self.replaced_at <= self.read_at - gateway.CALLS_LAST


def transfer_earnings(settlement_id: int) -> None:
    """Send a creator what their plan sends of what they earned, once a settlement of theirs has become available.

    Harmless to repeat: a transfer that a crash left prepared goes on under its own key.

    Raises:
        ProviderUnavailable: the provider doesn't answer; the same transfers are tried again later.
    """
    _transfer(settlement_id, to_agency=False)


def transfer_share(settlement_id: int) -> None:
    """Send the agency its shares; as `transfer_earnings`, and apart from it: neither waits for the other's account."""
    _transfer(settlement_id, to_agency=True)


def _transfer(settlement_id: int, *, to_agency: bool) -> None:
    end_transaction()
    with transaction():
        settlement = db.session.get(Settlement, settlement_id)
        if settlement is None:
            raise NotFound
        payee = Payee(agency_id=settlement.agency_id) if to_agency else Payee(creator_id=settlement.creator_id)
        if to_agency and settlement.agency_id is None:
            return
        left = _left_prepared(payee, settlement_id)
    for transfer_id in left:
        send_transfer(transfer_id)
    pay_due(payee)


def _left_prepared(payee: Payee, settlement_id: int) -> Sequence[uuid.UUID]:
    prepared = (Transfer.settlement_id == settlement_id, Transfer.state == TransferState.PREPARED)
    return db.session.scalars(select(Transfer.id).where(*prepared, payee.owns(Transfer))).all()


def pay_due(payee: Payee) -> None:
    """Prepare and send what the payee's plan sends now by itself; nothing for who is paid on payday or on demand.

    Raises:
        ProviderUnavailable: what is prepared goes on later.
    """
    with transaction():
        lock_payee(payee)
        prepared = prepare_transfers(due_parts(payee))
    for transfer_id in prepared:
        send_transfer(transfer_id)


def pay_now(actor: Actor, currency: str) -> Money:
    """Prepare all that the actor may be sent of a currency, whatever their plan says, and enqueue its sending; how
    much it is.

    Raises:
        NotAllowed: the actor has no payout account to see to.
        Conflict: nothing is available, it is less than their minimum, their account takes no transfers, or their
            payouts are paused.
    """
    payee = payee_of(actor)
    lock_payee(payee)
    account = account_for(payee)
    if account is None or not account.transfers_enabled:
        raise Conflict(_l("Your payout account takes no money yet. What you earned waits safely."))
    if pause_of(payee) is not None:
        raise Conflict(_l("Your payouts are paused. What you earned stays yours. This page says whom to write to."))
    prepared = prepare_transfers(_asked_for(payee, currency))
    for transfer_id in prepared:
        defer("payouts.send_transfer", transfer_id=str(transfer_id))
    total = db.session.scalar(select(func.sum(Transfer.amount)).where(Transfer.id.in_(prepared))) or 0
    return Money(int(total), currency)


def _asked_for(payee: Payee, currency: str) -> list[Part]:
    held = next((one.amount for one in waiting(payee) if one.amount.currency == currency), None)
    if held is None:
        raise Conflict(_l("Nothing is available at the moment."))
    least = plan_of(payee).minimum(currency)
    if held < least:
        raise Conflict(
            _l(
                "%(held)s is available. It is sent from %(least)s on, your minimum.",
                held=money_text(held),
                least=money_text(least),
            )
        )
    return due_parts(payee, asked=True, currency=currency)


def send_transfer(transfer_id: uuid.UUID) -> None:
    """Have Stripe make one prepared transfer and record what came of it. Owns its transactions; harmless to repeat.

    A definite no of Stripe's is recorded too: the money is available again, and tried anew after some hours.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; the same transfer goes on later under its own key.
    """
    end_transaction()
    with transaction():
        transfer = locked_transfer(transfer_id)
        order = _order(transfer) if _may_go(transfer) else None
    while order is not None:
        order = _carry_out(order)


def _may_go(transfer: Transfer) -> bool:
    """Whether Stripe may be asked for it; what is withheld by now, as a payday takes hours, is given back. Where it may
    have been asked before, the transfer may be there, and its outcome is recorded whatever has happened since."""
    if transfer.state is not TransferState.PREPARED or transfer.called_at is not None:
        return True
    code = _withheld_since(transfer)
    if code:
        _give_back(transfer, code)
        return False
    transfer.called_at = clock.now()
    return True


def _withheld_since(transfer: Transfer) -> str:
    paused = exists().where(running_pause(payee_of_row(transfer)))
    query = select(withheld(), paused).where(Settlement.id == transfer.settlement_id)
    by_bank, by_us = db.session.execute(query).one()
    return WITHHELD if by_bank else PAUSED if by_us else ""


def _carry_out(order: _Order) -> _Order | None:
    """Send it and record what came of it; or what to send instead, where the payee has left the account it is for.

    An answer that came late, to an order that isn't the row's any more, changes neither its key nor its outcome.
    """
    try:
        sent = _send(order)
    except gateway.ProviderFault:
        with transaction():
            transfer = locked_transfer(order.transfer_id)
            if transfer.state is TransferState.PREPARED and _key(transfer) == order.order.key:
                transfer.tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        with transaction():
            transfer = locked_transfer(order.transfer_id)
            if _key(transfer) == order.order.key and transfer.account_id == order.account_id:
                _give_back(transfer, refusal.code)
        return None
    with transaction():
        transfer = locked_transfer(order.transfer_id)
        if sent is None:
            return _to_new_account(transfer, order)
        _record_sent(transfer, sent, order)
    return None


def _order(transfer: Transfer) -> _Order | None:
    if transfer.state is not TransferState.PREPARED:
        return None
    read_at = clock.now()
    account = db.session.get_one(ConnectedAccount, transfer.account_id)
    settlement = db.session.get_one(Settlement, transfer.settlement_id)
    payment = received_payment(settlement.deal_id)
    checkout = payment.checkout
    assert account.stripe_account_id is not None
    order = gateway.TransferOrder(
        key=_key(transfer),
        row=str(transfer.id),
        account_id=account.stripe_account_id,
        amount=transfer.total,
        # What earlier debts leave of a lost payment's earning comes out of our balance: its charge has nothing left.
        charge_id=None if is_lost(payment.id) else checkout.charge_id,
        reference=f"checkout:{checkout.id}",
    )
    replaced_at = account.replaced_at
    tried = replaced_at is not None or transfer.tries > 0 or transfer.created_at < read_at - gateway.KEYS_LAST
    return _Order(transfer.id, transfer.account_id, tried, replaced_at, read_at, order)


def _key(transfer: Transfer) -> str:
    return f"transfer:{transfer.id}:{transfer.tries}"


def _send(order: _Order) -> gateway.Sent | None:
    """What an earlier try made, or a new one; nothing is made any more for an account that the payee has left."""
    found = gateway.find_transfer(order.order) if order.tried else None
    if found is not None or order.replaced_at is not None:
        return found
    return gateway.create_transfer(order.order)


def _to_new_account(transfer: Transfer, left: _Order) -> _Order | None:
    """The row's order once it is for another account than the one that was left: another worker may have moved it.

    None where it has an outcome, or where the payee has no account that takes it. The key stays: while another worker's
    call for the old account may be on its way to Stripe, one of the two is another order under a used key, which Stripe
    doesn't carry out, and what the first made is found. So the money is available again, which gives up the key, only
    where no such call could be under way any more before it was looked for; until then the sweeper comes back.
    """
    order = _order(transfer)
    if order is None or order.account_id != left.account_id:
        return order
    account = account_for(payee_of_row(transfer))
    if account is None or not account.transfers_enabled:
        if left.looked_after_all_calls:
            _give_back(transfer, REPLACED)
        return None
    transfer.account_id = account.id
    return _order(transfer)


def _record_sent(transfer: Transfer, sent: gateway.Sent, order: _Order) -> None:
    if transfer.state is not TransferState.PREPARED:
        if sent.id != transfer.stripe_transfer_id:
            logger.error(
                "a second transfer was made",
                transfer=str(transfer.id),
                kept=transfer.stripe_transfer_id,
                second=sent.id,
            )
        return
    transfer.state, transfer.finished_at = TransferState.PAID, clock.now()
    transfer.stripe_transfer_id, transfer.balance_transaction_id = sent.id, sent.balance_transaction_id
    transfer.account_id = _account_of(sent, transfer)
    settlement = db.session.get_one(Settlement, transfer.settlement_id)
    lines = [
        debit(payee_of_row(transfer).in_transit(transfer.currency), transfer.total),
        credit(stripe_clearing(transfer.currency), transfer.total),
    ]
    key, reference = f"transfer:{transfer.id}:sent", f"deal:{settlement.deal_id}"
    post("transfer.sent", key, lines, reference, external_id=sent.balance_transaction_id)
    if order.tried or sent.repeated:
        # It may have been made a while ago: what came back of it since was news of no row of ours.
        defer("payouts.read_reversals", stripe_transfer_id=sent.id)
    if transfer.payday_id is None:
        _refresh(transfer)
    if _told_with_its_payday(transfer):
        return
    defer(
        "notifications.tell_money",
        kind="transferred",
        deal_id=settlement.deal_id,
        creator_id=transfer.creator_id,
        agency_id=transfer.agency_id,
        amount=transfer.amount,
        currency=transfer.currency,
        about=str(transfer.id) if transfer.resends_id is not None else "",
    )


def _account_of(sent: gateway.Sent, transfer: Transfer) -> uuid.UUID | None:
    """Where it went: to one that the payee had left by then, if that call was the first at Stripe."""
    found = select(ConnectedAccount.id).where(ConnectedAccount.stripe_account_id == sent.account_id)
    return db.session.scalar(found) or transfer.account_id


def _refresh(transfer: Transfer) -> None:
    """Read the payee's account anew: what lies there has changed, or it takes nothing any more."""
    account = db.session.get_one(ConnectedAccount, transfer.account_id)
    if account.stripe_account_id is not None:
        defer("payouts.refresh_account", stripe_account_id=account.stripe_account_id)


def _told_with_its_payday(transfer: Transfer) -> bool:
    """A running payday tells its payees of all its transfers at once."""
    if transfer.payday_id is None:
        return False
    return db.session.scalar(select(Payday.state).where(Payday.id == transfer.payday_id)) is not PaydayState.FINISHED


def _give_back(transfer: Transfer, code: str) -> None:
    """It isn't made, most often as the provider said no: the money is the payee's available money again."""
    if transfer.state is not TransferState.PREPARED:
        return
    if code not in GIVEN_BACK:
        logger.error("transfer refused", transfer=str(transfer.id), code=code)
    transfer.state, transfer.failure, transfer.finished_at = TransferState.FAILED, code, clock.now()
    payee, currency = payee_of_row(transfer), transfer.currency
    lines = [debit(payee.in_transit(currency), transfer.total), credit(payee.available(currency), transfer.total)]
    settlement = db.session.get_one(Settlement, transfer.settlement_id)
    if transfer.resends_id is not None:
        # Before the accounts, as whoever sends again locks it.
        locked_transfer(transfer.resends_id).resent_amount -= transfer.amount
    post("transfer.returned", f"transfer:{transfer.id}:returned", lines, f"deal:{settlement.deal_id}")
    # What debts gave back of its settlement meanwhile is a part of what the next transfer sends.
    transfer.restored_amount = 0
    if code == _NO_CAPABILITY:
        _refresh(transfer)
    elif code == REPLACED and transfer.resends_id is None:
        # Another account may have become ready a moment ago, when this was still on its way.
        defer("payouts.pay_due", creator_id=payee.creator_id, agency_id=payee.agency_id)
    if code not in GIVEN_BACK:
        tell_of_refusal(transfer)


def locked_transfer(transfer_id: uuid.UUID) -> Transfer:
    """The transfer with its row locked, as it is now."""
    query = select(Transfer).where(Transfer.id == transfer_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
