"""The forms of payees' accounts in the console."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import Optional

from marketplace.accounts.forms import SecretField
from marketplace.infra.fields import MoneyField, ProseField
from marketplace.kit.money import Money

# Figures: the database's amounts have no more.
_LONGEST = 18


class PauseForm(FlaskForm):
    """Why a payee's payouts are paused or resumed."""

    reason = ProseField(_l("Why"), most=1000)
    password = SecretField(_l("Your password"))


class TakeBackForm(FlaskForm):
    """How much of a transfer is taken back: where nothing is filled in, `seen`, all that the page said is left."""

    amount: MoneyField
    seen = HiddenField()
    why = ProseField(_l("Why"), most=500)
    password = SecretField(_l("Your password"))


def take_back_form(currency: str, *, typed: bool) -> TakeBackForm:
    """The form for a transfer in this currency, as it was sent or empty."""
    amount = MoneyField(_l("Amount"), [Optional()], currency=currency)
    form_class = type("_TakeBackForm", (TakeBackForm,), {"amount": amount})
    form: TakeBackForm = form_class() if typed else form_class(formdata=None)
    return form


def seen_amount(field: HiddenField, currency: str) -> Money:
    """The amount that stood on the page, in minor units; nothing where no page of ours sent it."""
    sent = field.data or ""
    return Money(int(sent) if sent.isdecimal() and len(sent) <= _LONGEST else 0, currency)
