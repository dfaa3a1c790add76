"""The verbs of offers: write one, copy it, list it, pause it, put them in order, throw a draft away."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Creator, Work
from marketplace.creators.own import lock_own_creator
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.offers.facts import AddonFacts, OfferFacts, PackageFacts, check_facts
from marketplace.offers.models import Addon, Offer, OfferExample, OfferStatus, Package
from marketplace.offers.policy import MOST_OFFERS, may_delete, require_listing
from marketplace.offers.queries import OWN_ORDER, example_works, own_offer
from marketplace.offers.selling import count_selling

_MOST_TITLE = 100


def create_offer(actor: Actor, facts: OfferFacts) -> Offer:
    """Write a draft.

    Raises:
        NotAllowed: the actor has no creator profile.
        Invalid: there are too many offers, or packages and add-ons can't stand together.
    """
    check_facts(facts)
    creator_id = lock_own_creator(actor).id
    written = db.session.scalar(select(func.count()).select_from(Offer).where(Offer.creator_id == creator_id)) or 0
    if written >= MOST_OFFERS:
        raise Invalid(_l("You have %(most)s offers, which is the most. Change one of them instead.", most=MOST_OFFERS))
    offer = Offer(
        creator_id=creator_id,
        title=facts.title,
        description=facts.description,
        category=facts.category,
        status=OfferStatus.DRAFT,
        currency=facts.lowest.currency,
        lowest_amount=facts.lowest.amount,
        created_at=clock.now(),
        version=1,
    )
    db.session.add(offer)
    db.session.flush()
    _write_parts(offer, facts)
    return offer


def duplicate_offer(actor: Actor, offer_id: int) -> Offer:
    """A draft that says the same; its title says in the reader's language that it is a copy.

    Raises:
        NotFound: the offer isn't the actor's.
        Invalid: there are too many offers.
    """
    offer = own_offer(actor, offer_id)
    return create_offer(actor, _facts_of(offer, _title_of_copy(offer.title)))


def _title_of_copy(title: str) -> str:
    """What it says of being a copy is never cut off."""
    room = _MOST_TITLE - len(gettext("Copy of %(title)s", title=""))
    return str(gettext("Copy of %(title)s", title=title[:room]))


def edit_offer(actor: Actor, offer_id: int, facts: OfferFacts, version: int) -> Offer:
    """Change the offer that the actor saw at `version`; bookings made before keep what they copied.

    Raises:
        NotFound: the offer isn't the actor's.
        Conflict: it was changed since the form was opened.
        Invalid: packages and add-ons can't stand together.
    """
    check_facts(facts)
    creator, offer = _lock_creator_and_offer(actor, offer_id)
    if offer.version != version:
        raise Conflict(_l("This offer was changed in another window. Open it again to see how it is now."))
    offer.title, offer.description, offer.category = facts.title, facts.description, facts.category
    offer.currency, offer.lowest_amount = facts.lowest.currency, facts.lowest.amount
    offer.version += 1
    _write_parts(offer, facts)
    count_selling(creator)
    return offer


def list_offer(actor: Actor, offer_id: int) -> Offer:
    """Show the offer to brands.

    Raises:
        NotFound: the offer isn't the actor's.
        NotAllowed: the creator hasn't enough verified fans.
        Invalid: the actor hasn't confirmed their e-mail.
        Conflict: it is listed already.
    """
    creator = lock_own_creator(actor)
    offer = _lock_offer(actor, offer_id)
    if offer.status is OfferStatus.LISTED:
        raise Conflict(_l("This offer is listed already."))
    require_listing(actor, creator)
    offer.status = OfferStatus.LISTED
    offer.listed_at = offer.listed_at or clock.now()
    count_selling(creator)
    return offer


def pause_offer(actor: Actor, offer_id: int) -> Offer:
    """Take the offer out of the lists; what is booked goes on.

    Raises:
        NotFound: the offer isn't the actor's.
        Conflict: it isn't listed.
    """
    creator, offer = _lock_creator_and_offer(actor, offer_id)
    if offer.status is not OfferStatus.LISTED:
        raise Conflict(_l("This offer isn’t listed, so there is nothing to pause."))
    offer.status = OfferStatus.PAUSED
    count_selling(creator)
    return offer


def delete_offer(actor: Actor, offer_id: int) -> None:
    """Throw away a draft that nobody else ever saw.

    Raises:
        NotFound: the offer isn't the actor's.
        Conflict: it was listed, so bookings may refer to it.
    """
    offer = _lock_offer(actor, offer_id)
    if not may_delete(offer):
        raise Conflict(_l("Only a draft that was never listed can be deleted. Pause this offer instead."))
    for part in (OfferExample, Addon, Package):
        db.session.execute(delete(part).where(part.offer_id == offer.id))
    db.session.delete(offer)
    db.session.flush()


def move_offer(actor: Actor, offer_id: int, places: int) -> None:
    """Put the offer that many places further down the creator's own order; up where negative, and never past an end.

    Raises:
        NotFound: the offer isn't the actor's.
        NotAllowed: the actor has no creator profile.
    """
    creator = lock_own_creator(actor)
    own = select(Offer).where(Offer.creator_id == creator.id).order_by(*OWN_ORDER).with_for_update()
    offers = list(db.session.scalars(own.execution_options(populate_existing=True)))
    place = next((place for place, offer in enumerate(offers) if offer.id == offer_id), None)
    if place is None:
        raise NotFound
    moved = offers.pop(place)
    offers.insert(max(place + places, 0), moved)
    for position, offer in enumerate(offers, start=1):
        offer.position = position
    db.session.flush()


def _lock_creator_and_offer(actor: Actor, offer_id: int) -> tuple[Creator, Offer]:
    """Both in the order that everybody locks them in.

    Raises:
        NotFound: the offer isn't the actor's.
    """
    if actor.creator_id is None:
        raise NotFound
    return lock_own_creator(actor), _lock_offer(actor, offer_id)


def _lock_offer(actor: Actor, offer_id: int) -> Offer:
    locked = select(Offer).where(Offer.id == offer_id, Offer.creator_id == actor.creator_id).with_for_update()
    offer = db.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if offer is None:
        raise NotFound
    return offer


def _facts_of(offer: Offer, title: str) -> OfferFacts:
    """What the offer says, as if written anew."""
    return OfferFacts(
        title=title,
        description=offer.description,
        category=offer.category,
        packages=[_package_facts(package) for package in offer.packages],
        addons=[AddonFacts(addon.kind, addon.price, addon.days, addon.details) for addon in offer.addons],
        examples=[work.id for work in example_works(offer.id)],
    )


def _package_facts(package: Package) -> PackageFacts:
    return PackageFacts(
        package_id=None,
        name=package.name,
        content=package.content,
        deliverables=package.deliverables,
        delivery_days=package.delivery_days,
        revisions=package.revisions,
        price=package.price,
        hours=package.hours,
        episodes=package.episodes,
        included=package.included,
    )


def _write_parts(offer: Offer, facts: OfferFacts) -> None:
    _write_packages(offer, facts.packages)
    _write_addons(offer, facts.addons)
    _write_examples(offer, facts.examples)
    db.session.expire(offer, ["packages", "addons"])


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
        package.hours, package.episodes, package.included = facts.hours, facts.episodes, list(facts.included)
        db.session.add(package)
    db.session.flush()


def _write_addons(offer: Offer, addons: Sequence[AddonFacts]) -> None:
    """Change, add and take out add-ons until the offer has these; an add-on is known by its kind."""
    kept = select(Addon).where(Addon.offer_id == offer.id, Addon.position.is_not(None)).with_for_update()
    present = {addon.kind: addon for addon in db.session.scalars(kept)}
    for kind in present.keys() - {facts.kind for facts in addons}:
        present[kind].position = None
    for position, facts in enumerate(addons, start=1):
        addon = present.get(facts.kind) or Addon(offer_id=offer.id, kind=facts.kind)
        addon.position, addon.days, addon.details, addon.price = position, facts.days, facts.details, facts.price
        db.session.add(addon)
    db.session.flush()


def _write_examples(offer: Offer, work_ids: Sequence[int]) -> None:
    """Show these works of the creator's; one that is gone or another's is refused."""
    wanted = list(dict.fromkeys(work_ids))
    own = select(Work.id).where(Work.creator_id == offer.creator_id, Work.id.in_(wanted)).with_for_update(read=True)
    if set(db.session.scalars(own)) != set(wanted):
        raise Conflict(_l("One of the examples is no longer among your works. Open the offer again."))
    db.session.execute(delete(OfferExample).where(OfferExample.offer_id == offer.id))
    for position, work_id in enumerate(wanted, start=1):
        db.session.add(OfferExample(offer_id=offer.id, work_id=work_id, position=position))
    db.session.flush()


__all__ = [
    "AddonFacts", "OfferFacts", "PackageFacts", "create_offer", "delete_offer", "duplicate_offer", "edit_offer",
    "list_offer", "move_offer", "pause_offer",
]  # fmt: skip
