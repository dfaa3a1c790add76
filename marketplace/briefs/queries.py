"""Reads of briefs: the public list with its filters, one brief as somebody may see it, a brand's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true, tuple_

from marketplace.accounts.actor import SYSTEM, VISITOR, Actor
from marketplace.brands.blocks import brand_not_blocked_for
from marketplace.brands.models import Brand
from marketplace.briefs.models import (
    Brief,
    BriefDeliverable,
    BriefGuest,
    BriefReference,
    BriefStatus,
    Visibility,
)
from marketplace.briefs.policy import platform_today
from marketplace.creators.models import Category, Platform
from marketplace.infra.db import db
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money

PAGE_SIZE = 20
MOST_COUNTED = 1000
_MOST_CHOICES = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PUBLISHED = (BriefStatus.OPEN, BriefStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class BriefFilter:
    """What a reader looks for; an empty filter lets everything through.

    `budget` is the least that the upper end of the budget must reach. `fans_by_platform` keeps the briefs that ask for
    as many fans as the reader has on one of the brief's platforms. `for_all` leaves out those for invited people.
    """

    platform: Platform | None = None
    category: Category | None = None
    content: ContentKind | None = None
    budget: Money | None = None
    fans_by_platform: dict[Platform, int] | None = None
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class BriefPage:
    """A stretch of the list, how many there are (up to `MOST_COUNTED`, or `more`), and where the next begins."""

    briefs: Sequence[Brief]
    total: int
    more: bool
    next_after: str | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A numbered page of a brand's briefs, and how many there are of each status that the search lets through."""

    briefs: Sequence[Brief]
    counts: dict[BriefStatus, int]
    number: int
    pages: int


def list_open_briefs(wanted: BriefFilter, after: str | None = None, actor: Actor = VISITOR) -> BriefPage:
    """Briefs that one can apply to today, the newest first. An `after` that can't be read means the beginning."""
    conditions = _conditions(wanted, actor)
    # Counted in the list's own order, so that the same index serves, and no further than anybody reads.
    newest = (Brief.opened_at.desc(), Brief.id.desc())
    some = select(Brief.id).where(*conditions).order_by(*newest).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(some)) or 0
    query = select(Brief).where(*conditions).order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(PAGE_SIZE + 1)
    place = _read_place(after)
    if place is not None:
        query = query.where(tuple_(Brief.opened_at, Brief.id) < tuple_(*place))
    found = db.session.scalars(query).all()
    shown = found[:PAGE_SIZE]
    return BriefPage(
        shown, min(total, MOST_COUNTED), total > MOST_COUNTED, _place(shown[-1]) if len(found) > PAGE_SIZE else None
    )


def newest_open_briefs(wanted: BriefFilter, most: int, actor: Actor = VISITOR) -> list[tuple[Brief, Brand]]:
    """The first few of the same list with their companies, in one query."""
    query = select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id).where(*_conditions(wanted, actor))
    found = db.session.execute(query.order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(most))
    return [(brief, brand) for brief, brand in found]


def _conditions(wanted: BriefFilter, actor: Actor) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Brief.status == BriefStatus.OPEN,
        Brief.visibility != Visibility.PRIVATE,
        Brief.apply_by >= platform_today(),
        brand_not_blocked_for(actor.creator_id, Brief.brand_id),
    ]
    if wanted.for_all:
        conditions.append(Brief.visibility == Visibility.PUBLIC)
    if wanted.platform is not None:
        conditions.append(Brief.platforms.contains([wanted.platform.value]))
    if wanted.category is not None:
        conditions.append(Brief.category == wanted.category)
    if wanted.content is not None:
        asked = (BriefDeliverable.brief_id == Brief.id, BriefDeliverable.content == wanted.content)
        conditions.append(exists().where(*asked))
    if wanted.budget is not None:
        conditions += [Brief.currency == wanted.budget.currency, Brief.budget_max_amount >= wanted.budget.amount]
    if wanted.fans_by_platform is not None:
        conditions.append(_within_reach(wanted.fans_by_platform))
    return conditions


def _within_reach(fans: dict[Platform, int]) -> ColumnElement[bool]:
    reached = [
        Brief.platforms.contains([platform.value])
        & (Brief.minimum_fans <= count)
        & or_(Brief.maximum_fans.is_(None), Brief.maximum_fans >= count)
        for platform, count in fans.items()
    ]
    return or_(*reached) if reached else Brief.id.is_(None)


def _place(brief: Brief) -> str:
    assert brief.opened_at is not None
    return f"{(brief.opened_at - _EPOCH) // timedelta(microseconds=1)}-{brief.id}"


def _read_place(after: str | None) -> tuple[datetime, int] | None:
    moment, _, brief_id = (after or "").partition("-")
    # Longer figures than these are neither a moment nor an id that the database could hold.
    if not (moment.isascii() and moment.isdecimal() and brief_id.isascii() and brief_id.isdecimal()):
        return None
    if len(moment) > 17 or len(brief_id) > 18:
        return None
    return _EPOCH + timedelta(microseconds=int(moment)), int(brief_id)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may see a brief: their own brand's in any state, and what was opened for them.

    A private one is opened for its guests, and so is a closed one that an administrator closed, or whose words nobody
    has let pass. Those who are blocked see nothing of each other.
    """
    if actor.is_admin or actor is SYSTEM:
        return true()
    own = Brief.brand_id == actor.brand_id if actor.brand_id is not None else false()
    guest = exists().where(BriefGuest.brief_id == Brief.id, BriefGuest.creator_id == actor.creator_id)
    passed = and_(func.cardinality(Brief.held_for) == 0, Brief.review_note == "")
    for_all = and_(Brief.visibility != Visibility.PRIVATE, or_(Brief.status == BriefStatus.OPEN, passed))
    opened = and_(
        Brief.status.in_(_PUBLISHED),
        or_(for_all, guest if actor.creator_id is not None else false()),
        brand_not_blocked_for(actor.creator_id, Brief.brand_id),
    )
    return or_(own, opened)


def get_brief(actor: Actor, brief_id: int) -> Brief:
    """A brief that the actor may see.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    brief = db.session.scalars(select(Brief).where(Brief.id == brief_id, visible_to(actor))).one_or_none()
    if brief is None:
        raise NotFound
    return brief


def get_brief_and_brand(actor: Actor, brief_id: int) -> tuple[Brief, Brand]:
    """The same with the brand, in one query.

    Raises:
        NotFound: as `get_brief`.
    """
    query = select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id)
    found = db.session.execute(query.where(Brief.id == brief_id, visible_to(actor))).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def get_own_brief(actor: Actor, brief_id: int) -> Brief:
    """A brief of the actor's brand.

    Raises:
        NotFound: there is none, or it is another brand's.
    """
    brief = db.session.get(Brief, brief_id)
    if brief is None or actor.brand_id is None or brief.brand_id != actor.brand_id:
        raise NotFound
    return brief


def lock_brief(brief_id: int, *, shared: bool = False) -> Brief:
    """The brief with its row locked; `shared` only keeps it from changing until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    query = select(Brief).where(Brief.id == brief_id).with_for_update(read=shared)
    brief = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if brief is None:
        raise NotFound
    return brief


def deliverables_of(brief_id: int) -> list[BriefDeliverable]:
    """What each creator makes, in order."""
    query = select(BriefDeliverable).where(BriefDeliverable.brief_id == brief_id)
    return list(db.session.scalars(query.order_by(BriefDeliverable.position)))


def references_of(brief_id: int) -> Sequence[BriefReference]:
    """Links and files, as they were added."""
    query = select(BriefReference).where(BriefReference.brief_id == brief_id)
    return db.session.scalars(query.order_by(BriefReference.id)).all()


def briefs_by_ids(brief_ids: Iterable[int]) -> dict[int, Brief]:
    """The briefs by their ids, in one query; ids of none are left out."""
    wanted = set(brief_ids)
    if not wanted:
        return {}
    return {brief.id: brief for brief in db.session.scalars(select(Brief).where(Brief.id.in_(wanted)))}


def open_briefs_of(brand_id: int, actor: Actor = VISITOR, limit: int = 50) -> Sequence[Brief]:
    """The brand's briefs that one can apply to today, the newest first."""
    query = select(Brief).where(Brief.brand_id == brand_id, *_conditions(BriefFilter(), actor))
    return db.session.scalars(query.order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(limit)).all()


def fillable_briefs_of(brand_id: int) -> Sequence[Brief]:
    """The brand's open briefs with a free place, the newest first: what it can invite creators to."""
    free = Brief.slots_filled + Brief.slots_held < Brief.slots
    query = select(Brief).where(Brief.brand_id == brand_id, Brief.status == BriefStatus.OPEN, free)
    return db.session.scalars(query.order_by(Brief.id.desc()).limit(_MOST_CHOICES)).all()


def list_own_briefs(
    brand_id: int, number: int, status: BriefStatus | None = None, words: str = "", size: int = PAGE_SIZE
) -> OwnPage:
    """One numbered page of a brand's briefs, the newest first: of one status, or all but the templates."""
    found = [Brief.brand_id == brand_id]
    if words:
        found.append(Brief.title.icontains(words, autoescape=True))
    by_status = select(Brief.status, func.count()).where(*found).group_by(Brief.status)
    counts = dict.fromkeys(BriefStatus, 0) | dict(db.session.execute(by_status).all())
    wanted = [status] if status is not None else [state for state in BriefStatus if state is not BriefStatus.TEMPLATE]
    pages = max(1, -(-sum(counts[state] for state in wanted) // size))
    number = min(max(number, 1), pages)
    query = select(Brief).where(*found, Brief.status.in_(wanted)).order_by(Brief.id.desc())
    return OwnPage(db.session.scalars(query.limit(size).offset((number - 1) * size)).all(), counts, number, pages)


def templates_of(brand_id: int) -> Sequence[Brief]:
    """What a brief can be started from, by name."""
    query = select(Brief).where(Brief.brand_id == brand_id, Brief.status == BriefStatus.TEMPLATE)
    return db.session.scalars(query.order_by(Brief.title, Brief.id).limit(_MOST_CHOICES)).all()
