"""The forms of briefs: what a brief says, and what a reader of the list looks for."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from marketplace.briefs.queries import BriefFilter
from marketplace.briefs.service import MOST_BUDGET, MOST_SLOTS, BriefFacts
from marketplace.creators.models import Category, Platform
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, MoneyField, ProseField, required
from marketplace.infra.labels import label
from marketplace.kit.deal_kinds import DealKind

_MOST_FANS = 1_000_000_000


class PlatformsField(SelectMultipleField):
    """Several platforms as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, text: Any = None, **options: Any) -> None:
        super().__init__(text, choices=self._options, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=member.value, label=label(member)) for member in Platform]

    def pre_validate(self, _form: Any) -> None:
        chosen = list(dict.fromkeys(self.data or []))
        if not chosen or any(name not in set(Platform) for name in chosen):
            raise StopValidation(_("Choose at least one platform."))
        self.data = chosen


class BriefForm(FlaskForm):
    """What a brief says; `version` is the one that the form was made from."""

    version = IntegerField(widget=HiddenInput(), default=0)
    title = LineField(_l("Title"), most=90)
    goal = ProseField(_l("What you want"), most=3000)
    deliverables = ProseField(_l("Deliverables"), most=1500)
    kind = EnumField(_l("Kind of work"), members=DealKind)
    category = EnumField(_l("Category"), members=Category)
    platforms = PlatformsField(_l("Platforms"))
    minimum_fans = CountField(_l("Minimum fans"), [required()], most=_MOST_FANS)
    budget_min = MoneyField(_l("Budget from"), [required()], most=MOST_BUDGET)
    budget_max = MoneyField(_l("Budget to"), [required()], most=MOST_BUDGET)
    slots = CountField(_l("Places"), [required()], least=1, most=MOST_SLOTS)
    apply_by = DayField(_l("Apply by"), [required()])
    publish_by = DayField(_l("Publish by"), [required()])

    def facts(self) -> BriefFacts:
        values = {name: self[name].data for name in BriefFacts.__slots__}
        return BriefFacts(**{**values, "platforms": tuple(self.platforms.data or ())})


class BriefFilterForm(FlaskForm):
    """The list's filters, in the address. What can't be read filters nothing."""

    class Meta:
        csrf = False

    platform = EnumField(_l("Platform"), [Optional()], members=Platform, blank=_l("Any platform"))
    category = EnumField(_l("Category"), [Optional()], members=Category, blank=_l("Any category"))
    kind = EnumField(_l("Kind of work"), [Optional()], members=DealKind, blank=_l("Any kind"))
    budget = MoneyField(_l("Pays at least"), [Optional()], most=MOST_BUDGET)
    mine = BooleanField(_l("Only those I qualify for"))

    def wanted(self, fans_by_platform: dict[Platform, int] | None) -> BriefFilter:
        """The filter; `fans_by_platform` is the reader's own and None for those who don't create."""
        self.validate()
        good = {name: self[name].data for name in ("platform", "category", "kind", "budget") if not self[name].errors}
        return BriefFilter(**good, fans_by_platform=fans_by_platform if self.mine.data else None)
