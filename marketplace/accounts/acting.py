"""The place a person acts in, as the session keeps it: `creator`, `brand:3`, `agency:4`, or `agency:4:creator:12`.

Without an id it is a side chosen before there is a profile. What it names is checked against the tables on every load.
"""

import re
from dataclasses import dataclass

from marketplace.accounts.actor import Actor

_FORM = re.compile(
    r"creator|brand(?::(?P<brand>\d{1,18}))?|agency(?::(?P<agency>\d{1,18})(?::creator:(?P<for>\d{1,18}))?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Acting:
    """One place. `for_creator_id` is the creator whom an agency's person answers for."""

    side: str
    brand_id: int | None = None
    agency_id: int | None = None
    for_creator_id: int | None = None

    @property
    def is_named(self) -> bool:
        """Whether it is a certain company's or agency's; a side alone is whatever the person has there."""
        return self.brand_id is not None or self.agency_id is not None

    def __str__(self) -> str:
        ids = self.brand_id if self.brand_id is not None else self.agency_id
        plain = self.side if ids is None else f"{self.side}:{ids}"
        return plain if self.for_creator_id is None else f"{plain}:creator:{self.for_creator_id}"

    @classmethod
    def read(cls, text: str | None) -> "Acting | None":
        """None where the text names no place."""
        found = _FORM.fullmatch(text or "")
        if found is None:
            return None
        numbers = {name: int(value) if value else None for name, value in found.groupdict().items()}
        return cls((text or "").split(":")[0], numbers["brand"], numbers["agency"], numbers["for"])


def place_of(actor: Actor) -> Acting:
    """The place that the actor is in."""
    return Acting(actor.side, actor.brand_id, actor.agency_id, actor.creator_id if actor.represents else None)


AS_CREATOR = Acting("creator")
