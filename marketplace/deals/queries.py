"""Reads of deals, each scoped to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.contracts.models import Party, Signature
from marketplace.deals.lifecycle import FINAL, State
from marketplace.deals.models import Deal, DealEvent, DealSide, Delivery, DeliveryKind, Message, Terms
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import NotFound

PAGE = 20
_LARGEST_ID = 2**63 - 1
_WAITING_FOR = {
    DealSide.CREATOR: (State.PRODUCTION, State.PUBLISHING),
    DealSide.BRAND: (State.DRAFT_REVIEW, State.ACCEPTANCE),
}


class Tab(StrEnum):
    """The three heaps of the index: what waits for the reader, what waits for others, what is over."""

    YOURS = "yours"
    THEIRS = "theirs"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal in a list, with the terms agreed or on the table. `yours` says that it waits for the reader."""

    deal: Deal
    terms: Terms
    yours: bool


@dataclass(frozen=True, slots=True)
class DealList:
    rows: list[DealRow]
    counts: dict[Tab, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class OpenDeals:
    """What is due first in the two open heaps, and how many deals wait for the reader in all."""

    yours: list[DealRow]
    theirs: list[DealRow]
    yours_in_all: int


def visible_deals(actor: Actor) -> Select[Deal]:
    """The deals that the actor may see: their own sides' and, for an administrator and the clocks, all."""
    return select(Deal).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.is_admin or actor is SYSTEM:
        return literal(value=True)
    sides = []
    if actor.creator_id is not None:
        sides.append(Deal.creator_id == actor.creator_id)
    if actor.brand_id is not None:
        sides.append(Deal.brand_id == actor.brand_id)
    return or_(false(), *sides)


def get_deal(actor: Actor, deal_id: int, *, lock: bool = False) -> Deal:
    """One deal, its row locked for the verb that is going to change it.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    query = visible_deals(actor).where(Deal.id == deal_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return _one(query, deal_id)


def get_deal_with_sides(actor: Actor, deal_id: int) -> Deal:
    """One deal for its page, with creator, brand and agreed terms at hand.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    sides = joinedload(Deal.creator), joinedload(Deal.brand), joinedload(Deal.accepted_terms)
    return _one(visible_deals(actor).where(Deal.id == deal_id).options(*sides), deal_id)


def _one(query: Select[Deal], deal_id: int) -> Deal:
    # A number that no bigint holds would be the database's error rather than nobody's deal.
    deal = db.session.scalars(query).first() if 0 < deal_id <= _LARGEST_ID else None
    if deal is None:
        raise NotFound
    return deal


def deal_of_selection(actor: Actor, selection_id: int) -> Deal:
    """The deal that a returned selection opened.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    return _one(visible_deals(actor).where(Deal.selection_id == selection_id), selection_id)


def waits_for(side: DealSide) -> ColumnElement[bool]:
    """Whether a deal waits for the creator's or the brand's side: its turn, in SQL."""
    signed = exists().where(Signature.contract_id == Deal.contract_id, Signature.party == Party(side.value))
    return or_(
        and_(Deal.state == State.NEGOTIATING, Deal.proposed_by != side),
        and_(Deal.state == State.SIGNING, ~signed),
        and_(Deal.state == State.FUNDING, ~Deal.awaiting_bank) if side is DealSide.BRAND else false(),
        Deal.state.in_(_WAITING_FOR[side]),
    )


def _yours(actor: Actor) -> ColumnElement[bool]:
    turns = []
    if actor.creator_id is not None:
        turns.append(and_(Deal.creator_id == actor.creator_id, waits_for(DealSide.CREATOR)))
    if actor.brand_id is not None:
        turns.append(and_(Deal.brand_id == actor.brand_id, waits_for(DealSide.BRAND)))
    return or_(false(), *turns)


def list_deals(actor: Actor, tab: Tab, page: int = 1) -> DealList:
    """A page of the actor's deals in one heap: open ones by what is due first, those that are over newest first."""
    heap = case((Deal.state.in_(FINAL), Tab.DONE.value), (_yours(actor), Tab.YOURS.value), else_=Tab.THEIRS.value)
    grouped = select(heap.label("heap"), func.count()).where(_visible(actor)).group_by("heap")
    counts = dict.fromkeys(Tab, 0)
    for found, number in db.session.execute(grouped):
        counts[Tab(found)] = number
    pages = max(1, -(-counts[tab] // PAGE))
    page = min(max(1, page), pages)
    query = deal_rows(actor).where(heap == tab.value)
    order = (Deal.state_since.desc(),) if tab is Tab.DONE else (Deal.deadline_at.asc().nulls_last(),)
    query = query.order_by(*order, Deal.id.desc()).offset((page - 1) * PAGE).limit(PAGE)
    return DealList(fetch_rows(query), counts, page, pages)


def open_deals(actor: Actor, most: int) -> OpenDeals:
    """The first `most` deals of each open heap, in one query: for the home page of a role."""
    yours = _yours(actor)
    due = (Deal.deadline_at.asc().nulls_last(), Deal.id.desc())
    places = func.row_number().over(partition_by=yours, order_by=due).label("place")
    heaps = select(Deal.id, places, func.count().over(partition_by=yours).label("in_all"))
    ranked = heaps.where(_visible(actor), Deal.state.not_in(FINAL)).subquery()
    query = deal_rows(actor).join(ranked, ranked.c.id == Deal.id).where(ranked.c.place <= most)
    found = db.session.execute(query.add_columns(ranked.c.in_all).order_by(ranked.c.place)).all()
    rows = [DealRow(deal, terms, yours=mine) for deal, terms, mine, _in_all in found]
    in_all = next((number for _deal, _terms, mine, number in found if mine), 0)
    return OpenDeals([row for row in rows if row.yours], [row for row in rows if not row.yours], in_all)


def deal_rows(actor: Actor) -> Select[Deal, Terms, bool]:
    """The actor's deals, each with its terms and whether it waits for the actor; for `fetch_rows`."""
    other = aliased(Terms)
    newest = select(func.max(other.id)).where(other.deal_id == Deal.id).correlate(Deal).scalar_subquery()
    return (
        select(Deal, Terms, _yours(actor))
        .select_from(Deal)
        .join(Terms, Terms.id == func.coalesce(Deal.accepted_terms_id, newest))
        .where(_visible(actor))
        .options(joinedload(Deal.creator), joinedload(Deal.brand))
    )


def fetch_rows(query: Select[Deal, Terms, bool]) -> list[DealRow]:
    return [DealRow(deal, terms, yours) for deal, terms, yours in db.session.execute(query)]


def newest_terms(deal_id: int) -> Terms:
    """The terms on the table."""
    query = select(Terms).where(Terms.deal_id == deal_id).order_by(Terms.number.desc()).limit(1)
    return db.session.scalars(query).one()


def terms_of(deal_id: int) -> Sequence[Terms]:
    """All that was proposed, oldest first."""
    return db.session.scalars(select(Terms).where(Terms.deal_id == deal_id).order_by(Terms.number)).all()


def newest_delivery(deal_id: int, kind: DeliveryKind) -> Delivery | None:
    """What was handed in last, if anything was."""
    query = select(Delivery).where(Delivery.deal_id == deal_id, Delivery.kind == kind).order_by(Delivery.number.desc())
    return db.session.scalars(query.options(joinedload(Delivery.file)).limit(1)).first()


def deliveries_of(deal_id: int) -> Sequence[Delivery]:
    """All that was handed in, oldest first, with the files' names."""
    query = select(Delivery).where(Delivery.deal_id == deal_id).order_by(Delivery.id)
    return db.session.scalars(query.options(joinedload(Delivery.file))).all()


def events_of(deal_id: int) -> Sequence[DealEvent]:
    """All that happened, oldest first."""
    return db.session.scalars(select(DealEvent).where(DealEvent.deal_id == deal_id).order_by(DealEvent.id)).all()


def messages_of(deal_id: int, limit: int, before: int | None = None) -> tuple[list[Message], int]:
    """The newest messages, newest first (older than id `before` if given), and how many the deal has in all."""
    total = select(func.count()).where(Message.deal_id == deal_id).scalar_subquery()
    query = select(Message, total).where(Message.deal_id == deal_id)
    if before is not None and 0 < before <= _LARGEST_ID:
        query = query.where(Message.id < before)
    rows = db.session.execute(query.order_by(Message.id.desc()).limit(limit)).all()
    return [message for message, _total in rows], rows[0][1] if rows else 0


def delivered_file(deal_id: int, file_id: int) -> StoredFile:
    """A file that was handed in with this deal.

    Raises:
        NotFound: none of this deal's.
    """
    query = (
        select(StoredFile)
        .join(Delivery, Delivery.file_id == StoredFile.id)
        .where(Delivery.deal_id == deal_id, StoredFile.id == file_id)
    )
    stored = db.session.scalars(query).first() if file_id <= _LARGEST_ID else None
    if stored is None:
        raise NotFound
    return stored
