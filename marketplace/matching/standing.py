"""How a creator stands to a brief: what the panel beside it asks the database, gathered into one question."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from marketplace.briefs.models import Brief
from marketplace.creators.models import Channel, Creator, FanReading, Platform, ReadingStatus
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.matching.applicants import applications_counted
from marketplace.matching.models import Selection
from marketplace.matching.queries import binding
from marketplace.matching.weekly import Allowance, allowance_of, counted_times


@dataclass(frozen=True, slots=True)
class Standing:
    """The creator, their fans by platform, what is open or agreed between them and the brief, how their week stands,
    and how many creators have applied."""

    creator: Creator
    fans: dict[Platform, int]
    chosen: Selection | None
    allowance: Allowance
    applied: int


def standing_to(creator_id: int, brief: Brief) -> Standing:
    """
    Raises:
        NotFound: there is no such creator.
    """
    newest = select(Selection.id).where(*binding(creator_id, brief.id)).order_by(Selection.id.desc()).limit(1)
    query = select(
        Creator,
        Selection,
        _fans(creator_id),
        func.array(counted_times(creator_id).scalar_subquery()),
        applications_counted(brief.id).scalar_subquery(),
    )
    query = query.outerjoin(Selection, Selection.id == newest.scalar_subquery())
    found = db.session.execute(query.where(Creator.id == creator_id)).one_or_none()
    if found is None:
        raise NotFound
    creator, chosen, fans, times, applied = found
    kept = {Platform(name): int(number) for name, number in (fans or {}).items()}
    return Standing(creator, kept, chosen, allowance_of(times), applied)


def _fans(creator_id: int) -> ScalarSelect[Any]:
    """As `briefs.fit.fans_by_platform`, in one value."""
    reading = select(FanReading.fans).where(
        FanReading.channel_id == Channel.id, FanReading.status == ReadingStatus.ACCEPTED
    )
    newest = reading.order_by(FanReading.taken_on.desc(), FanReading.id.desc()).limit(1).scalar_subquery()
    largest = (
        select(Channel.platform.label("platform"), func.max(func.coalesce(newest, 0)).label("fans"))
        .where(Channel.creator_id == creator_id)
        .group_by(Channel.platform)
        .subquery()
    )
    return select(func.jsonb_object_agg(largest.c.platform, largest.c.fans)).scalar_subquery()
