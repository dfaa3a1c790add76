"""Reads of selections, each scoped to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.agencies.queries import share_of
from marketplace.brands.blocks import creator_not_blocked_for
from marketplace.briefs.models import Brief
from marketplace.creators.models import Creator
from marketplace.creators.queries import fee_parties
from marketplace.fees.policy import CurrencyNotCovered
from marketplace.fees.queries import preview_quote
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.offers.models import Engagement, Offer, OfferStatus, Package

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
    return db.session.scalar(waiting_selections(actor)) or 0


def waiting_selections(actor: Actor) -> Select[int]:
    """The same as a query, for a page that counts other things along with it."""
    waiting = select(func.count()).select_from(Selection)
    return waiting.where(drawer(actor, Tab.ANSWER), Selection.expires_at > clock.now())


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
    query = select(Selection).where(*binding(creator_id, brief_id))
    return db.session.scalars(query.order_by(Selection.id.desc()).limit(1)).first()


def binding(creator_id: int, brief_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions of such selections. What was agreed binds no longer once its deal has ended."""
    over = exists().where(Engagement.selection_id == Selection.id, Engagement.ended_at.is_not(None))
    agreed = and_(Selection.status == SelectionStatus.ACCEPTED, ~over)
    return Selection.creator_id == creator_id, Selection.brief_id == brief_id, or_(OPEN, agreed)


def creators_met(actor: Actor, creator_ids: Sequence[int]) -> list[Creator]:
    """These creators in their order, without those whom the actor's company and they keep apart from."""
    query = select(Creator).where(Creator.id.in_(creator_ids), creator_not_blocked_for(actor.brand_id, Creator.id))
    found = {creator.id: creator for creator in db.session.scalars(query)}
    return [found[creator_id] for creator_id in dict.fromkeys(creator_ids) if creator_id in found]


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


def offers_for_brief(creator_id: int, kind: DealKind, currency: str) -> tuple[list[Offer], Package | None]:
    """The creator's listed offers in their order, and the cheapest package for such work: a first idea of a price."""
    fits = and_(
        Package.offer_id == Offer.id,
        Package.position.is_not(None),
        Package.kind == kind,
        Package.price_currency == currency,
    )
    query = select(Offer, Package).outerjoin(Package, fits)
    query = query.where(Offer.creator_id == creator_id, Offer.status == OfferStatus.LISTED)
    rows = db.session.execute(query.order_by(Offer.position, Offer.id)).all()
    packages = [package for _offer, package in rows if package is not None]
    cheapest = min(packages, key=lambda package: (package.price_amount, package.id), default=None)
    return list(dict.fromkeys(offer for offer, _package in rows)), cheapest


def estimate_fees(creator_id: int, brand_id: int | None, kind: DealKind, price: Money) -> FeeQuote | None:
    """What the fees would be if these two signed this now; None where there are no rules for the currency."""
    try:
        return preview_quote(fee_parties(creator_id, brand_id), kind, price, share_of(creator_id))
    except CurrencyNotCovered:
        return None


def estimate_for_brief(creator_id: int | None, brief: Brief, price: Money | None) -> FeeQuote | None:
    """The same for an application to the brief; None without a profile or a price, too."""
    if creator_id is None or price is None:
        return None
    return estimate_fees(creator_id, brief.brand_id, brief.kind, price)
