"""Balance transactions: every movement of our balance, as the provider books it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, id_of


@dataclass(frozen=True, slots=True)
class Movement:
    """One balance transaction, amounts in minor units: `net` is `amount` less `fee`. `source` is the object that it
    comes of, empty where there is none; `category` the provider's word for reports."""

    id: str
    type: str
    category: str
    amount: int
    fee: int
    net: int
    currency: str
    source: str
    description: str
    created: datetime
    available: datetime


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Newest first. `more`: there are older ones."""

    movements: Sequence[Movement]
    more: bool


def list_movements(since: datetime | None, after: str = "") -> MovementPage:
    """A page of our own balance's movements that were created since a moment, or of all: those older than `after`."""
    params: stripe.params.BalanceTransactionListParams = {"limit": PAGE}
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    if after:
        params["starting_after"] = after
    page = call(lambda c: c.v1.balance_transactions.list(params))
    return MovementPage([_movement(found) for found in page.data], page.has_more)


def _movement(found: stripe.BalanceTransaction) -> Movement:
    return Movement(
        id=found.id,
        type=found.type,
        category=found.reporting_category,
        amount=found.amount,
        fee=found.fee,
        net=found.net,
        currency=found.currency.upper(),
        source=id_of(found.source) if found.source is not None else "",
        description=found.description or "",
        created=datetime.fromtimestamp(found.created, UTC),
        available=datetime.fromtimestamp(found.available_on, UTC),
    )
