"""The forms of disputes."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import Optional

from marketplace.accounts.forms import SecretField
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim
from marketplace.infra.fields import EnumField, MoneyField, ProseField, UploadField, required
from marketplace.infra.uploads import EVIDENCE


class StatementForm(FlaskForm):
    """What one side says; the part is what it would have the creator get of the price."""

    body = ProseField(_l("What you want to say"), most=4000)
    creator_part = MoneyField(_l("Part of the price for the creator"), [Optional()], least=0)
    file = UploadField(_l("A picture or a PDF"), validators=[Optional()], kinds=EVIDENCE)

    def claim(self) -> Claim:
        return Claim(self.body.data, self.creator_part.data, self.file.upload)


class OpenForm(StatementForm):
    reason = EnumField(_l("What is wrong"), members=DisputeReason, without={DisputeReason.HOLDING_LIMIT})
    body = ProseField(_l("What happened"), least=20, most=4000)


class RulingForm(FlaskForm):
    """`shown` is the part whose split was shown, in minor units: only that can be ruled, and with the password, which
    nothing asks for before it `decides`."""

    creator_part = MoneyField(_l("Part of the price for the creator"), [required()], least=0)
    reasons = ProseField(_l("Reasons, sent to both"), least=20, most=8000)
    shown = HiddenField()
    password = SecretField(_l("Your password"))

    def __init__(self, *, decides: bool, **options: Any) -> None:
        super().__init__(**options)
        if not decides:
            self.password.validators = ()
