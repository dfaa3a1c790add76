"""Jobs of documents: escrow enqueues them by name with the payment, the settlement or the refund they are for."""

from marketplace.infra.jobs import job


@job("documents.issue_invoice")
def issue_invoice_job(payment_id: str) -> None:
    """Issue the invoice for a payment."""


@job("documents.issue_fee_invoice")
def issue_fee_invoice_job(settlement_id: int) -> None:
    """Issue the invoice for a settlement's commission."""


@job("documents.issue_credit_note")
def issue_credit_note_job(refund_id: str) -> None:
    """Issue the credit note for a refund."""
