"""Forms of moderation: a report, a decision about reports, a word list."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from marketplace.infra.fields import LineField, ProseField, required
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.labels import label, register
from marketplace.moderation.models import ReportReason

_LARGEST_FILE = 1_000_000

register(
    ReportReason,
    {
        ReportReason.SCAM: _l("It is a fraud, or not who it says it is"),
        ReportReason.ILLEGAL: _l("It is against the law"),
        ReportReason.OFFENSIVE: _l("It insults, threatens or discriminates"),
        ReportReason.OFF_PLATFORM: _l("It leads people off the platform to pay"),
        ReportReason.OTHER: _l("Something else"),
    },
)


class ReportForm(FlaskForm):
    """What is wrong with something."""

    reason = RadioField(_l("What is wrong"), [required(_l("Choose what is wrong."))], validate_choice=False)
    text = ProseField(_l("Tell us more"), most=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [SelectChoice(reason.value, label(reason)) for reason in ReportReason]

    def validate_reason(self, field: Field) -> None:
        if field.data not in set(ReportReason):
            raise ValidationError(_("Choose what is wrong."))


class DecisionForm(FlaskForm):
    """An administrator's verdict on reports; which button was pressed says which."""

    note = ProseField(_l("Why"), most=1000)
    close = BooleanField(_l("Close the brief too"))


class WordsForm(FlaskForm):
    """Words to add: written, or in a file of text; a word or phrase a line."""

    locale = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    lines = TextAreaField(_l("Words"), default="")
    file = FileField(_l("Or a file of text"), render_kw={"accept": ".txt,text/plain"})
    reason = LineField(_l("Why they are watched"), most=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_lines: list[str] = []

    def validate_file(self, field: Field) -> None:
        """A file's lines stand below those that were written."""
        chosen = field.data
        if not isinstance(chosen, FileStorage) or not chosen.filename:
            return
        content = chosen.stream.read(_LARGEST_FILE + 1)
        chosen.close()
        if len(content) > _LARGEST_FILE:
            raise ValidationError(_("The file is larger than 1 MB."))
        try:
            self.file_lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise ValidationError(_("The file isn’t text in UTF-8. Save it as UTF-8 and choose it again.")) from None

    def all_lines(self) -> list[str]:
        return [*(self.lines.data or "").splitlines(), *self.file_lines]
