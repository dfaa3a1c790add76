"""Files that the provider passes on to banks."""

from io import BytesIO

import stripe

from marketplace.infra.stripe_gateway.client import call


def upload_evidence(key: str, name: str, content: bytes) -> str:
    """The provider's id of a file that may be evidence; the same key and content give the same file."""

    def upload(client: stripe.StripeClient) -> stripe.File:
        # Each try reads the file to its end.
        file = BytesIO(content)
        file.name = name
        return client.v1.files.create({"purpose": "dispute_evidence", "file": file}, {"idempotency_key": key})

    return call(upload).id
