"""The forms of an agency: its profile, its people, its offers, and the creator's consent."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import Regexp
from wtforms.widgets import HiddenInput

from marketplace.accounts.actor import AgencyRole
from marketplace.accounts.forms import EmailField, SecretField, whole_email
from marketplace.agencies import labels  # noqa: F401  # the words of the roles
from marketplace.agencies.representing import LEAST_NOTICE, LONGEST_NAME, MOST_MESSAGE, MOST_NOTICE, MOST_SHARE
from marketplace.agencies.service import AgencyFacts
from marketplace.infra.fields import CountField, EnumField, LineField, ProseField, required

_HANDLE = r"^[a-z0-9][a-z0-9-]{1,38}\Z"
_BAD_HANDLE = _l("Use 2 to 39 small letters, digits and hyphens; begin with a letter or digit.")


class AgencyForm(FlaskForm):
    """What an agency says of itself; `version` is the one that the form was made from, empty for a new agency."""

    version = IntegerField(widget=HiddenInput(), default=0)
    name = LineField(_l("Name"), most=60)
    handle = LineField(_l("Short name"), [Regexp(_HANDLE, message=_BAD_HANDLE)], most=39)
    legal_name = LineField(_l("Legal name"), most=120)
    registration_number = LineField(_l("Registration number"), most=40, required=False)
    region = LineField(_l("City or region"), most=60, required=False)
    about = ProseField(_l("About the agency"), most=2000, required=False)

    def facts(self) -> AgencyFacts:
        return AgencyFacts(**{name: self[name].data for name in AgencyFacts.__slots__})


class PersonForm(FlaskForm):
    email = EmailField(_l("E-mail"), [whole_email])
    role = EnumField(_l("Role"), members=AgencyRole, default=AgencyRole.MEMBER)


class RoleForm(FlaskForm):
    role = EnumField(_l("Role"), members=AgencyRole)


class OfferForm(FlaskForm):
    """The share in whole percent."""

    handle = LineField(_l("The creator’s address"), [Regexp(_HANDLE, message=_BAD_HANDLE)], most=39)
    share = CountField(_l("Your share"), [required()], most=MOST_SHARE // 100)
    notice_days = CountField(_l("Days of notice"), [required()], least=LEAST_NOTICE, most=MOST_NOTICE)
    message = ProseField(_l("Message"), most=MOST_MESSAGE, required=False)


class ConsentForm(FlaskForm):
    """`shown` is the fingerprint of the text above it."""

    shown = HiddenField()
    name = LineField(_l("Your name"), most=LONGEST_NAME, render_kw={"autocomplete": "name"})
    password = SecretField(_l("Your password"))


class ButtonForm(FlaskForm):
    """Nothing but the proof that the button on our page was pressed."""
