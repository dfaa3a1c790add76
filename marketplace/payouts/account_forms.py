"""The forms of a payout account: the plan, and where a new account is at home."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Optional

from marketplace.accounts.forms import SecretField
from marketplace.infra.fields import MoneyField
from marketplace.infra.labels import label, register
from marketplace.payouts.models import PayoutState, Schedule
from marketplace.payouts.onboarding import countries
from marketplace.payouts.plans import Plan, least, most_minimum

register(
    Schedule,
    {
        Schedule.AS_EARNED: _l("Each amount as soon as it is available"),
        Schedule.WEEKLY: _l("Every week, all at once"),
        Schedule.ON_DEMAND: _l("Only when it is asked for"),
    },
)
register(
    PayoutState,
    {
        PayoutState.PENDING: _l("Begun"),
        PayoutState.IN_TRANSIT: _l("On its way to the bank"),
        PayoutState.PAID: _l("Paid"),
        PayoutState.FAILED: _l("Came back"),
        PayoutState.CANCELED: _l("Cancelled"),
    },
)


class PlanForm(FlaskForm):
    schedule = RadioField(_l("When you are paid"), choices=[], coerce=Schedule)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.schedule.choices = [SelectChoice(one.value, label(one)) for one in Schedule]

    @property
    def minimums(self) -> dict[str, int]:
        """In minor units by currency, of those that were filled in."""
        fields = {name.removeprefix("minimum_"): field for name, field in self._fields.items() if "minimum_" in name}
        return {code: (field.data or least(code)).amount for code, field in fields.items()}


def plan_form(plan: Plan, currencies: Sequence[str], *, typed: bool) -> PlanForm:
    """The form with a minimum for each of the payee's currencies: `typed` as it was sent, or else as the plan is."""
    fields = {f"minimum_{code}": _minimum(code) for code in currencies}
    form_class = type("_PlanForm", (PlanForm,), fields)
    if typed:
        form: PlanForm = form_class()
        return form
    own = {f"minimum_{code}": plan.minimum(code) for code in currencies}
    shown: PlanForm = form_class(formdata=None, data={"schedule": plan.schedule, **own})
    return shown


def _minimum(code: str) -> MoneyField:
    name = _l("Least amount in %(currency)s", currency=code)
    return MoneyField(name, [Optional()], currency=code, least=least(code).amount, most=most_minimum(code).amount)


class AnewForm(FlaskForm):
    """Where the payee lives or the company is registered; the password, as it decides where money goes."""

    country = SelectField(_l("Country"), choices=[])
    password = SecretField(_l("Your password"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        territories = get_locale().territories
        self.country.choices = [SelectChoice(code, territories.get(code, code)) for code in countries()]
