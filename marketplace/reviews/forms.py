"""The form of a review."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import AnyOf

from marketplace.infra.fields import ProseField
from marketplace.reviews.service import MOST_TEXT

_STARS = {
    "5": _l("5 stars, excellent"),
    "4": _l("4 stars, good"),
    "3": _l("3 stars, fair"),
    "2": _l("2 stars, poor"),
    "1": _l("1 star, bad"),
}


class ReviewForm(FlaskForm):
    stars = RadioField(
        _l("Stars"),
        choices=[SelectChoice(number, words) for number, words in _STARS.items()],
        validators=[AnyOf(list(_STARS), message=_l("Choose from one to five stars."))],
        validate_choice=False,
    )
    text = ProseField(_l("In your words"), most=MOST_TEXT, required=False)
