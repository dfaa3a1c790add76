"""Hosted checkouts, and the charges that come of them."""

from dataclasses import dataclass
from datetime import datetime

import stripe

from marketplace.infra.stripe_gateway.client import call, id_of
from marketplace.kit.money import Money

LARGEST_CHARGE = 99_999_999
"""The most that one charge may take, in minor units of most currencies (docs.stripe.com/currencies)."""
MOST_LINES = 100
"""The most lines of a hosted checkout (docs.stripe.com/api/checkout/sessions/create)."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One deal's part of a checkout, as the payer reads it there."""

    title: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """What a checkout is opened for. A repeat under the same key must be made of the same values; `reference` groups
    the charge with the transfers that come of it. The payer is the customer where there is one, else the e-mail."""

    key: str
    lines: tuple[OrderLine, ...]
    reference: str
    email: str
    customer_id: str | None
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A checkout as it stands. `charge` is there once it is paid and the provider has booked it. `confirming`: the
    payer has done their part, and a bank answers later. `dead`: nothing will come of it, as its time is over or that
    bank has refused. `failure` is the provider's code for why the last try failed, while it is open too; `method` its
    word for how that try was made."""

    id: str
    url: str | None
    status: str
    confirming: bool
    dead: bool
    failure: str
    method: str
    paid: bool
    payment_intent_id: str | None
    charge: "Charge | None"


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that arrived. `booked` and `fee` are what its balance transaction says, in its own currency; `method` is
    the provider's word for the way it was paid, `last4` the end of the card's or account's number if it has one."""

    id: str
    amount: Money
    balance_transaction_id: str
    booked: Money
    fee: Money
    method: str
    last4: str
    receipt_url: str | None


def create_checkout(order: CheckoutOrder) -> CheckoutSession:
    """Open a hosted checkout; which ways to pay it offers is for the provider's dashboard to say."""
    params: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": line.amount.currency.lower(),
                    "unit_amount": line.amount.amount,
                    "product_data": {"name": line.title},
                },
            }
            for line in order.lines
        ],
        "client_reference_id": order.reference,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
        "metadata": {"reference": order.reference},
        "payment_intent_data": {
            "transfer_group": order.reference,
            "metadata": {"reference": order.reference},
            "receipt_email": order.email,
        },
    }
    if order.customer_id is not None:
        params["customer"] = order.customer_id
        # The payer is asked there whether to keep the card or account for the next time.
        params["saved_payment_method_options"] = {"payment_method_save": "enabled"}
    else:
        params["customer_email"] = order.email
    if order.locale == "zh":
        params["locale"] = "zh"
    return session_of(call(lambda c: c.v1.checkout.sessions.create(params, {"idempotency_key": order.key})))


def get_checkout(session_id: str) -> CheckoutSession:
    """The checkout with its payment and that payment's booking."""
    expand = ["payment_intent.latest_charge.balance_transaction"]
    return session_of(call(lambda c: c.v1.checkout.sessions.retrieve(session_id, {"expand": expand})))


def find_checkout(payment_intent_id: str) -> str | None:
    """The session that a payment belongs to, None where it came about in another way."""
    params: stripe.params.checkout.SessionListParams = {"payment_intent": payment_intent_id, "limit": 1}
    page = call(lambda c: c.v1.checkout.sessions.list(params))
    return page.data[0].id if page.data else None


def expire_checkout(session_id: str) -> None:
    """Close a checkout that nobody should pay any more.

    Raises:
        ProviderRefused: it is paid or expired already.
    """
    call(lambda c: c.v1.checkout.sessions.expire(session_id))


def session_of(found: stripe.checkout.Session) -> CheckoutSession:
    """The session as plain values; its payment intent may have been expanded."""
    intent = found.payment_intent if isinstance(found.payment_intent, stripe.PaymentIntent) else None
    charge = intent.latest_charge if intent is not None else None
    refused = _was_refused(found, intent)
    return CheckoutSession(
        id=found.id,
        url=found.url,
        status=found.status or "open",
        confirming=found.status == "complete" and found.payment_status == "unpaid" and not refused,
        dead=found.status == "expired" or refused,
        failure=_failure(intent),
        method=_method(intent),
        paid=found.payment_status == "paid",
        payment_intent_id=id_of(found.payment_intent) if found.payment_intent is not None else None,
        charge=_charge(charge) if isinstance(charge, stripe.Charge) else None,
    )


def _was_refused(found: stripe.checkout.Session, intent: stripe.PaymentIntent | None) -> bool:
    """Whether the payer has done their part and the payment failed after it, as bank transfers and debits may."""
    refused = intent is not None and intent.status in ("requires_payment_method", "canceled")
    return found.status == "complete" and found.payment_status == "unpaid" and refused


def _failure(intent: stripe.PaymentIntent | None) -> str:
    error = getattr(intent, "last_payment_error", None)
    if error is None:
        return ""
    return str(getattr(error, "decline_code", None) or getattr(error, "code", None) or "")


def _method(intent: stripe.PaymentIntent | None) -> str:
    charge = intent.latest_charge if intent is not None else None
    details = charge.payment_method_details if isinstance(charge, stripe.Charge) else None
    return str(details.type) if details is not None else ""


def _charge(found: stripe.Charge) -> Charge | None:
    booking = found.balance_transaction
    if not found.paid or not isinstance(booking, stripe.BalanceTransaction):
        return None
    details = found.payment_method_details
    used = getattr(details, details.type, None) if details is not None else None
    return Charge(
        id=found.id,
        amount=Money(found.amount, found.currency.upper()),
        balance_transaction_id=booking.id,
        booked=Money(booking.amount, booking.currency.upper()),
        fee=Money(booking.fee, booking.currency.upper()),
        method=details.type if details is not None else "",
        last4=str(getattr(used, "last4", None) or ""),
        receipt_url=getattr(found, "receipt_url", None),
    )
