"""What two parties agreed, as plain values: the input of the document, kept as JSON beside it. Knows no deals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self

from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """One party as the document names it."""

    name: str
    legal_name: str
    registration_number: str = ""


@dataclass(frozen=True, slots=True)
class FeeLineText:
    """One line of the brand's fee: what it is, in each language of the document."""

    words: Mapping[str, str]
    amount: int


@dataclass(frozen=True, slots=True)
class Clocks:
    """The periods that silence decides, in days."""

    grace: int
    draft_review: int
    acceptance: int
    earnings_hold: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreed terms of one deal. Amounts are minor units of `currency`; days count in `timezone`.

    The fees are those of the day the terms were agreed; signing fixes them.
    """

    reference: str
    title: str
    kind: str
    terms_number: int
    agreed_at: datetime
    timezone: str
    creator: PartyDetails
    brand: PartyDetails
    deliverables: str
    currency: str
    price: int
    draft_due_on: date
    publish_on: date
    revisions: int
    usage_rights: str
    disclosure: str
    fee_policy: int
    brand_fee_lines: tuple[FeeLineText, ...]
    brand_fee: int
    creator_fee: int
    clocks: Clocks

    def money(self, amount: int) -> Money:
        return Money(amount, self.currency)

    def to_json(self) -> dict[str, Any]:
        found = asdict(self)
        found.update(
            agreed_at=self.agreed_at.isoformat(),
            draft_due_on=self.draft_due_on.isoformat(),
            publish_on=self.publish_on.isoformat(),
            brand_fee_lines=[asdict(line) for line in self.brand_fee_lines],
        )
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        values = dict(data)
        values.update(
            agreed_at=datetime.fromisoformat(data["agreed_at"]),
            draft_due_on=date.fromisoformat(data["draft_due_on"]),
            publish_on=date.fromisoformat(data["publish_on"]),
            creator=PartyDetails(**data["creator"]),
            brand=PartyDetails(**data["brand"]),
            brand_fee_lines=tuple(FeeLineText(**line) for line in data["brand_fee_lines"]),
            clocks=Clocks(**data["clocks"]),
        )
        return cls(**values)
