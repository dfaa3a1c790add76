"""Forms of the fee rules: a draft, one rule of it, an agreement, and what two administrators decide about them."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, HiddenField, ValidationError
from wtforms.validators import Optional

from marketplace.accounts.forms import SecretField
from marketplace.console.fee_fields import AmountsField, KindsField, PercentField
from marketplace.fees.agreements import AgreementFacts
from marketplace.fees.drafts import first_day
from marketplace.fees.models import FeeAgreement, FeePolicy
from marketplace.fees.policy import MOST_FIRST_DAYS, Bracket, Programme, Rule, RuleKind, rule_from_json
from marketplace.fees.queries import fee_day
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, ProseField, required
from marketplace.kit.errors import Invalid

MOST_STEPS: Final = 6
_MOST_NAME: Final = 20
_NAME = re.compile(r"[^\W_][\w.-]*")
_STEP = re.compile(r"brackets-(\d{1,4})-(rate|above)", re.ASCII)
_AGREED_NAME: Final = "agreed"


class StepForm(Form):
    """A rate and the amounts that it begins above; the first step begins at nothing."""

    rate = PercentField(_l("Rate"), [required()])
    above = AmountsField(_l("On what lies above"))


class _FeeForm(FlaskForm):
    """What a rule takes. `seen` is the state of what is edited, as the form was opened."""

    seen = HiddenField()
    kind = EnumField(_l("Fee"), members=RuleKind)
    brackets = FieldList(FormField(StepForm), label=_l("Steps"), min_entries=1, max_entries=MOST_STEPS)
    minimum = AmountsField(_l("At least, for each deal"))
    cap = AmountsField(_l("At most, for each deal"))

    def validate_brackets(self, _field: Any) -> None:
        first, *later = (entry.form for entry in self.brackets)
        if first.above.data:
            first.above.errors = [*first.above.errors, _("The first step begins at nothing: leave this empty.")]
            raise ValidationError(_("The first step begins at nothing."))
        for step in later:
            if not step.above.data:
                step.above.errors = [*step.above.errors, _("Write where this step begins.")]
                raise ValidationError(_("Every step but the first says where it begins."))

    def steps(self) -> tuple[Bracket, ...]:
        return tuple(Bracket(entry.form.rate.data or 0, entry.form.above.amounts) for entry in self.brackets)


class RuleForm(_FeeForm):
    """One rule of the draft."""

    name = LineField(_l("Name of the rule"), most=_MOST_NAME)
    deal_kinds = KindsField(_l("Only for these kinds of deal"))
    programme = LineField(_l("Name of the programme"), most=60, required=False)
    first_days = CountField(_l("Days from the creator’s first"), [Optional()], least=1, most=MOST_FIRST_DAYS)
    starts = DayField(_l("First day"), [Optional()])
    ends = DayField(_l("Last day"), [Optional()])

    def validate_name(self, field: LineField) -> None:
        if not _NAME.fullmatch(field.data):
            raise ValidationError(_("Use letters, figures, points and dashes, such as C1 or new-creators."))

    def validate_programme(self, _field: LineField) -> None:
        if self.first_days.data is None and not self.first_days.process_errors:
            raise ValidationError(_("Say how many days the programme lasts, or leave its name empty."))

    def validate_first_days(self, _field: CountField) -> None:
        if not self.programme.data:
            raise ValidationError(_("Give the programme a name: people read it beside their fees."))

    def rule(self) -> Rule:
        """
        Raises:
            PolicyError: what it says contradicts itself.
        """
        days = self.first_days.data
        return Rule(
            id=self.name.data,
            kind=self.kind.data,
            brackets=self.steps(),
            deal_kinds=self.deal_kinds.kinds,
            starts=self.starts.data,
            ends=self.ends.data,
            minimum=self.minimum.amounts or None,
            cap=self.cap.amounts or None,
            programme=Programme(self.programme.data, days) if days is not None else None,
        )


class DraftForm(FlaskForm):
    """What a draft says beside its rules."""

    seen = HiddenField()
    effective_from = DayField(_l("In force from"), [required()], not_before=first_day)
    creator_floor = PercentField(_l("The creator keeps at least"), [required()])
    why = ProseField(_l("Why the rules change"), most=1000, required=False)

    def day(self) -> date:
        return _filled(self.effective_from)


class SeenForm(FlaskForm):
    """A button that acts only on what was seen."""

    seen = HiddenField()


class ReturnForm(SeenForm):
    why = ProseField(_l("What has to change"), most=1000)


class EffectForm(SeenForm):
    month = DayField(_l("Month"), [required()])


class AgreementForm(_FeeForm):
    """An agreement; its sides are handles, as they stand in the addresses of their pages."""

    creator = LineField(_l("Creator"), most=60, required=False)
    brand = LineField(_l("Company"), most=60, required=False)
    starts = DayField(_l("First day"), [required()], not_before=first_day)
    ends = DayField(_l("Last day"), [Optional()], not_before=first_day)
    why = ProseField(_l("Why"), most=1000)

    def validate_ends(self, field: DayField) -> None:
        if field.data is not None and self.starts.data is not None and field.data < self.starts.data:
            raise ValidationError(_("The last day is before the first."))

    def facts(self, creator: str | None, brand: str | None) -> AgreementFacts:
        """`creator` and `brand` are the opaque keys of those whom the handles name.

        Raises:
            PolicyError: what it says contradicts itself.
        """
        rule = Rule(
            id=_AGREED_NAME,
            kind=self.kind.data,
            brackets=self.steps(),
            minimum=self.minimum.amounts or None,
            cap=self.cap.amounts or None,
        )
        return AgreementFacts(creator, brand, rule, _filled(self.starts), self.ends.data, self.why.data)


class EndForm(FlaskForm):
    ends = DayField(_l("Last day"), [required()], not_before=fee_day)
    why = ProseField(_l("Why it ends earlier"), most=1000)
    password = SecretField(_l("Your password"))

    def last_day(self) -> date:
        return _filled(self.ends)


def _filled(field: DayField) -> date:
    day: date | None = field.data
    assert day is not None, "the form requires it"
    return day


# --- What the forms start with ----------------------------------------------------------------------------------------
def draft_data(row: FeePolicy) -> dict[str, object]:
    return {"effective_from": row.effective_from, "creator_floor": row.rules["creator_floor"], "why": row.why}


def rule_data(rule: Rule) -> dict[str, object]:
    return _fee_data(rule) | {
        "name": rule.id,
        "deal_kinds": sorted(rule.deal_kinds) if rule.deal_kinds is not None else [],
        "programme": rule.programme.name if rule.programme is not None else "",
        "first_days": rule.programme.first_days if rule.programme is not None else None,
        "starts": rule.starts,
        "ends": rule.ends,
    }


def agreement_data(row: FeeAgreement) -> dict[str, object]:
    """Without the two sides, which are named by their handles."""
    return _fee_data(rule_from_json(row.rule)) | {"starts": row.starts, "ends": row.ends, "why": row.why}


def _fee_data(rule: Rule) -> dict[str, object]:
    return {
        "kind": rule.kind,
        "brackets": [{"rate": step.rate, "above": step.above} for step in rule.brackets],
        "minimum": rule.minimum,
        "cap": rule.cap,
    }


# --- Steps that are added and removed without scripts -----------------------------------------------------------------
def read_steps(typed: MultiDict[str, str], removed: int | None = None) -> MultiDict[str, str]:
    """The form as typed with its steps numbered from 0, without the one `removed`; the last one stays.

    Names that no browser sends from our form are dropped, since WTForms stumbles over some of them.

    Raises:
        Invalid: there are more steps than a rule may have.
    """
    numbers = _step_numbers(typed)
    kept = [number for number in numbers if number != removed] or numbers
    if len(kept) > MOST_STEPS:
        raise Invalid(_("A rule has at most %(most)s steps.", most=MOST_STEPS))
    places = {number: place for place, number in enumerate(kept)}
    found: MultiDict[str, str] = MultiDict()
    for name, value in typed.items(multi=True):
        step = _STEP.fullmatch(name)
        if step is None and not name.startswith("brackets"):
            found.add(name, value)
        elif step is not None and int(step[1]) in places:
            found.add(f"brackets-{places[int(step[1])]}-{step[2]}", value)
    return found


def _step_numbers(names: Iterable[str]) -> list[int]:
    return sorted({int(found[1]) for name in names if (found := _STEP.fullmatch(name))})


def add_step(form: Any) -> None:
    """One more empty step, if there is room."""
    if len(form.brackets.entries) < MOST_STEPS:
        form.brackets.append_entry()
