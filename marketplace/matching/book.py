"""The verb by which a brand chooses a package of an offer, with add-ons, for a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import require_manager
from marketplace.briefs.models import Brief
from marketplace.briefs.places import hold_place
from marketplace.briefs.policy import platform_today
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.infra.i18n import day as write_day
from marketplace.infra.labels import label
from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import Money
from marketplace.matching.choosing import (
    check_message,
    check_price,
    lock_creator,
    lock_own_brief,
    make_selection,
    of_brief,
    require_apart,
    require_unchosen,
)
from marketplace.matching.models import Selection, SelectionKind
from marketplace.matching.queries import has_open_booking
from marketplace.offers.availability import FURTHEST, require_free, working_days
from marketplace.offers.labels import addon_says, deliverables_in_full
from marketplace.offers.models import Addon, AddonKind, Package
from marketplace.offers.queries import bookable_package


@dataclass(frozen=True, slots=True)
class Booked:
    """What a package comes to with the add-ons chosen: the price, the days to the draft, the revisions, the rights."""

    package: Package
    addons: Sequence[Addon]

    @property
    def price(self) -> Money:
        return Money(
            self.package.price_amount + sum(addon.price_amount for addon in self.addons), self.package.price_currency
        )

    @property
    def delivery_days(self) -> int:
        """A rush makes it sooner; a day stays."""
        return max(1, self.package.delivery_days - sum(addon.days or 0 for addon in self._of(AddonKind.RUSH)))

    @property
    def revisions(self) -> int:
        return self.package.revisions + len(self._of(AddonKind.EXTRA_REVISION))

    @property
    def rights(self) -> str:
        """What the brand may do with the work beyond showing it once, in the words of whoever books."""
        bought = [*self._of(AddonKind.USAGE_RIGHTS), *self._of(AddonKind.EXCLUSIVITY), *self._of(AddonKind.RAW_FILES)]
        return "\n".join(_right(addon) for addon in bought)

    @property
    def first_day(self) -> date:
        """The first day that the draft can be wanted on."""
        return platform_today() + timedelta(days=self.delivery_days)

    def _of(self, kind: AddonKind) -> list[Addon]:
        return [addon for addon in self.addons if addon.kind is kind]


def _right(addon: Addon) -> str:
    words = {"what": label(addon.kind), "says": addon_says(addon), "details": addon.details}
    if addon.details:
        return str(_("%(what)s: %(says)s. %(details)s", **words))
    return str(_("%(what)s: %(says)s.", **words))


def addons_of(offer_id: int) -> Sequence[Addon]:
    """What can be bought on top of an offer's packages, in its order."""
    on_offer = select(Addon).where(Addon.offer_id == offer_id, Addon.position.is_not(None))
    return db.session.scalars(on_offer.order_by(Addon.position)).all()


def choose_addons(offer_id: int, addon_ids: Iterable[int], *, lock: bool = False) -> Sequence[Addon]:
    """The offer's add-ons among those named, in its order. `lock` holds them as they are until the commit.

    Raises:
        Invalid: one isn't on offer any more.
    """
    wanted = set(addon_ids)
    if not wanted:
        return []
    query = select(Addon).where(Addon.id.in_(wanted), Addon.offer_id == offer_id, Addon.position.is_not(None))
    if lock:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    found = db.session.scalars(query.order_by(Addon.position)).all()
    if len(found) < len(wanted):
        raise Invalid(_l("One of these extras is no longer on offer. Look at them again."), field="addons")
    return found


def book_package(
    actor: Actor,
    package_id: int,
    message: str = "",
    brief_id: int | None = None,
    *,
    addon_ids: Iterable[int] = (),
    wanted_on: date | None = None,
) -> Selection:
    """The actor's brand chooses a package of a listed offer: its price and promises, and those of the add-ons.

    `wanted_on` is the day the draft is wanted; without one it is as soon as the package promises.

    Raises:
        NotFound: no listed offer of an eligible creator has the package, or the brief isn't the brand's.
        NotAllowed: the actor doesn't manage a brand, the creator belongs to it, or one has blocked the other.
        Conflict: the creator isn't free then, the brand's booking of this package waits already, or the brief takes
            nobody.
        Invalid: the day, an add-on, the currency or the message, or the e-mail isn't confirmed.
    """
    brand_id = require_manager(actor)
    require_confirmed(actor)
    brief = lock_own_brief(brand_id, brief_id) if brief_id is not None else None
    creator = lock_creator(bookable_package(package_id).offer.creator_id)
    package = bookable_package(package_id, lock=True)
    require_apart(creator, brand_id)
    check_message(message, needed=False)
    if has_open_booking(package_id, brand_id):
        raise Conflict(_l("Your company’s booking of this package is already waiting for an answer."))
    booked = Booked(package, choose_addons(package.offer_id, addon_ids, lock=True))
    check_price(booked.price, package.price_currency)
    _require_day(creator, booked, wanted_on)
    terms = _package_terms(booked) | {"wanted_on": wanted_on}
    if brief is not None:
        require_unchosen(creator.id, brief.id)
        terms |= _for_brief(brief, booked, wanted_on)
    return make_selection(actor, creator, brand_id, terms, message)


def _require_day(creator: Creator, booked: Booked, wanted_on: date | None) -> None:
    if wanted_on is not None and wanted_on < booked.first_day:
        first = write_day(booked.first_day)
        raise Invalid(_l("The draft can be there on %(day)s at the earliest.", day=first), field="wanted_on")
    if wanted_on is not None and wanted_on > platform_today() + FURTHEST:
        last = write_day(platform_today() + FURTHEST)
        raise Invalid(_l("Choose a day until %(day)s.", day=last), field="wanted_on")
    try:
        require_free(creator, *working_days(booked.delivery_days, wanted_on))
    except Conflict as busy:
        raise Conflict(busy.message, field="wanted_on") from busy


def _package_terms(booked: Booked) -> dict[str, Any]:
    package, price = booked.package, booked.price
    return {
        "kind": SelectionKind.BOOKING,
        "package_id": package.id,
        "offer_id": package.offer_id,
        "title": f"{package.offer.title} · {package.name}",
        "deal_kind": package.kind,
        "deliverables": deliverables_in_full(package),
        "price_amount": price.amount,
        "price_currency": price.currency,
        "delivery_days": booked.delivery_days,
        "revisions": booked.revisions,
        "usage_rights": booked.rights,
        "addons": [_frozen(addon) for addon in booked.addons],
    }


def _frozen(addon: Addon) -> dict[str, Any]:
    return {"kind": addon.kind.value, "details": addon.details, "days": addon.days, "amount": addon.price_amount}


def _for_brief(brief: Brief, booked: Booked, wanted_on: date | None) -> dict[str, Any]:
    """The brief's own rules beside those bought, and a place of it held."""
    if booked.price.currency != brief.currency:
        raise Invalid(_l("This brief is paid in %(currency)s.", currency=brief.currency), field="brief_id")
    draft_on = wanted_on or booked.first_day
    if draft_on > brief.publish_by:
        words = {"publish": write_day(brief.publish_by), "draft": write_day(draft_on)}
        text = _l("This brief is to be published by %(publish)s, and the draft would come on %(draft)s.", **words)
        raise Invalid(text, field="wanted_on" if wanted_on is not None else "brief_id")
    hold_place(brief, booked.price)
    copied = of_brief(brief)
    rights = "\n".join(text for text in (booked.rights, copied["usage_rights"]) if text)
    return copied | {"usage_rights": rights, "holds_place": True}
