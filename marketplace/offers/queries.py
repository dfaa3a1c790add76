"""Reads of offers and packages."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, selectinload

from marketplace.accounts.actor import Actor
from marketplace.brands.blocks import hides_creator
from marketplace.creators.models import Creator, TrackRecord, Work
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.offers.models import Offer, OfferExample, OfferStatus, Package
from marketplace.offers.policy import owns

# The creator's own; what was never moved comes first, the newest at the top.
OWN_ORDER = (Offer.position, Offer.id.desc())


def own_offers(actor: Actor) -> Sequence[Offer]:
    """The actor's offers with their packages and add-ons, in their own order: three queries."""
    found = select(Offer).where(Offer.creator_id == actor.creator_id).order_by(*OWN_ORDER)
    return db.session.scalars(found.options(selectinload(Offer.packages), selectinload(Offer.addons))).all()


def own_offer(actor: Actor, offer_id: int) -> Offer:
    """
    Raises:
        NotFound: there is no such offer of the actor's.
    """
    found = select(Offer).where(Offer.id == offer_id, Offer.creator_id == actor.creator_id)
    offer = db.session.scalars(found.options(selectinload(Offer.packages), selectinload(Offer.addons))).one_or_none()
    if offer is None:
        raise NotFound
    return offer


def visible_offer(actor: Actor, offer_id: int) -> tuple[Offer, Creator]:
    """An offer that brands see, or any of the actor's own, with its creator. Whom a block keeps apart sees none.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = select(Offer, Creator).join(Creator, Creator.id == Offer.creator_id).where(Offer.id == offer_id)
    row = db.session.execute(found.options(selectinload(Offer.packages), selectinload(Offer.addons))).one_or_none()
    if row is None:
        raise NotFound
    offer, creator = row
    public = offer.status is OfferStatus.LISTED and creator.eligible and not hides_creator(actor, creator.id)
    if not public and not owns(actor, offer):
        raise NotFound
    return offer, creator


def example_works(offer_id: int) -> Sequence[Work]:
    """The works that the offer shows, in its order."""
    shown = select(Work).join(OfferExample, OfferExample.work_id == Work.id).where(OfferExample.offer_id == offer_id)
    return db.session.scalars(shown.order_by(OfferExample.position)).all()


def track_record_of(creator_id: int) -> TrackRecord | None:
    """What the creator's past says of them, once there is any."""
    return db.session.get(TrackRecord, creator_id)


def listed_offers_of(creator: Creator) -> Sequence[Offer]:
    """What the creator sells now, with packages, in their own order; nothing while they aren't eligible."""
    if not creator.eligible:
        return []
    found = (
        select(Offer)
        .where(Offer.creator_id == creator.id, Offer.status == OfferStatus.LISTED)
        .order_by(*OWN_ORDER)
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
