"""The form of each step in which a brief is written. Nothing is required here: a draft may lack anything."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, IntegerField, RadioField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from marketplace.briefs.checks import MOST_BUDGET, MOST_DELIVERABLES, MOST_LINES, MOST_OF_A_KIND, MOST_SLOTS, MOST_TOTAL
from marketplace.briefs.facts import FIELDS, BriefFacts, Deliverable, Step
from marketplace.briefs.models import BudgetKind, Visibility
from marketplace.creators.models import Category, Platform
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, MoneyField, ProseField
from marketplace.infra.labels import label
from marketplace.kit.deal_kinds import ContentKind

_MOST_FANS = 1_000_000_000
_MOST_LINE = 200


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
        if any(name not in set(Platform) for name in chosen):
            raise StopValidation(_("Choose among these platforms."))
        self.data = chosen


class LinesField(ProseField):
    """A list, one entry a line: `lines` has them without the empty ones."""

    def __init__(self, text: Any = None, **options: Any) -> None:
        super().__init__(text, most=MOST_LINES * (_MOST_LINE + 1), required=False, **options)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in (self.data or "").split("\n") if line.strip())

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, str) else "\n".join(value or ())

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        if validation_stopped:
            return
        if len(self.lines) > MOST_LINES:
            raise ValidationError(_("Write at most %(most)s lines.", most=MOST_LINES))
        if any(len(line) > _MOST_LINE for line in self.lines):
            raise ValidationError(_("Write at most %(most)s characters a line.", most=_MOST_LINE))


class KindField(RadioField):
    """One member of an enum as boxes."""

    def __init__(self, text: Any, members: Any, **options: Any) -> None:
        self.members = members
        super().__init__(text, choices=self._options, coerce=str, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=member.value, label=label(member)) for member in self.members]

    def pre_validate(self, _form: Any) -> None:
        if self.data not in set(self.members):
            raise StopValidation(_("Choose one of the options."))

    @property
    def member(self) -> Any:
        return self.members(self.data)


class StepForm(FlaskForm):
    """`version` is the one that the form was made from; `changes` are the facts of the step."""

    step: ClassVar[Step]
    version = IntegerField(widget=HiddenInput(), default=0)

    def now_at(self, version: int) -> None:
        """Go on from another version than the one that was sent."""
        self.version.raw_data, self.version.data = None, version

    def changes(self) -> dict[str, Any]:
        return {name: self.fact(name) for name in FIELDS[self.step]}

    def fact(self, name: str) -> Any:
        found = self[name]
        return found.lines if isinstance(found, LinesField) else found.data

    def field_of(self, fact: str) -> str:
        """The field that a fact is typed into."""
        return fact


class GoalForm(StepForm):
    step = Step.GOAL
    title = LineField(_l("Title"), most=90, required=False)
    product = ProseField(_l("Product"), most=600, required=False)
    goal = ProseField(_l("What you want"), most=3000, required=False)


class DeliverableForm(Form):
    content = EnumField(_l("Kind"), [Optional()], members=ContentKind, blank=_l("Choose a kind"))
    count = CountField(_l("How many"), [Optional()], least=1, most=MOST_OF_A_KIND)


class WorkForm(StepForm):
    step = Step.WORK
    deliverables = FieldList(
        FormField(DeliverableForm), _l("Deliverables"), min_entries=MOST_DELIVERABLES, max_entries=MOST_DELIVERABLES
    )
    details = ProseField(_l("More about them"), most=1500, required=False)
    key_messages = LinesField(_l("Key messages"))
    musts = LinesField(_l("Must"))
    must_nots = LinesField(_l("Must not"))

    def fact(self, name: str) -> Any:
        if name != "deliverables":
            return super().fact(name)
        rows = [entry.form for entry in self.deliverables]
        return tuple(Deliverable(row.content.data, row.count.data or 1) for row in rows if row.content.data is not None)


class WhoForm(StepForm):
    step = Step.WHO
    category = EnumField(_l("Category"), [Optional()], members=Category, blank=_l("Choose a category"))
    platforms = PlatformsField(_l("Platforms"))
    minimum_fans = CountField(_l("Fans from"), [Optional()], most=_MOST_FANS)
    maximum_fans = CountField(_l("Fans to"), [Optional()], least=1, most=_MOST_FANS)
    audience = ProseField(_l("Audience"), most=600, required=False)
    visibility = KindField(_l("Who may answer"), Visibility)

    def fact(self, name: str) -> Any:
        match name:
            case "platforms":
                return tuple(self.platforms.data or ())
            case "minimum_fans":
                return self.minimum_fans.data or 0
            case "visibility":
                return self.visibility.member
        return super().fact(name)


class BudgetForm(StepForm):
    """Each kind of budget has amounts of its own; those of the others are kept in the page but not saved."""

    step = Step.BUDGET
    budget_kind = KindField(_l("How you pay"), BudgetKind)
    price = MoneyField(_l("Price for each place"), [Optional()], most=MOST_BUDGET)
    budget_min = MoneyField(_l("Budget from"), [Optional()], most=MOST_BUDGET)
    budget_max = MoneyField(_l("Budget to"), [Optional()], most=MOST_BUDGET)
    rate = MoneyField(_l("Price for a thousand views"), [Optional()], most=MOST_BUDGET)
    cap = MoneyField(_l("At most for each place"), [Optional()], most=MOST_BUDGET)
    total = MoneyField(_l("Budget for all places"), [Optional()], most=MOST_TOTAL)
    slots = CountField(_l("Places"), [Optional()], least=1, most=MOST_SLOTS)
    apply_by = DayField(_l("Apply by"), [Optional()])
    publish_by = DayField(_l("Publish by"), [Optional()])

    def fact(self, name: str) -> Any:
        match name:
            case "budget_kind":
                return self.budget_kind.member
            case "budget_min":
                return self.budget_min.data if self.budget_kind.member is BudgetKind.RANGE else None
            case "budget_max":
                return self[self.field_of(name)].data
            case "rate":
                return self.rate.data if self.budget_kind.member is BudgetKind.VIEWS else None
            case "slots":
                return self.slots.data or 1
        return super().fact(name)

    def field_of(self, fact: str) -> str:
        return field_of(fact, BudgetKind(self.budget_kind.data))


class RulesForm(StepForm):
    step = Step.RULES
    disclosure = ProseField(_l("How it is marked as advertising"), most=600, required=False)
    usage_rights = ProseField(_l("Usage rights"), most=600, required=False)
    exclusivity = ProseField(_l("Exclusivity"), most=600, required=False)


FORMS: dict[Step, type[StepForm]] = {form.step: form for form in (GoalForm, WorkForm, WhoForm, BudgetForm, RulesForm)}


def field_of(fact: str, kind: BudgetKind) -> str:
    """The field that a fact is typed into: each kind of budget has its own for the most that a place costs."""
    highest = {BudgetKind.FIXED: "price", BudgetKind.RANGE: "budget_max", BudgetKind.VIEWS: "cap"}
    return highest[kind] if fact == "budget_max" else fact


def form_data(facts: BriefFacts, step: Step, version: int) -> dict[str, Any]:
    """What the form of a step starts with."""
    data: dict[str, Any] = {name: getattr(facts, name) for name in FIELDS[step]} | {"version": version}
    if step is Step.WORK:
        data["deliverables"] = _rows(facts.deliverables)
    if step is Step.WHO:
        data |= {"visibility": facts.visibility.value, "platforms": list(facts.platforms)}
    if step is Step.BUDGET:
        data |= {"budget_kind": facts.budget_kind.value, "price": facts.budget_max, "cap": facts.budget_max}
    return data


def _rows(deliverables: Iterable[Deliverable]) -> list[dict[str, Any]]:
    return [{"content": found.content, "count": found.count} for found in deliverables]
