"""Fee policies as values: rules, brackets and limits, checked as they are made, to and from JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import product
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.fees.precedence import AGREED_TIERS, AgreedWith, Tier
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Invalid

WHOLE = 10_000
"""A rate of one, in basis points."""

AGREED = "A-"
"""How the names of rules begin that come from agreements; no rule of a policy's own is called so."""

MOST_FIRST_DAYS = 3_660
"""A programme of a creator's first days is over in ten years at the latest."""

Amounts = Mapping[str, int]
"""Minor units by currency. A limit is named in each currency, never converted at a day's rate."""


class PolicyError(Invalid):
    """The rules contradict themselves; the message says why, `field` names the part of a rule that is at fault."""


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
class Programme:
    """A creator's first `first_days` days, by the platform's clock, the day of their profile counted as the first.

    `since` is that day, known where the rule is kept with one creator's quote.
    """

    name: str
    first_days: int
    since: date | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise PolicyError(_l("A programme needs a name."), field="programme")
        days = self.first_days
        if isinstance(days, bool) or not isinstance(days, int) or not 0 < days <= MOST_FIRST_DAYS:
            raise PolicyError(
                _l("A programme lasts from 1 to %(most)s days.", most=MOST_FIRST_DAYS), field="first_days"
            )

    @property
    def last_day(self) -> date | None:
        return self.since + timedelta(days=self.first_days - 1) if self.since is not None else None

    def holds(self, on: date) -> bool:
        return self.since is not None and self.last_day is not None and self.since <= on <= self.last_day

    def to_json(self) -> dict[str, Any]:
        since = {"since": self.since.isoformat()} if self.since is not None else {}
        return {"name": self.name, "first_days": self.first_days, **since}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Programme":
        return cls(data["name"], data["first_days"], _day(data.get("since")))


@dataclass(frozen=True, slots=True)
class Rule:
    """One fee. `deal_kinds` None is all; `starts` and `ends` are the first and the last day it is in force.

    `minimum` and `cap` bound what it takes from one deal. A minimum beside a free bracket is refused: the first coin
    above the free part would then cost more than it brings. `agreement` and `agreed_with` are set together, and only on
    a rule that comes from an agreement, whose name is then "A-" and the agreement's number.
    """

    id: str
    kind: RuleKind
    brackets: tuple[Bracket, ...]
    deal_kinds: frozenset[DealKind] | None = None
    starts: date | None = None
    ends: date | None = None
    minimum: Amounts | None = None
    cap: Amounts | None = None
    programme: Programme | None = None
    agreement: int | None = None
    agreed_with: AgreedWith | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise PolicyError(_l("A rule needs a name."), field="name")
        self._check_source()
        if self.deal_kinds is not None and not self.deal_kinds:
            raise PolicyError(_l("It names no kind of deal, so it would never hold."), field="deal_kinds")
        if self.starts is not None and self.ends is not None and self.ends < self.starts:
            raise PolicyError(_l("The last day is before the first."), field="ends")
        if not self.brackets or self.brackets[0].above:
            raise PolicyError(_l("The first step begins at nothing."), field="brackets")
        for lower, upper in zip(self.brackets, self.brackets[1:], strict=False):
            self._check_order(lower, upper)
        for limit in (self.minimum, self.cap):
            if limit is not None:
                _check_amounts(limit)
        for currency, least in (self.minimum or {}).items():
            if self.cap is not None and least > self.cap.get(currency, least):
                raise PolicyError(
                    _l("In %(currency)s the least is more than the most.", currency=currency), field="minimum"
                )
        if self.minimum and any(bracket.rate == 0 for bracket in self.brackets):
            raise PolicyError(
                _l(
                    "A least amount and a free step contradict each other: the first coin above the free part would "
                    "cost more than it brings."
                ),
                field="minimum",
            )

    def _check_source(self) -> None:
        if (self.agreement is None) != (self.agreed_with is None):
            raise PolicyError(_l("An agreement is with somebody."))
        if (self.id.startswith(AGREED)) != (self.agreement is not None):
            raise PolicyError(
                _l("Names that begin with %(start)s are those of agreements.", start=AGREED), field="name"
            )
        if self.agreement is not None and self.programme is not None:
            raise PolicyError(_l("An agreement and a programme are two rules."), field="programme")

    def _check_order(self, lower: Bracket, upper: Bracket) -> None:
        if not upper.above or (lower.above and lower.above.keys() != upper.above.keys()):
            raise PolicyError(
                _l("Every step but the first names amounts, all in the same currencies."), field="brackets"
            )
        for currency, amount in upper.above.items():
            if amount <= lower.above.get(currency, 0):
                raise PolicyError(
                    _l("In %(currency)s a step begins no higher than the one before it.", currency=currency),
                    field="brackets",
                )

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

    @property
    def tier(self) -> Tier:
        if self.agreed_with is not None:
            return AGREED_TIERS[self.agreed_with]
        if self.programme is not None:
            return Tier.PROGRAMME
        return Tier.GENERAL if self.deal_kinds is None else Tier.DEAL_KIND

    @property
    def last_day(self) -> date | None:
        """The last day on which it may hold: its own, or its programme's for the creator it is kept for."""
        days = [day for day in (self.ends, self.programme.last_day if self.programme else None) if day is not None]
        return min(days, default=None)

    def free_amount(self, currency: str) -> int | None:
        """Up to where it takes nothing, in minor units; None where it never takes anything."""
        return next((bracket.above.get(currency, 0) for bracket in self.brackets if bracket.rate), None)

    def covers(self, currency: str) -> bool:
        return self.currencies is None or currency in self.currencies

    def goes_on(self, on: date) -> bool:
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)

    def in_force(self, kind: DealKind, on: date) -> bool:
        """Whether its kinds and days fit, whoever the creator is."""
        return self.goes_on(on) and (self.deal_kinds is None or kind in self.deal_kinds)

    def applies(self, kind: DealKind, on: date) -> bool:
        """Whether it fits the deal, its programme too."""
        return self.in_force(kind, on) and (self.programme is None or self.programme.holds(on))

    def for_creator(self, since: date | None) -> "Rule":
        """The same rule, its programme counted from the day `since`; what is counted already stays so."""
        if self.programme is None or self.programme.since is not None:
            return self
        return replace(self, programme=replace(self.programme, since=since))

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
            raise PolicyError(_l("Another rule has the same name."), field="name")
        for kind in RuleKind:
            if max(map(_top_rate, self._together(kind)), default=0) > WHOLE:
                raise PolicyError(
                    _l("The rules of this fee that hold together may take more than the whole price."),
                    field="brackets",
                )

    def _together(self, kind: RuleKind) -> Iterable[tuple[Rule, ...]]:
        """Every set of rules that may add up on one deal: of one tier, for one kind of deal, on one day."""
        rules = self.of(kind)
        days = {rule.starts or date.min for rule in rules}
        for tier, deal_kind, day in product(Tier, DealKind, days):
            yield tuple(rule for rule in rules if rule.tier is tier and rule.in_force(deal_kind, day))

    @property
    def currencies(self) -> frozenset[str] | None:
        """Currencies that every rule but those of programmes has amounts for; None where no rule needs any."""
        needed = [rule for rule in self.rules if rule.programme is None]
        named = [found for rule in needed if (found := rule.currencies) is not None]
        return frozenset.intersection(*named) if named else None

    def of(self, kind: RuleKind) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.kind is kind)

    def free_amount(self, currency: str) -> int | None:
        """Up to where no commission is taken, in minor units; None where none ever is."""
        found = (rule.free_amount(currency) for rule in self.of(RuleKind.CREATOR_COMMISSION))
        return min((amount for amount in found if amount is not None), default=None)

    def for_deal(
        self, kind: DealKind, currency: str, on: date, since: date | None = None, agreed: Iterable[Rule] = ()
    ) -> "Policy":
        """The rules that hold for one deal, by precedence: small enough to be kept with the deal's quote.

        `since` is the creator's first day, `agreed` what was agreed with the two sides. Of these, what has no amount in
        the currency is passed over. What this gives gives itself.

        Raises:
            CurrencyNotCovered: a rule that holds has no amount in this currency.
        """
        named = [rule.for_creator(since) for rule in self.rules]
        offered = [rule for rule in (*agreed, *named) if rule.tier > Tier.PROGRAMME or rule.covers(currency)]
        rules = [rule for fee in RuleKind for rule in _first_tier(offered, fee, kind, on)]
        if not all(rule.covers(currency) for rule in rules):
            raise CurrencyNotCovered(
                _l("There are no fee rules for prices in %(currency)s yet.", currency=currency), field="currency"
            )
        return replace(self, rules=tuple(rule.in_currency(currency) for rule in rules))

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "creator_floor": self.creator_floor,
            "rules": [rule_to_json(rule) for rule in self.rules],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Policy":
        return cls(
            version=data["version"],
            rules=tuple(rule_from_json(rule) for rule in data["rules"]),
            creator_floor=data["creator_floor"],
        )


def _first_tier(rules: Iterable[Rule], fee: RuleKind, kind: DealKind, on: date) -> list[Rule]:
    """The precedence of fee rules, for one fee of one deal: the first tier that has a rule for it, and no other.

    Within it rules add up, but for agreements: a later one replaces those before it.
    """
    found = [rule for rule in rules if rule.kind is fee and rule.applies(kind, on)]
    first = min((rule.tier for rule in found), default=None)
    holding = [rule for rule in found if rule.tier is first]
    if first is not None and first <= Tier.AGREEMENT_WITH_OTHER:
        return [max(holding, key=lambda rule: (rule.starts or date.min, rule.agreement))]
    return holding


def _top_rate(rules: Iterable[Rule]) -> int:
    return sum(rule.top_rate for rule in rules)


def _check_rate(rate: int) -> None:
    if isinstance(rate, bool) or not isinstance(rate, int) or not 0 <= rate <= WHOLE:
        raise PolicyError(_l("A rate lies between 0 % and 100 %, with two decimals at most."), field="brackets")


def _check_amounts(amounts: Amounts) -> None:
    for currency, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            raise PolicyError(_l("An amount in %(currency)s is above nothing.", currency=currency), field="brackets")


def _only(amounts: Amounts, currency: str) -> Amounts:
    return {currency: amounts[currency]} if currency in amounts else {}


def rule_to_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "brackets": [{"rate": bracket.rate, "above": dict(bracket.above)} for bracket in rule.brackets],
        "deal_kinds": sorted(rule.deal_kinds) if rule.deal_kinds is not None else None,
        "starts": rule.starts.isoformat() if rule.starts else None,
        "ends": rule.ends.isoformat() if rule.ends else None,
        "minimum": dict(rule.minimum) if rule.minimum is not None else None,
        "cap": dict(rule.cap) if rule.cap is not None else None,
        "programme": rule.programme.to_json() if rule.programme is not None else None,
        **_agreement_to_json(rule),
    }


def _agreement_to_json(rule: Rule) -> dict[str, Any]:
    """Only in what a deal keeps: a policy's own rules come from no agreement."""
    if rule.agreed_with is None:
        return {}
    return {"agreement": rule.agreement, "agreed_with": rule.agreed_with.value}


def rule_from_json(data: Mapping[str, Any]) -> Rule:
    programme, agreed_with = data.get("programme"), data.get("agreed_with")
    return Rule(
        id=data["id"],
        kind=RuleKind(data["kind"]),
        brackets=tuple(Bracket(found["rate"], dict(found["above"])) for found in data["brackets"]),
        deal_kinds=frozenset(map(DealKind, data["deal_kinds"])) if data["deal_kinds"] is not None else None,
        starts=_day(data["starts"]),
        ends=_day(data["ends"]),
        minimum=data["minimum"],
        cap=data["cap"],
        programme=Programme.from_json(programme) if programme else None,
        agreement=data.get("agreement"),
        agreed_with=AgreedWith(agreed_with) if agreed_with else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
