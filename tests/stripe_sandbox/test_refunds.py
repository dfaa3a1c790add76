"""Refunds that wait, come back, or are stopped, and what the charge and the balance then say."""

from typing import Any

import pytest
import stripe

from .kit import Receiver, Running, available, paid_charge

PAID = 122_316


def test_a_refund_may_be_pending_before_it_arrives(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    charge = paid_charge(client, card="4000000000007726")

    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 26_000})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert available(client) == PAID - 26_000

    sandbox.days_later(2)

    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert available(client) == PAID - 26_000
    assert [event.type for event in receiver.wait_for(7)[5:]] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_may_come_back_after_it_succeeded(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    charge = paid_charge(client, card="4000000000005126")
    refund = client.v1.refunds.create(params={"charge": charge.id})
    assert refund.status == "succeeded"
    assert client.v1.charges.retrieve(charge.id).refunded

    sandbox.days_later(2)

    failed = client.v1.refunds.retrieve(refund.id, params={"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    txn = failed.failure_balance_transaction
    assert isinstance(txn, stripe.BalanceTransaction)
    assert (txn.type, txn.reporting_category, txn.amount, txn.source) == (
        "refund_failure",
        "refund_failure",
        126_000,
        refund.id,
    )
    back = client.v1.charges.retrieve(charge.id)
    assert (back.refunded, back.amount_refunded) == (False, 0)
    assert available(client) == PAID
    assert receiver.wait_for(8)[7].type == "refund.failed"


def test_a_trigger_sends_a_refund_back_once(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 26_000})

    failed = sandbox.trigger("fail_refund", refund=refund.id, reason="lost_or_stolen_card")

    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("fail_refund", refund=refund.id)
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("fail_refund", refund=refund.id, reason="because")
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("settle_refund", refund="re_none")
    assert client.v1.refunds.create(params={"charge": charge.id}).amount == 126_000


def test_a_pending_refund_is_stopped_in_the_dashboard_and_by_no_call(
    sandbox: Running, client: stripe.StripeClient
) -> None:
    charge = paid_charge(client, card="4000000000007726")
    refund = client.v1.refunds.create(params={"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError, match="requires_action"):
        client.v1.refunds.cancel(refund.id)

    assert sandbox.trigger("cancel_refund", refund=refund.id)["status"] == "canceled"

    sandbox.days_later(2)
    assert client.v1.refunds.retrieve(refund.id).status == "canceled"
    assert available(client) == PAID


def test_a_dispute_ends_the_refund_under_way(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client, card="4000000000007726")
    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 26_000})

    dispute = sandbox.trigger("open_dispute", charge=charge.id)

    assert dispute["amount"] == 126_000
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "charge_for_pending_refund_disputed")
    assert available(client) == PAID - 126_000 - 1_500


@pytest.mark.parametrize("step", [None, "lost"])
def test_what_a_dispute_took_cannot_be_refunded_too(
    sandbox: Running, client: stripe.StripeClient, step: str | None
) -> None:
    charge = paid_charge(client)
    dispute = sandbox.trigger("open_dispute", charge=charge.id, amount=100_000)
    if step:
        sandbox.trigger("advance_dispute", dispute=dispute["id"], step=step)

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create(params={"charge": charge.id, "amount": 26_001})
    client.v1.refunds.create(params={"charge": charge.id})
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 26_000

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id})
    assert caught.value.code == "charge_disputed"


def test_an_inquiry_may_be_answered_with_a_refund(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client, card="4000000000001976")

    client.v1.refunds.create(params={"charge": charge.id})

    [dispute] = client.v1.disputes.list().data
    assert dispute.status == "warning_closed"
    assert available(client) == PAID - 126_000
    more: Any = {"charge": charge.id}
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("open_dispute", **more)
