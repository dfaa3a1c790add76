"""Transfers to connected accounts, and what is taken back of them."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, id_of
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


@dataclass(frozen=True, slots=True)
class ReversalOrder:
    """What a reversal is made of; `row` is our own id."""

    key: str
    row: str
    transfer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Reversal:
    """What was taken back of a transfer, by us or in the provider's dashboard: then `row` is None."""

    id: str
    balance_transaction_id: str
    amount: Money
    row: str | None


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
    params: stripe.params.TransferListParams = {
        "transfer_group": order.reference,
        "destination": order.account_id,
        "limit": PAGE,
    }
    page = call(lambda c: c.v1.transfers.list(params))
    return next((sent(found) for found in page.data if row_of(found) == order.row), None)


def create_reversal(order: ReversalOrder) -> Reversal:
    """Take money back out of the account that a transfer went to."""
    params: stripe.params.TransferReversalCreateParams = {
        "amount": order.amount.amount,
        "metadata": {"row": order.row},
    }
    made = call(lambda c: c.v1.transfers.reversals.create(order.transfer_id, params, {"idempotency_key": order.key}))
    return _reversal(made)


def list_reversals(transfer_id: str) -> list[Reversal]:
    """All that was taken back of a transfer."""
    params: stripe.params.TransferReversalListParams = {"limit": PAGE}
    page = call(lambda c: c.v1.transfers.reversals.list(transfer_id, params))
    return [_reversal(found) for found in page.data]


def _reversal(found: stripe.TransferReversal) -> Reversal:
    amount = Money(found.amount, found.currency.upper())
    return Reversal(found.id, id_of(found.balance_transaction), amount, row_of(found))
