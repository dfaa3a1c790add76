"""Blocked lists: who doesn't want to meet whom, and the conditions by which queries keep the two apart.

A block holds both ways, whoever made it. Deals that run go on.
"""

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Block
from marketplace.infra.db import db

Column = InstrumentedAttribute[int] | ColumnElement[int]


def is_blocked(brand_id: int | None, creator_id: int | None) -> bool:
    """Whether either of the two has blocked the other. Nobody is blocked who has no profile yet."""
    if brand_id is None or creator_id is None:
        return False
    found = exists().where(Block.brand_id == brand_id, Block.creator_id == creator_id)
    return bool(db.session.scalar(select(found)))


def hides_creator(actor: Actor, creator_id: int) -> bool:
    """Whether the creator's pages don't exist for the actor. For themselves and administrators they always do."""
    return not actor.is_admin and actor.creator_id != creator_id and is_blocked(actor.brand_id, creator_id)


def hides_brand(actor: Actor, brand_id: int) -> bool:
    """Whether the brand's pages don't exist for the actor."""
    return not actor.is_admin and actor.brand_id != brand_id and is_blocked(brand_id, actor.creator_id)


def creator_not_blocked_for(brand_id: int | None, creator_id: Column) -> ColumnElement[bool]:
    """The condition that a query's creator (`Creator.id`, `Offer.creator_id`) may be met by the brand."""
    if brand_id is None:
        return true()
    return ~exists().where(Block.brand_id == brand_id, Block.creator_id == creator_id)


def brand_not_blocked_for(creator_id: int | None, brand_id: Column) -> ColumnElement[bool]:
    """The condition that a query's brand (`Brand.id`, `Brief.brand_id`) may be met by the creator."""
    if creator_id is None:
        return true()
    return ~exists().where(Block.creator_id == creator_id, Block.brand_id == brand_id)
