"""How many creators each value of a filter would leave, counted no further than anybody reads."""

from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Text, column, func, literal, select, values

from marketplace.creators.models import Category, Channel, Creator, Platform
from marketplace.discovery.conditions import conditions
from marketplace.discovery.wanted import Wanted
from marketplace.infra.db import db

MOST_COUNTED = 1000
Member = TypeVar("Member", bound=StrEnum)


def count_platforms(wanted: Wanted, for_brand: int | None = None) -> dict[Platform, int]:
    """How many creators have each platform verified, all other filters kept; one more than `MOST_COUNTED` means more.

    Platforms without any are left out.
    """
    left = replace(wanted, platforms=())
    verified = (Channel.creator_id == Creator.id, Channel.verified_at.is_not(None))

    def having(platform: ColumnElement[str]) -> Select[Any]:
        query = select(Channel.creator_id).distinct().select_from(Channel).join(Creator, verified[0])
        return query.where(verified[1], Channel.platform == platform, *conditions(left, for_brand))

    return _count(Platform, having)


def count_categories(wanted: Wanted, for_brand: int | None = None) -> dict[Category, int]:
    """The same for categories."""
    left = replace(wanted, categories=())

    def having(category: ColumnElement[str]) -> Select[Any]:
        return (
            select(literal(1).label("one"))
            .select_from(Creator)
            .where(Creator.category == category, *conditions(left, for_brand))
        )

    return _count(Category, having)


def _count(members: type[Member], having: Any) -> dict[Member, int]:
    """A count for each member in one query: each stops by itself once it has seen enough."""
    names = values(column("name", Text), name="facet").data([(member.value,) for member in members])
    found = having(names.c.name).correlate(names).limit(MOST_COUNTED + 1).subquery()
    counted = select(func.count()).select_from(found).correlate(names).scalar_subquery()
    rows = db.session.execute(select(names.c.name, counted))
    return {members(name): number for name, number in rows if number}
