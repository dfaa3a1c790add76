"""The two sides of a deal as fees see them, and what was agreed with them. Owners are opaque keys."""

from dataclasses import dataclass, replace
from datetime import date

from flask_babel import lazy_gettext as _l

from marketplace.fees.policy import AGREED, PolicyError, Rule, RuleKind
from marketplace.fees.precedence import AgreedWith


@dataclass(frozen=True, slots=True)
class FeeParties:
    """Whose deal it is. `brand` is None while nobody is known.

    `zone` is the creator's IANA time zone: their calendar month is what the monthly allowance counts by. `since` is the
    day their profile was made, by the platform's clock; without it no programme of a creator's first days holds.
    """

    creator: str
    zone: str
    since: date | None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One fee rule agreed with a creator, a brand, or both, from its first day to its last, by the platform's clock.

    Raises:
        PolicyError: it is with nobody, or its rule has a programme.
    """

    number: int
    rule: Rule
    creator: str | None
    brand: str | None
    starts: date
    ends: date | None

    def __post_init__(self) -> None:
        if self.creator is None and self.brand is None:
            raise PolicyError(_l("An agreement is with somebody."))
        if self.rule.programme is not None:
            raise PolicyError(_l("An agreement and a programme are two rules."), field="programme")

    def binds(self, parties: FeeParties) -> bool:
        """Whether both whom it names are the deal's."""
        return self.creator in (None, parties.creator) and self.brand in (None, parties.brand)

    @property
    def agreed_rule(self) -> Rule:
        """Its rule, with its days and its number as deals keep them."""
        return replace(
            self.rule,
            id=f"{AGREED}{self.number}",
            starts=self.starts,
            ends=self.ends,
            agreement=self.number,
            agreed_with=self._agreed_with,
        )

    @property
    def _agreed_with(self) -> AgreedWith:
        if self.creator is not None and self.brand is not None:
            return AgreedWith.BOTH
        payer = self.creator if self.rule.kind is RuleKind.CREATOR_COMMISSION else self.brand
        return AgreedWith.PAYER if payer is not None else AgreedWith.OTHER
