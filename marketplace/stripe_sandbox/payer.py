"""What a payer types on the checkout page: read, judged, and made a payment method."""

import re
import time
from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import MultiDict

from . import methods
from .cards import CARDS, DEBITED_ACCOUNTS, passes_luhn
from .errors import Refusal
from .store import Obj, Tx
from .values import check_email

_EXPIRY = re.compile(r"^\s*(\d{1,2})\s*[/\- ]?\s*(\d{2}|\d{4})\s*$")
_FIELDS = ("method", "email", "name", "card_number", "expiry", "cvc", "account_number", "save")


def typed(form: MultiDict[str, str]) -> dict[str, str]:
    given = {name: form.get(name, "").strip() for name in _FIELDS}
    return {**given, "method": given["method"] or "card"}


def prefilled(tx: Tx, session: Obj, method: str) -> dict[str, str]:
    """A page ready to be sent: the payer's own address, and the test values chosen in the address."""
    customer = tx.get("customer", session["customer"]) if session["customer"] else {}
    card = CARDS.get(request.args.get("card", ""), next(iter(CARDS.values())))
    accounts = DEBITED_ACCOUNTS.get(method, {})
    account = request.args.get("account", "")
    return {
        "method": method,
        "email": session["customer_email"] or customer.get("email") or "payer@example.com",
        "name": customer.get("name") or "Test Payer",
        "card_number": spaced(card.number),
        "expiry": "12 / 34",
        "cvc": "123",
        "account_number": account if account in accounts else next(iter(accounts), ""),
        "save": "",
    }


def problems(session: Obj, given: dict[str, str], saved: Sequence[Obj]) -> dict[str, str]:
    """The word for what is wrong with each field."""
    if given["method"] in [kept["id"] for kept in saved]:
        return {}
    if given["method"] not in methods.offered(session["currency"]):
        return {"method": "bad_method"}
    errors: dict[str, str] = {}
    try:
        check_email(given["email"])
    except Refusal:
        errors["email"] = "bad_email"
    if given["method"] == "card":
        errors |= _card_problems(given)
    if given["method"] in methods.DEBITS and _account(given) not in DEBITED_ACCOUNTS[given["method"]]:
        errors["account_number"] = "not_test_account"
    if given["method"] not in methods.WALLETS and not 1 <= len(given["name"]) <= 200:
        errors["name"] = "bad_name"
    return errors


def method_of(tx: Tx, given: dict[str, str]) -> Obj:
    """The saved method that was chosen, or one made of what was typed, which has no `problems`."""
    if given["method"].startswith("pm_"):
        return tx.get("payment_method", given["method"], lock=True)
    person = {"email": given["email"], "name": given["name"] or None}
    if given["method"] in methods.WALLETS:
        return methods.wallet_method(tx, given["method"], person)
    if given["method"] in methods.DEBITS:
        return methods.debit_method(tx, given["method"], _account(given), person)
    month, year = _expiry(given["expiry"])
    return methods.card_method(tx, CARDS[_number(given)], person, month, year)


def next_action(type_: str, url: str) -> Obj:
    """Where the payer has to go, in the shape of the method's own kind."""
    if type_ == "alipay":
        address: Obj = {"native_data": None, "native_url": None, "return_url": None, "url": url}
        return {"type": "alipay_handle_redirect", "alipay_handle_redirect": address}
    if type_ == "wechat_pay":
        code = {
            "data": url,
            "hosted_instructions_url": url,
            "image_data_url": "",
            "image_url_png": "",
            "image_url_svg": "",
        }
        return {"type": "wechat_pay_display_qr_code", "wechat_pay_display_qr_code": code}
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}}


def named(method: Obj) -> dict[str, str]:
    """A payment method, or a charge's details of one, as a page names it: kind, brand and last four."""
    details = method.get(method["type"], {})
    return {
        "type": method["type"],
        "brand": str(details.get("brand") or details.get("bank_name") or ""),
        "last4": str(details.get("last4") or ""),
    }


def spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _card_problems(given: dict[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    number = _number(given)
    if not number.isascii() or not number.isdecimal() or not passes_luhn(number):
        errors["card_number"] = "bad_number"
    elif number not in CARDS:
        errors["card_number"] = "not_test_card"
    if not _expiry(given["expiry"])[0]:
        errors["expiry"] = "bad_expiry"
    if not re.fullmatch(r"[0-9]{3,4}", given["cvc"]):
        errors["cvc"] = "bad_cvc"
    return errors


def _number(given: dict[str, str]) -> str:
    return re.sub(r"[\s-]", "", given["card_number"])


def _account(given: dict[str, str]) -> str:
    return re.sub(r"[\s-]", "", given["account_number"]).upper()


def _expiry(text: str) -> tuple[int, int]:
    """Month and four-digit year, or zeros when there is no such month or it is over."""
    found = _EXPIRY.match(text)
    if not found:
        return 0, 0
    month, year = int(found[1]), int(found[2]) + (2000 if len(found[2]) == 2 else 0)
    today = time.gmtime()
    over = (year, month) < (today.tm_year, today.tm_mon)
    return (0, 0) if not 1 <= month <= 12 or over or year > today.tm_year + 50 else (month, year)
