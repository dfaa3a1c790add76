"""The form of an offer: one sub-form a package, added and removed by buttons that work without scripts."""

import re
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, HiddenField

from marketplace.creators.models import Category
from marketplace.infra.fields import CountField, EnumField, LineField, MoneyField, ProseField, required
from marketplace.kit.deal_kinds import ContentKind
from marketplace.offers.models import Offer, Package
from marketplace.offers.policy import LARGEST_PRICE, MOST_DAYS, MOST_PACKAGES, MOST_REVISIONS, SMALLEST_PRICE
from marketplace.offers.service import OfferFacts, PackageFacts

_PACKAGE_NAME = re.compile(r"packages-(\d{1,4})-(.+)", re.ASCII)


class PackageForm(Form):
    package_id = HiddenField()
    name = LineField(_l("Name of the package"), most=60)
    content = EnumField(_l("Kind of work"), members=ContentKind, blank=_l("Choose a kind"))
    deliverables = ProseField(_l("What the brand gets"), most=1000)
    delivery_days = CountField(_l("Days to the draft"), [required()], least=1, most=MOST_DAYS)
    revisions = CountField(_l("Revisions included"), [required()], least=0, most=MOST_REVISIONS)
    price = MoneyField(_l("Price"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)


class OfferForm(FlaskForm):
    title = LineField(_l("Title"), most=100)
    category = EnumField(_l("Category"), members=Category, blank=_l("Choose a category"))
    description = ProseField(_l("Description"), most=3000)
    packages = FieldList(FormField(PackageForm), min_entries=1, max_entries=MOST_PACKAGES)
    version = HiddenField()

    def facts(self) -> OfferFacts:
        return OfferFacts(
            title=self.title.data,
            description=self.description.data,
            category=self.category.data,
            packages=[_package_facts(entry.form) for entry in self.packages],
        )

    def seen_version(self) -> int:
        """The version that the form was opened at; 0, which no offer has, where it says none."""
        return _number(self.version.data) or 0


def _package_facts(form: PackageForm) -> PackageFacts:
    days, revisions, price = form.delivery_days.data, form.revisions.data, form.price.data
    assert days is not None, "the form requires it"
    assert revisions is not None, "the form requires it"
    assert price is not None, "the form requires it"
    return PackageFacts(
        package_id=_number(form.package_id.data),
        name=form.name.data or "",
        content=form.content.data,
        deliverables=form.deliverables.data or "",
        delivery_days=days,
        revisions=revisions,
        price=price,
    )


def _number(typed: object) -> int | None:
    """A row's number from a hidden field; what isn't one is -1, which no row has."""
    text = str(typed or "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


def offer_data(offer: Offer) -> dict[str, object]:
    """What the form of an offer starts with."""
    return {
        "title": offer.title,
        "category": offer.category,
        "description": offer.description,
        "version": offer.version,
        "packages": [_package_data(package) for package in offer.packages],
    }


def _package_data(package: Package) -> dict[str, object]:
    names = ("name", "content", "deliverables", "delivery_days", "revisions", "price")
    return {"package_id": package.id, **{name: getattr(package, name) for name in names}}


def read_packages(typed: MultiDict[str, str], removed: int | None = None) -> MultiDict[str, str]:
    """The form as typed with its packages numbered from 0, without the one `removed`; the last one stays.

    Names that no browser sends from our form are dropped, since WTForms stumbles over some of them.
    """
    numbers = _package_numbers(typed)
    kept = [number for number in numbers if number != removed] or numbers
    places = {number: place for place, number in enumerate(kept)}
    found: MultiDict[str, str] = MultiDict()
    for name, value in typed.items(multi=True):
        package = _PACKAGE_NAME.fullmatch(name)
        if package is None and not name.startswith("packages"):
            found.add(name, value)
        elif package is not None and int(package[1]) in places:
            found.add(f"packages-{places[int(package[1])]}-{package[2]}", value)
    return found


def _package_numbers(names: Iterable[str]) -> list[int]:
    return sorted({int(found[1]) for name in names if (found := _PACKAGE_NAME.fullmatch(name))})


def add_package(form: OfferForm) -> None:
    """One more empty package, if there is room."""
    if len(form.packages.entries) < MOST_PACKAGES:
        form.packages.append_entry({"revisions": 2})
