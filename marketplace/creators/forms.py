"""Forms of channels and their readings."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from marketplace.creators.models import Platform
from marketplace.creators.policy import today
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, UploadField, required
from marketplace.infra.uploads import EVIDENCE

# More people than there are on Earth.
_MOST_FANS = 10_000_000_000


class ChannelForm(FlaskForm):
    platform = EnumField(_l("Platform"), members=Platform, blank=_l("Choose a platform"))
    handle = LineField(_l("Name of the channel"), most=80)
    url = LineField(_l("Address of the channel"), most=500)


class ReadingForm(FlaskForm):
    fans = CountField(_l("Fans"), [required()], least=1, most=_MOST_FANS)
    taken_on = DayField(_l("Read on"), [required()], not_after=today)
    evidence = UploadField(_l("Evidence"), [required(_l("Choose a file."))], kinds=EVIDENCE)


class CodeForm(FlaskForm):
    fans = CountField(_l("Fans"), [required()], least=1, most=_MOST_FANS)
