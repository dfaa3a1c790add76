"""The inbox of selections: its drawers, what narrows them, and what one's own side hasn't read yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.matching.models import BRAND_UNREAD, CREATOR_UNREAD, Selection, SelectionKind
from marketplace.matching.queries import (
    BOTH_SIDES,
    OPEN,
    SelectionPage,
    Tab,
    as_brand,
    as_creator,
    drawer,
    own,
    paged,
)

MOST_BRIEFS = 100


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What narrows a drawer; an empty one lets everything through. `name` is part of the other side's or of a title."""

    kind: SelectionKind | None = None
    brief_id: int | None = None
    unread: bool = False
    shortlisted: bool = False
    name: str = ""

    @property
    def is_empty(self) -> bool:
        return self == InboxFilter()


@dataclass(frozen=True, slots=True)
class Drawers:
    """How many selections wait in each open drawer, and how many of each drawer are unread."""

    waiting: dict[Tab, int]
    unread: dict[Tab, int]

    @property
    def unread_in_all(self) -> int:
        return sum(self.unread.values())


@dataclass(frozen=True, slots=True)
class OpenSelections:
    """What is due first in the two open drawers, and how many selections wait for the reader's answer in all."""

    answer: list[Selection]
    waiting: list[Selection]
    answer_in_all: int


def unread_for(actor: Actor) -> ColumnElement[bool]:
    """What changed since somebody of the actor's side looked. Who can't answer for their company has nothing unread."""
    if actor.creator_id is not None:
        return and_(as_creator(actor), CREATOR_UNREAD)
    return and_(as_brand(actor), BRAND_UNREAD) if actor.may_manage_brand else false()


def list_selections(
    actor: Actor, tab: Tab, number: int = 1, wanted: InboxFilter | None = None, size: int = 20
) -> SelectionPage:
    """A drawer of the actor's inbox: what waits by its due date, what is closed by its answer, newest first."""
    order = Selection.answered_at.desc() if tab is Tab.CLOSED else Selection.expires_at
    query = select(Selection).options(*BOTH_SIDES).where(drawer(actor, tab), *_narrowed(actor, wanted))
    return paged(query.order_by(order, Selection.id.desc()), number, size)


def _narrowed(actor: Actor, wanted: InboxFilter | None) -> list[ColumnElement[bool]]:
    if wanted is None:
        return []
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(Selection.kind == wanted.kind)
    if wanted.brief_id is not None:
        found.append(Selection.brief_id == wanted.brief_id)
    if wanted.unread:
        found.append(unread_for(actor))
    if wanted.shortlisted:
        found.append(and_(as_brand(actor), Selection.shortlisted_at.is_not(None)))
    if wanted.name:
        found.append(or_(Selection.title.icontains(wanted.name, autoescape=True), _other_named(actor, wanted.name)))
    return found


def _other_named(actor: Actor, name: str) -> ColumnElement[bool]:
    if actor.creator_id is not None:
        return exists().where(Brand.id == Selection.brand_id, Brand.name.icontains(name, autoescape=True))
    return exists().where(Creator.id == Selection.creator_id, Creator.name.icontains(name, autoescape=True))


def count_drawers(actor: Actor) -> Drawers:
    """How many wait for the actor and for the other side, and how many are unread, in one query."""
    unread = unread_for(actor)
    which = case((drawer(actor, Tab.ANSWER), Tab.ANSWER.value), (OPEN, Tab.WAITING.value), else_=Tab.CLOSED.value)
    query = select(which, func.count().filter(OPEN), func.count().filter(unread)).select_from(Selection)
    found = db.session.execute(query.where(own(actor), or_(OPEN, unread)).group_by(which))
    waiting, seen = dict.fromkeys((Tab.ANSWER, Tab.WAITING), 0), dict.fromkeys(Tab, 0)
    for name, number, news in found:
        seen[Tab(name)] = news
        if name != Tab.CLOSED.value:
            waiting[Tab(name)] = number
    return Drawers(waiting, seen)


def open_selections(actor: Actor, most: int) -> OpenSelections:
    """The first `most` selections of each open drawer, in one query: for the home page of a role."""
    mine = drawer(actor, Tab.ANSWER)
    due = (Selection.expires_at, Selection.id.desc())
    places = func.row_number().over(partition_by=mine, order_by=due).label("place")
    drawers = select(Selection.id, mine.label("mine"), places, func.count().over(partition_by=mine).label("in_all"))
    ranked = drawers.where(OPEN, own(actor)).subquery()
    query = select(Selection, ranked.c.mine, ranked.c.in_all).select_from(Selection)
    query = query.join(ranked, ranked.c.id == Selection.id).where(ranked.c.place <= most)
    found = db.session.execute(query.options(*BOTH_SIDES).order_by(ranked.c.place)).all()
    answer = [selection for selection, to_answer, _in_all in found if to_answer]
    waiting = [selection for selection, to_answer, _in_all in found if not to_answer]
    return OpenSelections(answer, waiting, next((in_all for _found, to_answer, in_all in found if to_answer), 0))


def briefs_in_inbox(actor: Actor) -> Sequence[tuple[int, str]]:
    """The briefs that an inbox can be narrowed to, by id and title, the newest first."""
    mine = select(Selection.brief_id).where(own(actor), Selection.brief_id.is_not(None)).distinct()
    newest = mine.order_by(Selection.brief_id.desc()).limit(MOST_BRIEFS).subquery()
    query = select(Brief.id, Brief.title).join(newest, newest.c.brief_id == Brief.id).order_by(Brief.id.desc())
    return [(row[0], row[1]) for row in db.session.execute(query)]
