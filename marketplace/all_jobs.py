"""Importing this declares every job, so that the worker knows them all."""

from marketplace.accounts import jobs as accounts
from marketplace.agencies import jobs as agencies
from marketplace.chargebacks import jobs as chargebacks
from marketplace.console import jobs as console
from marketplace.creators import jobs as creators
from marketplace.deals import jobs as deals
from marketplace.disputes import jobs as disputes
from marketplace.documents import jobs as documents
from marketplace.escrow import jobs as escrow
from marketplace.infra import mail
from marketplace.ledger import jobs as ledger
from marketplace.matching import jobs as matching
from marketplace.notifications import jobs as notifications
from marketplace.notifications import payday_jobs as notifications_of_paydays
from marketplace.notifications import payee_jobs as notifications_of_payees
from marketplace.payouts import jobs as payouts
from marketplace.payouts import payday_jobs as paydays
from marketplace.reconciliation import jobs as reconciliation
from marketplace.reviews import jobs as reviews
from marketplace.webhooks import jobs as webhooks

__all__ = [
    "accounts", "agencies", "chargebacks", "console", "creators", "deals", "disputes", "documents", "escrow", "ledger",
    "mail", "matching", "notifications", "notifications_of_paydays", "notifications_of_payees", "paydays",
    "payouts", "reconciliation", "reviews", "webhooks",
]  # fmt: skip
