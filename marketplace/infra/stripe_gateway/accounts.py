"""Connected accounts, as the provider sees them, and the pages on which their owners see to them."""

from dataclasses import dataclass, field
from typing import Any

import stripe

from marketplace.infra.stripe_gateway.client import REFUSED, ProviderRefused, ProviderUnavailable, call


class AccountGone(ProviderRefused):
    """Its owner disconnected the account from us, or it was closed."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the provider wants of an account, by its own names: due, overdue, given and being checked.

    `errors` are a requirement's name and a code; `deadline` is a time in seconds, None where there is none.
    """

    due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    deadline: int | None = None
    disabled_reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account as the provider sees it now. `bank` is where payouts go, such as "Test Bank •••• 6789"."""

    id: str
    country: str
    details_submitted: bool
    transfers_enabled: bool
    payouts_enabled: bool
    requirements: Requirements
    bank: str
    bank_schedule: dict[str, Any] = field(default_factory=dict)


def create_account(*, key: str, email: str, country: str, reference: str) -> Account:
    """Open an Express account for a creator or an agency."""
    params: stripe.params.AccountCreateParams = {
        "type": "express",
        "country": country,
        "email": email,
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"reference": reference},
    }
    return _account(call(lambda c: c.v1.accounts.create(params, {"idempotency_key": key})))


def get_account(account_id: str) -> Account:
    """
    Raises:
        AccountGone: it isn't ours any more, or never was.
    """
    try:
        return _account(call(lambda c: c.v1.accounts.retrieve(account_id)))
    except ProviderUnavailable as error:
        if error.code == "account_invalid":
            raise AccountGone(REFUSED, error.code) from error
        raise


def create_onboarding_link(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """A page of the provider, good for a few minutes, on which the owner gives what is asked for."""
    params: stripe.params.AccountLinkCreateParams = {
        "account": account_id,
        "type": "account_onboarding",
        "return_url": return_url,
        "refresh_url": refresh_url,
    }
    return str(call(lambda c: c.v1.account_links.create(params)).url)


def create_login_link(account_id: str) -> str:
    """The owner's own page at the provider, with their bank account and payouts; only once they have onboarded."""
    return str(call(lambda c: c.v1.accounts.login_links.create(account_id)).url)


def _account(found: stripe.Account) -> Account:
    capabilities = found.capabilities
    return Account(
        id=found.id,
        country=found.country or "",
        details_submitted=bool(found.details_submitted),
        transfers_enabled=capabilities is not None and capabilities.transfers == "active",
        payouts_enabled=bool(found.payouts_enabled),
        requirements=_requirements(found.requirements),
        bank=_bank(found),
        bank_schedule=_schedule(found),
    )


def _requirements(found: stripe.Account.Requirements | None) -> Requirements:
    if found is None:
        return Requirements()
    return Requirements(
        due=tuple(found.currently_due or ()),
        past_due=tuple(found.past_due or ()),
        pending=tuple(found.pending_verification or ()),
        errors=tuple((error.requirement, str(error.code)) for error in found.errors or ()),
        deadline=found.current_deadline,
        disabled_reason=found.disabled_reason or "",
    )


def _bank(found: stripe.Account) -> str:
    """The bank account, or card, that payouts go to: the one for the account's currency."""
    kept = found.external_accounts.data if found.external_accounts else []
    first = next((one for one in kept if getattr(one, "default_for_currency", False)), kept[0] if kept else None)
    if first is None:
        return ""
    name = getattr(first, "bank_name", None) or getattr(first, "brand", None) or ""
    return f"{name} •••• {first.last4}".strip()


def _schedule(found: stripe.Account) -> dict[str, Any]:
    payouts = found.settings.payouts if found.settings else None
    if payouts is None:
        return {}
    schedule = payouts.schedule
    kept = {name: getattr(schedule, name, None) for name in ("interval", "weekly_anchor", "monthly_anchor")}
    return {name: value for name, value in kept.items() if value is not None}
