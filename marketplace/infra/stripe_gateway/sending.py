"""What refunds and transfers have in common: our row is found again by its id, which they carry."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import id_of


@dataclass(frozen=True, slots=True)
class Sent:
    """A refund or a transfer that the provider made, with the balance transaction that books it."""

    id: str
    balance_transaction_id: str


def sent(found: stripe.Refund | stripe.Transfer) -> Sent:
    return Sent(found.id, id_of(found.balance_transaction))


def row_of(found: stripe.Refund | stripe.Transfer | stripe.TransferReversal) -> str | None:
    metadata = found.metadata
    return metadata["row"] if metadata is not None and "row" in metadata else None
