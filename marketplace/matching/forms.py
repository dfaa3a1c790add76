"""The forms that make and answer selections."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional

from marketplace.briefs.models import Brief
from marketplace.infra.fields import MoneyField, ProseField, required
from marketplace.kit.money import Money
from marketplace.matching.service import MOST_MESSAGE, MOST_REASON
from marketplace.offers.policy import LARGEST_PRICE, SMALLEST_PRICE


class BriefField(SelectField):
    """One of the company's briefs that have a free place; `briefs` is set before the form is checked."""

    def __init__(self, text: Any = None, validators: Sequence[Any] = (), *, blank: Any = None, **options: Any) -> None:
        self.briefs: Sequence[Brief] = ()
        self.blank = blank
        options |= dict.fromkeys(
            ("invalid_value_message", "invalid_choice_message"), _l("Choose one of your open briefs.")
        )
        super().__init__(text, list(validators), coerce=self._read, choices=self._options, **options)

    def _read(self, value: Any) -> int | None:
        return int(value) if value else None

    def _options(self) -> list[SelectChoice]:
        first = [SelectChoice(value="", label=self.blank)] if self.blank is not None else []
        return [*first, *(SelectChoice(value=str(brief.id), label=brief.title) for brief in self.briefs)]


class PricedForm(FlaskForm):
    """A form with a price, which is there once the form was found valid."""

    price: MoneyField

    @property
    def amount(self) -> Money:
        found = self.price.data
        assert found is not None, "the form is valid"
        return found


class ApplyForm(PricedForm):
    """A creator's price for a brief, and a few words."""

    price = MoneyField(_l("Your price"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    message = ProseField(_l("A few words to the company"), most=MOST_MESSAGE)


class EstimateForm(PricedForm):
    """A price whose fees somebody wants to know, in the address."""

    class Meta:
        csrf = False

    price = MoneyField(_l("Your price"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)


class InviteForm(PricedForm):
    """Which of the company's open briefs a creator is asked to do, and for how much."""

    brief_id = BriefField(_l("Brief"))
    price = MoneyField(_l("Price you offer"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    message = ProseField(_l("A few words to the creator"), most=MOST_MESSAGE)


class BookForm(FlaskForm):
    """A booking: the price is the package's, so only words are asked, and a brief if it belongs to one."""

    brief_id = BriefField(_l("Brief"), [Optional()], blank=_l("None of our briefs"))
    message = ProseField(_l("A few words to the creator"), most=MOST_MESSAGE, required=False)


class DeclineForm(FlaskForm):
    reason = ProseField(_l("Why you decline"), most=MOST_REASON)
