"""The forms of a company: its profile, and who belongs to it."""

from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, ValidationError
from wtforms.validators import Optional, Regexp
from wtforms.widgets import HiddenInput

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.forms import EmailField, SecretField, whole_email
from marketplace.brands import labels  # noqa: F401  # the words of the roles
from marketplace.brands.service import BrandFacts
from marketplace.infra.fields import EnumField, LineField, MoneyField, ProseField
from marketplace.infra.picture_fields import PictureField
from marketplace.infra.pictures import LOGO

_HANDLE = r"^[a-z0-9][a-z0-9-]{1,38}\Z"


class CompanyForm(FlaskForm):
    """What a company says of itself; `version` is the one that the form was made from, empty for a new company."""

    version = IntegerField(widget=HiddenInput(), default=0)
    logo = PictureField(_l("Logo"), shape=LOGO)
    name = LineField(_l("Name"), most=60)
    handle = LineField(
        _l("Address on Mutuals"),
        [Regexp(_HANDLE, message=_l("Use 2 to 39 small letters, digits and hyphens; begin with a letter or digit."))],
        most=39,
    )
    legal_name = LineField(_l("Legal name"), most=120)
    registration_number = LineField(_l("Registration number"), most=40, required=False)
    industry = LineField(_l("Industry"), most=60, required=False)
    region = LineField(_l("City or region"), most=60, required=False)
    website = LineField(_l("Website"), most=200, required=False)
    about = ProseField(_l("About the company"), most=2000, required=False)

    def validate_website(self, field: Any) -> None:
        if field.data and not _is_web_address(field.data):
            raise ValidationError(_("Write the whole address, such as https://example.com."))

    def facts(self) -> BrandFacts:
        names = BrandFacts.__slots__
        return BrandFacts(**{name: self[name].data for name in names})


class InviteForm(FlaskForm):
    email = EmailField(_l("E-mail"), [whole_email])
    role = EnumField(_l("Role"), members=BrandRole, default=BrandRole.MANAGER)


class RoleForm(FlaskForm):
    role = EnumField(_l("Role"), members=BrandRole)


class LimitForm(FlaskForm):
    """Empty lifts the limit; zero lets the member commit nothing."""

    limit = MoneyField(_l("Spending limit a month"), [Optional()], least=0)


class ButtonForm(FlaskForm):
    """Nothing but the proof that the button on our page was pressed."""


class JoinForm(FlaskForm):
    """For whom an invitation reached without an account: the e-mail is the invitation's."""

    name = LineField(_l("Your name"), most=80, render_kw={"autocomplete": "name"})
    password = SecretField(_l("Password"), new=True)


def _is_web_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in typed
