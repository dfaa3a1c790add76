"""The ways to pay that the hosted page offers, as Stripe's dynamic payment methods do, and the objects they make.

Cards pay at once; wallets ask on a page of their own; bank debits confirm days later. Stripe has debits in a few
currencies only: here the SEPA debit stands in for those that have none, so that each currency has one.
"""

from .cards import Card
from .ids import letters, new_id
from .store import Obj, Tx
from .values import nulls

WALLETS = ("alipay", "wechat_pay")
DEBITS = ("us_bank_account", "sepa_debit")
_WALLET_CURRENCIES = frozenset(
    ["aud", "cad", "chf", "cny", "dkk", "eur", "gbp", "hkd", "jpy", "myr", "nok", "nzd", "sek", "sgd", "usd"]
)


def offered(currency: str) -> list[str]:
    """The types that a session in this currency offers, the first one before the others."""
    wallets = WALLETS if currency in _WALLET_CURRENCIES else ()
    return ["card", *wallets, "us_bank_account" if currency == "usd" else "sepa_debit"]


def card_method(tx: Tx, card: Card, payer: Obj, exp_month: int, exp_year: int) -> Obj:
    details = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return _method(tx, "card", details, payer)


def wallet_method(tx: Tx, type_: str, payer: Obj) -> Obj:
    return _method(tx, type_, {}, payer)


def debit_method(tx: Tx, type_: str, number: str, payer: Obj) -> Obj:
    details: Obj = {"fingerprint": letters(16), "last4": number[-4:]}
    if type_ == "sepa_debit":
        details |= {"bank_code": number[4:9], "branch_code": "", "country": number[:2], "generated_from": None}
    else:
        details |= {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": None,
        }
    return _method(tx, type_, details, payer)


def billing_details(payer: Obj) -> Obj:
    address = nulls("city country line1 line2 postal_code state")
    return {"address": address, "email": payer["email"], "name": payer["name"], "phone": None, "tax_id": None}


def _method(tx: Tx, type_: str, details: Obj, payer: Obj) -> Obj:
    return tx.add(
        {
            "id": new_id("payment_method"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": billing_details(payer),
            type_: details,
            "created": tx.now,
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": type_,
        }
    )


def charged_details(method: Obj, amount: int, *, challenged: bool) -> Obj:
    """A charge's `payment_method_details`: what of the method stands on the charge for good."""
    kept = method[method["type"]]
    if method["type"] == "card":
        details = _charged_card(kept, amount, challenged)
    elif method["type"] in WALLETS:
        details = {"fingerprint": letters(16), "transaction_id": letters(28)}
        details |= {"buyer_id": letters(16)} if method["type"] == "alipay" else {}
    else:
        left_out = ("generated_from", "financial_connections_account", "networks", "status_details")
        details = {name: value for name, value in kept.items() if name not in left_out}
        details["mandate"] = new_id("mandate")
    return {method["type"]: details, "type": method["type"]}


def _charged_card(card: Obj, amount: int, challenged: bool) -> Obj:
    names = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    secure = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
    return {
        **{name: card[name] for name in names},
        "amount_authorized": amount,
        "authorization_code": letters(6).upper(),
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": secure if challenged else None,
    }
