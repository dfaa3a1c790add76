"""Reads for the review of fan readings: each with what the channel had before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.creators.models import FanReading, ReadingStatus
from marketplace.creators.queries import pending_readings
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock

# A creator can't sell while they wait: a day is what we mean to keep.
REVIEW_WITHIN = timedelta(days=1)
# Fans rarely come or go this quickly, in basis points of what there was: look twice.
_JUMP = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """How a count stands to the accepted one before it, in basis points of that; None where that was nothing."""

    before: FanReading
    basis_points: int | None

    @property
    def is_jump(self) -> bool:
        return self.basis_points is not None and abs(self.basis_points) >= _JUMP


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


def waiting_readings(page: int = 1) -> list[WaitingReading]:
    """One page of the queue, the longest waiting first; two queries whatever its length."""
    readings = pending_readings(page)
    before = _accepted_before(readings)
    return [WaitingReading(reading, before.get(reading.id)) for reading in readings]


def change_of(reading: FanReading, history: Iterable[FanReading]) -> Change | None:
    """The same for one reading among all of its channel."""
    earlier = [one for one in history if one.status is ReadingStatus.ACCEPTED and one.id < reading.id]
    newest = max(earlier, key=lambda one: (one.taken_on, one.id), default=None)
    return _change(reading, newest) if newest is not None else None


def _accepted_before(readings: Sequence[FanReading]) -> dict[int, Change]:
    """By the ids of waiting readings. All that a channel had accepted was handed in before what waits now."""
    if not readings:
        return {}
    query = (
        select(FanReading)
        .where(
            FanReading.channel_id.in_([reading.channel_id for reading in readings]),
            FanReading.status == ReadingStatus.ACCEPTED,
        )
        .ext(distinct_on(FanReading.channel_id))
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
    )
    newest = {found.channel_id: found for found in db.session.scalars(query)}
    return {
        reading.id: _change(reading, newest[reading.channel_id]) for reading in readings if reading.channel_id in newest
    }


def _change(reading: FanReading, before: FanReading) -> Change:
    difference = reading.fans - before.fans
    # Whole per cent: nobody decides by the rest.
    return Change(before, round(difference * 100 / before.fans) * 100 if before.fans else None)


def evidence_of(reading: FanReading) -> StoredFile:
    """What the file of evidence is, without its content."""
    return db.session.get_one(StoredFile, reading.evidence_id)
