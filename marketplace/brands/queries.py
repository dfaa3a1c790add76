"""Reads of brands and their members."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import exists, select

from marketplace.brands.models import Brand, Member
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")


def membership_of(user_id: int, brand_id: int | None = None) -> Member | None:
    """The user's place in the brand, or in their oldest one."""
    query = select(Member).where(Member.user_id == user_id)
    if brand_id is not None:
        query = query.where(Member.brand_id == brand_id)
    return db.session.scalars(query.order_by(Member.id).limit(1)).first()


def get_brand(brand_id: int) -> Brand:
    """
    Raises:
        NotFound: there is no such brand.
    """
    brand = db.session.get(Brand, brand_id)
    if brand is None:
        raise NotFound
    return brand


def get_brand_by_handle(handle: str) -> Brand:
    """
    Raises:
        NotFound: no brand has this handle.
    """
    brand = None
    if HANDLE.fullmatch(handle):
        brand = db.session.scalars(select(Brand).where(Brand.handle == handle)).first()
    if brand is None:
        raise NotFound
    return brand


def brands_by_ids(brand_ids: Iterable[int]) -> dict[int, Brand]:
    """The brands by their ids, in one query; ids of nobody are left out."""
    wanted = set(brand_ids)
    if not wanted:
        return {}
    return {brand.id: brand for brand in db.session.scalars(select(Brand).where(Brand.id.in_(wanted)))}


def members_of(brand_id: int) -> Sequence[Member]:
    """The brand's members with their user ids and roles, the oldest first."""
    return db.session.scalars(select(Member).where(Member.brand_id == brand_id).order_by(Member.id)).all()


def is_member(user_id: int, brand_id: int) -> bool:
    """Whether the user belongs to the brand in any role."""
    found = exists().where(Member.brand_id == brand_id, Member.user_id == user_id)
    return bool(db.session.scalar(select(found)))
