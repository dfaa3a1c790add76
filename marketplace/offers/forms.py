"""The forms of offers and of their creator's calendar.

An offer's has one sub-form a package, added and removed by buttons that work without scripts, and one a kind of add-on.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from babel.numbers import get_currency_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.creators.models import Category, Creator, Work
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, MoneyField, ProseField, required
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.offers.days import MOST_DEALS
from marketplace.offers.facts import AddonFacts, OfferFacts, PackageFacts
from marketplace.offers.labels import ADDON_HELP
from marketplace.offers.models import Addon, AddonKind, Offer, Package
from marketplace.offers.policy import (
    CURRENCIES,
    LARGEST_PRICE,
    LASTING,
    MOST_ADDON_DAYS,
    MOST_DAYS,
    MOST_EPISODES,
    MOST_EXAMPLES,
    MOST_HOURS,
    MOST_INCLUDED,
    MOST_PACKAGES,
    MOST_REVISIONS,
    SMALLEST_PRICE,
)

_PACKAGE_NAME = re.compile(r"packages-(\d{1,4})-(.+)", re.ASCII)
_MOST_LINE: Final = 120


class _NeededIf:
    """A validator of what only some choices need: it must be filled in then, and is let be otherwise."""

    def __init__(self, needed: Callable[[Any], bool]) -> None:
        self.needed = needed

    def __call__(self, form: Any, field: Any) -> None:
        if not self.needed(form):
            field.errors, field.data = [], None
            raise StopValidation
        if field.data is None and not field.process_errors:
            raise StopValidation(_("Fill this in."))


class LinesField(ProseField):
    """Several short lines, one thing a line; blank ones are left out."""

    def __init__(self, label: Any = None, *, most_lines: int, **options: Any) -> None:
        self.most_lines = most_lines
        super().__init__(label, most=most_lines * _MOST_LINE, required=False, **options)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in (self.data or "").splitlines() if line.strip()]

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        if validation_stopped:
            return
        if len(self.lines) > self.most_lines:
            raise ValidationError(_("Write at most %(most)s lines.", most=self.most_lines))
        if any(len(line) > _MOST_LINE for line in self.lines):
            raise ValidationError(_("Write at most %(most)s characters a line.", most=_MOST_LINE))


class CurrencyField(SelectField):
    """One of the currencies that the form is told of, by its code and name."""

    codes: Sequence[str] = ()

    def offer(self, codes: Sequence[str]) -> None:
        self.codes = codes
        self.choices = [(code, f"{code}, {get_currency_name(code, locale=get_locale() or 'en')}") for code in codes]

    def pre_validate(self, _form: Any) -> None:
        if self.data not in self.codes:
            raise StopValidation(_("Choose one of the options."))


class WorksField(SelectMultipleField):
    """Some of the creator's works, as boxes to tick. One that is gone meanwhile is for the verb to refuse."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, [Optional()], coerce=int, validate_choice=False, **options)

    def offer(self, works: Iterable[Work]) -> None:
        self.choices = [(work.id, work.title) for work in works]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [_number(typed) or -1 for typed in valuelist]

    def post_validate(self, _form: Any, _validation_stopped: bool) -> None:
        if len(self.data or []) > MOST_EXAMPLES:
            raise ValidationError(_("Choose at most %(most)s examples.", most=MOST_EXAMPLES))


class _PricedForm(Form):
    """A part of an offer: its price is read in the offer's currency."""

    price: MoneyField

    def __init__(self, *args: Any, currency: str = DEFAULT_CURRENCY, **options: Any) -> None:
        self._currency = currency
        super().__init__(*args, **options)

    def process(self, *args: Any, **options: Any) -> None:
        self.price.currency = self._currency
        super().process(*args, **options)


class PackageForm(_PricedForm):
    package_id = HiddenField()
    name = LineField(_l("Name of the package"), most=60)
    content = EnumField(_l("Kind of work"), members=ContentKind, blank=_l("Choose a kind"))
    hours = CountField(
        _l("Hours of the live show"),
        [_NeededIf(lambda form: form.content.data is ContentKind.LIVE_SESSION)],
        least=1,
        most=MOST_HOURS,
    )
    episodes = CountField(
        _l("Videos in the series"),
        [_NeededIf(lambda form: form.content.data is ContentKind.SERIES)],
        least=2,
        most=MOST_EPISODES,
    )
    deliverables = ProseField(_l("What the brand gets"), most=1000)
    included = LinesField(_l("Also included"), most_lines=MOST_INCLUDED)
    delivery_days = CountField(_l("Days to the draft"), [required()], least=1, most=MOST_DAYS)
    revisions = CountField(_l("Revisions included"), [required()], least=0, most=MOST_REVISIONS)
    price = MoneyField(_l("Price"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)

    def facts(self) -> PackageFacts:
        days, revisions, price = self.delivery_days.data, self.revisions.data, self.price.data
        assert days is not None, "the form requires it"
        assert revisions is not None, "the form requires it"
        assert price is not None, "the form requires it"
        return PackageFacts(
            package_id=_number(self.package_id.data),
            name=self.name.data or "",
            content=self.content.data,
            deliverables=self.deliverables.data or "",
            delivery_days=days,
            revisions=revisions,
            price=price,
            hours=self.hours.data,
            episodes=self.episodes.data,
            included=self.included.lines,
        )


class AddonForm(_PricedForm):
    """One kind of add-on, which an offer has or hasn't: what it says counts only if it is ticked."""

    on = BooleanField()
    days = CountField(_l("For how many days"), [_NeededIf(lambda form: form.lasts)], least=1, most=MOST_ADDON_DAYS)
    details = LineField(_l("More about it"), most=_MOST_LINE, required=False)
    price = MoneyField(_l("Price on top"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)

    def __init__(self, *args: Any, kind: AddonKind, **options: Any) -> None:
        self.kind = kind
        super().__init__(*args, **options)
        if kind is AddonKind.RUSH:
            self.days.label.text = _l("How many days sooner")

    @property
    def lasts(self) -> bool:
        return self.kind in LASTING

    @property
    def help(self) -> Any:
        return ADDON_HELP[self.kind]

    def validate(self, *args: Any, **options: Any) -> bool:
        return super().validate(*args, **options) if self.on.data else True

    def facts(self) -> AddonFacts:
        assert self.price.data is not None, "the form requires it"
        return AddonFacts(self.kind, self.price.data, self.days.data if self.lasts else None, self.details.data or "")


class OfferForm(FlaskForm):
    """Give `currencies` that prices may be in and the `works` that may be shown as examples."""

    title = LineField(_l("Title"), most=100)
    category = EnumField(_l("Category"), members=Category, blank=_l("Choose a category"))
    description = ProseField(_l("Description"), most=3000)
    currency = CurrencyField(_l("Currency of the prices"), default=DEFAULT_CURRENCY)
    packages = FieldList(FormField(PackageForm), min_entries=1, max_entries=MOST_PACKAGES)
    usage_rights = FormField(AddonForm)
    exclusivity = FormField(AddonForm)
    raw_files = FormField(AddonForm)
    extra_revision = FormField(AddonForm)
    rush = FormField(AddonForm)
    examples = WorksField(_l("Examples of earlier work"))
    version = HiddenField()

    def __init__(self, *, currencies: Sequence[str] = CURRENCIES, works: Sequence[Work] = (), **options: Any) -> None:
        self._currencies, self._works = currencies, works
        super().__init__(**options)

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **options: Any) -> None:
        """Prices are read in the currency chosen, so the parts are told it before they read anything."""
        self.currency.offer(self._currencies)
        self.examples.offer(self._works)
        currency = self._chosen_currency(formdata, data or {})
        self.packages.unbound_field = FormField(partial(PackageForm, currency=currency))  # type: ignore[assignment, arg-type]
        for kind in AddonKind:
            self[kind.value].form_class = partial(AddonForm, currency=currency, kind=kind)
        super().process(formdata, obj, data, **options)

    def _chosen_currency(self, formdata: Any, data: Mapping[str, Any]) -> str:
        typed: str | None = formdata.get("currency") if formdata else data.get("currency")
        return typed if typed is not None and typed in self._currencies else DEFAULT_CURRENCY

    @property
    def addons(self) -> list[AddonForm]:
        return [self[kind.value].form for kind in AddonKind]

    def facts(self) -> OfferFacts:
        return OfferFacts(
            title=self.title.data,
            description=self.description.data,
            category=self.category.data,
            packages=[entry.form.facts() for entry in self.packages],
            addons=[addon.facts() for addon in self.addons if addon.on.data],
            examples=self._chosen_examples(),
        )

    def _chosen_examples(self) -> list[int]:
        """In the order of the portfolio; what isn't in it comes last, to be refused."""
        own = [work.id for work in self._works]
        return sorted(self.examples.data or [], key=lambda chosen: own.index(chosen) if chosen in own else len(own))

    def seen_version(self) -> int:
        """The version that the form was opened at; 0, which no offer has, where it says none."""
        return _number(self.version.data) or 0


def _number(typed: object) -> int | None:
    """A row's number from a hidden field; what isn't one is -1, which no row has."""
    text = str(typed or "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1


def offer_data(offer: Offer, examples: Iterable[Work]) -> dict[str, object]:
    """What the form of an offer starts with."""
    return {
        "title": offer.title,
        "category": offer.category,
        "description": offer.description,
        "currency": offer.currency,
        "version": offer.version,
        "packages": [_package_data(package) for package in offer.packages],
        "examples": [work.id for work in examples],
        **{addon.kind.value: _addon_data(addon) for addon in offer.addons},
    }


def _package_data(package: Package) -> dict[str, object]:
    names = ("name", "content", "hours", "episodes", "deliverables", "delivery_days", "revisions", "price")
    data = {name: getattr(package, name) for name in names}
    return data | {"package_id": package.id, "included": "\n".join(package.included)}


def _addon_data(addon: Addon) -> dict[str, object]:
    return {"on": True, "days": addon.days, "details": addon.details, "price": addon.price}


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


class LimitsForm(FlaskForm):
    holiday_from = DayField(_l("First day of the holiday"))
    holiday_until = DayField(_l("Last day of the holiday"))
    most_deals = CountField(_l("Most deals at once"), [Optional()], least=1, most=MOST_DEALS)

    def validate_holiday_from(self, field: DayField) -> None:
        if field.data is None and self.holiday_until.data is not None:
            raise ValidationError(_("Say when the holiday begins, or leave both days empty."))

    def validate_holiday_until(self, field: DayField) -> None:
        if field.data is None and self.holiday_from.data is not None:
            raise ValidationError(_("Say when the holiday ends, or leave both days empty."))

    @property
    def holiday(self) -> tuple[date, date] | None:
        first, last = self.holiday_from.data, self.holiday_until.data
        return (first, last) if first is not None and last is not None else None


def limits_data(creator: Creator) -> dict[str, object]:
    return {name: getattr(creator, name) for name in ("holiday_from", "holiday_until", "most_deals")}
