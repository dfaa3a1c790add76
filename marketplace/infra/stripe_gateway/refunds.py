"""Refunds: made, found again, and how each stands, as one that was sent may come back days later."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, every, id_of
from marketplace.infra.stripe_gateway.sending import row_of
from marketplace.kit.money import Money

# A refund in these states has sent nothing, or what it sent came back.
_DEAD = frozenset({"failed", "canceled"})
_PENDING = frozenset({"pending", "requires_action"})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a refund is made of. A repeat under the same key must be made of the same values; `row` is our own id."""

    key: str
    row: str
    charge_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundMade:
    """A refund as the provider has it; `row` is our id for it, empty where it is none of ours.

    `pending`: the payer's bank hasn't taken it yet. `dead`: it won't arrive, and `failure` is the provider's code for
    why. The one balance transaction books its leaving, the other its coming back; each is None until there is one.
    """

    id: str
    row: str
    pending: bool
    dead: bool
    failure: str
    balance_transaction_id: str | None
    failure_transaction_id: str | None

    @property
    def undecided(self) -> bool:
        """It left and is dead, and the provider hasn't booked yet that it came back."""
        return self.dead and self.balance_transaction_id is not None and self.failure_transaction_id is None


def create_refund(order: RefundOrder) -> RefundMade:
    """Send part of a charge, or all of it, back to where it came from.

    Raises:
        ProviderRefused: nothing was sent; asking again the same way won't help.
    """
    params: stripe.params.RefundCreateParams = {
        "charge": order.charge_id,
        "amount": order.amount.amount,
        "metadata": {"row": order.row},
    }
    return _made(call(lambda c: c.v1.refunds.create(params, {"idempotency_key": order.key})))


def find_refund(order: RefundOrder) -> RefundMade | None:
    """The refund that an earlier try for the same row may have made; one that lives before one that is dead."""
    params: stripe.params.RefundListParams = {"charge": order.charge_id, "limit": PAGE}
    found = [_made(one) for one in every(call(lambda c: c.v1.refunds.list(params))) if row_of(one) == order.row]
    return min(found, key=lambda one: one.dead, default=None)


def get_refund(refund_id: str) -> RefundMade:
    """How a refund stands now."""
    return _made(call(lambda c: c.v1.refunds.retrieve(refund_id)))


def _made(found: stripe.Refund) -> RefundMade:
    left = found.balance_transaction
    back = getattr(found, "failure_balance_transaction", None)
    dead = found.status in _DEAD
    return RefundMade(
        id=found.id,
        row=row_of(found) or "",
        pending=found.status in _PENDING,
        dead=dead,
        failure=str(getattr(found, "failure_reason", None) or found.status or "unknown") if dead else "",
        balance_transaction_id=id_of(left) if left is not None else None,
        failure_transaction_id=id_of(back) if back is not None else None,
    )
