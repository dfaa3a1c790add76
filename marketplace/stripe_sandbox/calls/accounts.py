"""Connected Express accounts, the links to their onboarding and dashboard pages."""

from typing import Any

from stripe.params import (
    AccountCreateParams,
    AccountExternalAccountListParams,
    AccountExternalAccountRetrieveParams,
    AccountLinkCreateParams,
    AccountListParams,
    AccountLoginLinkCreateParams,
    AccountRejectParams,
    AccountRetrieveParams,
    AccountUpdateParams,
)

from ..errors import Refusal, missing_parameter, not_in_sandbox, resource_missing
from ..ids import letters
from ..registry import call
from ..store import Obj, Tx
from ..values import check_email, check_url, listing, metadata
from . import payouts, requirements
from .account_shape import bank_account, blank_account

Params = dict[str, Any]
_LINK_LIVES = 300
_FEWEST_DAYS, _MOST_DAYS = 2, 31
_SETTABLE = """email metadata business_type capabilities business_profile.name business_profile.url
business_profile.mcc business_profile.product_description default_currency
settings.payouts.schedule.interval settings.payouts.schedule.delay_days settings.payouts.schedule.weekly_anchor
settings.payouts.schedule.monthly_anchor settings.payouts.debit_negative_balances
settings.payouts.statement_descriptor"""
_AT_FIRST = f"{_SETTABLE} type country controller"
_LINKED = "account type refresh_url return_url collect collection_options"


@call("POST", "/v1/accounts", AccountCreateParams, _AT_FIRST)
def create_account(tx: Tx, params: Params) -> Obj:
    _check_kind(params)
    country = params.get("country", "US").upper()
    if len(country) != 2 or not country.isalpha():
        raise Refusal(f"Country '{params['country']}' is unknown.", code="country_unsupported", param="country")
    account = blank_account(tx, country)
    _apply(account, params)
    requirements.ask_at_first(account)
    return tx.add(account, account="")


@call("GET", "/v1/accounts/<account>", AccountRetrieveParams)
def retrieve_account(tx: Tx, _params: Params, account: str) -> Obj:
    return _owned(tx, account)


@call("POST", "/v1/accounts/<account>", AccountUpdateParams, _SETTABLE)
def update_account(tx: Tx, params: Params, account: str) -> Obj:
    found = _owned(tx, account, lock=True)
    _apply(found, params)
    requirements.save(tx, found)
    payouts.plan(tx, account, anew=True)
    return found


@call("POST", "/v1/accounts/<account>/reject", AccountRejectParams, "reason")
def reject_account(tx: Tx, params: Params, account: str) -> Obj:
    """The platform wants nothing to do with it any more."""
    reasons = {"terms_of_service": "rejected.terms_of_service", "other": "rejected.other"}
    return requirements.disable(tx, _owned(tx, account, lock=True), reasons.get(params["reason"], "rejected.fraud"))


@call("GET", "/v1/accounts/<account>/external_accounts", AccountExternalAccountListParams, "object limit")
def list_external_accounts(tx: Tx, _params: Params, account: str) -> Obj:
    return {name: value for name, value in _owned(tx, account)["external_accounts"].items() if name != "total_count"}


@call("GET", "/v1/accounts/<account>/external_accounts/<bank>", AccountExternalAccountRetrieveParams)
def retrieve_external_account(tx: Tx, _params: Params, account: str, bank: str) -> Obj:
    for kept in _owned(tx, account)["external_accounts"]["data"]:
        if kept["id"] == bank:
            found: Obj = kept
            return found
    raise resource_missing("external account", bank)


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
    if found["requirements"]["disabled_reason"] in requirements.REJECTIONS:
        raise Refusal("Cannot create a login link for an account that has been rejected.")
    token = _link(tx, "dashboard", account)
    return {"object": "login_link", "created": tx.now, "url": f"{tx.config.public_url}/connect/dashboard/{token}"}


def complete_onboarding(tx: Tx, account: Obj, *, name: str, bank: str, routing: str | None, number: str) -> Obj:
    """What the hosted page collects turns on all that was asked for, and tells the platform."""
    account["details_submitted"] = True
    account["capabilities"] = account["capabilities"] or dict.fromkeys(("card_payments", "transfers"), "inactive")
    account["tos_acceptance"]["date"] = tx.now
    _name(account, name)
    account["external_accounts"]["data"] = [bank_account(account, name, bank, routing, number)]
    account["external_accounts"]["total_count"] = 1
    due = account["requirements"]
    requirements.meet(account, [*due["eventually_due"], *due["currently_due"], *due["past_due"]])
    requirements.save(tx, account)
    payouts.plan(tx, account["id"], anew=True)
    return account


def begin_onboarding(tx: Tx, account: Obj, *, name: str) -> Obj:
    """Left half done: the person is known, the bank account and the agreement are still due."""
    _name(account, name)
    requirements.meet(account, ["business_type", "individual.first_name", "individual.last_name"])
    return requirements.save(tx, account)


def _name(account: Obj, name: str) -> None:
    account["business_type"] = account["business_type"] or "individual"
    account["business_profile"]["name"] = account["business_profile"]["name"] or name


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
    if wishes := params.get("settings", {}).get("payouts"):
        _apply_payouts(account["settings"]["payouts"], wishes)
    for name, wish in params.get("capabilities", {}).items():
        if wish.get("requested"):
            account["capabilities"].setdefault(name, "inactive")
        elif wish.get("requested") is False:
            account["capabilities"].pop(name, None)


def _apply_payouts(settings: Obj, wishes: Params) -> None:
    """https://docs.stripe.com/connect/manage-payout-schedule: an anchor belongs to its interval."""
    at = "settings[payouts][schedule]"
    schedule = settings["schedule"]
    given = dict(wishes.get("schedule", {}))
    interval = given.pop("interval", schedule["interval"])
    delay = given.pop("delay_days", schedule["delay_days"])
    anchors = {"weekly": "weekly_anchor", "monthly": "monthly_anchor"}
    wanted = anchors.get(interval)
    for name in given:
        if name != wanted:
            raise Refusal(f"You cannot set {name} when the interval is {interval}.", param=f"{at}[{name}]")
    anchor = given.get(wanted or "", schedule.get(wanted or ""))
    if wanted and anchor is None:
        raise missing_parameter(f"{at}[{wanted}]")
    if isinstance(delay, int) and not _FEWEST_DAYS <= delay <= _MOST_DAYS:
        raise Refusal(f"delay_days must be between {_FEWEST_DAYS} and {_MOST_DAYS}.", param=f"{at}[delay_days]")
    if wanted == "monthly_anchor" and not 1 <= anchor <= 31:
        raise Refusal("monthly_anchor must be between 1 and 31.", param=f"{at}[monthly_anchor]")
    settings["schedule"] = {"delay_days": _FEWEST_DAYS if delay == "minimum" else delay, "interval": interval}
    if wanted:
        settings["schedule"][wanted] = anchor
    for name in ("debit_negative_balances", "statement_descriptor"):
        settings[name] = wishes.get(name, settings[name])
