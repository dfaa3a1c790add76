"""Jobs of chargebacks: what no event told us of, what a crash left half done, and evidence that is due."""

from datetime import timedelta

from sqlalchemy import func, select

from marketplace.chargebacks.answer import is_half_done, send_answer
from marketplace.chargebacks.evidence import assemble
from marketplace.chargebacks.models import WAITS_FOR_ANSWER, Chargeback
from marketplace.chargebacks.service import read_chargeback
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import Deferred, defer_missing, job, periodic
from marketplace.kit import clock

_BATCH = 200
# Webhooks can be lost: an open one is asked about now and then.
_ASK_AGAIN = timedelta(hours=1)

# How long before evidence is due, and what people are then told.
_REMINDERS = ((timedelta(days=3), "due_3"), (timedelta(days=1), "due_1"), (timedelta(0), "overdue"))


@job("chargebacks.read")
def read_job(dispute_id: str) -> None:
    read_chargeback(dispute_id)


@job("chargebacks.assemble")
def assemble_job(chargeback_id: int) -> None:
    with transaction():
        assemble(chargeback_id)


@job("chargebacks.send_answer")
def send_answer_job(chargeback_id: int) -> None:
    send_answer(chargeback_id)


@periodic("chargebacks.sweep", "*/10 * * * *")
def sweep() -> None:
    """Ask again about those that are open, and go on with answers that are half sent."""
    quiet = clock.now() - _ASK_AGAIN
    query = (
        select(Chargeback.stripe_dispute_id)
        .where(Chargeback.closed_at.is_(None), Chargeback.read_at <= quiet)
        .group_by(Chargeback.stripe_dispute_id)
        .order_by(func.min(Chargeback.read_at))
        .limit(_BATCH)
    )
    with transaction():
        unfinished = [_of_dispute(dispute_id) for dispute_id in db.session.scalars(query)]
        half_done = select(Chargeback.id).where(is_half_done()).limit(_BATCH)
        for chargeback_id in db.session.scalars(half_done):
            answer = {"chargeback_id": chargeback_id}
            unfinished.append(Deferred("chargebacks.send_answer", answer, lock=f"chargeback:{chargeback_id}"))
        defer_missing(unfinished)


def _of_dispute(dispute_id: str) -> Deferred:
    return Deferred("chargebacks.read", {"dispute_id": dispute_id}, lock=f"dispute:{dispute_id}")


@periodic("chargebacks.remind", "7 * * * *")
def remind() -> None:
    """Tell administrators that evidence is due: three days and one day before, and when the time is over, once each."""
    now = clock.now()
    query = select(Chargeback.id, Chargeback.evidence_due_at).where(
        Chargeback.stage.in_(WAITS_FOR_ANSWER),
        Chargeback.submitted_at.is_(None),
        Chargeback.checked_at.is_(None),
        Chargeback.accepted_by.is_(None),
        Chargeback.evidence_due_at <= now + _REMINDERS[0][0],
    )
    with transaction():
        told = []
        for chargeback_id, due_at in db.session.execute(query.limit(_BATCH)).all():
            assert due_at is not None
            what = [name for before, name in _REMINDERS if due_at <= now + before][-1]
            told.append(Deferred("notifications.tell_chargeback", {"chargeback_id": chargeback_id, "what": what}))
        defer_missing(told)
