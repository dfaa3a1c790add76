"""Payouts to a bank, the platform's and the connected accounts', by call or by an account's schedule.

A payout leaves the balance at once and arrives on the next working day, or comes back then: the test account numbers
say which (https://docs.stripe.com/connect/testing#account-numbers).
"""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

from stripe.params import (
    PayoutCancelParams,
    PayoutCreateParams,
    PayoutListParams,
    PayoutRetrieveParams,
    PayoutUpdateParams,
)

from .. import appointments, currencies, money
from ..appointments import when_due
from ..cards import BANK_ACCOUNTS
from ..errors import Refusal, not_in_sandbox, resource_missing
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata, short
from . import requirements

Params = dict[str, Any]
# Money that came within this time before a day of payouts waits for the next one.
_SETTLED = timedelta(hours=12)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETTABLE = "amount currency description destination metadata method statement_descriptor source_type"
# https://docs.stripe.com/api/payouts/failures
FAILURES = {
    "account_closed": "The bank account has been closed",
    "account_frozen": "The bank account has been frozen",
    "could_not_process": "The bank could not process this payout",
    "declined": "The bank has declined this payout",
    "debit_not_authorized": "Debit transactions are not approved on this bank account",
    "incorrect_account_holder_name": "The account holder's name on file is incorrect",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid",
    "invalid_currency": "The bank was unable to process this payout because of its currency",
    "no_account": "The bank account details on file are probably incorrect: no bank account could be located",
}


@call("POST", "/v1/payouts", PayoutCreateParams, _SETTABLE)
def create_payout(tx: Tx, params: Params) -> Obj:
    if params.get("method", "standard") != "standard":
        raise not_in_sandbox(f"method={params['method']}", "method")
    amount = currencies.check_amount(params["amount"])
    currency = currencies.check_currency(params["currency"])
    bank = _bank(tx, currency, params.get("destination"))
    money.take_available(tx, amount, currency)
    payout = _send(tx, amount, currency, bank, automatic=False)
    payout["description"] = short(params.get("description"), "description") or payout["description"]
    payout["statement_descriptor"] = short(params.get("statement_descriptor"), "statement_descriptor", 22)
    payout["metadata"] = metadata(params.get("metadata"))
    return _begin(tx, payout)


@call("GET", "/v1/payouts/<payout>", PayoutRetrieveParams)
def retrieve_payout(tx: Tx, _params: Params, payout: str) -> Obj:
    return tx.get("payout", payout)


@call("POST", "/v1/payouts/<payout>", PayoutUpdateParams)
def update_payout(tx: Tx, params: Params, payout: str) -> Obj:
    found = tx.get("payout", payout, lock=True)
    before = found["metadata"]
    found["metadata"] = metadata(params.get("metadata"), before)
    return _told(tx, found, "payout.updated", {"metadata": before})


@call("GET", "/v1/payouts", PayoutListParams, "created destination ending_before limit starting_after status")
def list_payouts(tx: Tx, params: Params) -> Obj:
    filters = {"destination": params.get("destination"), "status": params.get("status")}
    return listing(tx, "payout", "/v1/payouts", params, filters)


@call("POST", "/v1/payouts/<payout>/cancel", PayoutCancelParams)
def cancel_payout(tx: Tx, _params: Params, payout: str) -> Obj:
    found = tx.get("payout", payout, lock=True)
    if found["automatic"]:
        raise Refusal("Automatic payouts can't be canceled.", code="payout_cannot_be_canceled")
    if found["status"] != "pending":
        raise Refusal(
            f"Payouts can only be canceled while they are pending: this one is {found['status']}.",
            code="payout_cannot_be_canceled",
        )
    _bring_back(tx, found, "payout_cancel", "PAYOUT CANCELED")
    found["status"] = "canceled"
    return _told(tx, found, "payout.canceled")


def plan(tx: Tx, account: str, *, anew: bool = False) -> None:
    """Appoints the next automatic payout of a connected account; `anew` when its schedule changed."""
    if anew:
        appointments.call_off(tx, "payday", account)
    found = tx.find("account", account, account="")
    schedule = found["settings"]["payouts"]["schedule"] if found else {"interval": "manual"}
    if schedule["interval"] != "manual":
        appointments.appoint(tx, "payday", account, next_payday(schedule, tx.now))


def next_payday(schedule: Obj, now: int) -> int:
    """The first midnight (UTC) of the schedule that money of `now` is paid out at."""
    day = datetime.fromtimestamp(now, UTC) + _SETTLED + timedelta(days=1)
    day = day.replace(hour=0, minute=0, second=0, microsecond=0)
    while not _is_payday(schedule, day):
        day += timedelta(days=1)
    return int(day.timestamp())


def _is_payday(schedule: Obj, day: datetime) -> bool:
    if schedule["interval"] == "weekly":
        return bool(_WEEKDAYS[day.weekday()] == schedule["weekly_anchor"])
    if schedule["interval"] == "monthly":
        return bool(day.day == min(schedule["monthly_anchor"], calendar.monthrange(day.year, day.month)[1]))
    return True


@when_due("payday")
def keep_payday(tx: Tx, account: str) -> int | None:
    """What has matured goes out; what hasn't, or must not, waits for the next day of the schedule, which is given."""
    found = tx.find("account", account, account="")
    schedule = found["settings"]["payouts"]["schedule"] if found else {"interval": "manual"}
    if found is None or schedule["interval"] == "manual":
        return None
    if found["payouts_enabled"]:
        pay_out(tx, account)
    left = tx.run("select 1 from stripe_sandbox.balances where account = %s and available + pending > 0", account)
    return next_payday(schedule, tx.now) if left.fetchone() else None


def pay_out(tx: Tx, account: str) -> list[Obj]:
    """One automatic payout for each currency in which the account ('' is the platform) has money."""
    money.mature(tx)
    tx.account = account
    rows = tx.run(
        "select currency, available from stripe_sandbox.balances where account = %s and available > 0"
        " order by currency for update",
        account,
    ).fetchall()
    made = []
    for row in rows:
        payout = _send(tx, row["available"], row["currency"], _bank(tx, row["currency"], None), automatic=True)
        _begin(tx, payout)
        tx.run(
            "insert into stripe_sandbox.paid_out (txn, payout) select id, %s from stripe_sandbox.objects"
            " where kind = 'balance_transaction' and account = %s and data->>'currency' = %s"
            " and data->>'status' = 'available' on conflict do nothing",
            payout["id"],
            account,
            row["currency"],
        )
        made.append(payout)
    return made


@when_due("payout arrives")
def arrive(tx: Tx, payout_id: str) -> None:
    """Paid, unless the bank account is one of those that send it back."""
    payout = tx.get("payout", payout_id)
    account = tx.find("account", tx.account, account="")
    banks = account["external_accounts"]["data"] if account else []
    bank = next((bank for bank in banks if bank["id"] == payout["destination"]), None)
    failing = {number[-4:]: code for number, code in BANK_ACCOUNTS.items() if code}
    code = failing.get(bank["last4"]) if bank else None
    if code:
        fail(tx, payout_id, code)
    else:
        complete(tx, payout_id)


def complete(tx: Tx, payout_id: str) -> Obj:
    payout = _under_way(tx, payout_id)
    payout["status"] = "paid"
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
    appointments.call_off(tx, "payout arrives", payout_id)
    return _told(tx, payout, "payout.paid")


def fail(tx: Tx, payout_id: str, code: str) -> Obj:
    """A payout that was paid may fail too, some days later; the bank account then takes no more."""
    if code not in FAILURES:
        raise Refusal(f"Invalid code: must be one of {', '.join(sorted(FAILURES))}", param="code")
    payout = tx.get("payout", payout_id, lock=True)
    if payout["status"] not in ("pending", "in_transit", "paid"):
        raise Refusal(f"Payout {payout_id} is {payout['status']} already.", param="payout")
    payout.update(failure_code=code, failure_message=f"{FAILURES[code]}.", status="failed")
    _bring_back(tx, payout, "payout_failure", "PAYOUT FAILURE")
    appointments.call_off(tx, "payout arrives", payout_id)
    _told(tx, payout, "payout.failed")
    _close_bank(tx, payout["destination"])
    return payout


def _under_way(tx: Tx, payout_id: str) -> Obj:
    payout = tx.get("payout", payout_id, lock=True)
    if payout["status"] not in ("pending", "in_transit"):
        raise Refusal(f"Payout {payout_id} is {payout['status']} already.", param="payout")
    return payout


def _close_bank(tx: Tx, bank_id: str | None) -> None:
    """https://docs.stripe.com/connect/payouts-connected-accounts: nothing is sent there until it is replaced."""
    account = tx.find("account", tx.account, account="", lock=True)
    if account is None:
        return
    for bank in account["external_accounts"]["data"]:
        if bank["id"] == bank_id:
            bank["status"] = "errored"
            tx.emit("account.external_account.updated", bank, account=tx.account)
    requirements.require(tx, account, [requirements.BANK], None, None)


def _bring_back(tx: Tx, payout: Obj, type_: str, words: str) -> None:
    txn = money.post(
        tx,
        type_=type_,
        category="payout_reversal",
        amount=payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
        description=words,
        account=tx.account,
    )
    payout["failure_balance_transaction"] = txn["id"]


def _bank(tx: Tx, currency: str, wanted: str | None) -> str | None:
    """The platform's own bank is no object of the API. A connected account's only bank takes every currency, as
    Stripe converts what it has none for."""
    if not tx.account:
        return None
    account = tx.find("account", tx.account, account="")
    if account is None or not account["payouts_enabled"]:
        raise Refusal("Payouts are not enabled on this account.", code="payouts_not_allowed")
    banks = account["external_accounts"]["data"]
    if not banks:
        raise Refusal(f"Sorry, you don't have any external accounts in that currency ({currency}).")
    if wanted and wanted not in [bank["id"] for bank in banks]:
        raise resource_missing("external account", wanted, param="destination", in_path=False)
    found: str = wanted or banks[0]["id"]
    return found


def _send(tx: Tx, amount: int, currency: str, bank: str | None, *, automatic: bool) -> Obj:
    payout: Obj = {
        "id": new_id("payout"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": _next_working_day(tx.now),
        "automatic": automatic,
        "created": tx.now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    txn = money.post(
        tx,
        type_="payout",
        category="payout",
        amount=-amount,
        currency=currency,
        source=payout["id"],
        description="STRIPE PAYOUT",
        account=tx.account,
    )
    payout["balance_transaction"] = txn["id"]
    return payout


def _begin(tx: Tx, payout: Obj) -> Obj:
    tx.add(payout)
    tx.emit("payout.created", payout, account=tx.account)
    appointments.appoint(tx, "payout arrives", payout["id"], payout["arrival_date"])
    return payout


def _next_working_day(now: int) -> int:
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return int(day.timestamp())


def _told(tx: Tx, payout: Obj, type_: str, before: Obj | None = None) -> Obj:
    tx.save(payout)
    tx.emit(type_, payout, previous=before, account=tx.account)
    return payout
