"""Connected accounts."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import call


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account as the provider sees it now."""

    id: str
    details_submitted: bool
    transfers_enabled: bool
    payouts_enabled: bool
    requirements: tuple[str, ...]


def create_account(*, key: str, email: str, country: str, reference: str) -> Account:
    """Open an Express account for a creator."""
    params: stripe.params.AccountCreateParams = {
        "type": "express",
        "country": country,
        "email": email,
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"reference": reference},
    }
    return _account(call(lambda c: c.v1.accounts.create(params, {"idempotency_key": key})))


def get_account(account_id: str) -> Account:
    return _account(call(lambda c: c.v1.accounts.retrieve(account_id)))


def create_onboarding_link(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """A page of the provider, good for a few minutes, on which the creator completes the account."""
    params: stripe.params.AccountLinkCreateParams = {
        "account": account_id,
        "type": "account_onboarding",
        "return_url": return_url,
        "refresh_url": refresh_url,
    }
    return str(call(lambda c: c.v1.account_links.create(params)).url)


def _account(found: stripe.Account) -> Account:
    capabilities = found.capabilities
    due = found.requirements.currently_due if found.requirements else None
    return Account(
        id=found.id,
        details_submitted=bool(found.details_submitted),
        transfers_enabled=capabilities is not None and capabilities.transfers == "active",
        payouts_enabled=bool(found.payouts_enabled),
        requirements=tuple(due or ()),
    )
