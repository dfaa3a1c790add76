"""Reads of channels as their creators and reviewers see them: what waits, what was accepted, how the fans went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import aliased, contains_eager

from marketplace.creators.models import Channel, ChannelCode, FanReading, ReadingStatus
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound

HISTORY_PAGE = 12
QUEUE_PAGE = 20
_SERIES_MOST = 60
_RECENT = 3


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel with what decides about it. `recent` are its last readings, the newest handed in first."""

    channel: Channel
    recent: Sequence[FanReading]
    newest: FanReading | None
    waiting: FanReading | None
    code: ChannelCode | None
    last_code: ChannelCode | None


class SeriesPoint(NamedTuple):
    """The accepted count of fans on one day."""

    day: date
    fans: int


_ACCEPTED = FanReading.status == ReadingStatus.ACCEPTED
_PENDING = FanReading.status == ReadingStatus.PENDING
_OPEN_CODE = ChannelCode.reviewed_at.is_(None)


# --- One channel ------------------------------------------------------------------------------------------------------
def newest_accepted(channel_id: int) -> FanReading | None:
    """The reading that counts: the latest day, and of that the one handed in last."""
    return db.session.scalars(_newest_first(channel_id).limit(1)).one_or_none()


def accepted_before(reading: FanReading) -> FanReading | None:
    """The accepted reading that counted when this one came."""
    return db.session.scalars(
        _newest_first(reading.channel_id).where(FanReading.id < reading.id).limit(1)
    ).one_or_none()


def _newest_first(channel_id: int) -> Select[FanReading]:
    query = select(FanReading).where(FanReading.channel_id == channel_id, _ACCEPTED)
    return query.order_by(FanReading.taken_on.desc(), FanReading.id.desc())


def waiting_reading(channel_id: int) -> FanReading | None:
    return db.session.scalars(select(FanReading).where(FanReading.channel_id == channel_id, _PENDING)).one_or_none()


def open_code(channel_id: int) -> ChannelCode | None:
    """The code that was given out for the channel and not decided about."""
    return db.session.scalars(select(ChannelCode).where(ChannelCode.channel_id == channel_id, _OPEN_CODE)).one_or_none()


def get_code(code_id: int) -> ChannelCode:
    """A code with its channel and creator.

    Raises:
        NotFound: there is no such code.
    """
    code = db.session.scalars(_with_channel(select(ChannelCode).where(ChannelCode.id == code_id))).one_or_none()
    if code is None:
        raise NotFound
    return code


def waits_for_reviewer() -> tuple[ColumnElement[bool], ...]:
    """The conditions of a code that its creator says is placed, and about which nobody has decided."""
    return ChannelCode.placed_at.is_not(None), _OPEN_CODE


def placed_codes(page: int = 1) -> Sequence[ChannelCode]:
    """One page of `QUEUE_PAGE` codes to look for with their channels and creators, the longest waiting first."""
    ordered = select(ChannelCode).where(*waits_for_reviewer()).order_by(ChannelCode.placed_at, ChannelCode.id)
    return db.session.scalars(_with_channel(ordered).limit(QUEUE_PAGE).offset((max(page, 1) - 1) * QUEUE_PAGE)).all()


def _with_channel(query: Select[ChannelCode]) -> Select[ChannelCode]:
    found = query.join(ChannelCode.channel).join(Channel.creator)
    return found.options(contains_eager(ChannelCode.channel).contains_eager(Channel.creator))


def reading_history(channel_id: int, before: int | None = None) -> tuple[Sequence[FanReading], int | None]:
    """A page of the channel's readings, the newest handed in first, and the id to go on from, None on the last page."""
    query = select(FanReading).where(FanReading.channel_id == channel_id).order_by(FanReading.id.desc())
    if before is not None:
        query = query.where(FanReading.id < before)
    found = db.session.scalars(query.limit(HISTORY_PAGE + 1)).all()
    return found[:HISTORY_PAGE], found[HISTORY_PAGE - 1].id if len(found) > HISTORY_PAGE else None


def fan_series(channel_id: int, since: date | None = None) -> list[SeriesPoint]:
    """The channel's accepted counts by day for a plot: some sixty, evenly chosen, the last among them."""
    days = (
        select(FanReading.taken_on, FanReading.fans)
        .where(FanReading.channel_id == channel_id, _ACCEPTED, FanReading.taken_on >= (since or date.min))
        .ext(distinct_on(FanReading.taken_on))
        .order_by(FanReading.taken_on, FanReading.id.desc())
        .subquery()
    )
    order = func.row_number().over(order_by=days.c.taken_on).label("place")
    placed = select(days.c.taken_on, days.c.fans, order, func.count().over().label("whole")).subquery()
    step = (placed.c.whole + _SERIES_MOST - 1) // _SERIES_MOST
    chosen = select(placed.c.taken_on, placed.c.fans).where((placed.c.whole - placed.c.place) % step == 0)
    return [SeriesPoint(day, fans) for day, fans in db.session.execute(chosen.order_by(placed.c.taken_on))]


# --- A creator's channels ---------------------------------------------------------------------------------------------
def channel_states(creator_id: int) -> list[ChannelState]:
    """The creator's channels in the order they were added: four queries, however long their histories are."""
    return _states(select(Channel).where(Channel.creator_id == creator_id).order_by(Channel.id))


def channels_with_newest(creator_id: int) -> list[tuple[Channel, FanReading | None]]:
    """The creator's channels, each with the reading that counts, if there is one: one query."""
    newest = (
        select(FanReading)
        .where(FanReading.channel_id == Channel.id, _ACCEPTED)
        .order_by(FanReading.taken_on.desc(), FanReading.id.desc())
        .limit(1)
        .lateral()
    )
    found = aliased(FanReading, newest)
    query = select(Channel, found).outerjoin(newest, true()).where(Channel.creator_id == creator_id)
    return [(channel, reading) for channel, reading in db.session.execute(query.order_by(Channel.id))]


def channel_state(channel: Channel) -> ChannelState:
    return _states(select(Channel).where(Channel.id == channel.id))[0]


def _states(query: Select[Channel]) -> list[ChannelState]:
    channels = db.session.scalars(query).all()
    ids = [channel.id for channel in channels]
    if not ids:
        return []
    recent, newest, codes = _recent(ids), _newest(ids), _last_codes(ids)
    return [_state(one, recent.get(one.id, []), newest.get(one.id), codes.get(one.id)) for one in channels]


def _state(
    channel: Channel, recent: list[FanReading], newest: FanReading | None, code: ChannelCode | None
) -> ChannelState:
    waiting = next((reading for reading in recent if reading.status is ReadingStatus.PENDING), None)
    unreviewed = code if code is not None and code.reviewed_at is None else None
    return ChannelState(channel, recent, newest, waiting, unreviewed, code)


def _recent(channel_ids: Sequence[int]) -> dict[int, list[FanReading]]:
    """Of each channel what waits and its last few readings, each by one look into an index."""
    wanted = _listed(channel_ids)
    last = (
        select(FanReading.id)
        .where(FanReading.channel_id == wanted.c.id)
        .order_by(FanReading.id.desc())
        .limit(_RECENT)
        .lateral()
    )
    ids = select(last.c.id).select_from(wanted).join(last, true())
    waits = select(FanReading.id).where(FanReading.channel_id.in_(channel_ids), _PENDING)
    readings = db.session.scalars(
        select(FanReading).where(FanReading.id.in_(ids.union_all(waits))).order_by(FanReading.id.desc())
    )
    found: dict[int, list[FanReading]] = {}
    for reading in readings:
        found.setdefault(reading.channel_id, []).append(reading)
    return found


def _listed(channel_ids: Sequence[int]) -> Subquery:
    return select(func.unnest(literal(list(channel_ids), ARRAY(BigInteger))).label("id")).subquery()


def _newest(channel_ids: Sequence[int]) -> dict[int, FanReading]:
    wanted = _listed(channel_ids)
    newest = (
        select(FanReading)
        .where(FanReading.channel_id == wanted.c.id, _ACCEPTED)
        .order_by(FanReading.taken_on.desc(), FanReading.id.desc())
        .limit(1)
        .lateral()
    )
    found = aliased(FanReading, newest)
    readings = db.session.scalars(select(found).select_from(wanted).join(newest, true()))
    return {reading.channel_id: reading for reading in readings}


def _last_codes(channel_ids: Sequence[int]) -> dict[int, ChannelCode]:
    query = (
        select(ChannelCode)
        .where(ChannelCode.channel_id.in_(channel_ids))
        .ext(distinct_on(ChannelCode.channel_id))
        .order_by(ChannelCode.channel_id, ChannelCode.id.desc())
    )
    return {code.channel_id: code for code in db.session.scalars(query)}
