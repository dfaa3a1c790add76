"""Blocked lists: who doesn't want to meet whom, and the conditions by which queries keep the two apart.

A block holds both ways, whoever made it. Deals that run go on.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, exists, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Block, BlockedBy
from marketplace.brands.policy import require_manager
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed, NotFound

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


def block_creator(actor: Actor, creator_id: int, reason: str = "") -> None:
    """The actor's brand wants to meet the creator no more. Done twice it is done once, with the newer reason.

    Raises:
        NotAllowed: the actor doesn't manage a brand.
    """
    brand_id = require_manager(actor)
    _block(actor, brand_id, creator_id, BlockedBy.BRAND, reason)


def block_brand(actor: Actor, brand_id: int, reason: str = "") -> None:
    """The creator, or their agency for them, wants to meet the brand no more.

    Raises:
        NotAllowed: the actor answers for no creator.
    """
    _block(actor, brand_id, _require_creator(actor), BlockedBy.CREATOR, reason)


def unblock_creator(actor: Actor, creator_id: int) -> None:
    """
    Raises:
        NotAllowed: the actor doesn't manage a brand.
        NotFound: the brand hasn't blocked the creator.
    """
    _unblock(require_manager(actor), creator_id, BlockedBy.BRAND)


def unblock_brand(actor: Actor, brand_id: int) -> None:
    """
    Raises:
        NotAllowed: the actor answers for no creator.
        NotFound: the creator hasn't blocked the brand.
    """
    _unblock(brand_id, _require_creator(actor), BlockedBy.CREATOR)


def _require_creator(actor: Actor) -> int:
    if actor.creator_id is None:
        raise NotAllowed(_l("Fill in your creator profile first."))
    return actor.creator_id


def _block(actor: Actor, brand_id: int, creator_id: int, side: BlockedBy, reason: str) -> None:
    said = {"reason": reason, "user_id": actor.user_id, "at": clock.now()}
    row = insert(Block).values(brand_id=brand_id, creator_id=creator_id, by_side=side, **said)
    one = [Block.brand_id, Block.creator_id, Block.by_side]
    db.session.execute(row.on_conflict_do_update(index_elements=one, set_=said))


def _unblock(brand_id: int, creator_id: int, side: BlockedBy) -> None:
    """Only what this side blocked: whether the other did too is theirs to know."""
    one = (Block.brand_id == brand_id, Block.creator_id == creator_id, Block.by_side == side)
    if db.session.scalar(delete(Block).where(*one).returning(Block.id)) is None:
        raise NotFound
