"""Fee policies as values: rules, brackets and limits, checked as they are made, to and from JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Invalid

WHOLE = 10_000
"""A rate of one, in basis points."""

Amounts = Mapping[str, int]
"""Minor units by currency. A limit is named in each currency, never converted at a day's rate."""


class PolicyError(ValueError):
    """The rules contradict themselves; the message says which and why."""


class CurrencyNotCovered(Invalid):
    """The policy names no amounts in this currency, and an amount is never guessed from another's."""


class RuleKind(StrEnum):
    """A commission is on what the creator earns in a calendar month; a service fee on the price of the one deal."""

    CREATOR_COMMISSION = "creator_commission"
    BRAND_SERVICE_FEE = "brand_service_fee"


@dataclass(frozen=True, slots=True)
class Bracket:
    """`rate` basis points on what lies above `above` and below the next bracket. Without amounts it starts at zero."""

    rate: int
    above: Amounts = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        _check_amounts(self.above)


@dataclass(frozen=True, slots=True)
class Rule:
    """One fee. `deal_kinds` None is all; `starts` and `ends` are the first and the last day it is in force.

    `minimum` and `cap` bound what it takes from one deal. A minimum beside a free bracket is refused: the first coin
    above the free part would then cost more than it brings.
    """

    id: str
    kind: RuleKind
    brackets: tuple[Bracket, ...]
    deal_kinds: frozenset[DealKind] | None = None
    starts: date | None = None
    ends: date | None = None
    minimum: Amounts | None = None
    cap: Amounts | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise PolicyError("a rule needs a name")
        if not self.brackets or self.brackets[0].above:
            raise PolicyError(f"{self.id}: the first bracket starts at zero")
        for lower, upper in zip(self.brackets, self.brackets[1:], strict=False):
            self._check_order(lower, upper)
        for limit in (self.minimum, self.cap):
            if limit is not None:
                _check_amounts(limit)
        for currency, least in (self.minimum or {}).items():
            if self.cap is not None and least > self.cap.get(currency, least):
                raise PolicyError(f"{self.id}: the minimum in {currency} is above the cap")
        if self.minimum and any(bracket.rate == 0 for bracket in self.brackets):
            raise PolicyError(f"{self.id}: a minimum and a free bracket contradict each other")

    def _check_order(self, lower: Bracket, upper: Bracket) -> None:
        if not upper.above or (lower.above and lower.above.keys() != upper.above.keys()):
            raise PolicyError(f"{self.id}: every bracket above the first names the same currencies")
        for currency, amount in upper.above.items():
            if amount <= lower.above.get(currency, 0):
                raise PolicyError(f"{self.id}: brackets rise in {currency}")

    @property
    def top_rate(self) -> int:
        return max(bracket.rate for bracket in self.brackets)

    @property
    def currencies(self) -> frozenset[str] | None:
        """What it has amounts for; None where it needs none."""
        named = [frozenset(found) for found in self._amounts()]
        return frozenset.intersection(*named) if named else None

    def _amounts(self) -> Iterable[Amounts]:
        yield from (bracket.above for bracket in self.brackets[1:])
        yield from (limit for limit in (self.minimum, self.cap) if limit is not None)

    def applies(self, kind: DealKind, on: date) -> bool:
        return (
            (self.deal_kinds is None or kind in self.deal_kinds)
            and (self.starts is None or self.starts <= on)
            and (self.ends is None or on <= self.ends)
        )

    def in_currency(self, currency: str) -> "Rule":
        """The same rule with the amounts of one currency only."""
        return replace(
            self,
            brackets=tuple(replace(found, above=_only(found.above, currency)) for found in self.brackets),
            minimum=_only(self.minimum, currency) if self.minimum is not None else None,
            cap=_only(self.cap, currency) if self.cap is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A set of rules under one version. A creator keeps at least `creator_floor` basis points of each price.

    Raises:
        PolicyError: the rules contradict themselves.
    """

    version: int
    rules: tuple[Rule, ...]
    creator_floor: int

    def __post_init__(self) -> None:
        _check_rate(self.creator_floor)
        if len({rule.id for rule in self.rules}) != len(self.rules):
            raise PolicyError("two rules have the same name")
        for kind in RuleKind:
            if sum(rule.top_rate for rule in self.rules if rule.kind is kind) > WHOLE:
                raise PolicyError(f"the rules of {kind} may take more than all of it")

    @property
    def currencies(self) -> frozenset[str] | None:
        """Currencies that every rule has amounts for; None where no rule needs any."""
        named = [found for rule in self.rules if (found := rule.currencies) is not None]
        return frozenset.intersection(*named) if named else None

    def of(self, kind: RuleKind) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind is kind)

    def for_deal(self, kind: DealKind, currency: str, on: date) -> "Policy":
        """What of it matters for one deal: small enough to be kept with the deal's quote.

        Raises:
            CurrencyNotCovered: a rule that applies has no amount in this currency.
        """
        rules = [rule for rule in self.rules if rule.applies(kind, on)]
        for rule in rules:
            if rule.currencies is not None and currency not in rule.currencies:
                raise CurrencyNotCovered(
                    _l("There are no fee rules for prices in %(currency)s yet.", currency=currency), field="currency"
                )
        return replace(self, rules=tuple(rule.in_currency(currency) for rule in rules))

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "creator_floor": self.creator_floor,
            "rules": [_rule_to_json(rule) for rule in self.rules],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Policy":
        return cls(
            version=data["version"],
            rules=tuple(_rule_from_json(rule) for rule in data["rules"]),
            creator_floor=data["creator_floor"],
        )


def _check_rate(rate: int) -> None:
    if isinstance(rate, bool) or not isinstance(rate, int) or not 0 <= rate <= WHOLE:
        raise PolicyError("a rate is a whole number of basis points from 0 to 10000")


def _check_amounts(amounts: Amounts) -> None:
    for currency, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            raise PolicyError(f"an amount in {currency} is a positive whole number of minor units")


def _only(amounts: Amounts, currency: str) -> Amounts:
    return {currency: amounts[currency]} if currency in amounts else {}


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "brackets": [{"rate": bracket.rate, "above": dict(bracket.above)} for bracket in rule.brackets],
        "deal_kinds": sorted(rule.deal_kinds) if rule.deal_kinds is not None else None,
        "starts": rule.starts.isoformat() if rule.starts else None,
        "ends": rule.ends.isoformat() if rule.ends else None,
        "minimum": dict(rule.minimum) if rule.minimum is not None else None,
        "cap": dict(rule.cap) if rule.cap is not None else None,
    }


def _rule_from_json(data: Mapping[str, Any]) -> Rule:
    return Rule(
        id=data["id"],
        kind=RuleKind(data["kind"]),
        brackets=tuple(Bracket(found["rate"], dict(found["above"])) for found in data["brackets"]),
        deal_kinds=frozenset(map(DealKind, data["deal_kinds"])) if data["deal_kinds"] is not None else None,
        starts=date.fromisoformat(data["starts"]) if data["starts"] else None,
        ends=date.fromisoformat(data["ends"]) if data["ends"] else None,
        minimum=data["minimum"],
        cap=data["cap"],
    )


FREE_A_MONTH: Amounts = {
    "CNY": 500_000,
    "AUD": 105_000,
    "CAD": 95_000,
    "CHF": 60_000,
    "EUR": 65_000,
    "GBP": 55_000,
    "HKD": 550_000,
    "JPY": 100_000,
    "KRW": 950_000,
    "KWD": 215_000,
    "MYR": 300_000,
    "NZD": 115_000,
    "SGD": 92_500,
    "THB": 2_400_000,
    "TWD": 2_200_000,
    "USD": 70_000,
}
"""About CNY 5,000 in each currency, in minor units: round figures that stay until a new version names others."""

DEFAULT_POLICY = Policy(
    version=1,
    creator_floor=7_000,
    rules=(
        Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(0), Bracket(1_000, FREE_A_MONTH))),
        Rule(
            "B1",
            RuleKind.BRAND_SERVICE_FEE,
            (Bracket(500),),
            deal_kinds=frozenset(DealKind) - {DealKind.LIVE_COMMERCE},
        ),
    ),
)
