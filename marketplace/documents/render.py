"""Sets a document as PDF/A-3 with its frozen data attached: one file that people read and programs take in."""

from pathlib import Path

from marketplace.documents.issue import canonical
from marketplace.documents.models import Document
from marketplace.documents.words import written
from marketplace.infra import typesetting

_TEMPLATE = Path(__file__).with_name("document.typ")
# PDF/A-3 for keeping with an attachment, PDF/UA for reading aloud.
_STANDARDS = ["a-3a", "ua-1"]


def pdf(document: Document, locale: str) -> bytes:
    """The document in `locale`. The attachment is the very bytes whose SHA-256 the document keeps."""
    inputs = {
        "document": typesetting.as_input(written(document, locale)),
        "data": canonical(document.data).decode(),
    }
    return typesetting.pdf(_TEMPLATE, inputs, _STANDARDS)
