"""Where the SDK's version of the API (2026-10-28.endive) differs from Stripe's description (2026-08-26.dahlia)."""

from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """`at` leads from the document's root to a schema; `parts` are properties that it has in truth."""

    at: str
    parts: dict[str, Any]
    why: str

    def apply(self, document: Document) -> None:
        self._schema(document)["properties"].update(self.parts)

    def is_in(self, document: Document, name: str) -> bool:
        """Whether the description has this part by itself."""
        return name in self._schema(document)["properties"]

    def _schema(self, document: Document) -> dict[str, Any]:
        schema = document
        for name in self.at.split("/"):
            schema = schema[name]
        return schema


_COUNTED = "Stripe counts the lists that stand inside an object, as its examples show, and describes it nowhere."

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "components/schemas/account/properties/external_accounts", {"total_count": {"type": "integer"}}, _COUNTED
    ),
    Difference("components/schemas/transfer/properties/reversals", {"total_count": {"type": "integer"}}, _COUNTED),
)

# Kinds of objects that events tell of and the description leaves out, each with the reason.
KINDS_LEFT_OUT = {"radar.early_fraud_warning": "Of Radar the description has nothing."}
# Beginnings of paths that the sandbox has and the description leaves out.
PATHS_LEFT_OUT = {"/v1/radar/": "Of Radar the description has nothing."}


def left_out(path: str) -> bool:
    return path.startswith(tuple(PATHS_LEFT_OUT))


def apply_differences(document: Document) -> None:
    for difference in DIFFERENCES:
        difference.apply(document)
