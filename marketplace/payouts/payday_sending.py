"""The second half of a payday: its transfers are sent, at one pace over all workers, until each has an outcome.

A worker takes a small group: the run's cursor moves past it, and its calls are given their time, in one transaction. So
no two workers make the same calls, and together they call no faster than the setting says. What a killed worker had
taken is met again by the next pass; Stripe makes a transfer once, whoever asks, by its key.
"""

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

import structlog
from flask import current_app
from sqlalchemy import Select, func, select

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.payouts.models import Payday, PaydayState, Transfer, TransferState
from marketplace.payouts.payday import Counts, count_found, lock_payday
from marketplace.payouts.payday_due import Verdict
from marketplace.payouts.payday_telling import tell_later
from marketplace.payouts.transfer import send_transfer

logger = structlog.get_logger(__name__)
THREADS = 8
AT_ONCE = 25
# A call that is under way has ended by then, whatever the network did: the next pass meets no worker at its work.
_BETWEEN_PASSES = timedelta(minutes=2)
# What has had no answer for so long is left to the sweeper: it must not keep the next payday from beginning.
GIVES_UP_AFTER = timedelta(hours=18)
_LONGEST_PAUSE = 120
# All transfers are read for it: of a million that takes a second or more, and a stretch of work is ten.
_COUNTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Group:
    """Transfers to be sent from `wait` seconds on. None were taken where there are none, or their time is too far."""

    transfers: Sequence[uuid.UUID]
    wait: float


def send_some(run_id: int, seconds: float) -> None:
    """Send for about so long, by several threads. Owns its transactions.

    A provider that doesn't answer slows all workers down and stops nobody; its transfers are tried in the next pass.
    """
    end_transaction()
    sender, ends = _Sender(), time.monotonic() + seconds
    with ThreadPoolExecutor(THREADS) as pool:
        while (left := ends - time.monotonic()) > 0:
            with transaction():
                group = take_group(run_id, patience=left, troubled=sender.troubled())
            if not group.transfers:
                break
            sender.send(pool, group)


class _Sender:
    """Hands transfers to the threads at their time, never more than there are threads."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(THREADS)
        self._failed = self._seen = 0
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]

    def troubled(self) -> bool:
        """Whether the provider has failed us since this was asked last."""
        before, self._seen = self._seen, self._failed
        return self._seen > before

    def send(self, pool: ThreadPoolExecutor, group: Group) -> None:
        starts = time.monotonic() + group.wait
        for place, transfer_id in enumerate(group.transfers):
            time.sleep(max(0.0, starts + place / settings().stripe_calls_a_second - time.monotonic()))
            self._free.acquire()
            pool.submit(copy_context().run, self._send_one, transfer_id)

    def _send_one(self, transfer_id: uuid.UUID) -> None:
        """In a thread, with a session of its own."""
        try:
            with self._app.app_context():
                send_transfer(transfer_id)
        except gateway.ProviderUnavailable:
            self._failed += 1
        except Exception:
            # One that fails doesn't hold up the pay of all that come after it.
            self._failed += 1
            logger.exception("transfer not sent", transfer=str(transfer_id))
        finally:
            self._free.release()


def take_group(run_id: int, *, patience: float, troubled: bool = False) -> Group:
    """The next transfers, which no other worker takes in this pass, and their time at the pace of all workers; none if
    that is more than `patience` seconds away. After trouble everybody waits, twice as long each time."""
    run, now = lock_payday(run_id), clock.now()
    if run.state is not PaydayState.SENDING:
        return Group([], 0)
    run.troubles = run.troubles + 1 if troubled else 0
    begins = max(now, run.next_call_at or now)
    if troubled:
        begins += timedelta(seconds=min(2**run.troubles, _LONGEST_PAUSE))
    wait = (begins - now).total_seconds()
    found = db.session.scalars(_untaken(run).order_by(Transfer.id).limit(AT_ONCE)).all() if wait <= patience else []
    if found:
        run.sent_through = found[-1]
    run.next_call_at = begins + timedelta(seconds=len(found) / settings().stripe_calls_a_second)
    return Group(found, wait)


def end_stretch(run_id: int) -> datetime | None:
    """Have those told who were sent something, count it now and then, and say when to go on; None when the run is
    finished.

    When all have been taken and some still have no outcome, another pass begins after a while; after too long a while
    they are left to the sweeper.
    """
    run, now = lock_payday(run_id), clock.now()
    if run.state is PaydayState.PREPARING:
        count_found(run)
        return now
    if run.state is PaydayState.FINISHED:
        return None
    tell_later(run.id)
    left = db.session.scalar(select(_prepared(run).exists()))
    if left and db.session.scalar(select(_untaken(run).exists())):
        if run.counted_at is None or run.counted_at <= now - _COUNTED_EVERY:
            _count(run)
        return max(now, run.next_call_at or now)
    if left and now < (run.prepared_at or now) + GIVES_UP_AFTER:
        _count(run)
        run.sent_through, run.next_call_at = None, now + _BETWEEN_PASSES
        return run.next_call_at
    run.state, run.finished_at = PaydayState.FINISHED, now
    _count(run)
    if run.counts["failed"] or run.counts["prepared"] or Verdict.REFUSED in run.counts:
        defer("notifications.tell_payday_failures", payday_id=run.id)
    return None


def _prepared(run: Payday) -> Select[uuid.UUID]:
    return select(Transfer.id).where(Transfer.payday_id == run.id, Transfer.state == TransferState.PREPARED)


def _untaken(run: Payday) -> Select[uuid.UUID]:
    """Those that nobody has taken in this pass."""
    query = _prepared(run)
    return query.where(Transfer.id > run.sent_through) if run.sent_through is not None else query


def _count(run: Payday) -> None:
    """Count outcomes from the transfers themselves: whatever was killed, the report is right."""
    query = (
        select(Transfer.state, Transfer.failure, Transfer.currency, func.count(), func.sum(Transfer.amount))
        .where(Transfer.payday_id == run.id)
        .group_by(Transfer.state, Transfer.failure, Transfer.currency)
    )
    found: Counts = {state.value: {} for state in TransferState}
    for state, failure, currency, number, total in db.session.execute(query):
        sums = found[state].setdefault(failure, {}) if state is TransferState.FAILED else found[state]
        before = sums.get(currency, [0, 0])
        sums[currency] = [before[0] + number, before[1] + int(total)]
    run.counts, run.counted_at = run.counts | found, clock.now()
