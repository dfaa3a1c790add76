"""What a policy takes for one deal, line by line. Pure: integers of minor units in, integers out, rounded down."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from marketplace.fees.policy import WHOLE, Policy, Rule, RuleKind
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


class LineReason(StrEnum):
    """Why a line is there: a bracket that is free or has a rate, or a limit that adds or gives back."""

    FREE = "free"
    RATE = "rate"
    MINIMUM = "minimum"
    CAP = "cap"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One reason for a fee; `amount` is negative where a limit gives back.

    `base` is what `rate` basis points are on (or the limit itself), `start` and `end` the stretch it lies on: of the
    month's earnings for a commission, of the price for a service fee. `threshold` is the bracket's lower edge.
    `rule` is the name of the rule `source`; empty for the creator's floor, which belongs to the policy.
    """

    rule: str
    kind: RuleKind
    reason: LineReason
    amount: Money
    base: Money
    rate: int
    start: Money
    end: Money
    threshold: Money
    source: Rule | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "kind": self.kind.value,
            "reason": self.reason.value,
            "rate": self.rate,
            **{name: getattr(self, name).amount for name in _MONEYS},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], currency: str, policy: Policy) -> "FeeLine":
        """The rule itself isn't written twice: it is found by its name in the quote's own policy."""
        return cls(
            rule=data["rule"],
            source=next((rule for rule in policy.rules if rule.id == data["rule"]), None),
            kind=RuleKind(data["kind"]),
            reason=LineReason(data["reason"]),
            rate=data["rate"],
            **{name: Money(data[name], currency) for name in _MONEYS},
        )


_MONEYS = ("amount", "base", "start", "end", "threshold")


@dataclass(frozen=True, slots=True)
class AgencyShare:
    """What an agency takes of what its creator receives: `rate` basis points, agreed between these two.

    `owner` is the agency's key in the books, `name` what it was called when the quote was made.
    """

    owner: str
    name: str
    rate: int

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= WHOLE:
            raise ValueError("a share lies between nothing and the whole")

    def of(self, received: Money) -> Money:
        """The agency's part, rounded down: what can't be divided stays with the creator."""
        return Money(received.amount * self.rate // WHOLE, received.currency)

    def to_json(self) -> dict[str, Any]:
        return {"owner": self.owner, "name": self.name, "rate": self.rate}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AgencyShare":
        return cls(data["owner"], data["name"], data["rate"])


@dataclass(frozen=True, slots=True)
class Split:
    """A division of what the brand paid: all but `agency_receives` sum to the quote's `brand_total`.

    `creator_receives` is for the creator's side as a whole, `agency_receives` the agency's part of it.
    """

    creator_receives: Money
    creator_fee: Money
    brand_fee: Money
    refund: Money
    agency_receives: Money

    @property
    def creator_keeps(self) -> Money:
        return self.creator_receives - self.agency_receives


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """The fees of one deal, with the rules that made them: frozen at signing and never worked out again.

    The brand pays `brand_total`, of which the creator's side receives `creator_receives` and the platform keeps
    `platform_income`; these two sum to the first. Of the creator's side, the agency receives `agency_receives` and the
    creator keeps the rest: what they have agreed on between them is nothing to the brand or to the platform's fees.
    """

    policy: Policy
    deal_kind: DealKind
    on: date
    price: Money
    earned_before: Money
    brand_lines: tuple[FeeLine, ...]
    creator_lines: tuple[FeeLine, ...]
    agency: AgencyShare | None = None

    @property
    def brand_fee(self) -> Money:
        """The service fee, on top of the price."""
        return _sum(self.brand_lines, self.price.currency)

    @property
    def creator_fee(self) -> Money:
        """The commission, out of the price."""
        return _sum(self.creator_lines, self.price.currency)

    @property
    def brand_total(self) -> Money:
        return self.price + self.brand_fee

    @property
    def creator_receives(self) -> Money:
        return self.price - self.creator_fee

    @property
    def agency_receives(self) -> Money:
        return self.agency.of(self.creator_receives) if self.agency is not None else Money.zero(self.price.currency)

    @property
    def creator_keeps(self) -> Money:
        return self.creator_receives - self.agency_receives

    @property
    def platform_income(self) -> Money:
        return self.brand_fee + self.creator_fee

    def partial(self, creator_part: Money) -> "FeeQuote":
        """The fees, by the same rules, if only `creator_part` of the price had been agreed.

        Raises:
            ValueError: the part is negative or above the price.
        """
        if not Money.zero(self.price.currency) <= creator_part <= self.price:
            raise ValueError("a part lies between nothing and the price")
        part = quote_chosen(self.policy, self.deal_kind, creator_part, self.earned_before, self.on)
        return replace(part, agency=self.agency)

    def split(self, creator_part: Money) -> Split:
        """What becomes of the brand's money when `creator_part` of the price goes the creator's way, fees before.

        Fees stay only on that part; all else goes back to the brand. The agency has its share of what is received.
        """
        part = self.partial(creator_part)
        refund = self.brand_total - part.brand_total
        return Split(part.creator_receives, part.creator_fee, part.brand_fee, refund, part.agency_receives)

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy.to_json(),
            "deal_kind": self.deal_kind.value,
            "on": self.on.isoformat(),
            "currency": self.price.currency,
            "price": self.price.amount,
            "earned_before": self.earned_before.amount,
            "brand_lines": [line.to_json() for line in self.brand_lines],
            "creator_lines": [line.to_json() for line in self.creator_lines],
            "agency": self.agency.to_json() if self.agency is not None else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FeeQuote":
        currency, policy = data["currency"], Policy.from_json(data["policy"])
        return cls(
            policy=policy,
            deal_kind=DealKind(data["deal_kind"]),
            on=date.fromisoformat(data["on"]),
            price=Money(data["price"], currency),
            earned_before=Money(data["earned_before"], currency),
            brand_lines=tuple(FeeLine.from_json(line, currency, policy) for line in data["brand_lines"]),
            creator_lines=tuple(FeeLine.from_json(line, currency, policy) for line in data["creator_lines"]),
            agency=AgencyShare.from_json(data["agency"]) if data.get("agency") else None,
        )


def quote(
    policy: Policy,
    deal_kind: DealKind,
    price: Money,
    earned_this_month: Money,
    on: date,
    *,
    agency: AgencyShare | None = None,
) -> FeeQuote:
    """The fees of a deal at `price` for a creator who has `earned_this_month` before it, gross, in the same currency.

    `policy` is what `rules_for` gives, or a whole one: then without agreements, and for a creator in no programme.
    `on` is the day of signing by the platform's own clock; `agency` represents the creator on it.

    Raises:
        CurrencyNotCovered: the policy names no amounts in this currency.
        CurrencyMismatch: price and earnings are in different currencies.
        ValueError: an amount is negative.
    """
    if min(price, earned_this_month) < Money.zero(price.currency):
        raise ValueError("neither a price nor earnings are negative")
    found = quote_chosen(policy.for_deal(deal_kind, price.currency, on), deal_kind, price, earned_this_month, on)
    return replace(found, agency=agency)


def quote_chosen(policy: Policy, deal_kind: DealKind, price: Money, earned: Money, on: date) -> FeeQuote:
    """The same under rules that `Policy.for_deal` has chosen already: many deals are alike in all that decides it."""
    brand = _lines(policy.of(RuleKind.BRAND_SERVICE_FEE), price, 0)
    creator = _lines(policy.of(RuleKind.CREATOR_COMMISSION), price, earned.amount)
    creator += _floor_line(policy, price, earned, _sum(creator, price.currency))
    return FeeQuote(policy, deal_kind, on, price, earned, tuple(brand), tuple(creator))


@dataclass(frozen=True, slots=True)
class _Part:
    """A line before rounding: `exact` is in ten-thousandths of a minor unit."""

    rule: Rule
    reason: LineReason
    exact: int
    base: int
    rate: int
    start: int
    end: int
    threshold: int


def _lines(rules: Iterable[Rule], price: Money, before: int) -> list[FeeLine]:
    """Rounded as a whole, not one by one: each line takes what the rounded-down running total grows by."""
    lines, exact = [], 0
    for part in _parts(rules, price, before):
        amount = (exact + part.exact) // WHOLE - exact // WHOLE
        exact += part.exact
        lines.append(_line(part, amount, price.currency))
    return lines


def _line(part: _Part, amount: int, currency: str) -> FeeLine:
    return FeeLine(
        rule=part.rule.id,
        source=part.rule,
        kind=part.rule.kind,
        reason=part.reason,
        amount=Money(amount, currency),
        base=Money(part.base, currency),
        rate=part.rate,
        start=Money(part.start, currency),
        end=Money(part.end, currency),
        threshold=Money(part.threshold, currency),
    )


def _parts(rules: Iterable[Rule], price: Money, before: int) -> Iterator[_Part]:
    for rule in rules if price else ():
        brackets = list(_bracket_parts(rule, price, before))
        yield from brackets
        yield from _limit_parts(rule, price, sum(part.exact for part in brackets))


def _bracket_parts(rule: Rule, price: Money, before: int) -> Iterator[_Part]:
    after = before + price.amount
    edges = [bracket.above.get(price.currency, 0) for bracket in rule.brackets]
    for bracket, lower, upper in zip(rule.brackets, edges, [*edges[1:], after], strict=True):
        start, end = max(before, lower), min(after, max(upper, lower))
        if start < end:
            reason = LineReason.RATE if bracket.rate else LineReason.FREE
            yield _Part(rule, reason, (end - start) * bracket.rate, end - start, bracket.rate, start, end, lower)


def _limit_parts(rule: Rule, price: Money, exact: int) -> Iterator[_Part]:
    limits = ((LineReason.MINIMUM, rule.minimum), (LineReason.CAP, rule.cap))
    for reason, limit in limits:
        if limit is None:
            continue
        bound = limit[price.currency]
        change = bound * WHOLE - exact
        if change > 0 if reason is LineReason.MINIMUM else change < 0:
            yield _Part(rule, reason, change, bound, 0, 0, price.amount, 0)


def _floor_line(policy: Policy, price: Money, earned: Money, fee: Money) -> list[FeeLine]:
    most = Money(price.amount * (WHOLE - policy.creator_floor) // WHOLE, price.currency)
    if fee <= most:
        return []
    return [
        FeeLine(
            rule="",
            kind=RuleKind.CREATOR_COMMISSION,
            reason=LineReason.FLOOR,
            amount=most - fee,
            base=price,
            rate=policy.creator_floor,
            start=earned,
            end=earned + price,
            threshold=Money.zero(price.currency),
        )
    ]


def _sum(lines: Sequence[FeeLine], currency: str) -> Money:
    return Money(sum(line.amount.amount for line in lines), currency)
