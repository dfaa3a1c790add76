"""Files of evidence: what they are is told from what is in them."""

from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.calls.files import LARGEST

from .kit import a_file


def uploaded(client: stripe.StripeClient, content: bytes, name: str = "evidence", key: str | None = None) -> Any:
    options: Any = {"idempotency_key": key} if key else {}
    return client.v1.files.create(
        params={"purpose": "dispute_evidence", "file": a_file(content, name)}, options=options
    )


@pytest.mark.parametrize(
    ("content", "type_"),
    [(b"%PDF-1.7\n", "pdf"), (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpg"), (b"\x89PNG\r\n\x1a\n", "png")],
)
def test_a_file_is_kept_with_its_type_and_size(client: stripe.StripeClient, content: bytes, type_: str) -> None:
    file = uploaded(client, content, "a file.bin")

    found = client.v1.files.retrieve(file.id)
    assert (found.type, found.size, found.filename, found.purpose) == (
        type_,
        len(content),
        "a file.bin",
        "dispute_evidence",
    )
    assert [each.id for each in client.v1.files.list(params={"purpose": "dispute_evidence"}).data] == [file.id]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"MZ\x90\x00", "Invalid file type"), (b"%PDF-" + b"0" * LARGEST, "too large")],
)
def test_a_wrong_file_is_refused(client: stripe.StripeClient, content: bytes, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words) as caught:
        uploaded(client, content)
    assert caught.value.param == "file"
    assert client.v1.files.list().data == []


def test_a_form_without_a_file_is_refused(client: stripe.StripeClient) -> None:
    params: Any = {"purpose": "dispute_evidence", "file": "not a file"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.files.create(params=params)


def test_the_same_key_with_the_same_file_is_one_file(client: stripe.StripeClient) -> None:
    first = uploaded(client, b"%PDF-1", key="evidence-1")

    assert uploaded(client, b"%PDF-1", key="evidence-1").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        uploaded(client, b"%PDF-2", key="evidence-1")
