"""Connected accounts and transfers. These verbs talk to Stripe, so they own their transactions."""

import uuid
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from flask import url_for
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.agencies.models import Agency
from marketplace.chargebacks.queries import is_withheld
from marketplace.chargebacks.recovery import Earned, recover
from marketplace.creators.models import Creator
from marketplace.escrow.models import Settlement
from marketplace.escrow.refund import received_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_uuid
from marketplace.ledger.accounts import stripe_clearing
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.service import post, post_many
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.payee import Payee, payee_of
from marketplace.payouts.queries import account_for, settlements_to_transfer

logger = structlog.get_logger(__name__)


class _Pages(NamedTuple):
    """Where the provider's page leads back to, and from where it can be opened anew."""

    connected: str
    earnings: str


_CREATOR_PAGES = _Pages("payouts.connected", "payouts.earnings")
_AGENCY_PAGES = _Pages("payouts.agency_connected", "payouts.agency_earnings")


@dataclass(frozen=True, slots=True)
class _Order:
    """A prepared transfer as plain values, to be used while no transaction is open."""

    transfer_id: uuid.UUID
    tried: bool
    order: gateway.TransferOrder


def start_onboarding(actor: Actor) -> str:
    """The address of the provider's page on which a creator or an agency sets up where their money goes.

    Raises:
        NotAllowed: the actor has no payout account to see to; an agency doesn't see to its creators'.
        ProviderUnavailable, ProviderRefused: nothing was set up; try again.
    """
    end_transaction()
    payee = payee_of(actor)
    with transaction():
        row_id, stripe_id, email = _prepare_account(payee, actor)
    if stripe_id is None:
        stripe_id = _open_account(row_id, email)
    pages = _AGENCY_PAGES if payee.is_agency else _CREATOR_PAGES
    return gateway.create_onboarding_link(
        account_id=stripe_id,
        return_url=url_for(pages.connected, _external=True),
        refresh_url=url_for(pages.earnings, _external=True),
    )


def _prepare_account(payee: Payee, actor: Actor) -> tuple[uuid.UUID, str | None, str]:
    # The payee's row is the lock: two first clicks open one account.
    table = Agency if payee.is_agency else Creator
    db.session.get_one(table, payee.agency_id or payee.creator_id, with_for_update=True)
    account = account_for(payee)
    if account is None:
        account = ConnectedAccount(id=new_uuid(), **payee.ids, requirements=[], created_at=clock.now())
        db.session.add(account)
        db.session.flush()
    return account.id, account.stripe_account_id, db.session.get_one(User, actor.user_id).email


def _open_account(row_id: uuid.UUID, email: str) -> str:
    opened = gateway.create_account(
        key=f"account:{row_id}", email=email, country=settings().payout_country, reference=f"account:{row_id}"
    )
    with transaction():
        _keep_reading(_locked_account(row_id), opened)
    return opened.id


def refresh_account(stripe_account_id: str) -> None:
    """Read the account from the provider again; waiting earnings follow when it has become ready."""
    end_transaction()
    row_id = db.session.scalar(
        select(ConnectedAccount.id).where(ConnectedAccount.stripe_account_id == stripe_account_id)
    )
    end_transaction()
    if row_id is None:
        return
    found = gateway.get_account(stripe_account_id)
    with transaction():
        _keep_reading(_locked_account(row_id), found)


def _keep_reading(account: ConnectedAccount, found: gateway.Account) -> None:
    payee = _payee(account)
    became_ready = found.transfers_enabled and not account.transfers_enabled
    account.stripe_account_id = found.id
    account.details_submitted = found.details_submitted
    account.transfers_enabled = found.transfers_enabled
    account.payouts_enabled = found.payouts_enabled
    account.requirements = list(found.requirements)
    account.read_at = clock.now()
    if became_ready:
        defer(
            "notifications.tell_money",
            kind="payout_account_ready",
            deal_id=None,
            creator_id=payee.creator_id,
            agency_id=payee.agency_id,
            amount=None,
            currency=None,
        )
        for settlement_id in settlements_to_transfer(payee):
            defer(transfer_job(payee), settlement_id=settlement_id)


def transfer_earnings(settlement_id: int) -> None:
    """Send one settlement's earning to the creator's account, once, if it is available and the account ready.

    Harmless to repeat: a transfer that a crash left prepared goes on under its own key.

    Raises:
        ProviderUnavailable: the provider doesn't answer; the same transfer is tried again later.
    """
    _transfer(settlement_id, to_agency=False)


def transfer_share(settlement_id: int) -> None:
    """Send the agency its share of one settlement; as `transfer_earnings`, and apart from it: neither waits for the
    other's account."""
    _transfer(settlement_id, to_agency=True)


def transfer_job(payee: Payee) -> str:
    """The job that sends the payee their part of a settlement."""
    return "payouts.transfer_share" if payee.is_agency else "payouts.transfer_earnings"


def _transfer(settlement_id: int, *, to_agency: bool) -> None:
    end_transaction()
    with transaction():
        order = _prepare_transfer(settlement_id, to_agency=to_agency)
    if order is None:
        return
    try:
        sent = (gateway.find_transfer(order.order) if order.tried else None) or gateway.create_transfer(order.order)
    except gateway.ProviderFault:
        with transaction():
            _locked_transfer(order.transfer_id).tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        with transaction():
            _give_back(_locked_transfer(order.transfer_id), refusal.code)
        return
    with transaction():
        _record_sent(_locked_transfer(order.transfer_id), sent)


def _prepare_transfer(settlement_id: int, *, to_agency: bool) -> _Order | None:
    settlement = db.session.scalars(select(Settlement).where(Settlement.id == settlement_id).with_for_update()).first()
    if settlement is None:
        raise NotFound
    payee = Payee(agency_id=settlement.agency_id) if to_agency else Payee(creator_id=settlement.creator_id)
    account = account_for(payee)
    if settlement.released_at is None or not payee.part_of(settlement) or not account or not account.transfers_enabled:
        return None
    live = (Transfer.settlement_id == settlement.id, Transfer.state != TransferState.FAILED)
    transfer = db.session.scalars(select(Transfer).where(*live, payee.owns(Transfer))).first()
    if transfer is None and not is_withheld(settlement.deal_id):
        transfer = _new_transfer(settlement, payee)
    if transfer is None or transfer.state is TransferState.PAID or account.stripe_account_id is None:
        return None
    return _order(transfer, settlement, account.stripe_account_id)


def _new_transfer(settlement: Settlement, payee: Payee) -> Transfer | None:
    """None where all of the part goes into what the payee owes of chargebacks."""
    taken = recover([Earned(settlement.id, settlement.deal_id, payee.part_of(settlement), **payee.ids)])
    amount = taken.left[0]
    if not amount:
        post_many(taken.postings)
        return None
    transfer = Transfer(
        id=new_uuid(),
        **payee.ids,
        settlement_id=settlement.id,
        state=TransferState.PREPARED,
        amount=amount.amount,
        currency=amount.currency,
        created_at=clock.now(),
    )
    db.session.add(transfer)
    db.session.flush()
    lines = (
        debit(payee.available(amount.currency), amount),
        credit(payee.in_transit(amount.currency), amount),
    )
    prepared = Posting("transfer.prepared", f"transfer:{transfer.id}:prepared", lines, f"deal:{settlement.deal_id}")
    post_many([*taken.postings, prepared])
    return transfer


def _order(transfer: Transfer, settlement: Settlement, account_id: str) -> _Order:
    checkout = received_payment(settlement.deal_id).checkout
    order = gateway.TransferOrder(
        key=f"transfer:{transfer.id}:{transfer.tries}",
        row=str(transfer.id),
        account_id=account_id,
        amount=transfer.total,
        charge_id=checkout.charge_id,
        reference=f"checkout:{checkout.id}",
    )
    tried = transfer.tries > 0 or transfer.created_at < clock.now() - gateway.KEYS_LAST
    return _Order(transfer.id, tried, order)


def _record_sent(transfer: Transfer, sent: gateway.Sent) -> None:
    if transfer.state is not TransferState.PREPARED:
        return
    transfer.state, transfer.finished_at = TransferState.PAID, clock.now()
    transfer.stripe_transfer_id, transfer.balance_transaction_id = sent.id, sent.balance_transaction_id
    settlement = db.session.get_one(Settlement, transfer.settlement_id)
    lines = [
        debit(_payee(transfer).in_transit(transfer.currency), transfer.total),
        credit(stripe_clearing(transfer.currency), transfer.total),
    ]
    key, reference = f"transfer:{transfer.id}:sent", f"deal:{settlement.deal_id}"
    post("transfer.sent", key, lines, reference, external_id=sent.balance_transaction_id)
    defer(
        "notifications.tell_money",
        kind="transferred",
        deal_id=settlement.deal_id,
        creator_id=transfer.creator_id,
        agency_id=transfer.agency_id,
        amount=transfer.amount,
        currency=transfer.currency,
    )


def _give_back(transfer: Transfer, code: str) -> None:
    """The provider said no: the money is the payee's available money again, and the sweeper tries anew later."""
    if transfer.state is not TransferState.PREPARED:
        return
    logger.error("transfer refused", transfer=str(transfer.id), code=code)
    transfer.state, transfer.failure, transfer.finished_at = TransferState.FAILED, code, clock.now()
    lines = [
        debit(_payee(transfer).in_transit(transfer.currency), transfer.total),
        credit(_payee(transfer).available(transfer.currency), transfer.total),
    ]
    settlement = db.session.get_one(Settlement, transfer.settlement_id)
    post("transfer.returned", f"transfer:{transfer.id}:returned", lines, f"deal:{settlement.deal_id}")


def _payee(row: Transfer | ConnectedAccount) -> Payee:
    return Payee(creator_id=row.creator_id, agency_id=row.agency_id)


def _locked_account(row_id: uuid.UUID) -> ConnectedAccount:
    query = select(ConnectedAccount).where(ConnectedAccount.id == row_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _locked_transfer(transfer_id: uuid.UUID) -> Transfer:
    query = select(Transfer).where(Transfer.id == transfer_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
