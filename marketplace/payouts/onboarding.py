"""Connected accounts: opened, replaced, and read again. These verbs talk to Stripe, so they own their transactions."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import Deferred, defer, defer_all
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.kit.ids import new_uuid
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.payee import Payee, lock_payee, payee_of, payee_of_row
from marketplace.payouts.queries import account_for
from marketplace.payouts.standing import GONE


class _Pages(NamedTuple):
    """Where the provider's page leads back to, and from where it can be opened anew."""

    connected: str
    earnings: str


_CREATOR_PAGES = _Pages("payouts.connected", "payout_account.show")
_AGENCY_PAGES = _Pages("payouts.agency_connected", "payout_account.show")


def start_onboarding(actor: Actor, country: str | None = None) -> str:
    """The address of the provider's page on which a creator or an agency says where their money goes, or gives what is
    asked for. `country` is where a new account is at home; it can't change later.

    Raises:
        NotAllowed: the actor has no payout account to see to; an agency doesn't see to its creators'.
        Invalid: accounts can't be opened in that country (field `country`).
        ProviderUnavailable, ProviderRefused: nothing was set up; try again.
    """
    end_transaction()
    payee = payee_of(actor)
    with transaction():
        lock_payee(payee)
        account = account_for(payee) or _add_account(payee, country)
        row_id, stripe_id, home = account.id, account.stripe_account_id, account.country
        email = db.session.get_one(User, actor.user_id).email
    if stripe_id is None:
        stripe_id = _open_account(payee, row_id, email, home)
    if stripe_id is None:
        return start_onboarding(actor)
    pages = _AGENCY_PAGES if payee.is_agency else _CREATOR_PAGES
    return gateway.create_onboarding_link(
        account_id=stripe_id,
        return_url=url_for(pages.connected, _external=True),
        refresh_url=url_for(pages.earnings, _external=True),
    )


def start_anew(actor: Actor, country: str | None = None) -> str:
    """Leave the account that there is for a new one: as `start_onboarding` gives its page.

    Money that isn't transferred goes to the new one from now on; what lies on the old one stays its owner's there.

    Raises:
        Conflict: there is none, or it owes the provider something, which a new account would leave behind.
    """
    end_transaction()
    payee = payee_of(actor)
    _check_country(country)
    with transaction():
        lock_payee(payee)
        account = account_for(payee)
        if account is None:
            raise Conflict(_l("There is no payout account yet that another could replace."))
        if account.in_debt:
            raise Conflict(_l("The account owes Stripe something. It can be replaced when that is settled."))
        account.replaced_at = clock.now()
        db.session.flush()
        _add_account(payee, country)
    return start_onboarding(actor)


def has_given_details(actor: Actor) -> bool:
    """Whether they have told the provider who they are and where their money goes: what leads there can change it.

    Raises:
        NotAllowed: the actor has no payout account to see to.
    """
    account = account_for(payee_of(actor))
    return account is not None and account.details_submitted


def require_account(actor: Actor) -> ConnectedAccount:
    """
    Raises:
        NotAllowed: the actor has no payout account to see to.
        NotFound: they have opened none at the provider.
    """
    account = account_for(payee_of(actor))
    if account is None or account.stripe_account_id is None:
        raise NotFound
    return account


def open_providers_page(actor: Actor) -> str:
    """The address of the owner's page at the provider: their details while it wants some, then their bank and payouts.
    Whoever calls has asked for the password: there it can be changed where the money goes.

    Raises:
        NotAllowed, NotFound: as `require_account`.
    """
    end_transaction()
    account = require_account(actor)
    assert account.stripe_account_id is not None
    stripe_id, complete = account.stripe_account_id, account.details_submitted and not account.requirements
    end_transaction()
    return gateway.create_login_link(stripe_id) if complete else start_onboarding(actor)


def countries() -> list[str]:
    """Where payees may be at home, the usual one first."""
    return list(dict.fromkeys([settings().payout_country, *settings().payout_countries]))


def _check_country(country: str | None) -> None:
    if country is not None and country not in countries():
        raise Invalid(_l("Choose one of these countries."), field="country")


def _add_account(payee: Payee, country: str | None) -> ConnectedAccount:
    _check_country(country)
    account = ConnectedAccount(
        id=new_uuid(),
        **payee.ids,
        country=country or settings().payout_country,
        requirements=[],
        created_at=clock.now(),
    )
    db.session.add(account)
    db.session.flush()
    return account


def _open_account(payee: Payee, row_id: uuid.UUID, email: str, country: str) -> str | None:
    """Its id at the provider, None where another row has taken the place of this one meanwhile."""
    name, asked_at = f"account:{row_id}", clock.now()
    try:
        opened = gateway.create_account(key=name, email=email, country=country, reference=name)
    except gateway.ProviderFault:
        with transaction():
            _take_another_row(payee, row_id)
        raise
    with transaction():
        account = _locked_account(row_id)
        _keep_reading(account, opened, None, asked_at)
        return opened.id if account.replaced_at is None else None


def _take_another_row(payee: Payee, row_id: uuid.UUID) -> None:
    """The provider keeps giving a fault under the same key, which the row gives: the next try needs another. What it
    may have opened all the same is empty, and nobody's way leads there."""
    lock_payee(payee)
    account = _locked_account(row_id)
    if account.stripe_account_id is None and account.replaced_at is None:
        account.replaced_at = clock.now()
        db.session.flush()
        _add_account(payee, account.country)


def refresh_account(stripe_account_id: str) -> None:
    """Read the account from the provider again; waiting earnings follow when it has become ready.

    Workers may read it at once, as each event has a job of its own: what was asked for earlier and is written later
    changes nothing.

    Raises:
        ProviderUnavailable: it can't be read now.
    """
    end_transaction()
    query = select(ConnectedAccount.id).where(ConnectedAccount.stripe_account_id == stripe_account_id)
    row_id = db.session.scalar(query)
    end_transaction()
    if row_id is None:
        return
    asked_at = clock.now()
    try:
        found = gateway.get_account(stripe_account_id)
    except gateway.AccountGone:
        with transaction():
            _keep_gone(_locked_account(row_id), asked_at)
        return
    balances = gateway.get_balances(stripe_account_id) if found.details_submitted else None
    with transaction():
        _keep_reading(_locked_account(row_id), found, balances, asked_at)


def _keep_reading(
    account: ConnectedAccount,
    found: gateway.Account,
    balances: list[gateway.OnAccount] | None,
    asked_at: datetime,
) -> None:
    if _is_older(asked_at, account):
        return
    before = _Before(account)
    account.stripe_account_id = found.id
    account.country = found.country
    account.details_submitted = found.details_submitted
    account.transfers_enabled = found.transfers_enabled
    account.payouts_enabled = found.payouts_enabled
    account.requirements = list(dict.fromkeys((*found.requirements.past_due, *found.requirements.due)))
    account.requirement_details = _details(found.requirements)
    account.disabled_reason = found.requirements.disabled_reason
    account.bank, account.bank_schedule = found.bank, found.bank_schedule
    if balances is not None:
        account.balances = {one.currency: {"available": one.available, "pending": one.pending} for one in balances}
        account.in_debt = any(one.available + one.pending < 0 for one in balances)
    account.read_at = asked_at
    _follow(account, before)


def _is_older(asked_at: datetime, account: ConnectedAccount) -> bool:
    """Whether what the account says was asked for later than this."""
    return account.read_at is not None and account.read_at > asked_at


def _details(found: gateway.Requirements) -> dict[str, Any]:
    return {
        "due": list(found.due),
        "past_due": list(found.past_due),
        "pending": list(found.pending),
        "errors": [list(error) for error in found.errors],
        "deadline": found.deadline,
    }


class _Before:
    """What matters of an account before it was read anew."""

    def __init__(self, account: ConnectedAccount) -> None:
        self.transfers, self.payouts = account.transfers_enabled, account.payouts_enabled
        self.wanted = set(account.requirements or ())


def _follow(account: ConnectedAccount, before: _Before) -> None:
    """What a new reading sets off; a replaced account concerns nobody any more."""
    if account.replaced_at is not None:
        return
    payee = payee_of_row(account)
    if account.transfers_enabled and not before.transfers:
        _tell(payee, "payout_account_ready")
        defer("payouts.pay_due", creator_id=payee.creator_id, agency_id=payee.agency_id)
    elif (before.transfers and not account.transfers_enabled) or (before.payouts and not account.payouts_enabled):
        _tell(payee, "payout_account_stopped", account)
    elif account.transfers_enabled and set(account.requirements) - before.wanted:
        _tell(payee, "payout_account_asks", account)


def _tell(payee: Payee, kind: str, account: ConnectedAccount | None = None) -> None:
    if account is None:
        nothing = {"deal_id": None, "amount": None, "currency": None}
        defer_all([Deferred("notifications.tell_money", {"kind": kind, **nothing, **payee.ids})])
        return
    assert account.read_at is not None
    cause = f"{account.id}:{account.read_at.isoformat()}"
    deadline = account.requirement_details.get("deadline")
    told = {"kind": kind, "cause": cause, "deadline": deadline, **payee.ids}
    defer_all([Deferred("notifications.tell_payee", told)])


def _keep_gone(account: ConnectedAccount, asked_at: datetime) -> None:
    """It was disconnected or closed: nothing can be sent there, and what isn't sent waits for another."""
    if _is_older(asked_at, account):
        return
    before = _Before(account)
    account.transfers_enabled = account.payouts_enabled = False
    account.disabled_reason, account.read_at = GONE, asked_at
    _follow(account, before)


def _locked_account(row_id: uuid.UUID) -> ConnectedAccount:
    query = select(ConnectedAccount).where(ConnectedAccount.id == row_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
