"""What other rules would have taken from deals that were signed: each deal worked out again, summed as they come.

Pure: it is given the deals, by creator, and keeps only sums, so that a month of any size takes the same memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import CurrencyNotCovered, Policy, Rule
from marketplace.fees.quote import quote_chosen
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

MOST_AFFECTED = 10
# Rules are chosen once for deals that are alike in all that decides it.
_KEPT_CHOICES = 10_000


@dataclass(frozen=True, slots=True)
class SignedDeal:
    """What a deal's frozen quote was made from, and what it took, in minor units."""

    deal_id: int
    creator_id: int
    parties: FeeParties
    kind: DealKind
    on: date
    price: Money
    earned_before: Money
    commission: int
    service_fee: int
    version: int


@dataclass(slots=True)
class Sums:
    """Deals of one currency and kind: minor units before and after. The creators' part is what is left of `gross`."""

    deals: int = 0
    gross: int = 0
    commission: tuple[int, int] = (0, 0)
    service_fee: tuple[int, int] = (0, 0)

    @property
    def creators(self) -> tuple[int, int]:
        before, after = self.commission
        return self.gross - before, self.gross - after

    @property
    def platform(self) -> tuple[int, int]:
        return self.commission[0] + self.service_fee[0], self.commission[1] + self.service_fee[1]

    def add(self, other: "Sums") -> None:
        self.deals += other.deals
        self.gross += other.gross
        self.commission = (self.commission[0] + other.commission[0], self.commission[1] + other.commission[1])
        self.service_fee = (self.service_fee[0] + other.service_fee[0], self.service_fee[1] + other.service_fee[1])


@dataclass(frozen=True, slots=True)
class Affected:
    """One creator in one currency: what their deals gave them before and after, minor units."""

    creator_id: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(slots=True)
class CurrencyEffect:
    """Everything in one currency. `refused` deals could not be signed under the rules, and are in no sum."""

    kinds: dict[DealKind, Sums] = field(default_factory=dict)
    refused: int = 0
    more: int = 0
    less: int = 0
    same: int = 0
    most_affected: list[Affected] = field(default_factory=list)

    @property
    def total(self) -> Sums:
        found = Sums()
        for sums in self.kinds.values():
            found.add(sums)
        return found


@dataclass(slots=True)
class Effect:
    """The sums so far, by currency, and which versions of the rules the deals were signed under.

    The last creator's own sums stay `open` until another creator's deals come: a creator is counted when whole.
    """

    currencies: dict[str, CurrencyEffect] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    creator_id: int | None = None
    open: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count_creator(self) -> None:
        """The open creator has no deal more: count them."""
        if self.creator_id is None:
            return
        for currency, (before, after) in self.open.items():
            _count(self.currencies[currency], Affected(self.creator_id, before, after))
        self.creator_id, self.open = None, {}

    def to_json(self) -> dict[str, Any]:
        return {
            "currencies": {code: _currency_to_json(found) for code, found in self.currencies.items()},
            "versions": {str(version): deals for version, deals in self.versions.items()},
            "creator_id": self.creator_id,
            "open": {code: list(parts) for code, parts in self.open.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Effect":
        if not data:
            return cls()
        return cls(
            currencies={code: _currency_from_json(found) for code, found in data["currencies"].items()},
            versions={int(version): deals for version, deals in data["versions"].items()},
            creator_id=data["creator_id"],
            open={code: (parts[0], parts[1]) for code, parts in data["open"].items()},
        )


class Trial:
    """One policy, with the agreements that go on beside it, tried on deals."""

    def __init__(self, policy: Policy, agreements: Iterable[Agreement]) -> None:
        self._policy = policy
        self._agreements: dict[str, list[Agreement]] = {}
        self._chosen: dict[tuple[object, ...], Policy | None] = {}
        for agreement in agreements:
            self._agreements.setdefault(agreement.creator or agreement.brand or "", []).append(agreement)

    def run(self, effect: Effect, deals: Iterable[SignedDeal]) -> None:
        """Add the deals to the effect. All of a creator's deals come one after the other, over all calls."""
        for deal in deals:
            if deal.creator_id != effect.creator_id:
                effect.count_creator()
                effect.creator_id = deal.creator_id
            effect.versions[deal.version] = effect.versions.get(deal.version, 0) + 1
            self._add(effect, deal)

    def _add(self, effect: Effect, deal: SignedDeal) -> None:
        currency = deal.price.currency
        found = effect.currencies.setdefault(currency, CurrencyEffect())
        rules = self._rules(deal)
        if rules is None:
            found.refused += 1
            return
        after = quote_chosen(rules, deal.kind, deal.price, deal.earned_before, deal.on)
        commission = (deal.commission, after.creator_fee.amount)
        sums = Sums(1, deal.price.amount, commission, (deal.service_fee, after.brand_fee.amount))
        found.kinds.setdefault(deal.kind, Sums()).add(sums)
        parts = effect.open.get(currency, (0, 0))
        effect.open[currency] = (parts[0] + sums.creators[0], parts[1] + sums.creators[1])

    def _rules(self, deal: SignedDeal) -> Policy | None:
        """The rules that would hold; None where they name no amounts in the deal's currency."""
        agreed = self._agreed(deal.parties)
        own = [rule for rule in self._policy.rules if rule.programme is not None]
        programmes = tuple(rule.id for rule in own if rule.for_creator(deal.parties.since).applies(deal.kind, deal.on))
        key = (deal.kind, deal.price.currency, deal.on, tuple(rule.id for rule in agreed), programmes)
        if key not in self._chosen:
            if len(self._chosen) > _KEPT_CHOICES:
                self._chosen.clear()
            self._chosen[key] = self._choose(deal, agreed)
        return self._chosen[key]

    def _choose(self, deal: SignedDeal, agreed: Sequence[Rule]) -> Policy | None:
        try:
            return self._policy.for_deal(deal.kind, deal.price.currency, deal.on, deal.parties.since, agreed)
        except CurrencyNotCovered:
            return None

    def _agreed(self, parties: FeeParties) -> list[Rule]:
        if not self._agreements:
            return []
        near = [*self._agreements.get(parties.creator, ()), *self._agreements.get(parties.brand or "", ())]
        return [agreement.agreed_rule for agreement in near if agreement.binds(parties)]


def _count(found: CurrencyEffect, creator: Affected) -> None:
    if creator.difference > 0:
        found.more += 1
    elif creator.difference < 0:
        found.less += 1
    else:
        found.same += 1
        return
    ranked = sorted([*found.most_affected, creator], key=lambda one: (-abs(one.difference), one.creator_id))
    found.most_affected = ranked[:MOST_AFFECTED]


def _currency_to_json(found: CurrencyEffect) -> dict[str, Any]:
    return {
        "kinds": {kind.value: asdict(sums) for kind, sums in found.kinds.items()},
        "creators": [found.refused, found.more, found.less, found.same],
        "most_affected": [[one.creator_id, one.before, one.after] for one in found.most_affected],
    }


def _currency_from_json(data: dict[str, Any]) -> CurrencyEffect:
    kinds = {
        DealKind(kind): Sums(found["deals"], found["gross"], tuple(found["commission"]), tuple(found["service_fee"]))
        for kind, found in data["kinds"].items()
    }
    most_affected = [Affected(*found) for found in data["most_affected"]]
    refused, more, less, same = data["creators"]
    return CurrencyEffect(kinds, refused, more, less, same, most_affected)
