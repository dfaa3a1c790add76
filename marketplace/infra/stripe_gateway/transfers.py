"""Transfers to connected accounts, and what is taken back of them."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, every, id_of
from marketplace.infra.stripe_gateway.sending import row_of
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
class Sent:
    """A transfer that the provider made, to which account, and the balance transaction that books it. `repeated`: it
    had made it before, and gave the answer of that time again."""

    id: str
    account_id: str
    balance_transaction_id: str
    repeated: bool = False


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
    return _sent(call(lambda c: c.v1.transfers.create(params, {"idempotency_key": order.key})))


def find_transfer(order: TransferOrder) -> Sent | None:
    """The transfer that an earlier try for the same row may have made, whichever account it was for then."""
    params: stripe.params.TransferListParams = {"transfer_group": order.reference, "limit": PAGE}
    made = every(call(lambda c: c.v1.transfers.list(params)))
    return next((_sent(found) for found in made if row_of(found) == order.row), None)


def _sent(found: stripe.Transfer) -> Sent:
    answer = found.last_response
    return Sent(
        id=found.id,
        account_id=id_of(found.destination),
        balance_transaction_id=id_of(found.balance_transaction),
        repeated=answer is not None and answer.headers.get("Idempotent-Replayed") == "true",
    )


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
    return [_reversal(found) for found in every(call(lambda c: c.v1.transfers.reversals.list(transfer_id, params)))]


def _reversal(found: stripe.TransferReversal) -> Reversal:
    amount = Money(found.amount, found.currency.upper())
    return Reversal(found.id, id_of(found.balance_transaction), amount, row_of(found))
