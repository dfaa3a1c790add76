"""The verbs of creators: keep a profile, claim a channel, hand in a reading, review it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from psycopg.errors import UniqueViolation
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.creators.models import Category, Channel, Creator, FanReading, Platform, ReadingStatus
from marketplace.creators.platforms import channel_url
from marketplace.creators.policy import may_have_profile, require_reviewer, today
from marketplace.creators.queries import HANDLE, creator_id_of, get_reading
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.infra.storage import store_file
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound

MOST_CHANNELS = 20


@dataclass(frozen=True, slots=True)
class CreatorFacts:
    """What creators say of themselves. `handle` is their address under /c/."""

    name: str
    handle: str
    category: Category
    headline_en: str = ""
    headline_zh: str = ""
    biography_en: str = ""
    biography_zh: str = ""
    region: str = ""


def save_profile(actor: Actor, facts: CreatorFacts, version: int | None = None) -> Creator:
    """Make the actor's profile (`version` None), or change the one that they saw at `version`.

    Raises:
        NotAllowed: the actor didn't join as a creator.
        Invalid: the handle isn't one, or another creator has it.
        Conflict: the profile was changed, or made, since the form was opened.
    """
    if actor.user_id is None or not may_have_profile(actor):
        raise NotAllowed
    if not HANDLE.fullmatch(facts.handle):
        raise Invalid(_l("Use 2 to 39 small letters a to z, figures and hyphens."), field="handle")
    # The user's row is the lock: two first saves at once make one profile.
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    creator_id = creator_id_of(actor.user_id)
    if creator_id is None:
        return _make_profile(actor.user_id, facts)
    return _change_profile(creator_id, facts, version)


def _make_profile(user_id: int, facts: CreatorFacts) -> Creator:
    creator = Creator(
        user_id=user_id,
        created_at=clock.now(),
        verified_fans=0,
        version=1,
        categories=[facts.category],
        **asdict(facts),
    )
    with _refusing("uq_creators_handle", _handle_taken()):
        db.session.add(creator)
    return creator


def _change_profile(creator_id: int, facts: CreatorFacts, version: int | None) -> Creator:
    creator = db.session.get(Creator, creator_id, with_for_update=True, populate_existing=True)
    assert creator is not None, "nothing removes a creator"
    if creator.version != version:
        raise Conflict(_l("Your profile was changed in another window. Open it again to see how it is now."))
    with _refusing("uq_creators_handle", _handle_taken()):
        for name, value in asdict(facts).items():
            setattr(creator, name, value)
        creator.categories = [facts.category, *(name for name in creator.categories if name != facts.category)][:3]
        creator.version += 1
    return creator


def _handle_taken() -> Invalid:
    return Invalid(_l("Another creator has this address. Choose another one."), field="handle")


@contextmanager
def _refusing(constraint: str, refusal: DomainError) -> Iterator[None]:
    """Turn a lost race for something unique into a refusal, and keep the transaction usable."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        broken = error.orig
        if isinstance(broken, UniqueViolation) and broken.diag.constraint_name == constraint:
            raise refusal from error
        raise


def add_channel(actor: Actor, platform: Platform, handle: str, url: str) -> Channel:
    """Claim an account on a platform for the actor's profile. `url` may lack its scheme.

    Raises:
        NotAllowed: the actor has no profile.
        Invalid: the address isn't the platform's, or somebody has claimed the channel already.
    """
    creator = _lock_own_creator(actor)
    name = handle.removeprefix("@").strip()
    if not name:
        raise Invalid(_l("Write the name of the channel."), field="handle")
    claimed = db.session.scalar(select(func.count()).select_from(Channel).where(Channel.creator_id == creator.id)) or 0
    if claimed >= MOST_CHANNELS:
        raise Invalid(_l("You have %(most)s channels, which is the most that a profile can have.", most=MOST_CHANNELS))
    address = channel_url(platform, url)
    channel = Channel(creator_id=creator.id, platform=platform, handle=name, url=address, created_at=clock.now())
    with _claiming(platform):
        db.session.add(channel)
    return channel


@contextmanager
def _claiming(platform: Platform) -> Iterator[None]:
    words = _l("This channel has been claimed already. If it is yours, write to us.")
    constraint, field = ("uq_channels_url", "url") if platform is Platform.OTHER else ("uq_channels_handle", "handle")
    with _refusing(constraint, Invalid(words, field=field)):
        yield


def _lock_own_creator(actor: Actor) -> Creator:
    if actor.creator_id is None:
        raise NotAllowed(_l("Save your profile first."))
    creator = db.session.get(Creator, actor.creator_id, with_for_update=True, populate_existing=True)
    if creator is None or creator.user_id != actor.user_id:
        raise NotAllowed
    return creator


def submit_reading(actor: Actor, channel_id: int, fans: int, taken_on: date, evidence: Upload) -> FanReading:
    """Hand in a count of the channel's fans with its evidence; administrators are told, and one of them reviews it.

    Raises:
        NotFound: the channel isn't the actor's.
        Conflict: a reading of the channel is waiting for review.
        Invalid: the count is negative, or was taken in the future.
    """
    locked = select(Channel).where(Channel.id == channel_id, Channel.creator_id == actor.creator_id).with_for_update()
    channel = db.session.scalars(locked).one_or_none()
    if channel is None:
        raise NotFound
    if fans < 0:
        raise Invalid(_l("The number can’t be negative."), field="fans")
    if taken_on > today():
        raise Invalid(_l("The day can’t be in the future."), field="taken_on")
    waiting = select(FanReading.id).where(
        FanReading.channel_id == channel.id, FanReading.status == ReadingStatus.PENDING
    )
    if db.session.scalar(waiting) is not None:
        raise Conflict(_l("A reading of this channel is waiting for review. You can hand in the next one after that."))
    stored = store_file(evidence.name, evidence.content_type, evidence.content)
    reading = FanReading(
        channel_id=channel.id,
        fans=fans,
        taken_on=taken_on,
        evidence_id=stored.id,
        status=ReadingStatus.PENDING,
        submitted_at=clock.now(),
    )
    db.session.add(reading)
    db.session.flush()
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading


def review_reading(actor: Actor, reading_id: int, accept: bool, reason: str = "") -> FanReading:
    """Accept or reject a waiting reading, work out the creator's verified fans anew, and tell the creator.

    Raises:
        NotFound: there is no such reading.
        NotAllowed: the actor is no administrator, or the reading is their own.
        Conflict: it was decided already.
        Invalid: it is rejected without a reason.
    """
    if not actor.is_admin:
        raise NotAllowed
    db.session.execute(select(FanReading.id).where(FanReading.id == reading_id).with_for_update())
    reading = get_reading(reading_id)
    db.session.refresh(reading)
    require_reviewer(actor, reading.channel.creator)
    if reading.status is not ReadingStatus.PENDING:
        raise Conflict(_l("This reading was decided already."))
    if not accept and not reason.strip():
        raise Invalid(_l("Write why, so that the creator knows what to do."), field="reason")
    reading.status = ReadingStatus.ACCEPTED if accept else ReadingStatus.REJECTED
    reading.reviewed_by, reading.reviewed_at, reading.reason = actor.user_id, clock.now(), reason.strip()
    db.session.flush()
    _count_verified_fans(reading.channel.creator_id)
    defer("notifications.tell_reading", reading_id=reading.id)
    return reading


def _count_verified_fans(creator_id: int) -> None:
    """The largest newest accepted reading of the creator's channels; the row lock orders two reviews at once."""
    creator = db.session.get(Creator, creator_id, with_for_update=True, populate_existing=True)
    assert creator is not None, "nothing removes a creator"
    newest = (
        select(FanReading.fans)
        .join(Channel, Channel.id == FanReading.channel_id)
        .where(Channel.creator_id == creator_id, FanReading.status == ReadingStatus.ACCEPTED)
        .ext(distinct_on(FanReading.channel_id))
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
        .subquery()
    )
    creator.verified_fans = db.session.scalar(select(func.max(newest.c.fans))) or 0
    creator.eligible = creator.verified_fans > settings().fan_threshold
    db.session.flush()
