"""Calls to Stripe that are made again, and lists that go on behind their first page."""

from collections.abc import Callable

import pytest

from marketplace.escrow.refund import received_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db
from marketplace.infra.stripe_gateway import refunds
from marketplace.kit.money import Money
from tests.support.money import funded_deal
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
PDF = b"%PDF-1.7 evidence"


@pytest.fixture
def faults(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Orders faults for the next calls, whose pauses take no time."""
    monkeypatch.setattr("marketplace.infra.stripe_gateway.client.time.sleep", lambda _seconds: None)

    def order(kind: str, path: str) -> None:
        sandbox.command("moods", next_faults=[{"kind": kind, "path_prefix": path}])

    return order


def test_a_file_that_is_sent_again_is_sent_whole(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("429", "/v1/files")
    file_id = gateway.upload_evidence("evidence:1", "evidence.pdf", PDF)
    assert sandbox.stripe.v1.files.retrieve(file_id).size == len(PDF)


def test_a_lost_refund_is_found_behind_the_first_page(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    charge_id = str(received_payment(funded_deal().deal_id).checkout.charge_id)
    db.session.rollback()
    order = gateway.RefundOrder("refund:1", "row-1", charge_id, Money(1_00))
    lost = gateway.create_refund(order)
    for _ in range(4):
        sandbox.stripe.v1.refunds.create({"charge": charge_id, "amount": 100})
    monkeypatch.setattr(refunds, "PAGE", 2)
    assert gateway.find_refund(order) == lost
