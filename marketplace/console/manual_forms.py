"""The forms of entries by hand. Lines are added and removed by buttons that work without scripts."""

import re
from collections.abc import Sequence
from typing import Any

from babel.numbers import get_currency_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional, StopValidation

from marketplace.console.manual import MOST_LINES, Proposal
from marketplace.console.manual_owners import HAND_KINDS, reference_of, resolve_owner
from marketplace.infra.fields import LineField, MoneyField, ProseField
from marketplace.infra.labels import label
from marketplace.kit.errors import Invalid
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.postings import Line, credit, debit
from marketplace.offers.policy import CURRENCIES
from marketplace.reconciliation.queries import is_reported

_LINE_NAME = re.compile(r"lines-(\d{1,3})-(\w+)", re.ASCII)
_LARGEST = 10**13


class KindField(SelectField):
    """A kind of account that may be posted to by hand."""

    def __init__(self, label_text: Any, **options: Any) -> None:
        super().__init__(label_text, coerce=str, choices=self._options, validate_choice=False, **options)

    @staticmethod
    def _options() -> list[SelectChoice]:
        kinds = [SelectChoice(kind.value, str(label(kind))) for kind in HAND_KINDS]
        return [SelectChoice("", _("Choose an account")), *kinds]

    @property
    def member(self) -> AccountKind | None:
        return AccountKind(self.data) if self.data in set(HAND_KINDS) else None

    def pre_validate(self, _form: Any) -> None:
        if self.member is None:
            raise StopValidation(_("Choose one of the options."))


class CurrencyField(SelectField):
    def __init__(self, label_text: Any, **options: Any) -> None:
        super().__init__(label_text, choices=self._options, validate_choice=False, **options)

    @staticmethod
    def _options() -> list[SelectChoice]:
        locale = get_locale() or "en"
        return [SelectChoice(code, f"{code} · {get_currency_name(code, locale=locale)}") for code in CURRENCIES]

    def pre_validate(self, _form: Any) -> None:
        if self.data not in CURRENCIES:
            raise StopValidation(_("Choose one of the options."))


class LineForm(Form):
    """One line: an account, and an amount on one of its two sides, read in the currency of this line."""

    kind = KindField(_l("Account"))
    owner = LineField(_l("Owner"), most=100, required=False)
    currency = CurrencyField(_l("Currency"), default=DEFAULT_CURRENCY)
    debit = MoneyField(_l("Debit"), [Optional()], most=_LARGEST)
    credit = MoneyField(_l("Credit"), [Optional()], most=_LARGEST)

    def process(self, formdata: Any = None, *args: Any, **options: Any) -> None:
        typed = formdata.get(self.currency.name) if formdata else None
        self.debit.currency = self.credit.currency = typed if typed in CURRENCIES else DEFAULT_CURRENCY
        super().process(formdata, *args, **options)

    def validate_debit(self, field: MoneyField) -> None:
        if field.data is not None and self.credit.data is not None:
            raise ValidationError(_("A line has a debit or a credit, not both."))

    def validate(self, extra_validators: Any = None) -> bool:
        fits = super().validate(extra_validators)
        # Here, as an empty owner is one too: the platform, and no other checks are made of an empty field.
        fits = self._resolve() and fits
        read = not self.debit.errors and not self.credit.errors
        if read and self.debit.data is None and self.credit.data is None:
            self.debit.errors = [_("Write a debit or a credit.")]
            return False
        return fits

    def _resolve(self) -> bool:
        kind = self.kind.member
        if kind is None or self.owner.errors or self.currency.errors:
            return False
        try:
            self.account = Account(resolve_owner(kind, self.owner.data, self.currency.data), kind, self.currency.data)
        except Invalid as refused:
            self.owner.errors = [str(refused)]
            return False
        return True

    def line(self) -> Line:
        """Only of a form that was found valid."""
        if self.debit.data is not None:
            return debit(self.account, self.debit.data)
        assert self.credit.data is not None, "the form requires one of the two"
        return credit(self.account, self.credit.data)


class ManualForm(FlaskForm):
    reason = ProseField(_l("Reason"), most=1000)
    reference = LineField(_l("Belongs to"), most=100, required=False)
    movement = LineField(_l("Movement at Stripe"), most=100, required=False)
    lines = FieldList(FormField(LineForm), min_entries=2, max_entries=MOST_LINES)

    def proposal(self) -> Proposal:
        return Proposal(
            self.reason.data,
            reference_of(self.reference.data),
            tuple(self.posting_lines()),
            external_id=self.movement.data,
        )

    def validate_movement(self, field: LineField) -> None:
        if field.data and not is_reported(field.data):
            raise ValidationError(_("Stripe has reported no movement of this id. Copy it from the reconciliation."))

    def posting_lines(self) -> Sequence[Line]:
        return [entry.form.line() for entry in self.lines]


class ReversalForm(FlaskForm):
    reason = ProseField(_l("Why it is reversed"), most=1000)


class RefusalForm(FlaskForm):
    note = ProseField(_l("Why you refuse it"), most=1000)


def read_lines(typed: MultiDict[str, str], removed: int | None = None) -> MultiDict[str, str]:
    """The form as typed, its lines numbered from 0 without the one `removed`; two stay, as an entry has two at least.

    Names that no browser sends from our form are dropped.
    """
    numbers = sorted({int(line[1]) for name in typed if (line := _LINE_NAME.fullmatch(name))})
    kept = [number for number in numbers if number != removed] if len(numbers) > 2 else numbers
    places = {number: place for place, number in enumerate(kept[:MOST_LINES])}
    found: MultiDict[str, str] = MultiDict()
    for name, value in typed.items(multi=True):
        line = _LINE_NAME.fullmatch(name)
        if line is None and not name.startswith("lines"):
            found.add(name, value)
        elif line is not None and int(line[1]) in places:
            found.add(f"lines-{places[int(line[1])]}-{line[2]}", value)
    return found
