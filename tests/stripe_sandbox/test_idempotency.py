"""Idempotency keys, as Stripe keeps them."""

import threading
from typing import Any

import pytest
import stripe

from .kit import Running, new_account, paid_charge, session_params


def test_the_same_key_and_parameters_give_the_first_answer(client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(params=session_params(), options={"idempotency_key": "funding-7"})
    again = client.v1.checkout.sessions.create(params=session_params(), options={"idempotency_key": "funding-7"})

    assert again.id == first.id
    assert again.last_response
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert first.last_response
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_the_same_key_with_other_parameters_is_refused(client: stripe.StripeClient) -> None:
    client.v1.checkout.sessions.create(params=session_params(), options={"idempotency_key": "funding-7"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.checkout.sessions.create(params=session_params(5_000), options={"idempotency_key": "funding-7"})
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_a_parameter_that_fails_the_check_leaves_the_key_free(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(params=session_params(mode="gift"), options={"idempotency_key": "k"})

    assert client.v1.checkout.sessions.create(params=session_params(), options={"idempotency_key": "k"}).id


def test_a_refusal_in_the_work_is_kept_under_the_key(client: stripe.StripeClient) -> None:
    """Stripe's own trap: a transfer refused for an empty balance stays refused under its key."""
    account = new_account(client)
    params: Any = {"destination": account.id, "amount": 1_000, "currency": "cny"}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.transfers.create(params=params, options={"idempotency_key": "transfer-1"})
        assert caught.value.code == "balance_insufficient"
        paid_charge(client)

    assert client.v1.transfers.create(params=params, options={"idempotency_key": "transfer-1-again"}).amount == 1_000


def test_a_server_error_is_kept_under_the_key(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    sandbox.command("moods", {"next_faults": [{"path_prefix": "/v1/refunds", "kind": "500"}]})

    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            client.v1.refunds.create(params={"charge": charge.id}, options={"idempotency_key": "refund-1"})
        assert caught.value.http_status == 500

    assert client.v1.refunds.list().data == []
    assert client.v1.refunds.create(params={"charge": charge.id}, options={"idempotency_key": "refund-2"}).amount


def test_two_posts_at_once_with_one_key_do_the_work_once(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    answers: list[str] = []
    busy: list[int | None] = []
    start = threading.Barrier(6)

    def post() -> None:
        start.wait()
        try:
            found = sandbox.client().v1.refunds.create(
                params={"charge": charge.id, "amount": 1_000}, options={"idempotency_key": "refund-1"}
            )
            answers.append(found.id)
        except stripe.APIError as problem:
            busy.append(problem.http_status)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(answers)) == 1
    assert set(busy) <= {409}
    assert len(answers) + len(busy) == 6
    assert [refund.id for refund in client.v1.refunds.list().data] == answers[:1]
