"""The verbs of offers: write one, list it, pause it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Category, Creator
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.offers.models import Offer, OfferStatus, Package
from marketplace.offers.policy import LARGEST_PRICE, MOST_OFFERS, MOST_PACKAGES, SMALLEST_PRICE, require_listing


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One package as the creator wrote it; `package_id` is None for a new one."""

    package_id: int | None
    name: str
    content: ContentKind
    deliverables: str
    delivery_days: int
    revisions: int
    price: Money


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer as the creator wrote it, with its packages in their order."""

    title: str
    description: str
    category: Category
    packages: Sequence[PackageFacts]


def create_offer(actor: Actor, facts: OfferFacts) -> Offer:
    """Write a draft.

    Raises:
        NotAllowed: the actor has no creator profile.
        Invalid: there are too many offers or packages, none at all, or their currencies differ.
    """
    lowest = _check_packages(facts.packages)
    creator_id = _lock_creator(actor).id
    written = db.session.scalar(select(func.count()).select_from(Offer).where(Offer.creator_id == creator_id)) or 0
    if written >= MOST_OFFERS:
        raise Invalid(_l("You have %(most)s offers, which is the most. Change one of them instead.", most=MOST_OFFERS))
    offer = Offer(
        creator_id=creator_id,
        title=facts.title,
        description=facts.description,
        category=facts.category,
        status=OfferStatus.DRAFT,
        currency=lowest.currency,
        lowest_amount=lowest.amount,
        created_at=clock.now(),
        version=1,
    )
    db.session.add(offer)
    db.session.flush()
    _write_packages(offer, facts.packages)
    return offer


def edit_offer(actor: Actor, offer_id: int, facts: OfferFacts, version: int) -> Offer:
    """Change the offer that the actor saw at `version`; bookings made before keep what they copied.

    Raises:
        NotFound: the offer isn't the actor's.
        Conflict: it was changed since the form was opened.
        Invalid: there are too many packages, none at all, or their currencies differ.
    """
    lowest = _check_packages(facts.packages)
    offer = _lock_offer(actor, offer_id)
    if offer.version != version:
        raise Conflict(_l("This offer was changed in another window. Open it again to see how it is now."))
    offer.title, offer.description, offer.category = facts.title, facts.description, facts.category
    offer.currency, offer.lowest_amount = lowest.currency, lowest.amount
    offer.version += 1
    _write_packages(offer, facts.packages)
    return offer


def list_offer(actor: Actor, offer_id: int) -> Offer:
    """Show the offer to brands.

    Raises:
        NotFound: the offer isn't the actor's.
        NotAllowed: the creator hasn't enough verified fans.
        Invalid: the actor hasn't confirmed their e-mail.
        Conflict: it is listed already.
    """
    creator = _lock_creator(actor)
    offer = _lock_offer(actor, offer_id)
    if offer.status is OfferStatus.LISTED:
        raise Conflict(_l("This offer is listed already."))
    require_listing(actor, creator)
    offer.status = OfferStatus.LISTED
    offer.listed_at = offer.listed_at or clock.now()
    db.session.flush()
    return offer


def pause_offer(actor: Actor, offer_id: int) -> Offer:
    """Take the offer out of the lists; what is booked goes on.

    Raises:
        NotFound: the offer isn't the actor's.
        Conflict: it isn't listed.
    """
    offer = _lock_offer(actor, offer_id)
    if offer.status is not OfferStatus.LISTED:
        raise Conflict(_l("This offer isn’t listed, so there is nothing to pause."))
    offer.status = OfferStatus.PAUSED
    db.session.flush()
    return offer


def _lock_creator(actor: Actor) -> Creator:
    if actor.creator_id is None:
        raise NotAllowed(_l("Save your profile first."))
    creator = db.session.get(Creator, actor.creator_id, with_for_update=True, populate_existing=True)
    if creator is None or creator.user_id != actor.user_id:
        raise NotAllowed
    return creator


def _lock_offer(actor: Actor, offer_id: int) -> Offer:
    locked = select(Offer).where(Offer.id == offer_id, Offer.creator_id == actor.creator_id).with_for_update()
    offer = db.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if offer is None:
        raise NotFound
    return offer


def _check_packages(packages: Sequence[PackageFacts]) -> Money:
    """The price of the cheapest package.

    Raises:
        Invalid: they can't stand together.
    """
    if not packages:
        raise Invalid(_l("An offer needs at least one package."))
    if len(packages) > MOST_PACKAGES:
        raise Invalid(_l("An offer has at most %(most)s packages.", most=MOST_PACKAGES))
    if len({found.price.currency for found in packages}) > 1:
        raise Invalid(_l("All packages of an offer are priced in one currency."))
    if any(not SMALLEST_PRICE <= found.price.amount <= LARGEST_PRICE for found in packages):
        raise Invalid(_l("A package’s price is too small or too large to be paid at once."))
    return min(found.price for found in packages)


def _write_packages(offer: Offer, packages: Sequence[PackageFacts]) -> None:
    """Change, add and take out packages until the offer has these, in this order."""
    kept = select(Package).where(Package.offer_id == offer.id, Package.position.is_not(None)).with_for_update()
    present = {package.id: package for package in db.session.scalars(kept)}
    named = [found.package_id for found in packages if found.package_id is not None]
    if len(set(named)) != len(named) or not set(named) <= present.keys():
        raise Conflict(_l("One of the packages isn’t part of this offer any more. Open the offer again."))
    for package in present.values():
        package.position = None
    for position, facts in enumerate(packages, start=1):
        package = present[facts.package_id] if facts.package_id is not None else Package(offer_id=offer.id)
        package.position, package.name = position, facts.name
        package.content, package.kind = facts.content, facts.content.deal_kind
        package.deliverables, package.delivery_days = facts.deliverables, facts.delivery_days
        package.revisions, package.price = facts.revisions, facts.price
        db.session.add(package)
    db.session.flush()
    db.session.expire(offer, ["packages"])
