"""Stripe through its SDK, as plain values. Nobody calls it with a transaction open, and every change carries a key.

Whether it is Stripe or the sandbox that answers is the address alone (`STRIPE_API_BASE`).
"""

from marketplace.infra.stripe_gateway.accounts import Account, create_account, create_onboarding_link, get_account
from marketplace.infra.stripe_gateway.balance import get_balance
from marketplace.infra.stripe_gateway.checkouts import (
    Charge,
    CheckoutOrder,
    CheckoutSession,
    OrderLine,
    create_checkout,
    expire_checkout,
    get_checkout,
)
from marketplace.infra.stripe_gateway.client import (
    API_VERSION,
    KEYS_LAST,
    ProviderFault,
    ProviderRefused,
    ProviderUnavailable,
    configured,
)
from marketplace.infra.stripe_gateway.dashboard import dashboard_url
from marketplace.infra.stripe_gateway.disputes import (
    BankMovement,
    Dispute,
    EvidenceOrder,
    close_dispute,
    get_dispute,
    submit_evidence,
)
from marketplace.infra.stripe_gateway.events import Event, EventRefused, list_events, verify_event
from marketplace.infra.stripe_gateway.files import upload_evidence
from marketplace.infra.stripe_gateway.movements import Movement, MovementPage, get_movement, list_movements
from marketplace.infra.stripe_gateway.refunds import RefundOrder, create_refund, find_refund
from marketplace.infra.stripe_gateway.sending import Sent
from marketplace.infra.stripe_gateway.transfers import TransferOrder, create_transfer, find_transfer

__all__ = [
    "API_VERSION", "KEYS_LAST", "Account", "BankMovement", "Charge", "CheckoutOrder", "CheckoutSession", "Dispute",
    "Event", "EventRefused", "EvidenceOrder", "Movement", "MovementPage", "OrderLine", "ProviderFault",
    "ProviderRefused", "ProviderUnavailable", "RefundOrder", "Sent", "TransferOrder", "close_dispute", "configured",
    "create_account", "create_checkout", "create_onboarding_link", "create_refund", "create_transfer", "dashboard_url",
    "expire_checkout", "find_refund", "find_transfer", "get_account", "get_balance", "get_checkout", "get_dispute",
    "get_movement", "list_events", "list_movements", "submit_evidence", "upload_evidence", "verify_event",
]  # fmt: skip
