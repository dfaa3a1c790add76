"""Transfers to connected accounts."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call
from marketplace.infra.stripe_gateway.sending import Sent, row_of, sent
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """What a transfer is made of. A repeat under the same key must be made of the same values; `row` is our own id."""

    key: str
    row: str
    account_id: str
    amount: Money
    charge_id: str | None
    reference: str


def create_transfer(order: TransferOrder) -> Sent:
    """Move money to a connected account, out of the charge that paid for it."""
    params: stripe.params.TransferCreateParams = {
        "destination": order.account_id,
        "amount": order.amount.amount,
        "currency": order.amount.currency.lower(),
        "transfer_group": order.reference,
        "metadata": {"row": order.row},
    }
    if order.charge_id is not None:
        params["source_transaction"] = order.charge_id
    return sent(call(lambda c: c.v1.transfers.create(params, {"idempotency_key": order.key})))


def find_transfer(order: TransferOrder) -> Sent | None:
    """The transfer that an earlier try for the same row may have made."""
    params: stripe.params.TransferListParams = {"transfer_group": order.reference, "limit": PAGE}
    page = call(lambda c: c.v1.transfers.list(params))
    return next((sent(found) for found in page.data if row_of(found) == order.row), None)
