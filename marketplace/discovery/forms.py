"""Forms of lists and of blocks: a name, a note, where a creator is to be saved, a reason."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Optional

from marketplace.discovery.list_queries import Choice
from marketplace.infra.fields import LineField, ProseField

LONGEST_NAME = 60
LONGEST_NOTE = 1000


class NameForm(FlaskForm):
    """The name of a list."""

    name = LineField(_l("Name of the list"), most=LONGEST_NAME)


class NoteForm(FlaskForm):
    """What the brand notes of a creator; the creator never sees it."""

    note = ProseField(_l("Note"), most=LONGEST_NOTE, required=False)


class SaveForm(FlaskForm):
    """Where to save a creator: one of the lists, or a new one. `list` holds the id of a list, or nothing."""

    list = RadioField(_l("List"), [Optional()], validate_choice=False)
    name = LineField(_l("A new list"), most=LONGEST_NAME, required=False)
    note = ProseField(_l("Note"), most=LONGEST_NOTE, required=False)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show the lists; the first that doesn't have the creator is chosen until somebody chooses."""
        self.list.choices = [SelectChoice(str(choice.kept.id), choice.kept.name) for choice in choices]
        if not self.is_submitted():
            self.list.data = next((str(choice.kept.id) for choice in choices if not choice.has), None)

    def chosen(self) -> int | None:
        """The list's id; None for a new list. What names no list of the brand's is refused by the verb."""
        typed = self.list.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None

    def validate(self, extra_validators: object = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.chosen() is None and not self.name.data:
            self.name.errors = [_("Choose a list, or write the name of a new one.")]
            return False
        return True


class BlockForm(FlaskForm):
    """Why one side blocks the other; the other never learns it."""

    reason = ProseField(_l("Reason"), most=LONGEST_NOTE, required=False)
