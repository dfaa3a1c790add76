"""What a price comes to by the rules in force: the figures of the page where anyone may try one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from marketplace.accounts.actor import Actor
from marketplace.agencies.queries import share_of
from marketplace.creators.queries import fee_parties
from marketplace.fees.parties import FeeParties
from marketplace.fees.policy import Policy, Rule, RuleKind
from marketplace.fees.queries import RuleBook, earned_in_month, fee_month, rule_book
from marketplace.fees.quote import FeeQuote, quote
from marketplace.infra.labels import label
from marketplace.infra.settings import settings
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import brand_owner
from marketplace.offers.policy import CURRENCIES

_EXAMPLE_PRICE = Money(12_000_00)
# The prices of the plot, in halves of the one asked: a phone shows six.
_HALVES = range(1, 7)


@dataclass(frozen=True, slots=True)
class Step:
    """One price of the plot, and what the creator receives of it."""

    price: Money
    receives: Money
    commission: Money
    brand_pays: Money


@dataclass(frozen=True, slots=True)
class FreeAmounts:
    """What each rule leaves free of commission a month, in each currency, in the order of `names`."""

    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Money | None]]]

    @property
    def heads(self) -> list[tuple[str, str]]:
        return [(name, "num") for name in self.names]


class Calculator:
    """The rules of today for one reader: their own agreements and first days count, where they have any."""

    def __init__(self, actor: Actor) -> None:
        self._parties = _parties(actor)
        self._agency = share_of(actor.creator_id) if actor.creator_id is not None else None
        self._known = actor.creator_id is not None
        self.book: RuleBook = rule_book([self._parties.creator], self._parties.brand)

    @property
    def policy(self) -> Policy:
        return self.book.policy

    @property
    def currencies(self) -> Sequence[str]:
        """All that the policy covers, ours first; ours where it names none."""
        covered = self.policy.currencies
        if covered is None:
            return CURRENCIES
        return [code for code in CURRENCIES if code in covered] + sorted(covered - set(CURRENCIES))

    @property
    def on(self) -> date:
        return self.book.on

    @property
    def first_days(self) -> list[int]:
        """How many first days the programmes last that go on today, the shortest first."""
        running = (rule.programme for rule in self.policy.rules if rule.goes_on(self.on))
        return sorted({programme.first_days for programme in running if programme is not None})

    @property
    def own_first_days(self) -> int:
        """The shortest of them that the reader is in now; 0 for most."""
        since = self._parties.since
        age = (self.on - since).days if since is not None else None
        return next((days for days in self.first_days if age is not None and 0 <= age < days), 0)

    def earned(self, currency: str) -> Money:
        """What the reader has earned this month, if they are a creator."""
        if not self._known:
            return Money.zero(currency)
        return earned_in_month(self._parties.creator, currency, fee_month(self._parties.zone))

    def quote(self, price: Money, kind: DealKind, earned: Money, first_days: int = 0) -> FeeQuote:
        """The fees for somebody in their first `first_days` days, one of `first_days`, or in none of them (0).

        Raises:
            CurrencyNotCovered: a rule that holds has no amount in this currency.
        """
        parties = replace(self._parties, since=self._since(first_days))
        rules = self.book.rules_for(parties, kind, price.currency)
        return quote(rules, kind, price, earned, self.on, agency=self._agency)

    def steps(self, asked: FeeQuote, first_days: int = 0) -> list[Step]:
        """The same work at other prices."""
        prices = [Money(asked.price.amount * halves // 2, asked.price.currency) for halves in _HALVES]
        found = [self.quote(price, asked.deal_kind, asked.earned_before, first_days) for price in prices if price]
        return [Step(one.price, one.creator_receives, one.creator_fee, one.brand_total) for one in found]

    def _since(self, first_days: int) -> date | None:
        """A first day by which somebody is in these first days today and in no shorter ones: one's own if it fits."""
        if not first_days:
            return None
        if first_days == self.own_first_days:
            return self._parties.since
        return self.on - timedelta(days=max((days for days in self.first_days if days < first_days), default=0))


def example_price(policy: Policy, currency: str) -> Money:
    """A price that shows all of the rules: above what is free in a month, if something is."""
    if currency == DEFAULT_CURRENCY:
        return _EXAMPLE_PRICE
    free = max((rule.free_amount(currency) or 0 for rule in policy.of(RuleKind.CREATOR_COMMISSION)), default=0)
    return Money(free * 12 // 5, currency) if free else Money.from_major("1000", currency)


def rules_of(policy: Policy, kind: RuleKind, on: date) -> list[Rule]:
    """The rules of one fee that hold now or later, in their order of precedence."""
    left = [rule for rule in policy.of(kind) if rule.ends is None or rule.ends >= on]
    return sorted(left, key=lambda rule: rule.tier)


def kinds_without(policy: Policy, kind: RuleKind, on: date) -> list[str]:
    """The kinds of deal that the fee isn't taken from today, in words; for somebody in no programme."""
    rules = [rule for rule in policy.of(kind) if rule.programme is None]
    return [str(label(deal)) for deal in DealKind if not any(rule.in_force(deal, on) for rule in rules)]


def free_amounts(policy: Policy, on: date) -> FreeAmounts:
    """What the commission rules leave free a month, for every currency that they name."""
    rules = [rule for rule in rules_of(policy, RuleKind.CREATOR_COMMISSION, on) if len(rule.brackets) > 1]
    rules = [rule for rule in rules if not rule.brackets[0].rate]
    codes = sorted({code for rule in rules for code in rule.currencies or ()}, key=_by_default_first)
    rows = [(code, [_free_amount(rule, code) for rule in rules]) for code in codes]
    return FreeAmounts([rule.id for rule in rules], rows)


def _free_amount(rule: Rule, currency: str) -> Money | None:
    amount = rule.free_amount(currency)
    return Money(amount, currency) if amount and rule.covers(currency) else None


def _by_default_first(code: str) -> tuple[bool, str]:
    return code != DEFAULT_CURRENCY, code


def _parties(actor: Actor) -> FeeParties:
    if actor.creator_id is not None:
        return fee_parties(actor.creator_id)
    brand = brand_owner(actor.brand_id) if actor.brand_id is not None else None
    return FeeParties("", settings().default_timezone, since=None, brand=brand)
