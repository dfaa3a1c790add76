"""How many creators each value of a filter would leave, counted no further than anybody reads."""

from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Select, Text, column, func, select, values

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
    sought = (Channel.verified_at.is_not(None), *conditions(replace(wanted, platforms=()), for_brand))
    query = select(Channel.creator_id).distinct().join(Creator, Creator.id == Channel.creator_id).where(*sought)
    return _count(Platform, Channel.platform, query, stops=not wanted.words)


def count_categories(wanted: Wanted, for_brand: int | None = None) -> dict[Category, int]:
    """The same for categories."""
    query = select(Creator.id).where(*conditions(replace(wanted, categories=()), for_brand))
    return _count(Category, Creator.category, query, stops=not wanted.words)


def _count(members: type[Member], facet: Any, query: Select[int], *, stops: bool) -> dict[Member, int]:
    """A count for each member, in one query.

    Where it `stops`, each member's creators are read by an index until there are enough of them. Words are looked up
    once for all members instead, as few creators say them.
    """
    if not stops:
        found = query.add_columns(facet.label("facet")).subquery()
        rows = db.session.execute(select(found.c.facet, func.count()).group_by(found.c.facet)).all()
        return {members(name): min(number, MOST_COUNTED + 1) for name, number in rows}
    names = values(column("name", Text), name="facet").data([(member.value,) for member in members])
    enough = query.where(facet == names.c.name).correlate(names).limit(MOST_COUNTED + 1).subquery()
    counted = select(func.count()).select_from(enough).correlate(names).scalar_subquery()
    return {members(name): number for name, number in db.session.execute(select(names.c.name, counted)) if number}
