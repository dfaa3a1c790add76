"""Where the SDK's version of the API (2026-10-28.endive) differs from Stripe's description (2026-08-26.dahlia)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """`at` leads to a schema from the document's root; `parts` are properties that it has in the SDK's version."""

    at: tuple[str, ...]
    parts: dict[str, Any]
    why: str


DIFFERENCES: tuple[Difference, ...] = ()

# Kinds of objects that events tell of and the description leaves out.
EVENT_KINDS_LEFT_OUT: dict[str, str] = {}


def apply_differences(document: dict[str, Any]) -> None:
    for difference in DIFFERENCES:
        schema = document
        for name in difference.at:
            schema = schema[name]
        schema["properties"].update(difference.parts)
