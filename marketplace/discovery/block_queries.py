"""Whom a side has blocked. Whether the other side blocked it too is nobody's to read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.brands.models import Block, BlockedBy, Brand
from marketplace.creators.models import Creator
from marketplace.infra.db import db

_MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Blocked:
    """One of the other side, and who blocked them why."""

    block: Block
    other: Creator | Brand
    by: str


def blocked_creators(actor: Actor) -> Sequence[Blocked]:
    """Whom the actor's brand has blocked, the newest first, in one query."""
    query = (
        select(Block, Creator, User.name)
        .join(Creator, Creator.id == Block.creator_id)
        .join(User, User.id == Block.user_id)
        .where(Block.brand_id == actor.brand_id, Block.by_side == BlockedBy.BRAND)
        .order_by(Block.id.desc())
        .limit(_MOST_SHOWN)
    )
    return [Blocked(block, creator, name) for block, creator, name in db.session.execute(query)]


def blocked_brands(actor: Actor) -> Sequence[Blocked]:
    """Which brands the actor's creator has blocked, the newest first, in one query."""
    query = (
        select(Block, Brand, User.name)
        .join(Brand, Brand.id == Block.brand_id)
        .join(User, User.id == Block.user_id)
        .where(Block.creator_id == actor.creator_id, Block.by_side == BlockedBy.CREATOR)
        .order_by(Block.id.desc())
        .limit(_MOST_SHOWN)
    )
    return [Blocked(block, brand, name) for block, brand, name in db.session.execute(query)]
