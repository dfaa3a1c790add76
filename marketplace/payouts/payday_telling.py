"""Payees are told of a payday once, of all its transfers to them together, some at a time.

One job tells a hundred and then enqueues the next, behind the mails of the first: a payday of a million payees never
puts a million mails before everybody else's.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import select

from marketplace.infra.db import db
from marketplace.infra.jobs import Deferred, defer, defer_all, defer_missing
from marketplace.payouts.models import Payday, PaydayState, Transfer, TransferState

PAYEES_AT_ONCE = 100
_TRANSFERS_AT_ONCE = 500
Paid = list[Transfer]


def tell_later(run_id: int) -> None:
    """Have the payees told whose transfers have all been made; one job at a time does."""
    defer_missing([_job(run_id)])


def _job(run_id: int) -> Deferred:
    return Deferred("payouts.tell_payday", {"payday_id": run_id}, lock=f"payday-told:{run_id}")


def tell_next(run_id: int) -> bool:
    """Enqueue what the next payees are told, and the job after it; False when there is nobody to tell now.

    The cursor moves in the same transaction, so that a killed worker tells nobody twice.
    """
    run = db.session.get_one(Payday, run_id, with_for_update=True)
    payees = _next_payees(run)[:PAYEES_AT_ONCE]
    if not payees:
        return False
    run.told_through = payees[-1][-1].id
    defer("notifications.tell_payday", payees=[one for paid in payees for one in _news(paid)])
    defer_all([_job(run_id)])
    return True


def _next_payees(run: Payday) -> list[Paid]:
    """The transfers of the next payees, whole: transfers made together have ids in the order of their payees."""
    query = select(Transfer).where(Transfer.payday_id == run.id, Transfer.state == TransferState.PAID)
    if run.told_through is not None:
        query = query.where(Transfer.id > run.told_through)
    waiting = _first_without_outcome(run)
    if waiting is not None:
        query = query.where(Transfer.id < waiting.id)
    if run.finished_at is not None:
        # What the sweeper sends later is told by itself.
        query = query.where(Transfer.finished_at <= run.finished_at)
    found = db.session.scalars(query.order_by(Transfer.id).limit(_TRANSFERS_AT_ONCE)).all()
    payees = [list(paid) for _who, paid in groupby(found, key=_payee)]
    more = len(found) == _TRANSFERS_AT_ONCE or (waiting and payees and _payee(payees[-1][0]) == _payee(waiting))
    return payees[:-1] if more and (len(payees) > 1 or waiting) else payees


def _first_without_outcome(run: Payday) -> Transfer | None:
    if run.state is PaydayState.FINISHED:
        return None
    prepared = (Transfer.payday_id == run.id, Transfer.state == TransferState.PREPARED)
    return db.session.scalars(select(Transfer).where(*prepared).order_by(Transfer.id).limit(1)).first()


def _payee(transfer: Transfer) -> tuple[int, int]:
    return transfer.creator_id or 0, transfer.agency_id or 0


def _news(paid: Iterable[Transfer]) -> Iterator[dict[str, Any]]:
    """One for each currency, as the arguments of the job."""
    for currency, those in groupby(sorted(paid, key=lambda one: one.currency), key=lambda one: one.currency):
        same = list(those)
        yield {
            "cause": f"transfer:{same[0].id}",
            "creator_id": same[0].creator_id,
            "agency_id": same[0].agency_id,
            "amount": sum(one.amount for one in same),
            "currency": currency,
        }
