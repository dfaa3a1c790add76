"""Reads of selections, each scoped to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.agencies.queries import share_of
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
OPEN = Selection.status == SelectionStatus.OPEN
BOTH_SIDES = (joinedload(Selection.creator), joinedload(Selection.brand))
BY_CREATOR = Selection.kind == SelectionKind.APPLICATION


class Tab(StrEnum):
    """The inbox's three drawers."""

    ANSWER = "answer"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """A numbered page and how many selections there are in all."""

    selections: Sequence[Selection]
    total: int
    number: int
    pages: int


def visible_selections(actor: Actor) -> Select[Selection]:
    """The selections that the actor may see: their own sides' and, for an administrator and the clocks, all."""
    query = select(Selection).options(*BOTH_SIDES)
    if actor.is_admin or actor is SYSTEM:
        return query
    return query.where(own(actor))


def own(actor: Actor) -> ColumnElement[bool]:
    """The condition of what the actor's side made or was asked."""
    return or_(as_creator(actor), as_brand(actor))


def as_creator(actor: Actor) -> ColumnElement[bool]:
    return Selection.creator_id == actor.creator_id if actor.creator_id is not None else false()


def as_brand(actor: Actor) -> ColumnElement[bool]:
    return Selection.brand_id == actor.brand_id if actor.brand_id is not None else false()


def drawer(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    """The condition of a drawer of the actor's."""
    mine_to_answer = or_(and_(BY_CREATOR, as_brand(actor)), and_(~BY_CREATOR, as_creator(actor)))
    match tab:
        case Tab.ANSWER:
            return and_(OPEN, mine_to_answer)
        case Tab.WAITING:
            return and_(OPEN, own(actor), ~mine_to_answer)
        case Tab.CLOSED:
            return and_(~OPEN, own(actor))


def count_waiting(actor: Actor) -> int:
    """How many selections wait for the actor's own answer."""
    waiting = select(func.count()).select_from(Selection)
    return db.session.scalar(waiting.where(drawer(actor, Tab.ANSWER), Selection.expires_at > clock.now())) or 0


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


def count_unanswered(brief_id: int) -> int:
    """How many applications, invitations and bookings of the brief wait for an answer: what its closing ends."""
    counted = select(func.count()).select_from(Selection).where(Selection.brief_id == brief_id, OPEN)
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
    found = exists().where(Selection.package_id == package_id, Selection.brand_id == brand_id, OPEN)
    return bool(db.session.scalar(select(found)))


def paged(query: Select[Selection], number: int, size: int = PAGE_SIZE) -> SelectionPage:
    """The numbered page of a query, the nearest there is, with the total."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    found = db.session.scalars(query.limit(size).offset((number - 1) * size)).all()
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
        return preview_quote(creator_owner(creator_id), kind, price, share_of(creator_id))
    except CurrencyNotCovered:
        return None
