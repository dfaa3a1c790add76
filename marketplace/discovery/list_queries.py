"""Reads of a brand's lists of creators. Creators whom a block keeps apart from the brand aren't in any of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.brands.blocks import creator_not_blocked_for
from marketplace.creators.models import Creator, FanReading
from marketplace.creators.queries import accepted_readings, creators_by_ids
from marketplace.discovery.models import CreatorList, ListedCreator
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.offers.models import Offer, OfferStatus

A_PAGE = 50
_FACES = 4


@dataclass(frozen=True, slots=True)
class ListLine:
    """One list among the others: how many are in it, the newest of them, and who made it."""

    kept: CreatorList
    number: int
    newest: Sequence[Creator]
    maker: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One creator in a list; `lowest` is the cheapest listed package."""

    creator: Creator
    listed: ListedCreator
    added_by: str
    reading: FanReading | None
    lowest: Money | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, the newest first; `number` may be less than asked for."""

    kept: CreatorList
    entries: Sequence[Entry]
    total: int
    number: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // A_PAGE))


@dataclass(frozen=True, slots=True)
class Choice:
    """A list that a creator may be put into, and whether they are in it."""

    kept: CreatorList
    number: int
    has: bool


def lists_of(actor: Actor) -> list[ListLine]:
    """The brand's lists by name: three queries."""
    query = select(CreatorList, User.name).join(User, User.id == CreatorList.created_by)
    found = db.session.execute(
        query.where(CreatorList.brand_id == actor.brand_id).order_by(func.lower(CreatorList.name))
    )
    lists = found.all()
    counted = _counted(actor.brand_id, [kept.id for kept, _maker in lists])
    creators = creators_by_ids(creator_id for _number, newest in counted.values() for creator_id in newest)
    lines = [(kept, *counted.get(kept.id, (0, ())), maker) for kept, maker in lists]
    return [ListLine(kept, number, [creators[one] for one in newest], maker) for kept, number, newest, maker in lines]


def _counted(brand_id: int | None, list_ids: Collection[int]) -> dict[int, tuple[int, Sequence[int]]]:
    place = func.row_number().over(partition_by=ListedCreator.list_id, order_by=ListedCreator.id.desc())
    rows = (
        select(ListedCreator.list_id, ListedCreator.creator_id, place.label("place"))
        .where(ListedCreator.list_id.in_(list_ids), creator_not_blocked_for(brand_id, ListedCreator.creator_id))
        .subquery()
    )
    faces = func.array_agg(aggregate_order_by(rows.c.creator_id, rows.c.place)).filter(rows.c.place <= _FACES)
    query = select(rows.c.list_id, func.count(), faces).group_by(rows.c.list_id)
    return {list_id: (number, newest) for list_id, number, newest in db.session.execute(query)}


def get_list(actor: Actor, list_id: int) -> CreatorList:
    """
    Raises:
        NotFound: the actor's brand has no such list.
    """
    mine = (CreatorList.id == list_id, CreatorList.brand_id == actor.brand_id)
    found = db.session.scalars(select(CreatorList).where(*mine)).first()
    if found is None:
        raise NotFound
    return found


def list_page(actor: Actor, list_id: int, page: int) -> ListPage:
    """One page of a list with what is known of each creator: five queries.

    Raises:
        NotFound: the actor's brand has no such list.
    """
    kept = get_list(actor, list_id)
    shown = (ListedCreator.list_id == kept.id, creator_not_blocked_for(kept.brand_id, ListedCreator.creator_id))
    total = db.session.scalar(select(func.count()).select_from(ListedCreator).where(*shown)) or 0
    number = min(max(page, 1), max(1, -(-total // A_PAGE)))
    query = (
        select(ListedCreator, Creator, User.name)
        .join(Creator, Creator.id == ListedCreator.creator_id)
        .join(User, User.id == ListedCreator.added_by)
        .where(*shown)
        .order_by(ListedCreator.id.desc())
        .limit(A_PAGE)
        .offset((number - 1) * A_PAGE)
    )
    rows = db.session.execute(query).all()
    ids = [creator.id for _listed, creator, _name in rows]
    readings, prices = accepted_readings(ids), _lowest_prices(ids)
    entries = [
        Entry(creator, listed, name, next(iter(readings.get(creator.id, [])), None), prices.get(creator.id))
        for listed, creator, name in rows
    ]
    return ListPage(kept, entries, total, number)


def _lowest_prices(creator_ids: Collection[int]) -> dict[int, Money]:
    sold: tuple[ColumnElement[bool], ...] = (
        Offer.creator_id.in_(creator_ids),
        Offer.status == OfferStatus.LISTED,
        Offer.currency == DEFAULT_CURRENCY,
    )
    query = select(Offer.creator_id, func.min(Offer.lowest_amount)).where(*sold).group_by(Offer.creator_id)
    return {creator_id: Money(amount, DEFAULT_CURRENCY) for creator_id, amount in db.session.execute(query) if amount}


def saved_ids(actor: Actor, creator_ids: Collection[int]) -> set[int]:
    """Which of the creators stand in any list of the actor's brand, in one query; none for who has no brand."""
    if actor.brand_id is None or not creator_ids:
        return set()
    query = select(ListedCreator.creator_id).join(CreatorList, CreatorList.id == ListedCreator.list_id)
    mine = (CreatorList.brand_id == actor.brand_id, ListedCreator.creator_id.in_(creator_ids))
    return set(db.session.scalars(query.where(*mine)))


def choices_for(actor: Actor, creator_id: int) -> list[Choice]:
    """The brand's lists by name, each with how many are in it and whether the creator is: one query."""
    number = select(func.count()).where(ListedCreator.list_id == CreatorList.id).correlate(CreatorList)
    has = select(ListedCreator.id).where(
        ListedCreator.list_id == CreatorList.id, ListedCreator.creator_id == creator_id
    )
    query = select(CreatorList, number.scalar_subquery(), has.correlate(CreatorList).exists())
    found = db.session.execute(
        query.where(CreatorList.brand_id == actor.brand_id).order_by(func.lower(CreatorList.name))
    )
    return [Choice(kept, number, has) for kept, number, has in found]
