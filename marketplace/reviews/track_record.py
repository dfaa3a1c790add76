"""Counts what a creator's past says of them: answers, endings, dates kept, stars."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, extract, func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.creators.models import Creator, TrackRecord
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, DealSide, Delivery, DeliveryKind, Terms
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.reviews.models import Review

ANSWERS_OF = timedelta(days=90)
"""How far back answers are counted: a creator who has become quicker is quicker."""
_FUNDED_ENDS = (State.COMPLETED, State.REFUNDED)


def count_track_record(creator_id: int) -> None:
    """Write the creator's record as the tables say now. Twice, or two at once, gives the same."""
    # The row is the lock: whoever counts later has seen more.
    if db.session.get(Creator, creator_id, with_for_update={"key_share": True}) is None:
        return
    counted = {**_answers(creator_id), **_deals(creator_id), **_stars(creator_id), "counted_at": clock.now()}
    row = insert(TrackRecord).values(creator_id=creator_id, **counted)
    db.session.execute(row.on_conflict_do_update(index_elements=["creator_id"], set_=counted))


def _answers(creator_id: int) -> dict[str, int | None]:
    """Of what brands asked in the last 90 days and is closed: how much was answered, and the median minutes to it."""
    answered = Selection.status.in_([SelectionStatus.ACCEPTED, SelectionStatus.DECLINED])
    lapsed = Selection.status == SelectionStatus.EXPIRED
    minutes = extract("epoch", Selection.answered_at - Selection.created_at) / 60
    query = select(
        func.count().filter(answered | lapsed),
        func.count().filter(answered),
        func.percentile_cont(0.5).within_group(minutes).filter(answered),
    ).where(
        Selection.creator_id == creator_id,
        Selection.kind != SelectionKind.APPLICATION,
        Selection.created_at >= clock.now() - ANSWERS_OF,
    )
    chosen, number, median = db.session.execute(query).one()
    return {"chosen": chosen, "answered": number, "response_minutes": None if median is None else round(median)}


def _deals(creator_id: int) -> dict[str, int]:
    """Paid deals that ended, how many of them well; and of those published, how many by the agreed day."""
    published = (
        select(func.min(Delivery.submitted_at))
        .where(Delivery.deal_id == Deal.id, Delivery.kind == DeliveryKind.PUBLICATION)
        .correlate(Deal)
        .scalar_subquery()
    )
    day = cast(func.timezone(_zone(), published), Date)
    query = (
        select(
            func.count(),
            func.count().filter(Deal.state == State.COMPLETED),
            func.count().filter(published.is_not(None)),
            func.count().filter(day <= Terms.publish_on),
        )
        .select_from(Deal)
        .join(Terms, Terms.id == Deal.accepted_terms_id)
        .where(Deal.creator_id == creator_id, Deal.state.in_(_FUNDED_ENDS))
    )
    ended, completed, out, on_time = db.session.execute(query).one()
    return {"ended": ended, "completed": completed, "published": out, "on_time": on_time}


def _zone() -> str:
    return str(ZoneInfo(settings().default_timezone))


def _stars(creator_id: int) -> dict[str, int]:
    shown = (Review.creator_id == creator_id, Review.side == DealSide.BRAND, Review.shown_at.is_not(None))
    total, number = db.session.execute(select(func.sum(Review.stars), func.count()).where(*shown)).one()
    return {"rating_sum": int(total or 0), "rating_count": number}


def oldest_counted(limit: int, before: datetime) -> list[int]:
    """Creators whose record was last counted before the moment: answers grow old without anybody doing anything."""
    query = select(TrackRecord.creator_id).where(TrackRecord.counted_at < before, TrackRecord.chosen > 0)
    return list(db.session.scalars(query.order_by(TrackRecord.counted_at).limit(limit)))
