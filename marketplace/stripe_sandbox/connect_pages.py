"""The hosted onboarding and dashboard pages of connected accounts."""

import re

from flask import Blueprint, Response, request

from . import money
from .calls.accounts import begin_onboarding, complete_onboarding, find_link
from .cards import BANK_ACCOUNTS
from .pages import closed, leave, missing, page
from .runtime import runtime
from .store import Obj, Tx
from .words import words_for

bp = Blueprint("connect", __name__, url_prefix="/connect")

_OPEN_FOR = 3600
_BANK = "STRIPE TEST BANK"
_TEST_VALUES = {"name": "Test Person", "routing_number": "110000000", "account_number": "000123456789"}


@bp.get("/onboarding/<token>")
def show_onboarding(token: str) -> Response:
    with runtime().transaction() as tx:
        link, account = _load(tx, token)
        if link is None or account is None:
            return missing()
        if link["used"]:
            return closed(words_for(), "onboarded", 200, link["return_url"], "continue")
        if link["expires_at"] <= tx.now:
            return leave(link["refresh_url"])
        if not link.get("opened"):
            link.update(opened=True, expires_at=tx.now + _OPEN_FOR)
            tx.save(link)
        return _form(account, link, _prefilled())


@bp.post("/onboarding/<token>")
def finish_onboarding(token: str) -> Response:
    with runtime().transaction() as tx:
        link, account = _load(tx, token)
        if link is None or account is None:
            return missing()
        if link["used"]:
            return leave(link["return_url"])
        if link["expires_at"] <= tx.now:
            return leave(link["refresh_url"])
        typed = {name: request.form.get(name, "").strip() for name in _TEST_VALUES}
        later = "later" in request.form
        errors = _errors(typed)
        if "name" in errors if later else errors:
            return _form(account, link, typed, errors, status=422)
        if later:
            begin_onboarding(tx, account, name=typed["name"])
            runtime().wake_sender()
            return leave(link["return_url"])
        complete_onboarding(
            tx,
            account,
            name=typed["name"],
            bank=_BANK,
            routing=typed["routing_number"] or None,
            number=typed["account_number"],
        )
        link["used"] = True
        tx.save(link)
    runtime().wake_sender()
    return leave(link["return_url"])


@bp.get("/dashboard/<token>")
def show_dashboard(token: str) -> Response:
    with runtime().transaction() as tx:
        link = find_link(tx, "dashboard", token)
        account = link and tx.find("account", link["account"], account="")
        if not link or not account or link["expires_at"] + _OPEN_FOR <= tx.now:
            return missing()
        money.mature(tx)
        balances = tx.run(
            "select currency, available, pending from stripe_sandbox.balances where account = %s order by currency",
            account["id"],
        ).fetchall()
        movements = _newest(tx, account["id"], "balance_transaction")
        payouts = _newest(tx, account["id"], "payout")
    return page("dashboard", words_for(), account=account, balances=balances, movements=movements, payouts=payouts)


def _newest(tx: Tx, account: str, kind: str) -> list[Obj]:
    rows = tx.run(
        "select data from stripe_sandbox.objects where kind = %s and account = %s order by seq desc limit 100",
        kind,
        account,
    )
    return [row["data"] for row in rows]


def _load(tx: Tx, token: str) -> tuple[Obj | None, Obj | None]:
    link = find_link(tx, "onboarding", token, lock=True)
    return link, tx.find("account", link["account"], account="", lock=True) if link else None


def _prefilled() -> dict[str, str]:
    number = request.args.get("account_number", "")
    return {**_TEST_VALUES, "account_number": number} if number in BANK_ACCOUNTS else _TEST_VALUES


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not 1 <= len(typed["name"]) <= 200:
        errors["name"] = "bad_legal_name"
    if typed["routing_number"] and not re.fullmatch(r"[0-9]{3,12}", typed["routing_number"]):
        errors["routing_number"] = "bad_routing"
    if not re.fullmatch(r"[0-9A-Za-z]{6,24}", typed["account_number"]):
        errors["account_number"] = "bad_account_number"
    return errors


def _form(
    account: Obj, link: Obj, typed: dict[str, str], errors: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    return page(
        "onboarding",
        words_for(),
        status,
        account=account,
        link=link,
        typed=typed,
        errors=errors or {},
        bank=_BANK,
        accounts=BANK_ACCOUNTS,
    )
