"""A creator's portfolio: what they put into it, in the order they choose, and who reads it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Platform, Work
from marketplace.creators.own import lock_own_creator
from marketplace.creators.platforms import work_url
from marketplace.creators.policy import today
from marketplace.infra.db import db
from marketplace.infra.pictures import NO_CHANGE, PictureChange, change_picture, drop_pictures
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotFound

MOST_WORKS = 24


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What a creator says of one piece. `url` may lack its scheme; counts are None where they aren't stated."""

    title: str
    url: str
    platform: Platform
    published_on: date
    views: int | None = None
    likes: int | None = None
    comments: int | None = None


def add_work(actor: Actor, facts: WorkFacts, cover: PictureChange = NO_CHANGE) -> Work:
    """Put a piece on top of the actor's portfolio.

    Raises:
        NotAllowed: the actor has no profile.
        Invalid: the address isn't the platform's, the day lies ahead, or the portfolio is full.
    """
    creator = lock_own_creator(actor)
    kept = _sound(facts)
    count, first = db.session.execute(
        select(func.count(), func.min(Work.position)).where(Work.creator_id == creator.id)
    ).one()
    if count >= MOST_WORKS:
        raise Invalid(_l("Your portfolio has %(most)s works, which is the most. Remove one first.", most=MOST_WORKS))
    work = Work(creator_id=creator.id, position=(first or 0) - 1, created_at=clock.now(), **asdict(kept))
    db.session.add(work)
    db.session.flush()
    change_picture(work, "cover_id", cover, actor.user_id)
    return work


def edit_work(actor: Actor, work_id: int, facts: WorkFacts, cover: PictureChange = NO_CHANGE) -> Work:
    """
    Raises:
        NotFound: it isn't the actor's.
        Invalid: the address isn't the platform's, or the day lies ahead.
    """
    lock_own_creator(actor)
    work = own_work(actor, work_id)
    for name, value in asdict(_sound(facts)).items():
        setattr(work, name, value)
    change_picture(work, "cover_id", cover, actor.user_id)
    return work


def remove_work(actor: Actor, work_id: int) -> str:
    """Take a piece out of the portfolio, its cover with it; gives its title.

    Raises:
        NotFound: it isn't the actor's.
    """
    lock_own_creator(actor)
    work = own_work(actor, work_id)
    title, cover_id = work.title, work.cover_id
    db.session.delete(work)
    drop_pictures([cover_id])
    return title


def move_work(actor: Actor, work_id: int, way: Literal["up", "down"]) -> Work:
    """Change places with the piece before or after; at the end it stays where it is.

    Raises:
        NotFound: it isn't the actor's.
    """
    creator = lock_own_creator(actor)
    work = own_work(actor, work_id)
    works = list(works_of(creator.id))
    at = works.index(work)
    to = at - 1 if way == "up" else at + 1
    if 0 <= to < len(works):
        works[at], works[to] = works[to], works[at]
    for position, found in enumerate(works):
        found.position = position
    return work


def _sound(facts: WorkFacts) -> WorkFacts:
    if facts.published_on > today():
        raise Invalid(_l("The day can’t be in the future."), field="published_on")
    return replace(facts, url=work_url(facts.platform, facts.url))


def works_of(creator_id: int, most: int | None = None) -> Sequence[Work]:
    """The creator's portfolio in their order."""
    found = select(Work).where(Work.creator_id == creator_id).order_by(Work.position, Work.id.desc())
    return db.session.scalars(found.limit(most)).all()


def own_work(actor: Actor, work_id: int) -> Work:
    """
    Raises:
        NotFound: there is no such piece of the actor's.
    """
    found = select(Work).where(Work.id == work_id, Work.creator_id == actor.creator_id)
    work = db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if work is None:
        raise NotFound
    return work
