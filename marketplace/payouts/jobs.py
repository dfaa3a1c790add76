"""Jobs of payouts."""

import uuid

from marketplace.escrow.holding import note_stage
from marketplace.escrow.models import HoldingStage
from marketplace.infra.db import transaction
from marketplace.infra.jobs import Deferred, defer_all, defer_missing, job, periodic
from marketplace.payouts.books import check_recent
from marketplace.payouts.due import left_prepared, payees_due, payees_of_old_money, payees_refused, sent_as_earned
from marketplace.payouts.held import payments_of_unsent, slice_of_now, slices
from marketplace.payouts.onboarding import refresh_account
from marketplace.payouts.payee import Payee
from marketplace.payouts.reminding import reminders
from marketplace.payouts.rereading import read_some, turn
from marketplace.payouts.restored import parts_unreturned, return_recovered
from marketplace.payouts.reversal import read_reversals, reversals_left_prepared, send_reversal
from marketplace.payouts.transfer import pay_due, send_transfer, transfer_earnings, transfer_share
from marketplace.payouts.unanswered import notice_unanswered


@job("payouts.transfer_released")
def transfer_released(settlement_ids: list[int]) -> None:
    """Enqueue what is sent at once of earnings that were just released; the rest waits for its payee's plan."""
    jobs = (("payouts.transfer_earnings", False), ("payouts.transfer_share", True))
    with transaction():
        defer_all(
            [
                Deferred(name, {"settlement_id": one})
                for name, agencies in jobs
                for one in sent_as_earned(settlement_ids, agencies=agencies)
            ]
        )


@job("payouts.transfer_earnings")
def transfer_earnings_job(settlement_id: int) -> None:
    transfer_earnings(settlement_id)


@job("payouts.transfer_share")
def transfer_share_job(settlement_id: int) -> None:
    transfer_share(settlement_id)


@job("payouts.pay_due")
def pay_due_job(creator_id: int | None, agency_id: int | None) -> None:
    pay_due(Payee(creator_id=creator_id, agency_id=agency_id))


@job("payouts.return_recovered")
def return_recovered_job(*, part_id: int, to_agency: bool) -> None:
    with transaction():
        return_recovered(part_id, to_agency=to_agency)


@job("payouts.send_transfer")
def send_transfer_job(transfer_id: str) -> None:
    send_transfer(uuid.UUID(transfer_id))


@job("payouts.refresh_account")
def refresh_account_job(stripe_account_id: str) -> None:
    refresh_account(stripe_account_id)


@job("payouts.send_reversal")
def send_reversal_job(reversal_id: str) -> None:
    send_reversal(uuid.UUID(reversal_id))


@job("payouts.read_reversals")
def read_reversals_job(stripe_transfer_id: str) -> None:
    read_reversals(stripe_transfer_id)


@periodic("payouts.read_accounts", "*/10 * * * *")
def read_accounts() -> None:
    """Enqueue another reading of accounts whose turn it is: an event of theirs may never have come."""
    with transaction():
        defer_missing(turn())


@job("payouts.read_some")
def read_some_job(accounts: list[str]) -> None:
    read_some(accounts)


@periodic("payouts.remind_of_accounts", "30 1 * * *")
def remind_of_accounts() -> None:
    """Let payees know that their earnings wait for a payout account, at three moments of the waiting."""
    with transaction():
        everybody = slices()
    for among in everybody:
        with transaction():
            defer_missing([Deferred("notifications.tell_payee", reminder) for reminder in reminders(among)])


@periodic("payouts.sweep", "* * * * *")
def sweep() -> None:
    """Enqueue transfers that were never made or never finished, reversals without an outcome, and paid debts that are
    none any more and weren't returned."""
    with transaction():
        left = [
            Deferred("payouts.send_reversal", {"reversal_id": str(one)}, lock=f"reversal:{one}")
            for one in reversals_left_prepared()
        ]
        left += [
            Deferred("payouts.send_transfer", {"transfer_id": str(one)}, lock=f"transfer:{one}")
            for one in left_prepared()
        ]
        left += [
            Deferred("payouts.return_recovered", {"part_id": part_id, "to_agency": to_agency})
            for part_id, to_agency in parts_unreturned()
        ]
        defer_missing(left + [_paid(payee) for agencies in (False, True) for payee in payees_due(agencies=agencies)])


def _paid(payee: Payee) -> Deferred:
    return Deferred("payouts.pay_due", payee.ids, lock=f"payee:{payee.owner}")


@periodic("payouts.send_old_money", "*/10 * * * *")
def send_old_money() -> None:
    """Enqueue what no plan may keep waiting: Stripe lets us hold it no longer, or a transfer of it was refused."""
    with transaction():
        among = slice_of_now()
        for agencies in (False, True):
            due = payees_refused(agencies=agencies) + payees_of_old_money(among, agencies=agencies)
            defer_missing([_paid(payee) for payee in due])


@periodic("payouts.notice_unanswered", "43 * * * *")
def notice_unanswered_job() -> None:
    with transaction():
        notice_unanswered()


@periodic("payouts.check_books", "*/10 * * * *")
def check_books_job() -> None:
    """The books' self-check; what it finds is kept and shown in the console."""
    check_recent()


@periodic("payouts.notice_holding", "*/10 * * * *")
def notice_holding() -> None:
    """Let payees know whose earnings can't wait much longer, once at each stage."""
    for stage in HoldingStage:
        with transaction():
            for payment_id in payments_of_unsent(stage, slice_of_now()):
                note_stage(payment_id, stage)
