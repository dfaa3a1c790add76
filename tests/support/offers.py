"""Offers for tests, made by the verbs that people use, and the form that makes one."""

from typing import Any

from marketplace.creators.models import Category
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import Money
from marketplace.offers.models import Offer
from marketplace.offers.service import OfferFacts, PackageFacts, create_offer, list_offer
from tests.support.market import CreatorSide


def package_facts(
    price: int = 12_000_00,
    *,
    name: str = "Standard",
    package_id: int | None = None,
    content: ContentKind = ContentKind.VIDEO_LONG,
) -> PackageFacts:
    """A package at `price` minor units."""
    return PackageFacts(
        package_id=package_id,
        name=name,
        content=content,
        deliverables="One film over 60 s and its cover",
        delivery_days=9,
        revisions=2,
        price=Money(price),
    )


def offer_facts(
    *packages: PackageFacts, title: str = "A supper film with your pot", category: Category = Category.FOOD
) -> OfferFacts:
    return OfferFacts(title, "I cook it three evenings before I film.", category, packages or (package_facts(),))


def make_offer(creator: CreatorSide, facts: OfferFacts | None = None, *, listed: bool = True) -> Offer:
    """An offer of the creator, listed unless told otherwise."""
    offer = create_offer(creator.actor, facts or offer_facts())
    return list_offer(creator.actor, offer.id) if listed else offer


def offer_form(packages: int = 1, **changes: str) -> dict[str, Any]:
    """What a browser sends for an offer; a name in `changes` writes `__` for the hyphen."""
    form = {"title": "A supper film with your pot", "category": "food", "description": "I cook.", "version": ""}
    for number in range(packages):
        for name, typed in _PACKAGE.items():
            form[f"packages-{number}-{name}"] = typed
    return form | {name.replace("__", "-"): typed for name, typed in changes.items()}


_PACKAGE = {
    "package_id": "",
    "name": "Standard",
    "content": "video_long",
    "deliverables": "One film over 60 s",
    "delivery_days": "9",
    "revisions": "2",
    "price": "12,000",
}
