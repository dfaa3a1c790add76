"""Connected Express accounts, the links to their onboarding and dashboard pages."""

from typing import Any

from stripe.params import (
    AccountCreateParams,
    AccountLinkCreateParams,
    AccountListParams,
    AccountLoginLinkCreateParams,
    AccountRetrieveParams,
    AccountUpdateParams,
)

from ..errors import Refusal, missing_parameter, not_in_sandbox
from ..ids import letters, new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import check_email, check_url, listing, metadata, nulls

Params = dict[str, Any]
_LINK_LIVES = 300
_NEEDED = ["business_type", "external_account", "individual.first_name", "individual.last_name", "tos_acceptance.date"]
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

_SETTABLE = """email metadata business_type capabilities business_profile.name business_profile.url
business_profile.mcc business_profile.product_description default_currency"""
_AT_FIRST = f"{_SETTABLE} type country controller settings.payouts.schedule.interval"
_LINKED = "account type refresh_url return_url collect collection_options"


@call("POST", "/v1/accounts", AccountCreateParams, _AT_FIRST)
def create_account(tx: Tx, params: Params) -> Obj:
    _check_kind(params)
    country = params.get("country", "US").upper()
    if len(country) != 2 or not country.isalpha():
        raise Refusal(f"Country '{params['country']}' is unknown.", code="country_unsupported", param="country")
    account = _blank(tx, country)
    if interval := params.get("settings", {}).get("payouts", {}).get("schedule", {}).get("interval"):
        account["settings"]["payouts"]["schedule"]["interval"] = interval
    _apply(account, params)
    return tx.add(account, account="")


@call("GET", "/v1/accounts/<account>", AccountRetrieveParams)
def retrieve_account(tx: Tx, _params: Params, account: str) -> Obj:
    return _owned(tx, account)


@call("POST", "/v1/accounts/<account>", AccountUpdateParams, _SETTABLE)
def update_account(tx: Tx, params: Params, account: str) -> Obj:
    found = _owned(tx, account, lock=True)
    _apply(found, params)
    _refresh(found)
    tx.save(found)
    tx.emit("account.updated", found, account=account)
    return found


@call("GET", "/v1/accounts", AccountListParams)
def list_accounts(tx: Tx, params: Params) -> Obj:
    return listing(tx, "account", "/v1/accounts", params)


@call("POST", "/v1/account_links", AccountLinkCreateParams, _LINKED)
def create_account_link(tx: Tx, params: Params) -> Obj:
    account = tx.get("account", params["account"], param="account", in_path=False)
    if params["type"] != "account_onboarding":
        raise not_in_sandbox(f"type={params['type']}", "type")
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise missing_parameter(name)
        check_url(params[name], name)
    token = _link(tx, "onboarding", account["id"], refresh_url=params["refresh_url"], return_url=params["return_url"])
    return {
        "object": "account_link",
        "created": tx.now,
        "expires_at": tx.now + _LINK_LIVES,
        "url": f"{tx.config.public_url}/connect/onboarding/{token}",
    }


@call("POST", "/v1/accounts/<account>/login_links", AccountLoginLinkCreateParams)
def create_login_link(tx: Tx, _params: Params, account: str) -> Obj:
    found = _owned(tx, account)
    if not found["details_submitted"]:
        raise Refusal("Cannot create a login link for an account that has not completed onboarding.")
    token = _link(tx, "dashboard", account)
    return {"object": "login_link", "created": tx.now, "url": f"{tx.config.public_url}/connect/dashboard/{token}"}


def complete_onboarding(tx: Tx, account: Obj, *, name: str, bank: str, routing: str | None, number: str) -> Obj:
    """What the hosted page collects turns on all that was asked for, and tells the platform."""
    account["details_submitted"] = True
    account["capabilities"] = account["capabilities"] or dict.fromkeys(("card_payments", "transfers"), "inactive")
    account["business_type"] = account["business_type"] or "individual"
    account["business_profile"]["name"] = account["business_profile"]["name"] or name
    account["tos_acceptance"]["date"] = tx.now
    account["external_accounts"]["data"] = [_bank_account(account, name, bank, routing, number)]
    account["external_accounts"]["total_count"] = 1
    _refresh(account)
    tx.save(account)
    tx.emit("account.updated", account, account=account["id"])
    return account


def find_link(tx: Tx, purpose: str, token: str, *, lock: bool = False) -> Obj | None:
    link = tx.find("link", token, account="", lock=lock)
    return link if link and link["purpose"] == purpose else None


def _link(tx: Tx, purpose: str, account: str, **urls: str) -> str:
    token = letters(40)
    tx.add(
        {
            "id": token,
            "object": "link",
            "purpose": purpose,
            "account": account,
            "created": tx.now,
            "expires_at": tx.now + _LINK_LIVES,
            "used": False,
            **urls,
        },
        account="",
    )
    return token


def _owned(tx: Tx, id_: str, *, lock: bool = False) -> Obj:
    """Stripe answers 403 for an account that doesn't exist or isn't the platform's: it doesn't tell which."""
    found = tx.find("account", id_, account="", lock=lock)
    if found is None:
        raise no_access(tx, id_)
    return found


def no_access(tx: Tx, id_: str) -> Refusal:
    return Refusal(
        f"The provided key '{tx.config.secret_key[:8]}****' does not have access to account '{id_}' (or that account"
        " does not exist). Application access may have been revoked.",
        status=403,
        code="account_invalid",
    )


def _check_kind(params: Params) -> None:
    if "type" in params and "controller" in params:
        raise Refusal("You may only specify one of these parameters: type, controller.", code="parameters_exclusive")
    dashboard = params.get("controller", {}).get("stripe_dashboard", {}).get("type")
    if params.get("type", dashboard) != "express":
        raise not_in_sandbox("accounts other than Express ones", "type" if "type" in params else "controller")


def _apply(account: Obj, params: Params) -> None:
    if "email" in params:
        account["email"] = check_email(params["email"])
    account["metadata"] = metadata(params.get("metadata"), account["metadata"])
    for name in ("business_type", "default_currency"):
        account[name] = params.get(name, account[name])
    account["business_profile"].update(params.get("business_profile", {}))
    for name, wish in params.get("capabilities", {}).items():
        if wish.get("requested"):
            account["capabilities"].setdefault(name, "inactive")
        elif wish.get("requested") is False:
            account["capabilities"].pop(name, None)


def _refresh(account: Obj) -> None:
    done = account["details_submitted"]
    account["charges_enabled"] = account["payouts_enabled"] = done
    account["capabilities"] = dict.fromkeys(account["capabilities"], "active" if done else "inactive")
    due = [] if done else list(_NEEDED)
    account["requirements"].update(
        currently_due=due, eventually_due=due, past_due=due, disabled_reason=None if done else "requirements.past_due"
    )


def _bank_account(account: Obj, holder: str, bank: str, routing: str | None, number: str) -> Obj:
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


def _blank(tx: Tx, country: str) -> Obj:
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
    _refresh(account)
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
