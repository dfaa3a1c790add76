"""Offers for tests, made by the verbs that people use, and the form that makes one."""

from datetime import date
from typing import Any

from marketplace.creators.models import Category, Platform
from marketplace.creators.works import WorkFacts, add_work
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import Money
from marketplace.offers.models import AddonKind, Offer
from marketplace.offers.service import AddonFacts, OfferFacts, PackageFacts, create_offer, list_offer
from tests.support.market import CreatorSide


def package_facts(
    price: int = 12_000_00,
    *,
    name: str = "Standard",
    package_id: int | None = None,
    content: ContentKind = ContentKind.VIDEO_LONG,
    hours: int | None = None,
    episodes: int | None = None,
    included: tuple[str, ...] = (),
    currency: str = "CNY",
) -> PackageFacts:
    """A package at `price` minor units."""
    return PackageFacts(
        package_id=package_id,
        name=name,
        content=content,
        deliverables="One film over 60 s and its cover",
        delivery_days=9,
        revisions=2,
        price=Money(price, currency),
        hours=hours,
        episodes=episodes,
        included=included,
    )


def addon_facts(
    kind: AddonKind = AddonKind.RAW_FILES, price: int = 800_00, days: int | None = None, details: str = ""
) -> AddonFacts:
    """An add-on at `price` minor units."""
    return AddonFacts(kind, Money(price), days, details)


def offer_facts(
    *packages: PackageFacts,
    title: str = "A supper film with your pot",
    category: Category = Category.FOOD,
    addons: tuple[AddonFacts, ...] = (),
    examples: tuple[int, ...] = (),
) -> OfferFacts:
    words = "I cook it three evenings before I film."
    return OfferFacts(title, words, category, packages or (package_facts(),), addons, examples)


def make_work(creator: CreatorSide, title: str = "Broth for one") -> int:
    """A work in the creator's portfolio; its id."""
    url = "https://www.bilibili.com/video/BV1xx411c7mD"
    return add_work(creator.actor, WorkFacts(title, url, Platform.BILIBILI, date(2026, 1, 9), views=412)).id


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
