"""Forms of escrow."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import DataRequired

from marketplace.infra.fields import ProseField


class FundForm(FlaskForm):
    """Nothing to fill in: the amount is the contract's, never the browser's."""


class AcceptForm(FlaskForm):
    seen = BooleanField(
        _l("I have seen the publication, and it is what we agreed"),
        validators=[DataRequired(_l("Tick this after you have looked at the publication."))],
    )


class CancelLateForm(FlaskForm):
    why = ProseField(_l("A few words to the creator"), most=2000)
