"""Reads of creators, channels and fan readings."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager, undefer

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.creators.models import Channel, Creator, FanReading, ReadingStatus
from marketplace.creators.policy import is_eligible
from marketplace.fees.parties import FeeParties
from marketplace.fees.queries import fee_day
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import brand_owner, creator_owner

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
READINGS_A_PAGE = 20


def creator_id_of(user_id: int) -> int | None:
    """The id of the user's creator profile, if they have made one."""
    return db.session.scalar(select(Creator.id).where(Creator.user_id == user_id))


class CreatorPlace(NamedTuple):
    """A creator as whom somebody acts. Plain columns, so that what a verb locks later is read then."""

    creator_id: int
    name: str
    avatar_id: int | None


def creator_place(user_id: int) -> CreatorPlace | None:
    """The user's creator profile, if they have made one."""
    query = select(Creator.id, Creator.name, Creator.avatar_id).where(Creator.user_id == user_id)
    found = db.session.execute(query).one_or_none()
    return CreatorPlace(*found) if found is not None else None


def fee_parties(creator_id: int, brand_id: int | None = None) -> FeeParties:
    """A creator, and a brand once it is known, as fees see them.

    Raises:
        NotFound: there is no such creator.
    """
    query = select(User.timezone, Creator.created_at).join(Creator, Creator.user_id == User.id)
    found = db.session.execute(query.where(Creator.id == creator_id)).one_or_none()
    if found is None:
        raise NotFound
    brand = brand_owner(brand_id) if brand_id is not None else None
    return FeeParties(creator_owner(creator_id), found.timezone, fee_day(found.created_at), brand)


def eligible(creator: Creator) -> bool:
    """Whether the creator may list offers and be chosen: more verified fans than the threshold."""
    return is_eligible(creator)


def get_creator(creator_id: int) -> Creator:
    """
    Raises:
        NotFound: there is no such creator.
    """
    creator = db.session.get(Creator, creator_id)
    if creator is None:
        raise NotFound
    return creator


def get_creator_by_handle(handle: str) -> Creator:
    """
    Raises:
        NotFound: no creator has this handle.
    """
    creator = None
    if HANDLE.fullmatch(handle):
        creator = db.session.scalars(select(Creator).where(Creator.handle == handle)).one_or_none()
    if creator is None:
        raise NotFound
    return creator


def creators_by_ids(creator_ids: Iterable[int]) -> dict[int, Creator]:
    """The creators by their ids, in one query; ids of nobody are left out."""
    wanted = set(creator_ids)
    if not wanted:
        return {}
    return {creator.id: creator for creator in db.session.scalars(select(Creator).where(Creator.id.in_(wanted)))}


def free_handle(name: str, user_id: int) -> str:
    """A handle made of the name that nobody has yet; a name without Latin letters gives a numbered one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:30].strip("-")
    stem = stem if len(stem) >= 2 else f"creator-{user_id}"
    taken = set(db.session.scalars(select(Creator.handle).where(Creator.handle.startswith(stem, autoescape=True))))
    choices = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(handle for handle in choices if handle not in taken)


def own_creator(actor: Actor) -> Creator | None:
    """The actor's own profile, if they have made one."""
    return db.session.get(Creator, actor.creator_id) if actor.creator_id is not None else None


def own_channel(actor: Actor, channel_id: int) -> Channel:
    """
    Raises:
        NotFound: there is no such channel of the actor's.
    """
    found = select(Channel).where(Channel.id == channel_id, Channel.creator_id == actor.creator_id)
    channel = db.session.scalars(found).one_or_none()
    if channel is None:
        raise NotFound
    return channel


def channels_of(creator_id: int) -> Sequence[Channel]:
    """The creator's channels in the order they were added."""
    return db.session.scalars(select(Channel).where(Channel.creator_id == creator_id).order_by(Channel.id)).all()


def accepted_readings(creator_ids: Iterable[int]) -> dict[int, list[FanReading]]:
    """Of each creator the newest accepted reading of every channel, the largest first, with its channel; one query."""
    wanted = set(creator_ids)
    if not wanted:
        return {}
    newest = (
        select(FanReading.id)
        .join(FanReading.channel)
        .where(Channel.creator_id.in_(wanted), FanReading.status == ReadingStatus.ACCEPTED)
        .ext(distinct_on(FanReading.channel_id))
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
    )
    readings = db.session.scalars(
        select(FanReading)
        .join(FanReading.channel)
        .where(FanReading.id.in_(newest))
        .options(contains_eager(FanReading.channel))
        .order_by(FanReading.fans.desc(), FanReading.id)
    )
    found: dict[int, list[FanReading]] = {}
    for reading in readings:
        found.setdefault(reading.channel.creator_id, []).append(reading)
    return found


def count_pending_readings() -> int:
    """How many readings wait for an administrator."""
    found = select(func.count()).select_from(FanReading).where(FanReading.status == ReadingStatus.PENDING)
    return db.session.scalar(found) or 0


def pending_readings(page: int = 1, *, flagged: bool | None = None) -> Sequence[FanReading]:
    """One page of `READINGS_A_PAGE` readings to review with their channels and creators, the longest waiting first.

    `flagged` narrows them to suspicious jumps, or to the others.
    """
    found = (
        select(FanReading)
        .join(FanReading.channel)
        .join(Channel.creator)
        .where(FanReading.status == ReadingStatus.PENDING)
        .options(contains_eager(FanReading.channel).contains_eager(Channel.creator))
        .order_by(FanReading.submitted_at, FanReading.id)
        .limit(READINGS_A_PAGE)
        .offset((max(page, 1) - 1) * READINGS_A_PAGE)
    )
    if flagged is not None:
        found = found.where(FanReading.flag != "" if flagged else FanReading.flag == "")
    return db.session.scalars(found).all()


def get_reading(reading_id: int) -> FanReading:
    """A reading with its channel and creator, for the administrator's page and for notifications.

    Raises:
        NotFound: there is no such reading.
    """
    found = (
        select(FanReading)
        .join(FanReading.channel)
        .join(Channel.creator)
        .where(FanReading.id == reading_id)
        .options(contains_eager(FanReading.channel).contains_eager(Channel.creator))
    )
    reading = db.session.scalars(found).one_or_none()
    if reading is None:
        raise NotFound
    return reading


def readable_evidence(actor: Actor, reading_id: int) -> StoredFile:
    """The evidence of a reading, for its creator and for administrators.

    Raises:
        NotFound: there is none that the actor may see.
    """
    allowed = or_(literal(actor.is_admin), Creator.user_id == actor.user_id)
    found = (
        select(StoredFile)
        .join(FanReading, FanReading.evidence_id == StoredFile.id)
        .join(FanReading.channel)
        .join(Channel.creator)
        .where(FanReading.id == reading_id, allowed)
        .options(undefer(StoredFile.content))
    )
    stored = db.session.scalars(found).one_or_none()
    if stored is None:
        raise NotFound
    return stored
