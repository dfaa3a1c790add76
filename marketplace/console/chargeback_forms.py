"""The form of a chargeback's evidence: its texts."""

from flask_wtf import FlaskForm

from marketplace.chargebacks.evidence import MOST_SIGNS
from marketplace.chargebacks.labels import TEXT_LABELS
from marketplace.infra.fields import LineField, ProseField


def _line(name: str) -> LineField:
    return LineField(TEXT_LABELS[name], most=MOST_SIGNS[name], required=False)


def _prose(name: str) -> ProseField:
    return ProseField(TEXT_LABELS[name], most=MOST_SIGNS[name], required=False)


class EvidenceForm(FlaskForm):
    """The provider's texts, each optional; `values` are what was typed."""

    product_description = _prose("product_description")
    service_date = _line("service_date")
    customer_name = _line("customer_name")
    customer_email_address = _line("customer_email_address")
    customer_purchase_ip = _line("customer_purchase_ip")
    access_activity_log = _prose("access_activity_log")
    refund_policy_disclosure = _prose("refund_policy_disclosure")
    uncategorized_text = _prose("uncategorized_text")

    @property
    def values(self) -> dict[str, str]:
        return {name: self[name].data for name in MOST_SIGNS}
