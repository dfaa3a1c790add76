"""Finding creators who sell something: one page of them, and how many there are.

The number of queries doesn't depend on the rows, and neither does the work, beyond what a page shows and counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from marketplace.creators.models import Creator, FanReading
from marketplace.creators.queries import accepted_readings
from marketplace.discovery.conditions import conditions
from marketplace.discovery.facets import MOST_COUNTED
from marketplace.discovery.wanted import Sort, Wanted
from marketplace.infra.db import db
from marketplace.kit.money import DEFAULT_CURRENCY, Money

A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Found:
    """One tile: the creator, the largest verified reading, the lowest price of what they sell."""

    creator: Creator
    reading: FanReading | None
    lowest: Money | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of tiles; `number` may be less than asked for, when there are fewer pages.

    `total` is counted up to `MOST_COUNTED`; where there are `more`, only that many can be leafed through.
    """

    found: Sequence[Found]
    total: int
    more: bool
    number: int

    @property
    def count(self) -> int:
        return _pages(self.total)


def _pages(total: int) -> int:
    return max(1, -(-total // A_PAGE))


def find_creators(wanted: Wanted, for_brand: int | None = None) -> Page:
    """The page of creators that `wanted` asks for, without those whom a block keeps from the brand: three queries."""
    sought = tuple(conditions(wanted, for_brand))
    # Counted in an index's own order, so that it serves, and no further than anybody reads.
    some = select(Creator.id).where(*sought).order_by(*_order(Sort.FANS)).limit(MOST_COUNTED + 1).subquery()
    counted = db.session.scalar(select(func.count()).select_from(some)) or 0
    total = min(counted, MOST_COUNTED)
    number = min(wanted.page, _pages(total))
    query = select(Creator).where(*sought).order_by(*_order(wanted.sort)).limit(A_PAGE).offset((number - 1) * A_PAGE)
    creators = db.session.scalars(query).all()
    readings = accepted_readings(creator.id for creator in creators)
    found = [Found(one, next(iter(readings.get(one.id, [])), None), _money(one.lowest_amount)) for one in creators]
    return Page(found, total, counted > MOST_COUNTED, number)


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    fans_first = (Creator.verified_fans.desc(), Creator.id.desc())
    match sort:
        case Sort.FANS:
            return fans_first
        case Sort.NEWEST:
            return (Creator.newest_offer_at.desc(), Creator.id.desc())
        case Sort.PRICE:
            return (Creator.lowest_amount.asc().nulls_last(), *fans_first)


def _money(amount: int | None) -> Money | None:
    return Money(amount, DEFAULT_CURRENCY) if amount is not None else None
