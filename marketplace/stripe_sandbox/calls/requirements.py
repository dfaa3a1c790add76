"""What Stripe asks of a connected account, and what the account may do meanwhile.

The lists on the account are the truth; `refresh` draws the consequences. A requirement past its deadline stops
transfers and payouts; a bank account that failed stops payouts alone
(https://docs.stripe.com/connect/handling-api-verification).
"""

from collections.abc import Sequence

from .. import appointments
from ..appointments import when_due
from ..errors import Refusal
from ..store import Obj, Tx

NEEDED = ("business_type", "external_account", "individual.first_name", "individual.last_name", "tos_acceptance.date")
BANK = "external_account"
_DAY = 24 * 3600
# Reasons that stand until a person at Stripe, or at the platform, lifts them; those of `rejected` nobody lifts.
RESTRICTIONS = ("under_review", "requirements.pending_verification", "listed", "platform_paused", "other")
REJECTIONS = ("rejected.fraud", "rejected.terms_of_service", "rejected.listed", "rejected.other")


def ask_at_first(account: Obj) -> None:
    due = account["requirements"]
    due.update(currently_due=list(NEEDED), eventually_due=list(NEEDED), past_due=list(NEEDED))
    refresh(account)


def refresh(account: Obj) -> None:
    """`disabled_reason`, capabilities and what is enabled, from what is due and who is checked."""
    due = account["requirements"]
    held = due["disabled_reason"] if due["disabled_reason"] in (*RESTRICTIONS, *REJECTIONS) else None
    missing = set(due["past_due"])
    able = account["details_submitted"] and not held and not missing - {BANK}
    account["capabilities"] = dict.fromkeys(account["capabilities"], "active" if able else "inactive")
    account["charges_enabled"] = able
    account["payouts_enabled"] = able and BANK not in missing
    due["disabled_reason"] = held or ("requirements.past_due" if missing else None)
    if due["disabled_reason"] is None and not account["details_submitted"]:
        due["disabled_reason"] = "requirements.past_due"


def meet(account: Obj, names: Sequence[str]) -> None:
    """These are given: they are due no more."""
    due = account["requirements"]
    for list_ in ("currently_due", "eventually_due", "past_due", "pending_verification"):
        due[list_] = [name for name in due[list_] if name not in names]
    due["errors"] = [error for error in due["errors"] if error["requirement"] not in names]
    if not due["currently_due"]:
        due["current_deadline"] = None


def save(tx: Tx, account: Obj) -> Obj:
    """With its consequences, and told to the platform."""
    refresh(account)
    tx.save(account)
    tx.emit("account.updated", account, account=account["id"])
    return account


def require(tx: Tx, account: Obj, names: Sequence[str], days: int | None, error: str | None) -> Obj:
    due = account["requirements"]
    for list_ in ("currently_due", "eventually_due", *(["past_due"] if days is None else [])):
        due[list_] = [*due[list_], *(name for name in names if name not in due[list_])]
    due["pending_verification"] = [name for name in due["pending_verification"] if name not in names]
    if error:
        words = {"code": error, "reason": f"Stripe needs this again: {error.replace('_', ' ')}."}
        due["errors"] = [*due["errors"], *({**words, "requirement": name} for name in names)]
    if days is not None:
        due["current_deadline"] = tx.now + days * _DAY
        appointments.appoint(tx, "requirements due", account["id"], due["current_deadline"])
    return save(tx, account)


def check_details(tx: Tx, account: Obj, names: Sequence[str]) -> Obj:
    meet(account, names)
    account["requirements"]["pending_verification"] = list(names)
    return save(tx, account)


def clear(tx: Tx, account: Obj) -> Obj:
    """Met are the lists of now; the first onboarding isn't met by this."""
    due = account["requirements"]
    if due["disabled_reason"] in REJECTIONS:
        raise Refusal(f"Account {account['id']} is rejected for good.", param="account")
    if not account["details_submitted"]:
        raise Refusal(f"Account {account['id']} hasn't finished its onboarding.", param="account")
    meet(account, [*due["eventually_due"], *due["currently_due"], *due["past_due"], *due["pending_verification"]])
    due["disabled_reason"] = None
    for bank in account["external_accounts"]["data"]:
        bank["status"] = "new"
    appointments.call_off(tx, "requirements due", account["id"])
    return save(tx, account)


def disable(tx: Tx, account: Obj, reason: str) -> Obj:
    if reason not in (*RESTRICTIONS, *REJECTIONS):
        raise Refusal(
            f"Invalid reason: must be one of {', '.join(RESTRICTIONS)}, or {', '.join(REJECTIONS)}", param="reason"
        )
    account["requirements"]["disabled_reason"] = reason
    return save(tx, account)


@when_due("requirements due")
def pass_deadline(tx: Tx, account_id: str) -> None:
    account = tx.find("account", account_id, account="", lock=True)
    if account is None or not account["requirements"]["currently_due"]:
        return
    account["requirements"]["past_due"] = list(account["requirements"]["currently_due"])
    save(tx, account)
