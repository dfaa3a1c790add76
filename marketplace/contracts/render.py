"""Sets a contract as a PDF: the same words give the same bytes on every machine."""

from pathlib import Path
from typing import Any

from marketplace.infra import typesetting

_TEMPLATE = Path(__file__).with_name("contract.typ")
# PDF/A for keeping, PDF/UA for reading aloud.
_STANDARDS = ["a-2a", "ua-1"]


def pdf(words: dict[str, Any]) -> bytes:
    """The document for `words.written`'s output."""
    return typesetting.pdf(_TEMPLATE, {"contract": typesetting.as_input(words)}, _STANDARDS)
