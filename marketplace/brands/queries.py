"""Reads of brands and their members."""

from sqlalchemy import select

from marketplace.brands.models import Brand, Member
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound


def membership_of(user_id: int) -> Member | None:
    """The user's place in a brand, the oldest if there are several."""
    return db.session.scalars(select(Member).where(Member.user_id == user_id).order_by(Member.id).limit(1)).first()


def get_brand(brand_id: int) -> Brand:
    """
    Raises:
        NotFound: there is no such brand.
    """
    brand = db.session.get(Brand, brand_id)
    if brand is None:
        raise NotFound
    return brand
