"""Files that the provider passes on to banks."""

from io import BytesIO

import stripe

from marketplace.infra.stripe_gateway.client import call


def upload_evidence(key: str, name: str, content: bytes) -> str:
    """The provider's id of a file that may be evidence; the same key and content give the same file."""
    file = BytesIO(content)
    file.name = name
    params: stripe.params.FileCreateParams = {"purpose": "dispute_evidence", "file": file}
    return call(lambda c: c.v1.files.create(params, {"idempotency_key": key})).id
