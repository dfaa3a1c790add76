"""What a brand would pay for a package today, and the currencies that offers may be priced in."""

from dataclasses import dataclass

from flask_babel import LazyString

from marketplace.creators.models import Creator
from marketplace.fees.explain import explain
from marketplace.fees.parties import FeeParties
from marketplace.fees.policy import CurrencyNotCovered
from marketplace.fees.queries import RuleBook, fee_day, policy_in_force, rule_book
from marketplace.fees.quote import quote
from marketplace.infra.settings import settings
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import brand_owner, creator_owner
from marketplace.offers.models import Offer, Package
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


def brand_prices(offer: Offer, creator: Creator, brand_id: int | None = None) -> dict[int, BrandPrice]:
    """By package id, for this brand if one is given. A package whose fee no policy can tell today is left out."""
    brand = brand_owner(brand_id) if brand_id is not None else None
    # The creator's month, and so their time zone, plays no part in what a brand pays.
    parties = FeeParties(creator_owner(creator.id), settings().default_timezone, fee_day(creator.created_at), brand)
    try:
        book = rule_book([parties.creator], parties.brand)
    except NotFound:
        return {}
    return {package.id: found for package in offer.packages if (found := _price(book, parties, package)) is not None}


def _price(book: RuleBook, parties: FeeParties, package: Package) -> BrandPrice | None:
    try:
        rules = book.rules_for(parties, package.kind, package.price.currency)
        found = quote(rules, package.kind, package.price, Money.zero(package.price.currency), book.on)
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
