"""Reads of selections, each scoped to who asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.creators.models import Creator
from marketplace.fees.policy import CurrencyNotCovered
from marketplace.fees.queries import preview_quote
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_owner
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.offers.models import Offer, OfferStatus, Package

PAGE_SIZE = 20
_OPEN = Selection.status == SelectionStatus.OPEN
_BOTH_SIDES = (joinedload(Selection.creator), joinedload(Selection.brand))
_BY_CREATOR = Selection.kind == SelectionKind.APPLICATION


class Tab(StrEnum):
    """The inbox's three drawers."""

    ANSWER = "answer"
    WAITING = "waiting"
    CLOSED = "closed"


class ApplicantOrder(StrEnum):
    NEWEST = "newest"
    PRICE = "price"
    FANS = "fans"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """A numbered page and how many selections there are in all."""

    selections: Sequence[Selection]
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class OpenSelections:
    """What is due first in the two open drawers, and how many selections wait for the reader's answer in all."""

    answer: list[Selection]
    waiting: list[Selection]
    answer_in_all: int


def visible_selections(actor: Actor) -> Select[Selection]:
    """The selections that the actor may see: their own sides' and, for an administrator and the clocks, all."""
    query = select(Selection).options(*_BOTH_SIDES)
    if actor.is_admin or actor is SYSTEM:
        return query
    return query.where(_own(actor))


def _own(actor: Actor) -> ColumnElement[bool]:
    return or_(_as_creator(actor), _as_brand(actor))


def _as_creator(actor: Actor) -> ColumnElement[bool]:
    return Selection.creator_id == actor.creator_id if actor.creator_id is not None else false()


def _as_brand(actor: Actor) -> ColumnElement[bool]:
    return Selection.brand_id == actor.brand_id if actor.brand_id is not None else false()


def get_selection(actor: Actor, selection_id: int) -> Selection:
    """One selection with its creator and brand.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    found = db.session.scalars(visible_selections(actor).where(Selection.id == selection_id)).first()
    if found is None:
        raise NotFound
    return found


def lock_selection(actor: Actor, selection_id: int) -> Selection:
    """The same with its row locked, for the verb that is going to change it.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    query = visible_selections(actor).where(Selection.id == selection_id).with_for_update(of=Selection)
    found = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found


def _drawer(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    mine_to_answer = or_(and_(_BY_CREATOR, _as_brand(actor)), and_(~_BY_CREATOR, _as_creator(actor)))
    match tab:
        case Tab.ANSWER:
            return and_(_OPEN, mine_to_answer)
        case Tab.WAITING:
            return and_(_OPEN, _own(actor), ~mine_to_answer)
        case Tab.CLOSED:
            return and_(~_OPEN, _own(actor))


def list_selections(actor: Actor, tab: Tab, number: int = 1) -> SelectionPage:
    """A drawer of the actor's inbox: what waits by its due date, what is closed by its answer, newest first."""
    order = Selection.answered_at.desc() if tab is Tab.CLOSED else Selection.expires_at
    query = select(Selection).options(*_BOTH_SIDES)
    return _page(query.where(_drawer(actor, tab)).order_by(order, Selection.id.desc()), number)


def count_drawers(actor: Actor) -> dict[Tab, int]:
    """How many selections wait for the actor and for the other side; closed ones aren't counted."""
    counted = [func.count().filter(_drawer(actor, tab)) for tab in (Tab.ANSWER, Tab.WAITING)]
    found = db.session.execute(select(*counted).select_from(Selection).where(_OPEN, _own(actor))).one()
    return {Tab.ANSWER: found[0], Tab.WAITING: found[1]}


def count_waiting(actor: Actor) -> int:
    """How many selections wait for the actor's own answer."""
    now = clock.now()
    waiting = select(func.count()).select_from(Selection)
    found = db.session.scalar(waiting.where(_drawer(actor, Tab.ANSWER), Selection.expires_at > now))
    return found or 0


def open_selections(actor: Actor, most: int) -> OpenSelections:
    """The first `most` selections of each open drawer, in one query: for the home page of a role."""
    mine = _drawer(actor, Tab.ANSWER)
    due = (Selection.expires_at, Selection.id.desc())
    places = func.row_number().over(partition_by=mine, order_by=due).label("place")
    drawers = select(Selection.id, mine.label("mine"), places, func.count().over(partition_by=mine).label("in_all"))
    ranked = drawers.where(_OPEN, _own(actor)).subquery()
    query = select(Selection, ranked.c.mine, ranked.c.in_all).select_from(Selection)
    query = query.join(ranked, ranked.c.id == Selection.id).where(ranked.c.place <= most)
    found = db.session.execute(query.options(*_BOTH_SIDES).order_by(ranked.c.place)).all()
    answer = [selection for selection, to_answer, _in_all in found if to_answer]
    waiting = [selection for selection, to_answer, _in_all in found if not to_answer]
    return OpenSelections(answer, waiting, next((in_all for _found, to_answer, in_all in found if to_answer), 0))


def list_applicants(brief_id: int, order: ApplicantOrder, number: int = 1) -> SelectionPage:
    """The open applications to a brief. Only for the brief's own brand: the caller has checked."""
    query = select(Selection).join(Selection.creator).options(*_BOTH_SIDES)
    query = query.where(Selection.brief_id == brief_id, _BY_CREATOR, _OPEN)
    return _page(query.order_by(*_applicant_order(order), Selection.id.desc()), number)


def _applicant_order(order: ApplicantOrder) -> list[ColumnElement[Any]]:
    match order:
        case ApplicantOrder.NEWEST:
            return []
        case ApplicantOrder.PRICE:
            return [cast(ColumnElement[int], Selection.price_amount)]
        case ApplicantOrder.FANS:
            return [Creator.verified_fans.desc()]
        case ApplicantOrder.VALUE:
            return [Selection.price_amount / func.greatest(Creator.verified_fans, 1)]


def answered_for_brief(brief_id: int, limit: int = 20) -> Sequence[Selection]:
    """A brief's applications and invitations that were answered or withdrawn, the newest first."""
    query = select(Selection).options(*_BOTH_SIDES)
    query = query.where(Selection.brief_id == brief_id, ~_OPEN)
    return db.session.scalars(query.order_by(Selection.answered_at.desc(), Selection.id.desc()).limit(limit)).all()


def open_applications(brief_ids: Iterable[int]) -> dict[int, int]:
    """How many applications wait for an answer, by brief; briefs without any are left out."""
    wanted = set(brief_ids)
    if not wanted:
        return {}
    counted = select(Selection.brief_id, func.count()).where(Selection.brief_id.in_(wanted), _BY_CREATOR, _OPEN)
    return {
        brief_id: number for brief_id, number in db.session.execute(counted.group_by(Selection.brief_id)) if brief_id
    }


def count_applications(brief_id: int) -> int:
    """How many creators have ever applied to the brief and not withdrawn."""
    counted = select(func.count(Selection.creator_id.distinct())).where(
        Selection.brief_id == brief_id, _BY_CREATOR, Selection.status != SelectionStatus.WITHDRAWN
    )
    return db.session.scalar(counted) or 0


def newest_for_brief(creator_id: int, brief_id: int) -> Selection | None:
    """The creator's open or accepted selection of a brief, which keeps them from another."""
    query = select(Selection).where(
        Selection.creator_id == creator_id,
        Selection.brief_id == brief_id,
        Selection.status.in_([SelectionStatus.OPEN, SelectionStatus.ACCEPTED]),
    )
    return db.session.scalars(query.order_by(Selection.id.desc()).limit(1)).first()


def has_open_booking(package_id: int, brand_id: int) -> bool:
    """Whether the brand waits for an answer about this package."""
    found = exists().where(Selection.package_id == package_id, Selection.brand_id == brand_id, _OPEN)
    return bool(db.session.scalar(select(found)))


def _page(query: Select[Selection], number: int) -> SelectionPage:
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(number, 1), pages)
    found = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return SelectionPage(found, total, number, pages)


def cheapest_package(creator_id: int, kind: DealKind, currency: str) -> Package | None:
    """What the creator asks at least for such work, by the listed offers: a first idea of a price."""
    query = (
        select(Package)
        .join(Package.offer)
        .where(
            Offer.creator_id == creator_id,
            Offer.status == OfferStatus.LISTED,
            Package.position.is_not(None),
            Package.kind == kind,
            Package.price_currency == currency,
        )
    )
    return db.session.scalars(query.order_by(Package.price_amount, Package.id).limit(1)).first()


def estimate_fees(creator_id: int, kind: DealKind, price: Money) -> FeeQuote | None:
    """What the fees would be if this were signed now; None where there are no rules for the currency."""
    try:
        return preview_quote(creator_owner(creator_id), kind, price)
    except CurrencyNotCovered:
        return None
