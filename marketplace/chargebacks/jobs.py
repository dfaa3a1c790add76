"""Jobs of chargebacks: what no event told us of, what a crash left half done, and evidence that is due."""

from datetime import timedelta

from sqlalchemy import select

from marketplace.chargebacks.models import Chargeback
from marketplace.chargebacks.service import read_chargeback
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import Deferred, defer_missing, job, periodic
from marketplace.kit import clock

_BATCH = 200
# Webhooks can be lost: an open one is asked about now and then.
_ASK_AGAIN = timedelta(hours=1)


@job("chargebacks.read")
def read_job(dispute_id: str) -> None:
    read_chargeback(dispute_id)


@periodic("chargebacks.sweep", "*/10 * * * *")
def sweep() -> None:
    """Ask again about those that are open."""
    quiet = clock.now() - _ASK_AGAIN
    query = (
        select(Chargeback.stripe_dispute_id)
        .where(Chargeback.closed_at.is_(None), Chargeback.read_at <= quiet)
        .order_by(Chargeback.read_at)
        .limit(_BATCH)
    )
    with transaction():
        defer_missing([_of_dispute(dispute_id) for dispute_id in db.session.scalars(query)])


def _of_dispute(dispute_id: str) -> Deferred:
    return Deferred("chargebacks.read", {"dispute_id": dispute_id}, lock=f"dispute:{dispute_id}")
