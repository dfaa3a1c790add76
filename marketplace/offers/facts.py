"""An offer as its creator wrote it, and what must be true of it before it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from marketplace.creators.models import Category
from marketplace.fees.queries import fee_day, policy_in_force
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.errors import Invalid, NotFound
from marketplace.kit.money import Money
from marketplace.offers.models import AddonKind
from marketplace.offers.policy import (
    LARGEST_PRICE,
    LASTING,
    MOST_ADDON_DAYS,
    MOST_EPISODES,
    MOST_EXAMPLES,
    MOST_HOURS,
    MOST_INCLUDED,
    MOST_PACKAGES,
    SMALLEST_PRICE,
)


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """One package; `package_id` is None for a new one. `hours` are a live session's, `episodes` a series'."""

    package_id: int | None
    name: str
    content: ContentKind
    deliverables: str
    delivery_days: int
    revisions: int
    price: Money
    hours: int | None = None
    episodes: int | None = None
    included: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AddonFacts:
    """What can be bought on top; `days` only where the kind lasts or hurries."""

    kind: AddonKind
    price: Money
    days: int | None = None
    details: str = ""


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer with its packages, add-ons and examples (ids of the creator's works), each in their order."""

    title: str
    description: str
    category: Category
    packages: Sequence[PackageFacts]
    addons: Sequence[AddonFacts] = ()
    examples: Sequence[int] = ()

    @property
    def lowest(self) -> Money:
        return min(found.price for found in self.packages)


def check_facts(facts: OfferFacts) -> None:
    """
    Raises:
        Invalid: the packages or add-ons can't stand together, or no fee rules cover their currency.
    """
    _check_packages(facts.packages)
    _check_currency(facts)
    _check_addons(facts.addons)
    if len(facts.examples) > MOST_EXAMPLES:
        raise Invalid(_l("An offer shows at most %(most)s examples.", most=MOST_EXAMPLES), field="examples")


def _check_packages(packages: Sequence[PackageFacts]) -> None:
    if not packages:
        raise Invalid(_l("An offer needs at least one package."))
    if len(packages) > MOST_PACKAGES:
        raise Invalid(_l("An offer has at most %(most)s packages.", most=MOST_PACKAGES))
    if any(not SMALLEST_PRICE <= found.price.amount <= LARGEST_PRICE for found in packages):
        raise Invalid(_l("A package’s price is too small or too large to be paid at once."))
    for found in packages:
        _check_size(found)
        if len(found.included) > MOST_INCLUDED:
            raise Invalid(_l("A package names at most %(most)s things that are included.", most=MOST_INCLUDED))


def _check_size(package: PackageFacts) -> None:
    is_live, is_series = package.content is ContentKind.LIVE_SESSION, package.content is ContentKind.SERIES
    if is_live != (package.hours is not None) or not _within(package.hours, 1, MOST_HOURS):
        raise Invalid(_l("A live show says how many hours it lasts, at most %(most)s.", most=MOST_HOURS))
    if is_series != (package.episodes is not None) or not _within(package.episodes, 2, MOST_EPISODES):
        raise Invalid(_l("A series says how many videos it has, from two to %(most)s.", most=MOST_EPISODES))


def _within(number: int | None, least: int, most: int) -> bool:
    return number is None or least <= number <= most


def _check_currency(facts: OfferFacts) -> None:
    prices = [*(found.price for found in facts.packages), *(found.price for found in facts.addons)]
    if len({price.currency for price in prices}) > 1:
        raise Invalid(_l("All prices of an offer are in one currency."), field="currency")
    try:
        policy = policy_in_force()
    except NotFound:
        return
    for found in facts.packages:
        policy.for_deal(found.content.deal_kind, found.price.currency, fee_day())


def _check_addons(addons: Sequence[AddonFacts]) -> None:
    if len({found.kind for found in addons}) < len(addons):
        raise Invalid(_l("An offer has at most one add-on of a kind."))
    if any(not SMALLEST_PRICE <= found.price.amount <= LARGEST_PRICE for found in addons):
        raise Invalid(_l("An add-on’s price is too small or too large to be paid at once."))
    for found in addons:
        if (found.kind in LASTING) != (found.days is not None) or not _within(found.days, 1, MOST_ADDON_DAYS):
            raise Invalid(_l("An add-on that lasts or hurries says for how many days, at most %(most)s.",
                             most=MOST_ADDON_DAYS))  # fmt: skip
