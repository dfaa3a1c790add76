"""Refunds."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, REFUSED, ProviderRefused, call
from marketplace.infra.stripe_gateway.sending import Sent, row_of, sent
from marketplace.kit.money import Money

# A refund in these states has sent nothing.
_DEAD = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a refund is made of. A repeat under the same key must be made of the same values; `row` is our own id."""

    key: str
    row: str
    charge_id: str
    amount: Money


def create_refund(order: RefundOrder) -> Sent:
    """Send part of a charge, or all of it, back to where it came from."""
    params: stripe.params.RefundCreateParams = {
        "charge": order.charge_id,
        "amount": order.amount.amount,
        "metadata": {"row": order.row},
    }
    made = call(lambda c: c.v1.refunds.create(params, {"idempotency_key": order.key}))
    if made.status in _DEAD:
        raise ProviderRefused(REFUSED, str(getattr(made, "failure_reason", None) or made.status))
    return sent(made)


def find_refund(order: RefundOrder) -> Sent | None:
    """The refund that an earlier try for the same row may have made."""
    params: stripe.params.RefundListParams = {"charge": order.charge_id, "limit": PAGE}
    page = call(lambda c: c.v1.refunds.list(params))
    return next((sent(found) for found in page.data if row_of(found) == order.row and found.status not in _DEAD), None)
