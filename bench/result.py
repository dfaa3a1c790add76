"""One measured line."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`reference` was measured in the same run; `ratio` is value by reference, and None where there is none."""

    name: str
    value: float
    unit: str
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.reference, 3) if self.reference else None

    def line(self) -> str:
        reference = round(self.reference, 2) if self.reference is not None else None
        found = {"name": self.name, "value": round(self.value, 2), "unit": self.unit, "reference": reference}
        return json.dumps(found | {"ratio": self.ratio})
