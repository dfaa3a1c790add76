"""Form fields shared by every feature: they read what people really type and say in words what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeAlias

from babel.numbers import format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import DateField, Field, FileField, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import TextInput

from marketplace.infra.i18n import count, money_text
from marketplace.infra.labels import label
from marketplace.infra.uploads import ACCEPT, Upload, UploadKind, read_upload
from marketplace.kit.errors import DomainError, Invalid
from marketplace.kit.money import DEFAULT_CURRENCY, Money

# A str, or a LazyString, which carries no types.
Text: TypeAlias = Any
LARGEST_AMOUNT: Final = 10**12
LARGEST_COUNT: Final = 10**12
_FIGURES = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")
_AMOUNT = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]*)?")
# Embeddings, overrides and isolates of direction (LRM and RLM turn nothing), and blanks of no width.
_UNSEEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")
_CURRENCY_MARKS = {"CNY": ("¥", "CN¥", "CNY", "RMB", "元")}


class _Filled:
    """Something is there when the blanks are gone; nothing is added where it could not even be read."""

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: Text | None = None) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Field) -> None:
        empty = field.data is None or field.data is False or field.data in ("", [])
        if empty and not field.process_errors:
            raise StopValidation(str(self.message or _("Fill this in.")))


def required(message: Text | None = None) -> _Filled:
    """The validator of what must be filled in, ticked or chosen."""
    return _Filled(message)


def show_error(form: Form, error: DomainError) -> None:
    """Put a verb's refusal where it belongs: beside the field that it names, or on top of the form."""
    found = form._fields.get(error.field) if error.field else None
    if found is None:
        form.form_errors.append(str(error))
    else:
        found.errors = [*found.errors, str(error)]


def _plain(typed: str, kept: str = "") -> str:
    """Without the signs that nobody sees: those that the database refuses, such as NUL, those that turn the reading
    direction, by which a contract or a name would read otherwise than it is, and blanks that fill nothing in."""
    return "".join(sign for sign in typed if sign in kept or not _is_unseen(sign))


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Co") or sign in _UNSEEN


class _Bounded:
    """A validator of text lengths that says both figures."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self.field_flags = {"maxlength": most}

    def __call__(self, _form: Any, field: Field) -> None:
        length = len(field.data or "")
        has = count(length)
        if length > self.most:
            text = _("Write at most %(most)s characters; this has %(has)s.", most=count(self.most), has=has)
            raise StopValidation(text)
        if length < self.least:
            text = _("Write at least %(least)s characters; this has %(has)s.", least=count(self.least), has=has)
            raise StopValidation(text)


def _text_validators(is_required: bool, least: int, most: int, more: Sequence[Any]) -> list[Any]:
    first: list[Any] = [required()] if is_required else [Optional()]
    return [*first, _Bounded(least, most), *more]


class LineField(StringField):
    """One line of text: outer blanks, line breaks and invisible signs are gone. Empty is "", never None."""

    data: str

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 120,
        required: bool = True,
        **options: Any,
    ) -> None:
        options.setdefault("default", "")
        super().__init__(label, _text_validators(required, least, most, validators), **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]) if valuelist else ""
        self.data = " ".join(_plain(typed, kept="\t\n\r").split())


class ProseField(TextAreaField):
    """Text of several lines, with plain line ends. Empty is "", never None."""

    data: str

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 4000,
        required: bool = True,
        **options: Any,
    ) -> None:
        options.setdefault("default", "")
        super().__init__(label, _text_validators(required, least, most, validators), **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]) if valuelist else ""
        lines = typed.replace("\r\n", "\n").replace("\r", "\n")
        self.data = _plain(lines, kept="\t\n").strip()


class _FiguresField(Field):
    """Shared by fields of figures: what was typed stays in the box, right or wrong."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.written(self.data) if self.data is not None else ""

    def written(self, data: Any) -> str:
        raise NotImplementedError

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = str(valuelist[0]) if valuelist else ""
        if typed.strip():
            self.data = self.read(_compact(typed))

    def read(self, figures: str) -> Any:
        """The value of figures without blanks, in half-width signs; ValueError with the reason otherwise."""
        raise NotImplementedError


def _compact(typed: str) -> str:
    """Full-width figures and signs in their plain form, no blanks."""
    return "".join(unicodedata.normalize("NFKC", typed).replace("\u2212", "-").split())


class MoneyField(_FiguresField):
    """An amount in major units, as `Money`: 12,000.00, 12000, ¥12,000. `least` and `most` are minor units."""

    data: Money | None

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        currency: str = DEFAULT_CURRENCY,
        least: int = 1,
        most: int = LARGEST_AMOUNT,
        **options: Any,
    ) -> None:
        self.currency, self.least, self.most = currency, least, most
        super().__init__(label, validators, **options)  # type: ignore[arg-type]

    def written(self, data: Money) -> str:
        pattern = "#,##0." + "0" * data.exponent if data.exponent else "#,##0"
        return str(format_decimal(data.major, format=pattern, locale="en"))

    def read(self, figures: str) -> Money:
        figures = self._without_marks(figures)
        negative = figures.startswith("-")
        figures = self._without_marks(figures.lstrip("+-"))
        if not re.search(r"[0-9]", figures) or not _AMOUNT.fullmatch(figures):
            raise ValueError(_("Write an amount in figures, such as %(example)s.", example="12,000.00"))
        if negative:
            raise ValueError(_("The amount can’t be negative."))
        return self._bounded(figures.replace(",", ""))

    def _bounded(self, figures: str) -> Money:
        whole, _dot, decimals = figures.partition(".")
        most = Money(self.most, self.currency)
        if len(whole.lstrip("0")) > 15:
            raise ValueError(_("The amount may be at most %(most)s.", most=money_text(most)))
        if len(decimals.rstrip("0")) > most.exponent:
            raise ValueError(self._too_fine(most.exponent))
        amount = Money.from_major(f"{whole or '0'}.{decimals.rstrip('0') or '0'}", self.currency)
        if amount > most:
            raise ValueError(_("The amount may be at most %(most)s.", most=money_text(most)))
        if amount.amount < self.least:
            least = Money(self.least, self.currency)
            raise ValueError(
                _("The amount must be above zero.")
                if self.least == 1
                else _("The amount must be at least %(least)s.", least=money_text(least))
            )
        return amount

    def _too_fine(self, exponent: int) -> str:
        words: str = _("Amounts in %(currency)s have no decimals.", currency=self.currency)
        if exponent:
            words = _("Write at most %(digits)s decimals for %(currency)s.", digits=exponent, currency=self.currency)
        return words

    def _without_marks(self, figures: str) -> str:
        for mark in sorted(_CURRENCY_MARKS.get(self.currency, (self.currency,)), key=len, reverse=True):
            if figures.upper().startswith(mark):
                return figures[len(mark) :]
            if figures.upper().endswith(mark):
                return figures[: -len(mark)]
        return figures


class CountField(_FiguresField):
    """A whole number that people group as they like: 10001, 10,001, １０００１."""

    data: int | None

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = LARGEST_COUNT,
        **options: Any,
    ) -> None:
        self.least, self.most = least, most
        super().__init__(label, validators, **options)  # type: ignore[arg-type]

    def written(self, data: int) -> str:
        return str(format_decimal(data, format="#,##0", locale="en"))

    def read(self, figures: str) -> int:
        negative = figures.startswith("-")
        figures = figures.lstrip("+-")
        if not _FIGURES.fullmatch(figures):
            raise ValueError(_("Write a whole number in figures, such as %(example)s.", example="12,000"))
        digits = figures.replace(",", "").lstrip("0") or "0"
        number = int(digits) if len(digits) <= 18 else self.most + 1
        if negative and number:
            raise ValueError(_("The number can’t be negative."))
        if number > self.most:
            raise ValueError(_("The number may be at most %(most)s.", most=count(self.most)))
        if number < self.least:
            raise ValueError(_("The number must be at least %(least)s.", least=count(self.least)))
        return number


class EnumField(SelectField):
    """One member of an enum with its words as options; `blank` is the text of the empty option, if there is one.

    `without` are members that nobody chooses.
    """

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        members: type[StrEnum],
        blank: Text | None = None,
        without: Collection[StrEnum] = (),
        **options: Any,
    ) -> None:
        self.members, self.blank, self.without = members, blank, without
        super().__init__(label, validators, coerce=self._member, choices=self._options, **options)  # type: ignore[arg-type]

    def _member(self, value: Any) -> StrEnum | None:
        return self.members(value) if value else None

    def _options(self) -> list[tuple[str, Text]]:
        first: list[tuple[str, Text]] = [("", self.blank)] if self.blank is not None else []
        return [*first, *((member.value, label(member)) for member in self.members if member not in self.without)]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not valuelist[0] or valuelist[0] in self.without:
            return
        try:
            self.data = self.members(valuelist[0])
        except ValueError:
            raise ValueError(_("Choose one of the options.")) from None

    def pre_validate(self, _form: Any) -> None:
        if self.data is None and not self.process_errors and not self.flags.optional:
            raise StopValidation(_("Choose one of the options."))


class DayField(DateField):
    """A day. `not_after` and `not_before` are asked when the form comes, so that they follow the clock."""

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        not_before: Callable[[], date] | None = None,
        not_after: Callable[[], date] | None = None,
        **options: Any,
    ) -> None:
        self.not_before, self.not_after = not_before, not_after
        super().__init__(label, validators, **options)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = str(valuelist[0]).strip() if valuelist else ""
        if not typed:
            return
        try:
            self.data = date.fromisoformat(typed)
        except ValueError:
            raise ValueError(_("Write the day as year, month and day: 2026-11-24.")) from None

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        if self.data is None or validation_stopped:
            return
        if self.not_before is not None and self.data < self.not_before():
            raise ValidationError(_("The day can’t be before %(day)s.", day=self.not_before().isoformat()))
        if self.not_after is not None and self.data > self.not_after():
            raise ValidationError(_("The day can’t be after %(day)s.", day=self.not_after().isoformat()))


class UploadField(FileField):
    """A file, read and cleaned by `read_upload`: `upload` holds it after the form was found valid, or None."""

    def __init__(
        self,
        label: Text | None = None,
        validators: Sequence[Any] = (),
        *,
        kinds: Collection[UploadKind],
        **options: Any,
    ) -> None:
        self.kinds = kinds
        self.upload: Upload | None = None
        accept = ",".join(ACCEPT[kind] for kind in kinds)
        super().__init__(label, validators, render_kw={"accept": accept}, **options)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[Any]) -> None:
        chosen = valuelist[0] if valuelist else None
        self.data = chosen if isinstance(chosen, FileStorage) and chosen.filename else None
        self.raw_data = [self.data] if self.data else []

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        if self.data is None or validation_stopped:
            return
        try:
            self.upload = read_upload(self.data, self.kinds)
        except Invalid as refused:
            raise ValidationError(str(refused)) from refused


__all__ = [
    "CountField", "DayField", "EnumField", "LineField", "MoneyField", "ProseField", "UploadField", "required",
    "show_error",
]  # fmt: skip
