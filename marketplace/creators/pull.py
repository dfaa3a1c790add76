"""Asking YouTube, every day, for the counts of channels that were proved to be their creators' before.

Owns its transactions: none is open while YouTube is asked.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select

from marketplace.creators.models import Channel, Platform, PullProblem, ReadingSource, ReadingStatus
from marketplace.creators.policy import today
from marketplace.creators.reading_queries import newest_accepted
from marketplace.creators.standing import refresh_standings
from marketplace.creators.verification import take_count
from marketplace.creators.youtube import BATCH, Count, QuotaUsedUp, Refused, YouTube, YouTubeFailed
from marketplace.infra.db import db, refusing, transaction
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict

# Shorter than a day, so that a job that runs a little early still asks.
_EVERY: Final = timedelta(hours=20)
_FAILURES: Final = 3
logger = structlog.get_logger(__name__)


class _Asked(NamedTuple):
    """A channel to ask for, as plain values: no transaction is open meanwhile. The id is known after the first time."""

    id: int
    handle: str
    external_id: str | None


def pull_all(reader: YouTube | None = None) -> int:
    """Ask for every channel that is due; how many were answered. Without a key nothing is asked."""
    key = settings().youtube_api_key
    if key is None:
        return 0
    reader = reader or YouTube(settings().youtube_api_base, key.get_secret_value())
    answered = failures = 0
    while failures < _FAILURES and (asked := _due()):
        try:
            answered += _pull(reader, asked)
        except YouTubeFailed as failed:
            logger.warning("youtube pull", failed=str(failed), answered=answered)
            if isinstance(failed, QuotaUsedUp | Refused):
                break
            failures += 1
            _put_off(asked)
    logger.info("youtube pull", answered=answered)
    return answered


def _due() -> list[_Asked]:
    """The next channels, those that were never asked for first: whom a quota left out come first on the next day."""
    query = (
        select(Channel.id, Channel.handle, Channel.external_id)
        .where(Channel.platform == Platform.YOUTUBE, Channel.verified_at.is_not(None))
        .where(Channel.pulled_at.is_(None) | (Channel.pulled_at < clock.now() - _EVERY))
        .order_by(Channel.pulled_at.nulls_first(), Channel.id)
        .limit(BATCH)
    )
    with transaction():
        return [_Asked(*row) for row in db.session.execute(query)]


def _pull(reader: YouTube, asked: Sequence[_Asked]) -> int:
    known = {one.external_id: one.id for one in asked if one.external_id is not None}
    counts = reader.counts(list(known)) if known else {}
    found: dict[int, Count | None] = {channel_id: counts.get(name) for name, channel_id in known.items()}
    for one in asked:
        if one.external_id is None:
            found[one.id] = reader.count_of(one.handle)
    with transaction():
        _record(found)
    return len(found)


def _record(found: dict[int, Count | None]) -> None:
    locked = select(Channel).where(Channel.id.in_(found)).order_by(Channel.id).with_for_update()
    channels = db.session.scalars(locked.execution_options(populate_existing=True)).all()
    counted = [channel.creator_id for channel in channels if _take(channel, found[channel.id])]
    refresh_standings(sorted(set(counted)), tell_reached=True)


def _take(channel: Channel, count: Count | None) -> bool:
    """Whether the channel has a new accepted count."""
    channel.pulled_at, channel.pull_problem = clock.now(), None
    if count is None:
        channel.pull_problem = PullProblem.GONE
        return False
    _learn_id(channel, count.channel_id)
    if count.subscribers is None:
        channel.pull_problem = PullProblem.HIDDEN
        return False
    newest = newest_accepted(channel.id)
    if newest is not None and (newest.taken_on, newest.fans) == (today(), count.subscribers):
        return False
    reading = take_count(channel, count.subscribers, today(), ReadingSource.YOUTUBE)
    if reading is not None and reading.status is ReadingStatus.PENDING:
        defer("notifications.tell_reading", reading_id=reading.id)
    return reading is not None and reading.status is ReadingStatus.ACCEPTED


def _learn_id(channel: Channel, external_id: str) -> None:
    """A handle may move to another channel later; its id doesn't."""
    if channel.external_id is not None:
        return
    try:
        with refusing("uq_channels_external_id", Conflict()):
            channel.external_id = external_id
    except Conflict:
        db.session.refresh(channel, ["external_id"])
        logger.warning("youtube pull", channel=channel.id, clash="another channel has this id")


def _put_off(asked: Iterable[_Asked]) -> None:
    """What can't be asked for now must not keep the others waiting: it comes again on the next day."""
    with transaction():
        locked = select(Channel).where(Channel.id.in_([one.id for one in asked])).order_by(Channel.id)
        for channel in db.session.scalars(locked.with_for_update()):
            channel.pulled_at = clock.now()
