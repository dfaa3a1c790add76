"""The check of all that any test says to the sandbox and hears of it: here it is seen to bite."""

import re
from typing import Any

import pytest

from marketplace.stripe_sandbox.calls import FILLED
from marketplace.stripe_sandbox.form import decode
from marketplace.stripe_sandbox.registry import CALLS, Call
from tests.support import openapi
from tests.support.openapi_differences import DIFFERENCES, KINDS_LEFT_OUT, PATHS_LEFT_OUT, left_out

pytestmark = pytest.mark.skipif(not openapi.HERE, reason=openapi.WHY_NOT)

REFUND: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "amount": 100,
    "charge": "ch_1",
    "created": 1,
    "currency": "cny",
    "payment_intent": None,
    "reason": None,
    "receipt_number": None,
    "source_transfer_reversal": None,
    "status": "succeeded",
    "transfer_reversal": None,
    "balance_transaction": "txn_1",
    "metadata": {},
}


def _sent(method: str, path: str, *pairs: tuple[str, str]) -> list[str]:
    return list(openapi.misfits_of_request(method, path, decode(pairs)))


def _answered(answer: Any, path: str = "/v1/refunds/re_1", status: int = 200) -> list[str]:
    return list(openapi.misfits_of_answer("GET", path, status, answer))


def test_what_fits_is_not_spoken_of() -> None:
    assert _answered(REFUND) == []
    assert _sent("POST", "/v1/refunds", ("charge", "ch_1"), ("amount", "100"), ("metadata[row]", "7")) == []
    assert _answered({"error": {"message": "No.", "type": "invalid_request_error"}}, status=400) == []


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        (("charges", "ch_1"), "POST /v1/refunds sends.charges: unknown"),
        (("amount", "a lot"), "POST /v1/refunds sends.amount: 'a lot' is not of type integer"),
        (("reason", "whim"), "POST /v1/refunds sends.reason: 'whim' is none of ['duplicate'"),
        (("expand[0][id]", "7"), "POST /v1/refunds sends.expand[0]: {'id': '7'} is not of type string"),
    ],
)
def test_a_request_that_does_not_fit_is_named_with_its_place(pair: tuple[str, str], sentence: str) -> None:
    [found] = _sent("POST", "/v1/refunds", pair)
    assert found.startswith(sentence)


def test_an_unknown_name_deep_in_a_request_is_found() -> None:
    path = "line_items[0][price_data][product_data][colour]"
    pairs = [("mode", "payment"), (path, "red"), ("line_items[0][price_data][product_data][name]", "A deal")]
    found = _sent("POST", "/v1/checkout/sessions", *pairs, ("line_items[0][price_data][currency]", "cny"))
    assert found == ["POST /v1/checkout/sessions sends.line_items[0].price_data.product_data.colour: unknown"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": "100"}, "answers.amount: '100' is not of type integer"),
        ({"amount": True}, "answers.amount: True is not of type integer"),
        ({"created": None}, "answers.created: null is not allowed"),
        ({"mood": "good"}, "answers.mood: unknown"),
        ({"destination_details": {"type": "card", "card": {"type": "refund", "luck": 1}}}, "card.luck: unknown"),
        ({"metadata": {"row": 7}}, "answers.metadata.row: 7 is not of type string"),
    ],
)
def test_an_answer_that_does_not_fit_is_named_with_its_place(change: dict[str, Any], sentence: str) -> None:
    [found] = _answered({**REFUND, **change})
    assert found.startswith("GET /v1/refunds/{refund} ")
    assert sentence in found


def test_a_missing_name_is_found_in_a_list() -> None:
    without = {name: value for name, value in REFUND.items() if name != "amount"}
    page = {"object": "list", "has_more": False, "url": "/v1/refunds", "data": [without, {**REFUND, "id": 5}]}
    assert _answered(page, "/v1/refunds") == [
        "GET /v1/refunds answers.data[0].amount: required and missing",
        "GET /v1/refunds answers.data[1].id: 5 is not of type string",
    ]


def test_a_path_that_stripe_has_not_is_found() -> None:
    assert _sent("POST", "/v1/refund") == ["POST /v1/refund: not in Stripe's description"]


def test_an_error_of_another_shape_is_found() -> None:
    [found] = _answered({"error": {"message": "No.", "type": "whim"}}, status=400)
    assert "answers 400.error.type: 'whim' is none of" in found


def test_an_event_is_judged_by_the_object_that_it_tells_of() -> None:
    event: dict[str, Any] = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1,
        "data": {"object": {**REFUND, "amount": None}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "refund.created",
    }
    assert list(openapi.misfits_of_event(event)) == ["webhook refund.created.data.object.amount: null is not allowed"]
    event["data"]["object"] = {"object": "luck"}
    assert list(openapi.misfits_of_event(event)) == [
        "webhook refund.created.data.object: luck is no kind of Stripe's description"
    ]


def test_a_judge_says_each_thing_once_and_then_forgets() -> None:
    judge = openapi.Judge()
    judge.hear(["a", "b", "a"])
    with pytest.raises(AssertionError, match=r"does not allow this:\na\nb$"):
        judge.check()
    judge.check()


def test_each_difference_is_still_one_and_says_why() -> None:
    before, after = openapi.document(), openapi.description().kinds
    for difference in DIFFERENCES:
        assert difference.why
        for name in difference.parts:
            assert not difference.is_in(before, name), f"{difference.at} has {name} by now"
    assert not set(KINDS_LEFT_OUT) & set(after)
    assert not any(path.startswith(tuple(PATHS_LEFT_OUT)) for path in openapi.document()["paths"])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.rule}")
def test_each_call_of_the_sandbox_is_stripes_with_all_that_it_takes(call: Call) -> None:
    assert FILLED
    operation = openapi.description().operation(call.method, re.sub(r"<[^>]+>", "x", call.rule))
    if operation is None and left_out(call.rule):
        return
    assert operation, f"{call.method} {call.rule}: not in Stripe's description"
    for name in call.supported or ():
        assert openapi.takes(operation, name), f"{call.method} {call.rule}: {name} is no parameter of Stripe's"
