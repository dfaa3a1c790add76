"""Reads of the public pages: few queries each, however much there is to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import aliased

from marketplace.accounts.actor import Actor
from marketplace.brands.blocks import brand_not_blocked_for, creator_not_blocked_for
from marketplace.brands.models import Brand
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import Creator, ReadingStatus, TrackRecord
from marketplace.creators.queries import HANDLE
from marketplace.discovery.channels import ChannelFans
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound

_MOST_POINTS = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A creator with their record, where they have one, and their newest audience that wasn't rejected."""

    creator: Creator
    record: TrackRecord | None
    audience: AudienceStatement | None


def find_creator(actor: Actor, handle: str) -> Found:
    """Whoever is behind the address, in one query; the blocked find nobody.

    Raises:
        NotFound: no creator has the handle, or one of the two has blocked the other.
    """
    newest = (
        select(AudienceStatement)
        .where(AudienceStatement.creator_id == Creator.id, AudienceStatement.status != ReadingStatus.REJECTED)
        .order_by(AudienceStatement.id.desc())
        .limit(1)
        .correlate(Creator)
        .lateral()
    )
    audience = aliased(AudienceStatement, newest)
    query: Select[Creator, TrackRecord, AudienceStatement] = (
        select(Creator, TrackRecord, audience)
        .outerjoin(TrackRecord, TrackRecord.creator_id == Creator.id)
        .outerjoin(audience, true())
        .where(Creator.handle == handle, _may_meet(actor))
    )
    found = db.session.execute(query).one_or_none() if HANDLE.fullmatch(handle) else None
    if found is None:
        raise NotFound
    return Found(found[0], found[1], found[2])


def _may_meet(actor: Actor) -> ColumnElement[bool]:
    if actor.is_admin:
        return true()
    return creator_not_blocked_for(actor.brand_id, Creator.id)


def find_brand(actor: Actor, handle: str) -> Brand:
    """
    Raises:
        NotFound: no brand has the handle, or one of the two has blocked the other.
    """
    met = true() if actor.is_admin else brand_not_blocked_for(actor.creator_id, Brand.id)
    query = select(Brand).where(Brand.handle == handle, met)
    brand = db.session.scalars(query).one_or_none() if HANDLE.fullmatch(handle) else None
    if brand is None:
        raise NotFound
    return brand


def fan_history(channels: Sequence[ChannelFans]) -> tuple[ChannelFans, Sequence[tuple[date, int]]] | None:
    """The largest channel with its accepted readings from the oldest on; None of fewer than two, which are no curve."""
    if not channels:
        return None
    largest = channels[0]
    accepted = [reading for reading in largest.channel.readings if reading.status is ReadingStatus.ACCEPTED]
    points = sorted((reading.taken_on, reading.id, reading.fans) for reading in accepted)
    if len(points) < 2:
        return None
    return largest, [(day, fans) for day, _id, fans in points[-_MOST_POINTS:]]
