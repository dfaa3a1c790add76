"""The form of the fee calculator."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Optional, StopValidation

from marketplace.infra.fields import EnumField, MoneyField
from marketplace.kit.deal_kinds import DealKind
from marketplace.offers.forms import CurrencyField


class FirstDaysField(SelectField):
    """How long the creator has been here: in the first days of a programme, or longer (0)."""

    days: Sequence[int] = ()

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, coerce=_whole, validate_choice=False, **options)

    def offer(self, days: Sequence[int]) -> None:
        self.days = days
        programmes = [(many, ngettext("In their first day", "In their first %(num)s days", many)) for many in days]
        self.choices = [SelectChoice(many, words) for many, words in [(0, _("Longer than that")), *programmes]]

    def pre_validate(self, _form: Any) -> None:
        if self.data not in (0, *self.days):
            raise StopValidation(_("Choose one of the options."))


def _whole(typed: Any) -> int:
    return int(typed) if str(typed).isascii() and str(typed).isdigit() and len(str(typed)) < 6 else -1


class CalculatorForm(Form):
    """Read from the address, so that a calculation can be shared; it changes nothing."""

    price = MoneyField(_l("Price"), [Optional()], most=90_000_000)
    currency = CurrencyField(_l("Currency"))
    kind = EnumField(_l("Kind of work"), [Optional()], members=DealKind)
    earned = MoneyField(_l("Already earned this month"), [Optional()], least=0, most=10_000_000_00)
    first_days = FirstDaysField(_l("The creator has been here"))

    def offer(self, currencies: Sequence[str], currency: str, first_days: Sequence[int]) -> None:
        """What there is to choose from; amounts are read in `currency`. Before anything is read."""
        self.currency.offer(currencies)
        self.price.currency = self.earned.currency = currency
        if first_days:
            self.first_days.offer(first_days)
        else:
            del self.first_days

    @property
    def days(self) -> int:
        """Which first days the creator is in; 0 for none."""
        return self.first_days.data if "first_days" in self else 0
