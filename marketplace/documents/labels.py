"""What documents, and what stands on them, are called."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.documents.issue import number_text
from marketplace.documents.models import Document, DocumentKind, RunState
from marketplace.infra.i18n import month
from marketplace.infra.labels import register
from marketplace.ledger.accounts import AccountKind

register(
    DocumentKind,
    {
        DocumentKind.INVOICE: _l("Invoice"),
        DocumentKind.FEE_INVOICE: _l("Fee invoice"),
        DocumentKind.CREDIT_NOTE: _l("Credit note"),
        DocumentKind.STATEMENT: _l("Monthly statement"),
        DocumentKind.ANNUAL_SUMMARY: _l("Yearly earnings summary"),
    },
)
register(RunState, {RunState.RUNNING: _l("Being issued"), RunState.FINISHED: _l("Issued")})

# An owner's accounts as they read them: heads of columns.
ACCOUNTS: dict[str, LazyString] = {
    AccountKind.CREATOR_PENDING: _l("On hold"),
    AccountKind.CREATOR_AVAILABLE: _l("Available"),
    AccountKind.AGENCY_PENDING: _l("On hold"),
    AccountKind.AGENCY_AVAILABLE: _l("Available"),
    AccountKind.TRANSFER_IN_TRANSIT: _l("On its way"),
    AccountKind.ESCROW: _l("In escrow"),
    AccountKind.REFUND_IN_TRANSIT: _l("On its way back"),
}
# In the order in which money goes through them.
ORDER = list(ACCOUNTS)
ENTRIES: dict[str, LazyString] = {
    "payment.received": _l("Payment received"),
    "deal.settled": _l("Settlement"),
    "earning.released": _l("Released from hold"),
    "transfer.prepared": _l("Transfer begun"),
    "transfer.sent": _l("Transfer sent"),
    "transfer.returned": _l("Transfer refused, money back"),
    "transfer.taken_back": _l("Taken back from the payout account"),
    "transfer.held": _l("Held until it is sent again"),
    "transfer.netted": _l("Paid what was owed for a chargeback"),
    "refund.prepared": _l("Refund begun"),
    "refund.sent": _l("Refund sent"),
    "refund.failed": _l("Refund came back"),
    "refund.by_hand": _l("Refund to be paid in another way"),
    "chargeback.withdrawn": _l("Taken back by a bank"),
    "chargeback.reinstated": _l("Given back by a bank"),
    "chargeback.recovered": _l("Taken for a chargeback"),
    "chargeback.returned": _l("Given back of a chargeback"),
    "payment.received.reversed": _l("Payment taken back"),
    "deal.settled.reversed": _l("Settlement taken back"),
}
OTHER_ENTRY = _l("Correction")


def document_name(document: Document) -> str:
    """What a list calls a document: its number, or its period: Oct 2026, 2026."""
    if document.number is not None:
        return number_text(document.issuer, document.kind, document.year, document.number)
    assert document.period_start is not None
    if document.kind is DocumentKind.ANNUAL_SUMMARY:
        return str(document.period_start.year)
    return month(document.period_start, year=True)
