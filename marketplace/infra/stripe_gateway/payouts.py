"""Payouts from connected accounts to their banks, which the provider makes by itself, and what lies on those."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, every


@dataclass(frozen=True, slots=True)
class BankPayout:
    """One payout as the provider sees it now; `amount` in minor units of `currency`."""

    id: str
    status: str
    amount: int
    currency: str
    arrives_on: date
    failure: str
    created: datetime


@dataclass(frozen=True, slots=True)
class OnAccount:
    """What lies on a connected account in one currency, in minor units, below zero where it owes the provider."""

    currency: str
    available: int
    pending: int


def get_payout(payout_id: str, account_id: str) -> BankPayout:
    """A payout of a connected account."""
    found = call(lambda c: c.v1.payouts.retrieve(payout_id, options={"stripe_account": account_id}))
    return _payout(found)


def list_payouts(account_id: str, since: datetime | None) -> list[BankPayout]:
    """The payouts of a connected account that were begun since then, or all of them; the newest first."""
    params: stripe.params.PayoutListParams = {"limit": PAGE}
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    first = call(lambda c: c.v1.payouts.list(params, {"stripe_account": account_id}))
    return [_payout(found) for found in every(first)]


def get_balances(account_id: str) -> list[OnAccount]:
    """What lies on a connected account, by currency."""
    found = call(lambda c: c.v1.balance.retrieve(options={"stripe_account": account_id}))
    available = {part.currency.upper(): part.amount for part in found.available}
    pending = {part.currency.upper(): part.amount for part in found.pending}
    return [OnAccount(code, available.get(code, 0), pending.get(code, 0)) for code in sorted({*available, *pending})]


def _payout(found: stripe.Payout) -> BankPayout:
    return BankPayout(
        id=found.id,
        status=found.status,
        amount=found.amount,
        currency=found.currency.upper(),
        arrives_on=datetime.fromtimestamp(found.arrival_date, UTC).date(),
        failure=found.failure_code or "",
        created=datetime.fromtimestamp(found.created, UTC),
    )
