"""What a brand would pay for a package today, and the currencies that offers may be priced in."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import LazyString

from marketplace.fees.explain import explain
from marketplace.fees.policy import CurrencyNotCovered, Policy
from marketplace.fees.queries import fee_day, policy_in_force
from marketplace.fees.quote import quote
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.offers.models import Package
from marketplace.offers.policy import CURRENCIES


@dataclass(frozen=True, slots=True)
class FeeReason:
    """One line of the service fee."""

    amount: Money
    why: LazyString


@dataclass(frozen=True, slots=True)
class BrandPrice:
    """The price, the fee lines on top of it, and what they come to."""

    price: Money
    fee: Money
    fees: tuple[FeeReason, ...]
    total: Money


def brand_prices(packages: Iterable[Package]) -> dict[int, BrandPrice]:
    """By package id. A package whose fee no policy can tell today is left out."""
    try:
        policy = policy_in_force()
    except NotFound:
        return {}
    return {package.id: found for package in packages if (found := _price(policy, package)) is not None}


def _price(policy: Policy, package: Package) -> BrandPrice | None:
    try:
        found = quote(policy, package.kind, package.price, Money.zero(package.price.currency), fee_day())
    except CurrencyNotCovered:
        return None
    reasons = tuple(FeeReason(line.amount, explain(line)) for line in found.brand_lines)
    return BrandPrice(found.price, found.brand_fee, reasons, found.brand_total)


def covered_currencies() -> tuple[str, ...]:
    """Those of our currencies that the fee policy in force has rules for; all of them while there is no policy."""
    try:
        covered = policy_in_force().currencies
    except NotFound:
        return CURRENCIES
    return CURRENCIES if covered is None else tuple(code for code in CURRENCIES if code in covered)
