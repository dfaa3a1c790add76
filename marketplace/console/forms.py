"""Forms of the console."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from marketplace.infra.fields import ProseField


class VerdictForm(FlaskForm):
    """Which button was pressed says whether the reading is accepted; a rejection needs its reason."""

    reason = ProseField(_l("What the creator has to do"), most=1000, required=False)


class FeedForm(FlaskForm):
    """A platform's file of readings. It is read piece by piece, so no upload of pictures' kind."""

    file = FileField(_l("CSV file"), [FileRequired(_l("Choose a file."))])


class StandingForm(FlaskForm):
    reason = ProseField(_l("Why"), most=1000)


class BriefVerdictForm(FlaskForm):
    """Which button was pressed says whether a held brief opens; sending it back needs its note."""

    note = ProseField(_l("What the company has to change"), most=1000, required=False)
