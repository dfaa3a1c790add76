"""Identifiers in Stripe's shapes: a prefix that tells the kind, then letters and digits."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

PREFIXES = {
    "checkout.session": ("cs_test_", 58),
    "payment_intent": ("pi_", 24),
    "payment_method": ("pm_", 24),
    "charge": ("ch_", 24),
    "payment": ("py_", 24),
    "refund": ("re_", 24),
    "payment_refund": ("pyr_", 24),
    "customer": ("cus_", 14),
    "mandate": ("mandate_", 24),
    "file": ("file_", 24),
    "payout": ("po_", 24),
    "topup": ("tu_", 24),
    "warning": ("issfr_", 24),
    "account": ("acct_", 16),
    "bank_account": ("ba_", 24),
    "transfer": ("tr_", 24),
    "transfer_reversal": ("trr_", 24),
    "balance_transaction": ("txn_", 24),
    "dispute": ("du_", 24),
    "event": ("evt_", 24),
    "item": ("li_", 24),
    "price": ("price_", 24),
    "product": ("prod_", 14),
    "request": ("req_", 14),
}


def letters(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(kind: str) -> str:
    prefix, length = PREFIXES[kind]
    return prefix + letters(length)
