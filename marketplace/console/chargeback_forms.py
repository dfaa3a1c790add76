"""Forms of a chargeback: the texts of its evidence, and the password before what can't be undone."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from marketplace.accounts.forms import SecretField
from marketplace.chargebacks.evidence import MOST_SIGNS, TEXTS
from marketplace.chargebacks.labels import TEXT_LABELS
from marketplace.infra.fields import LineField, ProseField

_LONG = ("product_description", "access_activity_log", "refund_policy_disclosure", "uncategorized_text")


class EvidenceForm(FlaskForm):
    """The provider's texts, each optional; `values` are what was typed."""

    product_description = ProseField(TEXT_LABELS["product_description"], most=MOST_SIGNS, required=False)
    service_date = LineField(TEXT_LABELS["service_date"], most=40, required=False)
    customer_name = LineField(TEXT_LABELS["customer_name"], most=200, required=False)
    customer_email_address = LineField(TEXT_LABELS["customer_email_address"], most=254, required=False)
    customer_purchase_ip = LineField(TEXT_LABELS["customer_purchase_ip"], most=45, required=False)
    access_activity_log = ProseField(TEXT_LABELS["access_activity_log"], most=MOST_SIGNS, required=False)
    refund_policy_disclosure = ProseField(TEXT_LABELS["refund_policy_disclosure"], most=MOST_SIGNS, required=False)
    uncategorized_text = ProseField(TEXT_LABELS["uncategorized_text"], most=MOST_SIGNS, required=False)

    @property
    def values(self) -> dict[str, str]:
        return {name: self[name].data for name in TEXTS}


class SubmitForm(FlaskForm):
    """The administrator has read the file that is named."""

    file_id = HiddenField()
    password = SecretField(_l("Your password"))

    @property
    def read_file(self) -> int:
        """The file's id; zero for anything else."""
        typed = str(self.file_id.data or "")
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0


class AcceptForm(FlaskForm):
    password = SecretField(_l("Your password"), id="accept-password")
