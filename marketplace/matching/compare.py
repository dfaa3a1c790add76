"""Applicants of one brief side by side, with all that tells them apart: a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.briefs.models import Brief
from marketplace.briefs.policy import platform_today
from marketplace.creators.audience import Dimension, shares_of
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import Creator, Platform, ReadingStatus, TrackRecord
from marketplace.creators.queries import accepted_readings
from marketplace.infra.db import db
from marketplace.matching.applicants import applications_of
from marketplace.matching.models import Selection
from marketplace.matching.words import Record, fit_lines, record_words
from marketplace.offers.availability import Calendar
from marketplace.offers.models import BlockedDay, Engagement

MOST = 5


@dataclass(frozen=True, slots=True)
class Audience:
    """The largest part of each stated division; `verified` by an administrator, or as the creator says."""

    parts: Sequence[tuple[Dimension, LazyString, int]]
    verified: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One applicant. `lowest` and `cheapest` mark the best price and the best price for a thousand fans."""

    selection: Selection
    fit: Sequence[tuple[str, str]]
    audience: Audience | None
    record: Record
    free_on: date | None
    lowest: bool
    cheapest: bool


def compare(brief: Brief, creator_ids: Sequence[int]) -> list[Column]:
    """The first five of these creators who have an open application. Only for the brief's own brand."""
    selections = applications_of(brief.id, creator_ids[:MOST])
    creators = [selection.creator for selection in selections]
    ids = [creator.id for creator in creators]
    fans, audiences, records = _fans(ids), _audiences(ids), _records(ids)
    calendars = load_calendars(creators, platform_today())
    price = min((one.price_amount for one in selections), default=0)
    value = min((one.price_per_thousand.amount for one in selections), default=0)
    several = len(selections) > 1
    return [
        Column(
            selection=one,
            fit=fit_lines(brief, one.creator, fans.get(one.creator_id, {}), one.price),
            audience=audiences.get(one.creator_id),
            record=record_words(records.get(one.creator_id)),
            free_on=calendars[one.creator_id].first_free(platform_today()),
            lowest=several and one.price_amount == price,
            cheapest=several and one.price_per_thousand.amount == value,
        )
        for one in selections
    ]


def _fans(creator_ids: Sequence[int]) -> dict[int, dict[Platform, int]]:
    found: dict[int, dict[Platform, int]] = {}
    for creator_id, readings in accepted_readings(creator_ids).items():
        fans = found.setdefault(creator_id, {})
        for reading in readings:
            fans[reading.channel.platform] = max(fans.get(reading.channel.platform, 0), reading.fans)
    return found


def _audiences(creator_ids: Sequence[int]) -> dict[int, Audience]:
    newest = (
        select(AudienceStatement)
        .ext(distinct_on(AudienceStatement.creator_id))
        .where(AudienceStatement.creator_id.in_(creator_ids), AudienceStatement.status != ReadingStatus.REJECTED)
        .order_by(AudienceStatement.creator_id, AudienceStatement.id.desc())
    )
    return {statement.creator_id: _audience(statement) for statement in db.session.scalars(newest)}


def _audience(statement: AudienceStatement) -> Audience:
    parts = []
    for shares in shares_of(statement):
        words, share = max(shares.shares, key=lambda found: found[1])
        parts.append((shares.dimension, words, share))
    return Audience(parts, statement.status is ReadingStatus.ACCEPTED)


def _records(creator_ids: Sequence[int]) -> dict[int, TrackRecord]:
    found = db.session.scalars(select(TrackRecord).where(TrackRecord.creator_id.in_(creator_ids)))
    return {record.creator_id: record for record in found}


def load_calendars(creators: Sequence[Creator], from_: date) -> dict[int, Calendar]:
    """The days of several creators from `from_` on, in two queries."""
    ids = [creator.id for creator in creators]
    blocked: dict[int, set[date]] = {creator_id: set() for creator_id in ids}
    days = select(BlockedDay.creator_id, BlockedDay.day).where(BlockedDay.creator_id.in_(ids), BlockedDay.day >= from_)
    for creator_id, day in db.session.execute(days):
        blocked[creator_id].add(day)
    spans: dict[int, list[tuple[date, date]]] = {creator_id: [] for creator_id in ids}
    running = select(Engagement.creator_id, Engagement.starts_on, Engagement.ends_on)
    running = running.where(Engagement.creator_id.in_(ids), Engagement.ended_at.is_(None))
    for creator_id, first, last in db.session.execute(running):
        spans[creator_id].append((first, max(last, from_)))
    return {
        creator.id: Calendar(
            (creator.holiday_from, creator.holiday_until)
            if creator.holiday_from is not None and creator.holiday_until is not None
            else None,
            frozenset(blocked[creator.id]),
            tuple(spans[creator.id]),
            creator.most_deals,
        )
        for creator in creators
    }
