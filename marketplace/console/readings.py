"""Reads for the review of fans: evidence, codes and suspicious jumps, each count with what the channel had before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.creators.models import ChannelCode, FanReading, ReadingStatus
from marketplace.creators.queries import pending_readings
from marketplace.creators.reading_queries import accepted_before, placed_codes, waits_for_reviewer
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock

# A creator can't sell while they wait: a day is what we mean to keep.
REVIEW_WITHIN = timedelta(days=1)


class Queue(StrEnum):
    """What administrators review, each kind in a queue of its own: nothing stands in two."""

    EVIDENCE = "evidence"
    CODES = "codes"
    FLAGGED = "flagged"


register(
    Queue,
    {Queue.EVIDENCE: _l("Evidence"), Queue.CODES: _l("Codes"), Queue.FLAGGED: _l("Suspicious jumps")},
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of a queue: a reading, or a code with the count that was said with it; `change` is None for a first one.

    `since` is when it began to wait.
    """

    id: int
    reading: FanReading | None
    code: ChannelCode | None
    fans: int
    since: datetime
    change: "Change | None"

    @property
    def is_late(self) -> bool:
        return is_late(self.since)


@dataclass(frozen=True, slots=True)
class Change:
    """How a count stands to the accepted one before it, in basis points of that; None where that was nothing."""

    before: FanReading
    basis_points: int | None


@dataclass(frozen=True, slots=True)
class WaitingReading:
    """One row of the queue; `change` is None for a channel's first count."""

    reading: FanReading
    change: Change | None

    @property
    def is_late(self) -> bool:
        return is_late(self.reading.submitted_at)


def is_late(since: datetime) -> bool:
    """Whether something waits longer than we mean to let it."""
    return since < clock.now() - REVIEW_WITHIN


def queue_lengths() -> dict[Queue, int]:
    """How much waits in each queue, in one query."""
    pending = FanReading.status == ReadingStatus.PENDING
    codes = select(func.count()).select_from(ChannelCode).where(*waits_for_reviewer())
    query = select(
        select(func.count()).where(pending, FanReading.flag == "").scalar_subquery(),
        codes.scalar_subquery(),
        select(func.count()).where(pending, FanReading.flag != "").scalar_subquery(),
    )
    return dict(zip(Queue, db.session.execute(query).one(), strict=True))


def waiting_in(queue: Queue, page: int = 1) -> list[Waiting]:
    """One page of a queue, the longest waiting first; two queries whatever its length."""
    if queue is Queue.CODES:
        codes = placed_codes(page)
        before = _newest_accepted([code.channel_id for code in codes])
        return [_waiting_code(code, before.get(code.channel_id)) for code in codes]
    return [
        Waiting(one.reading.id, one.reading, None, one.reading.fans, one.reading.submitted_at, one.change)
        for one in waiting_readings(page, flagged=queue is Queue.FLAGGED)
    ]


def queue_of(reading: FanReading) -> Queue:
    """Where a reading waits, or waited."""
    return Queue.FLAGGED if reading.flag else Queue.EVIDENCE


def _waiting_code(code: ChannelCode, before: FanReading | None) -> Waiting:
    assert code.fans is not None, "it was said when the code was placed"
    assert code.placed_at is not None, "else it isn't in the queue"
    change = _change(code.fans, before) if before is not None else None
    return Waiting(code.id, None, code, code.fans, code.placed_at, change)


def waiting_readings(page: int = 1, *, flagged: bool | None = None) -> list[WaitingReading]:
    """The same for readings alone, of both queues unless `flagged` says which."""
    readings = pending_readings(page, flagged=flagged)
    before = _newest_accepted([reading.channel_id for reading in readings])
    return [
        WaitingReading(one, _change(one.fans, before[one.channel_id]) if one.channel_id in before else None)
        for one in readings
    ]


def change_of(reading: FanReading) -> Change | None:
    """The same for one reading, decided or not."""
    before = accepted_before(reading)
    return _change(reading.fans, before) if before is not None else None


def change_by(fans: int, before: FanReading | None) -> Change | None:
    """The same for a count that isn't a reading yet."""
    return _change(fans, before) if before is not None else None


def _newest_accepted(channel_ids: Sequence[int]) -> dict[int, FanReading]:
    if not channel_ids:
        return {}
    query = (
        select(FanReading)
        .where(FanReading.channel_id.in_(channel_ids), FanReading.status == ReadingStatus.ACCEPTED)
        .ext(distinct_on(FanReading.channel_id))
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
    )
    return {found.channel_id: found for found in db.session.scalars(query)}


def _change(fans: int, before: FanReading) -> Change:
    difference = fans - before.fans
    # Whole per cent: nobody decides by the rest.
    return Change(before, round(difference * 100 / before.fans) * 100 if before.fans else None)


def evidence_of(reading: FanReading) -> StoredFile | None:
    """What the file of evidence is, without its content; None where the count came without one."""
    return db.session.get(StoredFile, reading.evidence_id) if reading.evidence_id is not None else None
