"""The verbs of channels: claim an account on a platform."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Channel, Platform
from marketplace.creators.own import lock_own_creator
from marketplace.creators.platforms import channel_url
from marketplace.infra.db import db, refusing
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotFound

MOST_CHANNELS = 20
_YOUTUBE_ID = re.compile(r"/channel/(UC[A-Za-z0-9_-]{22})(?:/.*)?")


def add_channel(actor: Actor, platform: Platform, handle: str, url: str) -> Channel:
    """Claim an account on a platform for the actor's profile. `url` may lack its scheme.

    Raises:
        NotAllowed: the actor has no profile.
        Invalid: the address isn't the platform's, or somebody has claimed the channel already.
    """
    creator = lock_own_creator(actor)
    name = handle.removeprefix("@").strip()
    if not name:
        raise Invalid(_l("Write the name of the channel."), field="handle")
    claimed = db.session.scalar(select(func.count()).select_from(Channel).where(Channel.creator_id == creator.id)) or 0
    if claimed >= MOST_CHANNELS:
        raise Invalid(_l("You have %(most)s channels, which is the most that a profile can have.", most=MOST_CHANNELS))
    address = channel_url(platform, url)
    channel = Channel(
        creator_id=creator.id,
        platform=platform,
        handle=name,
        url=address,
        external_id=_external_id(platform, address),
        created_at=clock.now(),
    )
    with _claiming(platform):
        db.session.add(channel)
    return channel


def _external_id(platform: Platform, address: str) -> str | None:
    """YouTube's own name of the channel, where its address says it."""
    found = _YOUTUBE_ID.fullmatch(urlsplit(address).path) if platform is Platform.YOUTUBE else None
    return found[1] if found else None


def lock_own_channel(actor: Actor, channel_id: int) -> Channel:
    """The actor's channel, locked: what happens to one channel happens one after the other.

    Raises:
        NotFound: the channel isn't the actor's.
    """
    mine = (Channel.id == channel_id, Channel.creator_id == actor.creator_id)
    locked = select(Channel).where(*mine).with_for_update().execution_options(populate_existing=True)
    channel = db.session.scalars(locked).one_or_none()
    if channel is None:
        raise NotFound
    return channel


@contextmanager
def _claiming(platform: Platform) -> Iterator[None]:
    words = _l("This channel has been claimed already. If it is yours, write to us.")
    constraint, field = ("uq_channels_url", "url") if platform is Platform.OTHER else ("uq_channels_handle", "handle")
    claimed = Invalid(words, field=field)
    with refusing(constraint, claimed), refusing("uq_channels_external_id", Invalid(words, field="url")):
        yield
