"""Disputes: what a payer's bank took back or asks about, and our answer to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import stripe

from marketplace.infra.stripe_gateway.client import PAGE, call, id_of
from marketplace.kit.money import Money

# A dispute itself lists up to two of its movements: docs.stripe.com/api/disputes/object
_MOST_LISTED = 2
# docs.stripe.com/reports/reporting-categories: other movements of a dispute are fees alone.
_MOVES_IT = frozenset({"dispute", "dispute_reversal"})


@dataclass(frozen=True, slots=True)
class BankMovement:
    """Money that a dispute moved on our balance: below zero where the bank took it. `fee` is what Stripe kept for it,
    below zero where it gave that back."""

    id: str
    amount: Money
    fee: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it stands; `stage` is the provider's word. `reference` is our name of the charge's checkout. The
    movements are in the order in which they were made: a bank may take the money again that it gave back."""

    id: str
    stage: str
    reason: str
    amount: Money
    charge_id: str
    reference: str
    opened_at: datetime
    evidence_due_at: datetime | None
    submitted: bool
    movements: tuple[BankMovement, ...]


@dataclass(frozen=True, slots=True)
class EvidenceOrder:
    """What answers a dispute: texts by the provider's names for them, and the file. A repeat under the same key must be
    made of the same values."""

    key: str
    dispute_id: str
    texts: Mapping[str, str]
    file_id: str


def get_dispute(dispute_id: str) -> Dispute:
    """
    Raises:
        ProviderRefused: there is no such dispute.
    """
    found = call(lambda c: c.v1.disputes.retrieve(dispute_id, {"expand": ["charge"]}))
    listed = found.balance_transactions
    return _dispute(found, listed if len(listed) < _MOST_LISTED else _all_movements(dispute_id, listed))


def _all_movements(dispute_id: str, listed: Sequence[stripe.BalanceTransaction]) -> Sequence[stripe.BalanceTransaction]:
    """Those that the dispute doesn't list, too."""
    params: stripe.params.BalanceTransactionListParams = {"source": dispute_id, "limit": PAGE}
    page = call(lambda c: c.v1.balance_transactions.list(params))
    of_it = [one for one in reversed(page.data) if one.reporting_category in _MOVES_IT]
    return list({one.id: one for one in (*of_it, *listed)}.values())


def submit_evidence(order: EvidenceOrder) -> None:
    """Hand in our answer, which can be done once.

    Raises:
        ProviderRefused: it was handed in before, or the dispute is over.
    """
    evidence = cast(
        "stripe.params.DisputeUpdateParamsEvidence", {**order.texts, "service_documentation": order.file_id}
    )
    params: stripe.params.DisputeUpdateParams = {"evidence": evidence, "submit": True}
    call(lambda c: c.v1.disputes.update(order.dispute_id, params, {"idempotency_key": order.key}))


def close_dispute(key: str, dispute_id: str) -> None:
    """Accept the loss, for good.

    Raises:
        ProviderRefused: it is over, or the bank is looking at our answer.
    """
    call(lambda c: c.v1.disputes.close(dispute_id, {}, {"idempotency_key": key}))


def _dispute(found: stripe.Dispute, movements: Sequence[stripe.BalanceTransaction]) -> Dispute:
    details = found.evidence_details
    due = details.due_by
    charge = found.charge
    return Dispute(
        id=found.id,
        stage=found.status,
        reason=found.reason,
        amount=Money(found.amount, found.currency.upper()),
        charge_id=id_of(charge),
        reference=(getattr(charge, "transfer_group", None) or "") if isinstance(charge, stripe.Charge) else "",
        opened_at=datetime.fromtimestamp(found.created, UTC),
        evidence_due_at=datetime.fromtimestamp(due, UTC) if due is not None else None,
        submitted=details.submission_count > 0,
        movements=tuple(_movement(booking) for booking in movements),
    )


def _movement(booking: stripe.BalanceTransaction) -> BankMovement:
    currency = booking.currency.upper()
    return BankMovement(
        booking.id,
        Money(booking.amount, currency),
        Money(booking.fee, currency),
        datetime.fromtimestamp(booking.created, UTC),
    )
