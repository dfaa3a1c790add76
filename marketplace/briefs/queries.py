"""Reads of briefs: the public list with its filters, one brief as somebody may see it, a brand's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, tuple_

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief, BriefStatus, Visibility
from marketplace.briefs.policy import platform_today
from marketplace.creators.models import Category, Platform
from marketplace.infra.db import db
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money

PAGE_SIZE = 20
_MOST_CHOICES = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BriefFilter:
    """What a reader looks for; an empty filter lets everything through.

    `budget` is the least that the upper end of the budget must reach. `fans_by_platform` keeps the briefs that ask for
    no more fans than the reader has on one of the brief's platforms.
    """

    platform: Platform | None = None
    category: Category | None = None
    kind: DealKind | None = None
    budget: Money | None = None
    fans_by_platform: dict[Platform, int] | None = None


@dataclass(frozen=True, slots=True)
class BriefPage:
    """A stretch of the list, how many there are in all, and where the next stretch begins."""

    briefs: Sequence[Brief]
    total: int
    next_after: str | None


def list_open_briefs(wanted: BriefFilter, after: str | None = None) -> BriefPage:
    """Briefs that one can apply to today, the newest first. An `after` that can't be read means the beginning."""
    conditions = _conditions(wanted)
    total = db.session.scalar(select(func.count()).select_from(Brief).where(*conditions)) or 0
    query = select(Brief).where(*conditions).order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(PAGE_SIZE + 1)
    place = _read_place(after)
    if place is not None:
        query = query.where(tuple_(Brief.opened_at, Brief.id) < tuple_(*place))
    found = db.session.scalars(query).all()
    shown = found[:PAGE_SIZE]
    return BriefPage(shown, total, _place(shown[-1]) if len(found) > PAGE_SIZE else None)


def newest_open_briefs(wanted: BriefFilter, most: int) -> list[tuple[Brief, Brand]]:
    """The first few of the same list with their companies, in one query."""
    query = select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id).where(*_conditions(wanted))
    found = db.session.execute(query.order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(most))
    return [(brief, brand) for brief, brand in found]


def _conditions(wanted: BriefFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Brief.status == BriefStatus.OPEN,
        Brief.visibility != Visibility.PRIVATE,
        Brief.apply_by >= platform_today(),
    ]
    if wanted.platform is not None:
        conditions.append(Brief.platforms.contains([wanted.platform.value]))
    if wanted.category is not None:
        conditions.append(Brief.category == wanted.category)
    if wanted.kind is not None:
        conditions.append(Brief.kind == wanted.kind)
    if wanted.budget is not None:
        conditions += [Brief.currency == wanted.budget.currency, Brief.budget_max_amount >= wanted.budget.amount]
    if wanted.fans_by_platform is not None:
        conditions.append(_within_reach(wanted.fans_by_platform))
    return conditions


def _within_reach(fans: dict[Platform, int]) -> ColumnElement[bool]:
    reached = [
        Brief.platforms.contains([platform.value]) & (Brief.minimum_fans <= count) for platform, count in fans.items()
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


def get_brief(actor: Actor, brief_id: int) -> Brief:
    """A brief that has been opened, or any of the actor's own brand.

    Raises:
        NotFound: there is none, or it is somebody else's draft.
    """
    brief = db.session.get(Brief, brief_id)
    if brief is None or not _visible(actor, brief):
        raise NotFound
    return brief


def get_brief_and_brand(actor: Actor, brief_id: int) -> tuple[Brief, Brand]:
    """The same with the brand, in one query.

    Raises:
        NotFound: as `get_brief`.
    """
    query = select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id).where(Brief.id == brief_id)
    found = db.session.execute(query).one_or_none()
    if found is None or not _visible(actor, found[0]):
        raise NotFound
    return found[0], found[1]


def _visible(actor: Actor, brief: Brief) -> bool:
    if brief.status is not BriefStatus.DRAFT or actor.is_admin or actor is SYSTEM:
        return True
    return actor.brand_id is not None and actor.brand_id == brief.brand_id


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


def briefs_by_ids(brief_ids: Iterable[int]) -> dict[int, Brief]:
    """The briefs by their ids, in one query; ids of none are left out."""
    wanted = set(brief_ids)
    if not wanted:
        return {}
    return {brief.id: brief for brief in db.session.scalars(select(Brief).where(Brief.id.in_(wanted)))}


def open_briefs_of(brand_id: int, limit: int = 50) -> Sequence[Brief]:
    """The brand's briefs that one can apply to today, the newest first."""
    query = select(Brief).where(Brief.brand_id == brand_id, *_conditions(BriefFilter()))
    return db.session.scalars(query.order_by(Brief.opened_at.desc(), Brief.id.desc()).limit(limit)).all()


def fillable_briefs_of(brand_id: int) -> Sequence[Brief]:
    """The brand's open briefs with a free place, the newest first: what it can invite creators to."""
    free = Brief.slots_filled < Brief.slots
    query = select(Brief).where(Brief.brand_id == brand_id, Brief.status == BriefStatus.OPEN, free)
    return db.session.scalars(query.order_by(Brief.id.desc()).limit(_MOST_CHOICES)).all()


def list_own_briefs(brand_id: int, page: int, size: int = PAGE_SIZE) -> tuple[Sequence[Brief], int]:
    """One numbered page of a brand's briefs in any state, the newest first, and how many there are."""
    own = Brief.brand_id == brand_id
    total = db.session.scalar(select(func.count()).select_from(Brief).where(own)) or 0
    query = select(Brief).where(own).order_by(Brief.id.desc()).limit(size).offset((page - 1) * size)
    return db.session.scalars(query).all(), total
