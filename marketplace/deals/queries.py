"""Reads of deals, each scoped to who asks."""

from sqlalchemy import Select, false, or_, select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.deals.models import Deal
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound


def visible_deals(actor: Actor) -> Select[tuple[Deal]]:
    """The deals that the actor may see: their own sides' and, for an administrator and the clocks, all."""
    if actor.is_admin or actor is SYSTEM:
        return select(Deal)
    sides = []
    if actor.creator_id is not None:
        sides.append(Deal.creator_id == actor.creator_id)
    if actor.brand_id is not None:
        sides.append(Deal.brand_id == actor.brand_id)
    return select(Deal).where(or_(false(), *sides))


def get_deal(actor: Actor, deal_id: int, *, lock: bool = False) -> Deal:
    """One deal, its row locked for the verb that is going to change it.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    query = visible_deals(actor).where(Deal.id == deal_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    deal = db.session.scalars(query).first()
    if deal is None:
        raise NotFound
    return deal
