"""Our balance at Stripe."""

from marketplace.infra.stripe_gateway.client import call
from marketplace.kit.money import Money


def get_balance() -> dict[str, Money]:
    """What the provider holds for us by currency, available or not yet: the sum of its balance transactions."""
    found = call(lambda c: c.v1.balance.retrieve())
    parts = [(part.currency.upper(), part.amount) for part in found.available]
    parts += [(part.currency.upper(), part.amount) for part in found.pending]
    totals: dict[str, Money] = {}
    for currency, amount in parts:
        totals[currency] = totals.get(currency, Money.zero(currency)) + Money(amount, currency)
    return totals
