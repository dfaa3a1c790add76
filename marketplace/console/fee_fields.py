"""Fields of fee rules: a percentage with two decimals at most, and amounts by currency, one a line."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from babel.numbers import format_decimal
from flask_babel import gettext as _
from wtforms import Form, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.fees.policy import WHOLE, Amounts
from marketplace.infra.fields import CountField, MoneyField, ProseField
from marketplace.infra.i18n import percent
from marketplace.infra.labels import label
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import DEFAULT_CURRENCY, Money, is_currency

MOST_CURRENCIES: Final = 40
_FORM = Form()
_PERCENT = re.compile(r"(\d{1,6})(?:[.,](\d{0,6}))?%?", re.ASCII)
_LINE = re.compile(r"([A-Za-z]{3})[\s:：]*([^A-Za-z]+)|([^A-Za-z]+?)\s*([A-Za-z]{3})")


class PercentField(CountField):
    """A share as basis points, typed as a percentage: 10, 10.5, 7.25 %. `least` and `most` are basis points."""

    def __init__(self, label: Any = None, validators: Any = (), *, most: int = WHOLE, **options: Any) -> None:
        super().__init__(label, validators, most=most, **options)

    def written(self, data: int) -> str:
        return str(format_decimal(data / 100, format="0.##", locale="en"))

    def read(self, figures: str) -> int:
        found = _PERCENT.fullmatch(figures.lstrip("+"))
        if found is None:
            raise ValueError(_("Write a percentage in figures, such as %(example)s.", example="7.5"))
        decimals = (found[2] or "").rstrip("0")
        if len(decimals) > 2:
            raise ValueError(_("Write at most two decimals."))
        rate = int(found[1]) * 100 + int(decimals.ljust(2, "0"))
        if rate > self.most:
            raise ValueError(_("The percentage may be at most %(most)s.", most=percent(self.most)))
        return rate


class AmountsField(ProseField):
    """Amounts in major units, one currency a line: CNY 5,000.00. `amounts` has them in minor units, checked."""

    amounts: Amounts

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        self.amounts = {}
        super().__init__(label, validators, most=MOST_CURRENCIES * 40, required=False, **options)

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, str) else "\n".join(_written(value or {}))

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        self.amounts = {}
        if not validation_stopped:
            self.amounts = self._read()

    def _read(self) -> Amounts:
        lines = [line for line in (self.data or "").splitlines() if line.strip()]
        if len(lines) > MOST_CURRENCIES:
            raise ValidationError(_("Write at most %(most)s lines.", most=MOST_CURRENCIES))
        found: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            amount = _amount(number, line)
            if amount.currency in found:
                raise ValidationError(
                    _("Line %(number)s: %(currency)s stands twice.", number=number, currency=amount.currency)
                )
            found[amount.currency] = amount.amount
        return found


def _amount(number: int, line: str) -> Money:
    """
    Raises:
        ValidationError: the line is no amount of a currency that we know; it says which line and why.
    """
    found = _LINE.fullmatch(unicodedata.normalize("NFKC", line).strip())
    if found is None:
        example = "CNY 5,000.00"
        raise ValidationError(
            _("Line %(number)s: write a currency and an amount, %(example)s.", number=number, example=example)
        )
    code, figures = (found[1] or found[4]).upper(), "".join((found[2] or found[3]).split())
    if not is_currency(code):
        raise ValidationError(_("Line %(number)s: %(code)s is no currency we know.", number=number, code=code))
    field: Any = MoneyField(currency=code)
    try:
        amount: Money = field.bind(_FORM, "amount").read(figures)
    except ValueError as wrong:
        raise ValidationError(_("Line %(number)s: %(wrong)s", number=number, wrong=str(wrong))) from None
    return amount


def _written(amounts: Amounts) -> Iterator[str]:
    """The default currency first, then by code."""
    for code in sorted(amounts, key=lambda code: (code != DEFAULT_CURRENCY, code)):
        amount = Money(amounts[code], code)
        pattern = "#,##0." + "0" * amount.exponent if amount.exponent else "#,##0"
        yield f"{code} {format_decimal(amount.major, format=pattern, locale='en')}"


class KindsField(SelectMultipleField):
    """Kinds of deal as boxes to tick; none ticked is every kind."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, text: Any = None, **options: Any) -> None:
        super().__init__(text, choices=self._options, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=kind.value, label=label(kind)) for kind in DealKind]

    def pre_validate(self, _form: Any) -> None:
        if any(name not in set(DealKind) for name in self.data or []):
            raise StopValidation(_("Choose among these kinds."))

    @property
    def kinds(self) -> frozenset[DealKind] | None:
        return frozenset(map(DealKind, self.data)) if self.data else None
