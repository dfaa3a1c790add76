"""Stripe through its SDK, as plain values. Nobody calls it with a transaction open, and every change carries a key.

Whether it is Stripe or the sandbox that answers is the address alone (`STRIPE_API_BASE`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar

import stripe
import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l

from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money

T = TypeVar("T")
logger = structlog.get_logger(__name__)
_TIMEOUT = 20
_PAGE = 100
# A refund in these states has sent nothing.
_DEAD = frozenset({"failed", "canceled"})
# The provider forgets a key after a day: an older try is looked for, as the same key could do the work again.
KEYS_LAST = timedelta(hours=20)


class ProviderUnavailable(DomainError):
    """No answer, or none that says what happened: the same call with the same key may be made again."""

    status = 503


class ProviderFault(ProviderUnavailable):
    """The provider broke while it worked, and keeps giving this answer under the same key: whether it did the work is
    found by looking, and the next try needs another key."""


class ProviderRefused(DomainError):
    """A definite no: nothing happened, and asking again the same way won't help. `code` is the provider's."""

    def __init__(self, message: object, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """What a checkout is opened for. A repeat under the same key must be made of the same values."""

    key: str
    total: Money
    title: str
    reference: str
    email: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A checkout as it stands. `charge` is there once it is paid and the provider has booked it; `dead` says that
    nothing will come of it: its time is over, or a bank that answers later has refused."""

    id: str
    url: str | None
    status: str
    dead: bool
    paid: bool
    payment_intent_id: str | None
    charge: "Charge | None"


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that arrived. `booked` and `fee` are what its balance transaction says, in its own currency."""

    id: str
    amount: Money
    balance_transaction_id: str
    booked: Money
    fee: Money
    card_last4: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a refund is made of. A repeat under the same key must be made of the same values; `row` is our own id."""

    key: str
    row: str
    charge_id: str
    amount: Money


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
    """A refund or a transfer that the provider made, with the balance transaction that books it."""

    id: str
    balance_transaction_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account as the provider sees it now."""

    id: str
    details_submitted: bool
    transfers_enabled: bool
    payouts_enabled: bool
    requirements: tuple[str, ...]


def create_checkout(order: CheckoutOrder) -> CheckoutSession:
    """Open a hosted checkout. `reference` groups the charge with the transfers that come of it."""
    params: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.total.currency.lower(),
                    "unit_amount": order.total.amount,
                    "product_data": {"name": order.title},
                },
            }
        ],
        "client_reference_id": order.reference,
        "customer_email": order.email,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
        "metadata": {"reference": order.reference},
        "payment_intent_data": {"transfer_group": order.reference, "metadata": {"reference": order.reference}},
    }
    if order.locale == "zh":
        params["locale"] = "zh"
    return _session(_call(lambda c: c.v1.checkout.sessions.create(params, {"idempotency_key": order.key})))


def get_checkout(session_id: str) -> CheckoutSession:
    """The checkout with its payment and that payment's booking."""
    expand = ["payment_intent.latest_charge.balance_transaction"]
    return _session(_call(lambda c: c.v1.checkout.sessions.retrieve(session_id, {"expand": expand})))


def expire_checkout(session_id: str) -> None:
    """Close a checkout that nobody should pay any more.

    Raises:
        ProviderRefused: it is paid or expired already.
    """
    _call(lambda c: c.v1.checkout.sessions.expire(session_id))


def create_refund(order: RefundOrder) -> Sent:
    """Send part of a charge, or all of it, back to where it came from."""
    params: stripe.params.RefundCreateParams = {
        "charge": order.charge_id,
        "amount": order.amount.amount,
        "metadata": {"row": order.row},
    }
    made = _call(lambda c: c.v1.refunds.create(params, {"idempotency_key": order.key}))
    if made.status in _DEAD:
        raise ProviderRefused(_REFUSED, str(getattr(made, "failure_reason", None) or made.status))
    return _sent(made)


def find_refund(order: RefundOrder) -> Sent | None:
    """The refund that an earlier try for the same row may have made."""
    params: stripe.params.RefundListParams = {"charge": order.charge_id, "limit": _PAGE}
    page = _call(lambda c: c.v1.refunds.list(params))
    return next(
        (_sent(found) for found in page.data if _row_of(found) == order.row and found.status not in _DEAD), None
    )


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
    return _sent(_call(lambda c: c.v1.transfers.create(params, {"idempotency_key": order.key})))


def find_transfer(order: TransferOrder) -> Sent | None:
    """The transfer that an earlier try for the same row may have made."""
    params: stripe.params.TransferListParams = {"transfer_group": order.reference, "limit": _PAGE}
    page = _call(lambda c: c.v1.transfers.list(params))
    return next((_sent(found) for found in page.data if _row_of(found) == order.row), None)


def create_account(*, key: str, email: str, country: str, reference: str) -> Account:
    """Open an Express account for a creator."""
    params: stripe.params.AccountCreateParams = {
        "type": "express",
        "country": country,
        "email": email,
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"reference": reference},
    }
    return _account(_call(lambda c: c.v1.accounts.create(params, {"idempotency_key": key})))


def get_account(account_id: str) -> Account:
    return _account(_call(lambda c: c.v1.accounts.retrieve(account_id)))


def create_onboarding_link(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """A page of the provider, good for a few minutes, on which the creator completes the account."""
    params: stripe.params.AccountLinkCreateParams = {
        "account": account_id,
        "type": "account_onboarding",
        "return_url": return_url,
        "refresh_url": refresh_url,
    }
    return str(_call(lambda c: c.v1.account_links.create(params)).url)


def get_balance() -> dict[str, Money]:
    """What the provider holds for us by currency, available or not yet: the sum of its balance transactions."""
    found = _call(lambda c: c.v1.balance.retrieve())
    parts = [(part.currency.upper(), part.amount) for part in found.available]
    parts += [(part.currency.upper(), part.amount) for part in found.pending]
    totals: dict[str, Money] = {}
    for currency, amount in parts:
        totals[currency] = totals.get(currency, Money.zero(currency)) + Money(amount, currency)
    return totals


def verify_event(payload: bytes, signature: str) -> stripe.Event:
    """The event that a webhook carries, its signature and age checked.

    Raises:
        ProviderRefused: it isn't from the provider, is too old, or belongs to the other mode (live or test).
    """
    secret = settings().stripe_webhook_secret
    if secret is None:
        raise ProviderRefused("no webhook secret is set", "not_configured")
    try:
        event: stripe.Event = stripe.Webhook.construct_event(payload, signature, secret.get_secret_value())
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise ProviderRefused("the signature doesn't fit", "bad_signature") from error
    if event.livemode != _live():
        raise ProviderRefused("the event belongs to the other mode", "wrong_mode")
    return event


def configured() -> bool:
    """Whether there are keys to talk to the provider with."""
    return settings().stripe_secret_key is not None


def _live() -> bool:
    key = settings().stripe_secret_key
    return key is not None and "_live_" in key.get_secret_value()


def _client() -> stripe.StripeClient:
    client = current_app.extensions.get("mutuals_stripe")
    if client is None:
        key = settings().stripe_secret_key
        if key is None:
            raise ProviderUnavailable(_l("Payments are not set up on this system."))
        base = settings().stripe_api_base
        client = stripe.StripeClient(
            key.get_secret_value(),
            base_addresses={"api": base.rstrip("/")} if base else None,
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT),
        )
        current_app.extensions["mutuals_stripe"] = client
    assert isinstance(client, stripe.StripeClient)
    return client


def _call(ask: Callable[[stripe.StripeClient], T]) -> T:
    if db.session().in_transaction():
        raise RuntimeError("the payment provider is called while a transaction is open")
    try:
        return ask(_client())
    except stripe.StripeError as error:
        raise _refusal(error) from error


_REFUSED = _l("Our payment provider refused this. Nothing was taken.")
_NO_ANSWER = _l("Our payment provider doesn’t answer at the moment. Nothing was taken. Try again in a minute.")
# Faults of the network, of Stripe or of our keys: they say nothing about the call itself, which may be made again.
_PASSING = (
    stripe.APIConnectionError,
    stripe.RateLimitError,
    stripe.APIError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)


def _refusal(error: stripe.StripeError) -> DomainError:
    logger.warning("stripe refused", error=str(error), code=error.code, status=error.http_status)
    if isinstance(error, stripe.IdempotencyError):
        # The key was used for other values, perhaps by an older version of us: what that did has to be looked for.
        return ProviderFault(_NO_ANSWER)
    if isinstance(error, _PASSING) or error.http_status == HTTPStatus.CONFLICT:
        broke = (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind = ProviderFault if broke else ProviderUnavailable
        return kind(_NO_ANSWER)
    return ProviderRefused(_REFUSED, str(error.code or "unknown"))


def _session(found: stripe.checkout.Session) -> CheckoutSession:
    intent = found.payment_intent
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    return CheckoutSession(
        id=found.id,
        url=found.url,
        status=found.status or "open",
        dead=found.status == "expired" or _was_refused(found),
        paid=found.payment_status == "paid",
        payment_intent_id=_id_of(intent) if intent is not None else None,
        charge=_charge(charge) if isinstance(charge, stripe.Charge) else None,
    )


def _was_refused(found: stripe.checkout.Session) -> bool:
    """Whether the payer has done their part and the payment failed after it, as bank transfers and debits may."""
    intent = found.payment_intent
    refused = isinstance(intent, stripe.PaymentIntent) and intent.status in ("requires_payment_method", "canceled")
    return found.status == "complete" and found.payment_status == "unpaid" and refused


def _charge(found: stripe.Charge) -> Charge | None:
    booking = found.balance_transaction
    if not found.paid or not isinstance(booking, stripe.BalanceTransaction):
        return None
    card = found.payment_method_details.card if found.payment_method_details else None
    return Charge(
        id=found.id,
        amount=Money(found.amount, found.currency.upper()),
        balance_transaction_id=booking.id,
        booked=Money(booking.amount, booking.currency.upper()),
        fee=Money(booking.fee, booking.currency.upper()),
        card_last4=(card.last4 or "") if card else "",
    )


def _account(found: stripe.Account) -> Account:
    capabilities = found.capabilities
    due = found.requirements.currently_due if found.requirements else None
    return Account(
        id=found.id,
        details_submitted=bool(found.details_submitted),
        transfers_enabled=capabilities is not None and capabilities.transfers == "active",
        payouts_enabled=bool(found.payouts_enabled),
        requirements=tuple(due or ()),
    )


def _sent(found: stripe.Refund | stripe.Transfer) -> Sent:
    return Sent(found.id, _id_of(found.balance_transaction))


def _row_of(found: stripe.Refund | stripe.Transfer) -> str | None:
    metadata = found.metadata
    return metadata["row"] if metadata is not None and "row" in metadata else None


def _id_of(found: object) -> str:
    return found if isinstance(found, str) else str(getattr(found, "id"))  # noqa: B009
