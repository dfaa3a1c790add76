"""Reads of offers and packages."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, selectinload

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.offers.models import Offer, OfferStatus, Package
from marketplace.offers.policy import owns


def own_offers(actor: Actor) -> Sequence[Offer]:
    """The actor's offers with their packages, the newest first: two queries."""
    found = select(Offer).where(Offer.creator_id == actor.creator_id).order_by(Offer.id.desc())
    return db.session.scalars(found.options(selectinload(Offer.packages))).all()


def own_offer(actor: Actor, offer_id: int) -> Offer:
    """
    Raises:
        NotFound: there is no such offer of the actor's.
    """
    found = select(Offer).where(Offer.id == offer_id, Offer.creator_id == actor.creator_id)
    offer = db.session.scalars(found.options(selectinload(Offer.packages))).one_or_none()
    if offer is None:
        raise NotFound
    return offer


def visible_offer(actor: Actor, offer_id: int) -> tuple[Offer, Creator]:
    """An offer that can be booked, or any of the actor's own, with its creator.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = select(Offer, Creator).join(Creator, Creator.id == Offer.creator_id).where(Offer.id == offer_id)
    row = db.session.execute(found.options(selectinload(Offer.packages))).one_or_none()
    if row is None:
        raise NotFound
    offer, creator = row
    public = offer.status is OfferStatus.LISTED and creator.eligible
    if not public and not owns(actor, offer):
        raise NotFound
    return offer, creator


def listed_offers_of(creator: Creator) -> Sequence[Offer]:
    """What the creator sells now, with packages, the newest first; nothing while they aren't eligible."""
    if not creator.eligible:
        return []
    found = (
        select(Offer)
        .where(Offer.creator_id == creator.id, Offer.status == OfferStatus.LISTED)
        .order_by(Offer.listed_at.desc(), Offer.id.desc())
        .options(selectinload(Offer.packages))
    )
    return db.session.scalars(found).all()


def bookable_package(package_id: int, *, lock: bool = False) -> Package:
    """A package that can be booked now, with its offer loaded. `lock` holds both as they are until the commit.

    Raises:
        NotFound: there is no such package, it was taken out, its offer isn't listed or its creator isn't eligible.
    """
    found: Select[Package] = (
        select(Package)
        .join(Package.offer)
        .join(Creator, Creator.id == Offer.creator_id)
        .where(
            Package.id == package_id,
            Package.position.is_not(None),
            Offer.status == OfferStatus.LISTED,
            Creator.eligible,
        )
        .options(contains_eager(Package.offer))
    )
    if lock:
        found = found.with_for_update(read=True, of=(Package, Offer)).execution_options(populate_existing=True)
    package = db.session.scalars(found).one_or_none()
    if package is None:
        raise NotFound
    return package
