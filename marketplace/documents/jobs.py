"""Jobs of documents: escrow enqueues the issuing by name with the payment, the settlement or the refund it is for."""

import uuid

import structlog

from marketplace.documents.files import is_kept, keep_file
from marketplace.documents.invoices import issue_credit_note, issue_fee_invoice, issue_invoice
from marketplace.documents.queries import documents_without_files, unfinished_runs
from marketplace.documents.runs import enqueue, issue_next, start_due_runs
from marketplace.infra.db import end_transaction, transaction
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.jobs import Deferred, defer_missing, job, periodic

logger = structlog.get_logger(__name__)
_SWEPT_AT_ONCE = 500
_RENDERED_AT_ONCE = 50


@job("documents.issue_invoice")
def issue_invoice_job(payment_id: str) -> None:
    with transaction():
        issue_invoice(uuid.UUID(payment_id))


@job("documents.issue_fee_invoice")
def issue_fee_invoice_job(settlement_id: int) -> None:
    with transaction():
        issue_fee_invoice(settlement_id)


@job("documents.issue_credit_note")
def issue_credit_note_job(refund_id: str) -> None:
    with transaction():
        issue_credit_note(uuid.UUID(refund_id))


@job("documents.go_on")
def go_on_job(run_id: int) -> None:
    """Issue what is left of a run, some hundred owners a transaction."""
    more = True
    while more:
        with transaction():
            more = issue_next(run_id)


@job("documents.render")
def render_job(document_ids: list[int]) -> None:
    """Make the files that are missing; one that fails doesn't keep the others from theirs."""
    for document_id in document_ids:
        for locale in LANGUAGES:
            try:
                if not is_kept(document_id, locale):
                    keep_file(document_id, locale)
            except Exception:
                end_transaction()
                logger.exception("rendering failed", document_id=document_id, locale=locale)


@periodic("documents.start_due_runs", "30 12 * * *")
def start_due_runs_job() -> None:
    """Statements on the second day of a month, after noon UTC; a day later where the worker was away."""
    with transaction():
        start_due_runs()


@periodic("documents.sweep", "*/10 * * * *")
def sweep() -> None:
    """Enqueue again what a crash, or a demo that was just made, left without its files, and runs that stand still."""
    with transaction():
        for run in unfinished_runs():
            enqueue(run)
        missing = documents_without_files(_SWEPT_AT_ONCE)
        batches = [missing[start : start + _RENDERED_AT_ONCE] for start in range(0, len(missing), _RENDERED_AT_ONCE)]
        defer_missing([Deferred("documents.render", {"document_ids": list(batch)}) for batch in batches])
