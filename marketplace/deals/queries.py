"""Reads of deals, each scoped to who asks."""

from sqlalchemy import Select, false, or_, select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.deals.models import Deal, Delivery, DeliveryKind, Terms
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound


def visible_deals(actor: Actor) -> Select[Deal]:
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


def newest_terms(deal_id: int) -> Terms:
    """The terms on the table."""
    query = select(Terms).where(Terms.deal_id == deal_id).order_by(Terms.number.desc()).limit(1)
    return db.session.scalars(query).one()


def newest_delivery(deal_id: int, kind: DeliveryKind) -> Delivery | None:
    """What was handed in last, if anything was."""
    query = select(Delivery).where(Delivery.deal_id == deal_id, Delivery.kind == kind).order_by(Delivery.number.desc())
    return db.session.scalars(query.limit(1)).first()
