"""The forms of payees' accounts in the console."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import Optional

from marketplace.accounts.forms import SecretField
from marketplace.infra.fields import MoneyField, ProseField


class TakeBackForm(FlaskForm):
    """How much of a transfer is taken back: all that is left where nothing is filled in."""

    amount: MoneyField
    why = ProseField(_l("Why"), most=500)
    password = SecretField(_l("Your password"))


class SendAgainForm(FlaskForm):
    """It stands beside the other form: its field needs an id of its own."""

    password = SecretField(_l("Your password"), id="send-password")


def take_back_form(currency: str, *, typed: bool) -> TakeBackForm:
    """The form for a transfer in this currency, as it was sent or empty."""
    amount = MoneyField(_l("Amount"), [Optional()], currency=currency)
    form_class = type("_TakeBackForm", (TakeBackForm,), {"amount": amount})
    form: TakeBackForm = form_class() if typed else form_class(formdata=None)
    return form
