"""Forms of accounts. Passwords are never put back into a page."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import AnyOf

from marketplace.accounts.models import Side
from marketplace.accounts.passwords import SHORTEST, require_strong
from marketplace.accounts.service import LONGEST_EMAIL, normalise_email
from marketplace.accounts.timezones import choices
from marketplace.infra.fields import LineField, required
from marketplace.infra.i18n import LANGUAGES
from marketplace.kit.errors import Invalid


class EmailField(LineField):
    """An e-mail in the form that we keep."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **options: Any) -> None:
        keys = {"type": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label, validators, most=LONGEST_EMAIL, render_kw=keys, **options)


def whole_email(_form: Any, field: Any) -> None:
    """The validator of an e-mail that is going to be kept."""
    try:
        field.data = normalise_email(field.data)
    except Invalid as refused:
        raise ValidationError(str(refused)) from refused


class SecretField(PasswordField):
    """A password as typed, blanks and all; `new` tells password managers to propose one."""

    data: str

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, new: bool = False, **options: Any) -> None:
        keys = {"autocomplete": "new-password", "minlength": SHORTEST} if new else {"autocomplete": "current-password"}
        super().__init__(label, [required(), *validators], render_kw=keys, **options)


_JOINED_AS = (Side.CREATOR.value, Side.BRAND.value, Side.AGENCY.value)


class SignUpForm(FlaskForm):
    side = RadioField(
        _l("You join as"),
        choices=[
            SelectChoice(Side.CREATOR.value, _l("A creator")),
            SelectChoice(Side.BRAND.value, _l("A brand")),
            SelectChoice(Side.AGENCY.value, _l("An agency")),
        ],
        coerce=str,
        validate_choice=False,
        validators=[AnyOf(_JOINED_AS, message=_l("Choose one of the three."))],
    )
    name = LineField(_l("Your name"), most=80, render_kw={"autocomplete": "name"})
    email = EmailField(_l("E-mail"), [whole_email])
    password = SecretField(_l("Password"), new=True)

    def validate_password(self, field: Any) -> None:
        try:
            require_strong(field.data, email=self.email.data or "", name=self.name.data or "")
        except Invalid as refused:
            raise ValidationError(str(refused)) from refused


class SignInForm(FlaskForm):
    email = EmailField(_l("E-mail"))
    password = SecretField(_l("Password"))
    next = HiddenField()


class ForgotForm(FlaskForm):
    email = EmailField(_l("E-mail"), [whole_email])


class ResetForm(FlaskForm):
    password = SecretField(_l("New password"), new=True)


class ConfirmForm(FlaskForm):
    """Nothing but the proof that the button on our page was pressed."""


class SettingsForm(FlaskForm):
    name = LineField(_l("Your name"), most=80, render_kw={"autocomplete": "name"})
    locale = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    timezone = SelectField(_l("Time zone"))

    def offer_timezones(self, present: str) -> None:
        """Fill the list; `present` is in it, whatever it is."""
        self.timezone.choices = [SelectChoice(name, shown) for name, shown in choices(present=present)]


class AgainForm(FlaskForm):
    """The password again, before what moves money or decides where it goes."""

    password = SecretField(_l("Your password"))


class DecideForm(AgainForm):
    """And `seen`: what stood on the page, as what has changed since isn't what they decided. `place` begins the ids of
    one that stands beside another form."""

    seen = HiddenField()

    def __init__(self, place: str = "", **options: Any) -> None:
        super().__init__(**options)
        if place:
            for field in (self.password, self.seen):
                field.id = f"{place}-{field.id}"


class PasswordForm(FlaskForm):
    old = SecretField(_l("Present password"))
    password = SecretField(_l("New password"), new=True)
