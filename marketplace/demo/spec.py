"""What the demo's lists are made of. Everything in them is invented."""

from dataclasses import dataclass
from typing import Final

from marketplace.creators.models import Category, Platform, ReadingStatus
from marketplace.kit.deal_kinds import ContentKind, DealKind
from marketplace.offers.models import AddonKind

DOMAIN: Final = "demo.mutuals.example"
PASSWORD: Final = "mutuals-demo"  # noqa: S105 - everybody may know it
CREATOR: Final = "lin-yue"
BRAND: Final = "tidewell"
AGENCY: Final = "lantern"
MANAGER: Final = "tidewell-manager"


@dataclass(frozen=True, slots=True)
class Person:
    """A creator. `joined` is in days before today; `fans` are today's, by platform, the main channel first.

    `newest` is what became of the main channel's newest reading: pending and rejected ones come on top of older
    accepted readings, unless the creator `is_new` and has none.
    """

    handle: str
    name: str
    category: Category
    region: str
    joined: int
    fans: dict[Platform, int]
    headline: str
    biography: str
    locale: str = "zh"
    newest: ReadingStatus = ReadingStatus.ACCEPTED
    is_new: bool = False

    @property
    def email(self) -> str:
        return f"{'creator' if self.handle == CREATOR else self.handle}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """An offer. Packages are (name, deliverables, days until the draft, revisions, price), `extras` say more of them.

    Prices are in major units of `currency`. A `draft` waits for its creator to list it.
    """

    creator: str
    title: str
    description: str
    content: ContentKind
    packages: tuple[tuple[str, str, int, int, int], ...]
    currency: str = "CNY"
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """A brand and its owner. `product` is what its deals are about, in the company's language."""

    handle: str
    name: str
    legal_name: str
    industry: str
    region: str
    owner: str
    product: str
    about: str
    locale: str = "zh"

    @property
    def email(self) -> str:
        return f"{'brand' if self.handle == BRAND else self.handle}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A brief. `opened` and `closes` are in days before today, the latter negative while it takes applications.

    Budgets are in yuan for each place.
    """

    key: str
    brand: str
    title: str
    goal: str
    deliverables: str
    kind: DealKind
    category: Category
    platforms: tuple[Platform, ...]
    fans: int
    budget: tuple[int, int]
    slots: int
    opened: int
    closes: int


@dataclass(frozen=True, slots=True)
class Script:
    """What two sides do, step by step. `start` (the first step) or `end` (the last) is in days before today.

    The first step is apply, invite or book; the others are the methods of `stories.Story`. `price` is in yuan and
    needed for a brief; a booking names the creator's offer and package, and may want add-ons and the draft on a day, in
    days after today. `by` is who acts for the brand where it isn't its owner; an application `says` its own words.
    """

    creator: str
    brand: str
    steps: tuple[str, ...]
    start: int | None = None
    end: int | None = None
    brief: str | None = None
    price: int = 0
    offer: str | None = None
    package: int = 0
    addons: tuple[AddonKind, ...] = ()
    wanted: int | None = None
    by: str = ""
    says: str = ""
