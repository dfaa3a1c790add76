"""The forms of briefs: what a reader of the list looks for, questions, references, dates. The steps have their own."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, ValidationError
from wtforms.validators import Optional

from marketplace.briefs.checks import MOST_BUDGET
from marketplace.briefs.models import BriefStatus
from marketplace.briefs.queries import BriefFilter
from marketplace.briefs.questions import MOST_ANSWER, MOST_QUESTION
from marketplace.creators.models import Category, Platform
from marketplace.infra.fields import DayField, EnumField, LineField, MoneyField, ProseField, UploadField, required
from marketplace.infra.uploads import DRAFT
from marketplace.infra.web_address import is_web_address
from marketplace.kit.deal_kinds import ContentKind


class BriefFilterForm(FlaskForm):
    """The list's filters, in the address. What can't be read filters nothing."""

    class Meta:
        csrf = False

    platform = EnumField(_l("Platform"), [Optional()], members=Platform, blank=_l("Any platform"))
    category = EnumField(_l("Category"), [Optional()], members=Category, blank=_l("Any category"))
    content = EnumField(_l("Kind of content"), [Optional()], members=ContentKind, blank=_l("Any kind"))
    budget = MoneyField(_l("Pays at least"), [Optional()], most=MOST_BUDGET)
    mine = BooleanField(_l("Only those my fans are enough for"))
    for_all = BooleanField(_l("Only those that anyone may answer"))

    def wanted(self, fans_by_platform: dict[Platform, int] | None) -> BriefFilter:
        """The filter; `fans_by_platform` is the reader's own and None for those who don't create."""
        self.validate()
        names = ("platform", "category", "content", "budget")
        good = {name: self[name].data for name in names if not self[name].errors}
        return BriefFilter(
            **good, fans_by_platform=fans_by_platform if self.mine.data else None, for_all=self.for_all.data
        )


class OwnFilterForm(FlaskForm):
    """What a brand looks for among its own."""

    class Meta:
        csrf = False

    tab = EnumField(_l("State"), [Optional()], members=BriefStatus, blank=_l("All"))
    q = LineField(_l("Title"), most=90, required=False)


class QuestionForm(FlaskForm):
    question = ProseField(_l("Your question"), most=MOST_QUESTION)


class AnswerForm(FlaskForm):
    answer = ProseField(_l("Your answer"), most=MOST_ANSWER)


class ReferenceForm(FlaskForm):
    """A link or a file, one of the two."""

    title = LineField(_l("What it shows"), most=120)
    url = LineField(_l("Link"), most=500, required=False)
    file = UploadField(_l("File"), [Optional()], kinds=DRAFT)

    def validate_url(self, field: Any) -> None:
        if field.data and not is_web_address(field.data):
            raise ValidationError(_("Write the whole address, such as https://example.com."))


class ExtendForm(FlaskForm):
    apply_by = DayField(_l("New last day to apply"), [required()])
    publish_by = DayField(_l("Publish by"), [required()])
