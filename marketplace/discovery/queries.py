"""Finding creators who sell something: one page of them, how many there are, and how many each filter would leave.

A creator is shown who is eligible and has a listed offer. The number of queries doesn't depend on the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select

from marketplace.brands.blocks import creator_not_blocked_for
from marketplace.creators.models import Category, Channel, Creator, FanReading, Platform, ReadingStatus
from marketplace.creators.queries import accepted_readings
from marketplace.discovery.wanted import Sort, Wanted
from marketplace.infra.db import db
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.offers.models import Offer, OfferStatus

A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Found:
    """One tile: the creator, the largest verified reading, the lowest price of what they sell."""

    creator: Creator
    reading: FanReading | None
    lowest: Money | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of tiles; `number` may be less than asked for, when there are fewer pages."""

    found: Sequence[Found]
    total: int
    number: int

    @property
    def count(self) -> int:
        return max(1, -(-self.total // A_PAGE))


def find_creators(wanted: Wanted, for_brand: int | None = None) -> Page:
    """The page of creators that `wanted` asks for, without those whom a block keeps from the brand: three queries."""
    conditions = (*_conditions(wanted), creator_not_blocked_for(for_brand, Creator.id))
    total = db.session.scalar(select(func.count()).select_from(Creator).where(*conditions)) or 0
    number = min(wanted.page, max(1, -(-total // A_PAGE)))
    rows = db.session.execute(
        select(Creator, _lowest())
        .where(*conditions)
        .order_by(*_order(wanted.sort))
        .limit(A_PAGE)
        .offset((number - 1) * A_PAGE)
    ).all()
    readings = accepted_readings(creator.id for creator, _lowest_amount in rows)
    found = [Found(creator, next(iter(readings.get(creator.id, [])), None), _money(low)) for creator, low in rows]
    return Page(found, total, number)


def count_platforms(wanted: Wanted, for_brand: int | None = None) -> dict[Platform, int]:
    """How many creators have each platform verified, all other filters kept."""
    rows = db.session.execute(
        select(Channel.platform, func.count(Creator.id.distinct()))
        .join(Creator, Creator.id == Channel.creator_id)
        .where(_is_verified(), *_conditions(replace(wanted, platforms=())))
        .where(creator_not_blocked_for(for_brand, Creator.id))
        .group_by(Channel.platform)
    )
    return dict(rows.all())


def count_categories(wanted: Wanted, for_brand: int | None = None) -> dict[Category, int]:
    """How many creators each category has, all other filters kept."""
    rows = db.session.execute(
        select(Creator.category, func.count())
        .where(*_conditions(replace(wanted, categories=())))
        .where(creator_not_blocked_for(for_brand, Creator.id))
        .group_by(Creator.category)
    )
    return dict(rows.all())


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Creator.eligible.is_(True)
    yield exists().where(_is_listed())
    if wanted.least_fans is not None:
        yield Creator.verified_fans >= wanted.least_fans
    if wanted.categories:
        yield Creator.category.in_(wanted.categories)
    if wanted.platforms:
        yield exists().where(Channel.creator_id == Creator.id, Channel.platform.in_(wanted.platforms), _is_verified())
    if wanted.most_price is not None:
        price = wanted.most_price
        yield exists().where(_is_listed(), Offer.currency == price.currency, Offer.lowest_amount <= price.amount)
    yield from (_says(word) for word in wanted.words)


def _is_listed() -> ColumnElement[bool]:
    return and_(Offer.creator_id == Creator.id, Offer.status == OfferStatus.LISTED)


def _is_verified() -> ColumnElement[bool]:
    return exists().where(FanReading.channel_id == Channel.id, FanReading.status == ReadingStatus.ACCEPTED)


def _says(word: str) -> ColumnElement[bool]:
    """The word is in the creator's name or headline, or in the title of a listed offer."""
    titles = select(Offer.creator_id).where(
        Offer.status == OfferStatus.LISTED, Offer.title.icontains(word, autoescape=True)
    )
    return or_(
        Creator.name.icontains(word, autoescape=True),
        (Creator.headline_en + " " + Creator.headline_zh).icontains(word, autoescape=True),
        Creator.id.in_(titles),
    )


def _lowest() -> ScalarSelect[int]:
    """The cheapest package in the currency that prices are compared in."""
    lowest = select(func.min(Offer.lowest_amount)).where(_is_listed(), Offer.currency == DEFAULT_CURRENCY)
    return lowest.correlate(Creator).scalar_subquery()


def _newest() -> ScalarSelect[Any]:
    return select(func.max(Offer.listed_at)).where(_is_listed()).correlate(Creator).scalar_subquery()


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    fans_first = (Creator.verified_fans.desc(), Creator.id.desc())
    match sort:
        case Sort.FANS:
            return fans_first
        case Sort.NEWEST:
            return (_newest().desc(), Creator.id.desc())
        case Sort.PRICE:
            return (_lowest().asc().nulls_last(), *fans_first)


def _money(amount: int | None) -> Money | None:
    return Money(amount, DEFAULT_CURRENCY) if amount is not None else None
