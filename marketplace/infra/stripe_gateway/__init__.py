"""Stripe through its SDK, as plain values. Nobody calls it with a transaction open, and every change carries a key.

Whether it is Stripe or the sandbox that answers is the address alone (`STRIPE_API_BASE`).
"""

from marketplace.infra.stripe_gateway.accounts import (
    Account,
    AccountGone,
    Requirements,
    create_account,
    create_login_link,
    create_onboarding_link,
    get_account,
)
from marketplace.infra.stripe_gateway.balance import get_balance
from marketplace.infra.stripe_gateway.checkouts import (
    LARGEST_CHARGE,
    MOST_LINES,
    Charge,
    CheckoutOrder,
    CheckoutSession,
    OrderLine,
    create_checkout,
    expire_checkout,
    find_checkout,
    get_checkout,
)
from marketplace.infra.stripe_gateway.client import (
    API_VERSION,
    CALLS_LAST,
    KEYS_LAST,
    ProviderFault,
    ProviderRefused,
    ProviderUnavailable,
    configured,
)
from marketplace.infra.stripe_gateway.customers import (
    CustomerOrder,
    SavedMethod,
    create_customer,
    detach_method,
    list_methods,
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
from marketplace.infra.stripe_gateway.movements import Movement, MovementPage, list_movements
from marketplace.infra.stripe_gateway.payouts import BankPayout, OnAccount, get_balances, get_payout, list_payouts
from marketplace.infra.stripe_gateway.refunds import RefundMade, RefundOrder, create_refund, find_refund, get_refund
from marketplace.infra.stripe_gateway.transfers import (
    Reversal,
    ReversalOrder,
    Sent,
    TransferOrder,
    create_reversal,
    create_transfer,
    find_transfer,
    list_reversals,
)

__all__ = [
    "API_VERSION", "CALLS_LAST", "KEYS_LAST", "LARGEST_CHARGE", "MOST_LINES", "Account", "AccountGone", "BankMovement",
    "BankPayout", "Charge", "CheckoutOrder", "CheckoutSession", "CustomerOrder", "Dispute", "Event", "EventRefused",
    "EvidenceOrder", "Movement", "MovementPage", "OnAccount", "OrderLine", "ProviderFault", "ProviderRefused",
    "ProviderUnavailable", "RefundMade", "RefundOrder", "Requirements", "Reversal", "ReversalOrder", "SavedMethod",
    "Sent", "TransferOrder", "close_dispute", "configured", "create_account", "create_checkout", "create_customer",
    "create_login_link", "create_onboarding_link", "create_refund", "create_reversal", "create_transfer",
    "dashboard_url", "detach_method", "expire_checkout", "find_checkout", "find_refund", "find_transfer", "get_account",
    "get_balance", "get_balances", "get_checkout", "get_dispute", "get_payout", "get_refund", "list_events",
    "list_methods", "list_movements", "list_payouts", "list_reversals", "submit_evidence", "upload_evidence",
    "verify_event",
]  # fmt: skip
