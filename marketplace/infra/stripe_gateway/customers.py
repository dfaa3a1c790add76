"""Customers: payers whom the provider remembers, and the ways to pay that they saved there."""

from dataclasses import dataclass

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, every


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """What a customer is made of. A repeat under the same key must be made of the same values; `row` is our own id."""

    key: str
    row: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A way to pay that the provider keeps for a customer. `kind` is its word (card, sepa_debit); `brand` the card's
    network or the bank; `expires` month and year of a card."""

    id: str
    kind: str
    brand: str
    last4: str
    expires: tuple[int, int] | None
    name: str


def create_customer(order: CustomerOrder) -> str:
    """Have the provider remember a payer; returns its id for them."""
    params: stripe.params.CustomerCreateParams = {
        "name": order.name,
        "email": order.email,
        "metadata": {"row": order.row},
    }
    return call(lambda c: c.v1.customers.create(params, {"idempotency_key": order.key})).id


def list_methods(customer_id: str) -> list[SavedMethod]:
    """What the customer saved, the newest first.

    Raises:
        ProviderRefused: there is no such customer (any more).
    """
    params: stripe.params.CustomerPaymentMethodListParams = {"limit": PAGE}
    saved = every(call(lambda c: c.v1.customers.payment_methods.list(customer_id, params)))
    return [_method(found) for found in saved]


def detach_method(method_id: str) -> None:
    """Forget a saved way to pay: it can't be used again.

    Raises:
        ProviderRefused: it is forgotten already.
    """
    call(lambda c: c.v1.payment_methods.detach(method_id))


def _method(found: stripe.PaymentMethod) -> SavedMethod:
    details = getattr(found, found.type, None)
    month, year = getattr(details, "exp_month", None), getattr(details, "exp_year", None)
    brand = getattr(details, "brand", None) or getattr(details, "bank_name", None)
    return SavedMethod(
        id=found.id,
        kind=found.type,
        brand=str(brand or ""),
        last4=str(getattr(details, "last4", None) or ""),
        expires=(month, year) if month and year else None,
        name=str(found.billing_details.name or ""),
    )
