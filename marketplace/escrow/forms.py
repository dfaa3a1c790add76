"""Forms of escrow."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length


class FundForm(FlaskForm):
    """Nothing to fill in: the amount is the contract's, never the browser's."""


class AcceptForm(FlaskForm):
    seen = BooleanField(
        _l("I have seen the publication, and it is what we agreed"),
        validators=[DataRequired(_l("Tick this after you have looked at the publication."))],
    )


class CancelLateForm(FlaskForm):
    why = TextAreaField(
        _l("A few words to the creator"),
        validators=[
            DataRequired(_l("Say why you cancel; the creator reads it.")),
            Length(max=2000, message=_l("Keep it under 2,000 characters.")),
        ],
    )
