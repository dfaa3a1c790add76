"""The form of the fee calculator."""

from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import Optional

from marketplace.infra.fields import EnumField, MoneyField
from marketplace.kit.deal_kinds import DealKind


class CalculatorForm(Form):
    """Read from the address, so that a calculation can be shared; it changes nothing."""

    price = MoneyField(_l("Price"), [Optional()], most=90_000_000)
    kind = EnumField(_l("Kind of work"), [Optional()], members=DealKind)
    earned = MoneyField(_l("Already earned this month"), [Optional()], least=0, most=10_000_000_00)
