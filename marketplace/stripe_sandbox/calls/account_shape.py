"""A connected Express account and its bank account as they are at first."""

from ..ids import letters, new_id
from ..store import Obj, Tx
from ..values import nulls

_CURRENCIES = {
    "CN": "cny",
    "US": "usd",
    "GB": "gbp",
    "HK": "hkd",
    "JP": "jpy",
    "SG": "sgd",
    "CA": "cad",
    "AU": "aud",
    "CH": "chf",
    "SE": "sek",
    "NO": "nok",
    "DK": "dkk",
    "NZ": "nzd",
    "MX": "mxn",
    "BR": "brl",
    "IN": "inr",
    "TH": "thb",
    "MY": "myr",
    "PL": "pln",
    "CZ": "czk",
    "HU": "huf",
    "RO": "ron",
    "AE": "aed",
    "TW": "twd",
    "KR": "krw",
}


def bank_account(account: Obj, holder: str, bank: str, routing: str | None, number: str) -> Obj:
    return {
        "id": new_id("bank_account"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": holder,
        "account_holder_type": "individual",
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": bank,
        "country": account["country"],
        "currency": account["default_currency"],
        "default_for_currency": True,
        "fingerprint": letters(16),
        "last4": number[-4:],
        "metadata": {},
        "routing_number": routing,
        "status": "new",
    }


def blank_account(tx: Tx, country: str) -> Obj:
    id_ = new_id("account")
    due: Obj = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    profile = nulls("mcc name product_description support_address support_email support_phone support_url url")
    account: Obj = {
        "id": id_,
        "object": "account",
        "business_profile": profile,
        "business_type": None,
        "capabilities": {},
        "controller": {
            "fees": {"payer": "application_express"},
            "is_controller": True,
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
            "type": "application",
        },
        "country": country,
        "created": tx.now,
        "default_currency": _CURRENCIES.get(country, "eur"),
        "details_submitted": False,
        "email": None,
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "total_count": 0,
            "url": f"/v1/accounts/{id_}/external_accounts",
        },
        "future_requirements": dict(due),
        "metadata": {},
        "requirements": due,
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "express",
    }
    return account


def _settings() -> Obj:
    prefix = {
        "statement_descriptor_prefix": None,
        "statement_descriptor_prefix_kana": None,
        "statement_descriptor_prefix_kanji": None,
    }
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}, **prefix},
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }
