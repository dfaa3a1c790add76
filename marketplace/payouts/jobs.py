"""Jobs of payouts."""

from marketplace.escrow.holding import note_stage
from marketplace.escrow.models import HoldingStage
from marketplace.infra.db import transaction
from marketplace.infra.jobs import Deferred, defer_missing, job, periodic
from marketplace.payouts.books import check_recent
from marketplace.payouts.held import payments_of_unsent
from marketplace.payouts.queries import settlements_to_transfer
from marketplace.payouts.service import refresh_account, transfer_earnings, transfer_share


@job("payouts.transfer_earnings")
def transfer_earnings_job(settlement_id: int) -> None:
    transfer_earnings(settlement_id)


@job("payouts.transfer_share")
def transfer_share_job(settlement_id: int) -> None:
    transfer_share(settlement_id)


@job("payouts.refresh_account")
def refresh_account_job(stripe_account_id: str) -> None:
    refresh_account(stripe_account_id)


@periodic("payouts.sweep", "* * * * *")
def sweep() -> None:
    """Enqueue transfers that were never made or never finished."""
    with transaction():
        earnings, shares = (settlements_to_transfer(to_agencies=agencies) for agencies in (False, True))
        unsent = [_of_settlement("payouts.transfer_earnings", "settlement", found) for found in earnings]
        defer_missing(unsent + [_of_settlement("payouts.transfer_share", "share", found) for found in shares])


def _of_settlement(name: str, lock: str, settlement_id: int) -> Deferred:
    return Deferred(name, {"settlement_id": settlement_id}, lock=f"{lock}:{settlement_id}")


@periodic("payouts.check_books", "*/10 * * * *")
def check_books_job() -> None:
    """The books' self-check; what it finds is kept and shown in the console."""
    check_recent()


@periodic("payouts.notice_holding", "*/10 * * * *")
def notice_holding() -> None:
    """Let payees know whose earnings can't wait much longer, once at each stage."""
    for stage in HoldingStage:
        with transaction():
            for payment_id in payments_of_unsent(stage):
                note_stage(payment_id, stage)
