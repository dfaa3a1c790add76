"""Connected accounts: opened, and read again. These verbs talk to Stripe, so they own their transactions."""

import uuid
from typing import NamedTuple

from flask import url_for
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.payee import Payee, lock_payee, payee_of, payee_of_row
from marketplace.payouts.queries import account_for


class _Pages(NamedTuple):
    """Where the provider's page leads back to, and from where it can be opened anew."""

    connected: str
    earnings: str


_CREATOR_PAGES = _Pages("payouts.connected", "payouts.earnings")
_AGENCY_PAGES = _Pages("payouts.agency_connected", "payouts.agency_earnings")


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
    # Two first clicks open one account.
    lock_payee(payee)
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
    payee = payee_of_row(account)
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
        defer("payouts.pay_due", **payee.ids)


def _locked_account(row_id: uuid.UUID) -> ConnectedAccount:
    query = select(ConnectedAccount).where(ConnectedAccount.id == row_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
