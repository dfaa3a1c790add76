"""Forms of creators."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from marketplace.creators.models import Category, Platform
from marketplace.creators.policy import today
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, ProseField, UploadField, required
from marketplace.infra.uploads import EVIDENCE

# More people than there are on Earth.
_MOST_FANS = 10_000_000_000


class ProfileForm(FlaskForm):
    name = LineField(_l("Name"), most=60)
    handle = LineField(_l("Address of your page"), most=39)
    headline_en = LineField(_l("What you do, in one line"), most=120)
    category = EnumField(_l("Category"), members=Category, blank=_l("Choose a category"))
    region = LineField(_l("Where you work"), most=60, required=False)
    biography_en = ProseField(_l("About you"), most=3000, required=False)
    version = HiddenField()


class ChannelForm(FlaskForm):
    platform = EnumField(_l("Platform"), members=Platform, blank=_l("Choose a platform"))
    handle = LineField(_l("Name of the channel"), most=80)
    url = LineField(_l("Address of the channel"), most=500)


class ReadingForm(FlaskForm):
    fans = CountField(_l("Fans"), [required()], least=1, most=_MOST_FANS)
    taken_on = DayField(_l("Read on"), [required()], not_after=today)
    evidence = UploadField(_l("Evidence"), [required(_l("Choose a file."))], kinds=EVIDENCE)
