"""Disputes from the first question to the last word: money, evidence, deadlines, events."""

from typing import Any

import pytest
import stripe

from .kit import Receiver, Running, a_file, available, new_account, paid_charge

DAY = 86_400
PAID = 122_316
PDF = b"%PDF-1.7\n%%EOF\n"


def disputed(sandbox: Running, client: stripe.StripeClient, **how: Any) -> str:
    charge = paid_charge(client)
    return str(sandbox.trigger("open_dispute", charge=charge.id, **how)["id"])


def told(receiver: Receiver, number: int) -> list[str]:
    """The news of disputes, after the three of the payment."""
    return [event.type.removeprefix("charge.dispute.") for event in receiver.wait_for(3 + number)[3:]]


def test_a_chargeback_takes_the_money_and_a_fee(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    dispute = client.v1.disputes.retrieve(disputed(sandbox, client, reason="product_not_received"))

    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 126_000, False)
    [txn] = dispute.balance_transactions
    assert (txn.type, txn.reporting_category) == ("adjustment", "dispute")
    assert (txn.amount, txn.fee, txn.net, txn.source) == (-126_000, 1_500, -127_500, dispute.id)
    assert txn.fee_details[0].description == "Dispute fee"
    assert available(client) == PAID - 127_500
    assert client.v1.charges.retrieve(str(dispute.charge)).disputed
    assert told(receiver, 2) == ["created", "funds_withdrawn"]
    assert [found.id for found in client.v1.disputes.list(params={"charge": str(dispute.charge)}).data] == [dispute.id]
    by_intent = client.v1.disputes.list(params={"payment_intent": str(dispute.payment_intent)})
    assert [found.id for found in by_intent.data] == [dispute.id]


def test_a_part_may_be_disputed(sandbox: Running, client: stripe.StripeClient) -> None:
    dispute = disputed(sandbox, client, amount=26_000)

    assert client.v1.disputes.retrieve(dispute).amount == 26_000
    assert available(client) == PAID - 26_000 - 1_500


@pytest.mark.parametrize("how", [{"amount": 126_001}, {"amount": 0}, {"charge": "ch_none"}])
def test_no_more_than_the_charge_is_disputed(sandbox: Running, client: stripe.StripeClient, how: Any) -> None:
    charge = paid_charge(client)
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("open_dispute", **{"charge": charge.id, **how})
    assert client.v1.disputes.list().data == []


def test_evidence_is_staged_then_handed_in_once(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    dispute = disputed(sandbox, client)
    file = client.v1.files.create(params={"purpose": "dispute_evidence", "file": a_file(PDF)})
    evidence: Any = {"product_description": "A film", "uncategorized_file": file.id, "customer_name": "A brand"}

    staged = client.v1.disputes.update(dispute, params={"evidence": evidence, "submit": False})
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert staged.evidence_details.submission_count == 0
    changed: Any = {"evidence": {"customer_name": ""}, "submit": True, "metadata": {"case": "7"}}
    handed_in = client.v1.disputes.update(dispute, params=changed)

    assert (handed_in.status, handed_in.evidence_details.submission_count) == ("under_review", 1)
    assert (handed_in.evidence.uncategorized_file, handed_in.evidence.customer_name) == (file.id, None)
    assert handed_in.metadata["case"] == "7"
    with pytest.raises(stripe.InvalidRequestError, match="handed in already"):
        client.v1.disputes.update(dispute, params={"evidence": {"customer_name": "Late"}})
    assert told(receiver, 4)[2:] == ["updated", "updated"]
    sandbox.days_later(30)
    assert client.v1.disputes.retrieve(dispute).status == "under_review"


LONG_TEXTS = (
    "access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "duplicate_charge_explanation",
    "product_description", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text",
)  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "param"),
    [
        ({"uncategorized_file": "file_none"}, "evidence[uncategorized_file]"),
        ({"uncategorized_text": "x" * 20_001}, "evidence[uncategorized_text]"),
        ({"customer_name": "x" * 5_001}, "evidence[customer_name]"),
        (dict.fromkeys(LONG_TEXTS, "x" * 20_000), "evidence"),
        ({"colour": "red"}, "evidence[colour]"),
    ],
)
def test_wrong_evidence_is_refused(sandbox: Running, client: stripe.StripeClient, evidence: Any, param: str) -> None:
    dispute = disputed(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.disputes.update(dispute, params={"evidence": evidence})
    assert caught.value.param == param
    assert client.v1.disputes.retrieve(dispute).status == "needs_response"


def test_winning_words_win_and_bring_the_money_back_without_the_fee(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    dispute = disputed(sandbox, client)

    answer = client.v1.disputes.update(dispute, params={"evidence": {"uncategorized_text": "winning_evidence"}})

    assert answer.status == "under_review"
    won = client.v1.disputes.retrieve(dispute)
    assert (won.status, won.is_charge_refundable) == ("won", True)
    _, back = won.balance_transactions
    assert (back.type, back.reporting_category, back.amount, back.fee) == ("adjustment", "dispute_reversal", 126_000, 0)
    assert available(client) == PAID - 1_500
    assert told(receiver, 5)[2:] == ["updated", "funds_reinstated", "closed"]
    assert client.v1.refunds.create(params={"charge": str(won.charge)}).amount == 126_000


def test_losing_words_lose(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    dispute = disputed(sandbox, client)
    client.v1.disputes.update(dispute, params={"evidence": {"uncategorized_text": "losing_evidence"}})

    assert client.v1.disputes.retrieve(dispute).status == "lost"
    assert available(client) == PAID - 127_500
    assert told(receiver, 4)[2:] == ["updated", "closed"]


def test_closing_a_dispute_gives_it_up(sandbox: Running, client: stripe.StripeClient) -> None:
    dispute = disputed(sandbox, client)

    assert client.v1.disputes.close(dispute).status == "lost"

    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(dispute)
    assert available(client) == PAID - 127_500


def test_evidence_that_never_comes_loses(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    dispute = disputed(sandbox, client)
    due_by = client.v1.disputes.retrieve(dispute).evidence_details.due_by
    assert due_by is not None

    sandbox.command("clock", {"to": due_by + 3600})
    late = client.v1.disputes.retrieve(dispute)
    assert (late.status, late.evidence_details.past_due) == ("needs_response", True)

    sandbox.days_later(2)
    assert client.v1.disputes.retrieve(dispute).status == "lost"
    assert told(receiver, 4)[2:] == ["updated", "closed"]


def test_late_evidence_may_still_be_taken(sandbox: Running, client: stripe.StripeClient) -> None:
    dispute = disputed(sandbox, client)
    sandbox.days_later(9.5)

    answer = client.v1.disputes.update(dispute, params={"evidence": {"uncategorized_text": "Late, but true"}})

    assert (answer.status, answer.evidence_details.past_due) == ("under_review", True)
    sandbox.days_later(5)
    assert client.v1.disputes.retrieve(dispute).status == "under_review"


def test_an_inquiry_takes_nothing_and_closes_with_time(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    dispute = disputed(sandbox, client, inquiry=True)
    found: Any = client.v1.disputes.retrieve(dispute)
    assert (found.status, found.balance_transactions) == ("warning_needs_response", [])
    assert found.payment_method_details.card.case_type == "inquiry"
    assert available(client) == PAID

    answered = client.v1.disputes.update(dispute, params={"evidence": {"product_description": "A film"}})
    assert answered.status == "warning_under_review"
    closed = sandbox.trigger("advance_dispute", dispute=dispute, step="warning_closed")
    assert closed["status"] == "warning_closed"
    assert told(receiver, 3) == ["created", "updated", "closed"]


def test_an_inquiry_that_nobody_answers_closes_after_a_third_of_a_year(
    sandbox: Running, client: stripe.StripeClient
) -> None:
    dispute = disputed(sandbox, client, inquiry=True)

    sandbox.days_later(122)

    found = client.v1.disputes.retrieve(dispute)
    assert (found.status, found.evidence_details.past_due) == ("warning_closed", True)
    assert available(client) == PAID


def test_an_inquiry_may_become_a_chargeback(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    dispute = disputed(sandbox, client, inquiry=True)
    client.v1.disputes.update(dispute, params={"evidence": {"product_description": "A film"}})

    sandbox.trigger("advance_dispute", dispute=dispute, step="escalate")

    found: Any = client.v1.disputes.retrieve(dispute)
    assert (found.status, found.payment_method_details.card.case_type) == ("needs_response", "chargeback")
    assert available(client) == PAID - 127_500
    assert told(receiver, 4)[1:] == ["updated", "updated", "funds_withdrawn"]
    client.v1.disputes.update(dispute, params={"evidence": {"uncategorized_text": "winning_evidence"}})
    assert available(client) == PAID - 1_500


@pytest.mark.parametrize(
    ("inquiry", "step"),
    [(False, "escalate"), (False, "warning_closed"), (True, "won"), (True, "lost"), (False, "appeal")],
)
def test_a_step_that_does_not_follow_is_refused(
    sandbox: Running, client: stripe.StripeClient, inquiry: bool, step: str
) -> None:
    dispute = disputed(sandbox, client, inquiry=inquiry)
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("advance_dispute", dispute=dispute, step=step)


def test_the_bank_decides_by_trigger_once(sandbox: Running, client: stripe.StripeClient) -> None:
    dispute = disputed(sandbox, client)
    assert sandbox.trigger("advance_dispute", dispute=dispute, step="under_review")["status"] == "under_review"
    assert sandbox.trigger("advance_dispute", dispute=dispute, step="won")["status"] == "won"
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("advance_dispute", dispute=dispute, step="won")
    assert available(client) == PAID - 1_500


def test_a_bank_may_take_again_what_it_gave_back_and_the_dispute_lists_two_movements_all_the_same(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    dispute = disputed(sandbox, client)
    sandbox.trigger("advance_dispute", dispute=dispute, step="won", amount=100_000)
    assert sandbox.trigger("advance_dispute", dispute=dispute, step="lost")["status"] == "lost"
    assert [one.amount for one in client.v1.disputes.retrieve(dispute).balance_transactions] == [-126_000, 100_000]
    moved = client.v1.balance_transactions.list({"source": dispute}).data
    assert [(one.amount, one.fee) for one in moved] == [(-100_000, 1_500), (100_000, 0), (-126_000, 1_500)]
    assert told(receiver, 6)[-2:] == ["funds_withdrawn", "closed"]


def test_what_is_disputed_can_not_be_transferred(sandbox: Running, client: stripe.StripeClient) -> None:
    account = new_account(client)
    charge = paid_charge(client)
    sandbox.trigger("open_dispute", charge=charge.id, amount=100_000)

    def transfer(amount: int) -> None:
        client.v1.transfers.create(
            params={"destination": account.id, "amount": amount, "currency": "cny", "source_transaction": charge.id}
        )

    with pytest.raises(stripe.InvalidRequestError) as caught:
        transfer(26_001)
    assert caught.value.code == "balance_insufficient"
    transfer(26_000)
