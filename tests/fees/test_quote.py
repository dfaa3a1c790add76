"""The default policy on single deals: each bracket's edge, each currency's exponent, what each line says."""

from datetime import date

import pytest

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.policy import Bracket, CurrencyNotCovered, Policy, Rule, RuleKind
from marketplace.fees.quote import FeeQuote, LineReason, Split, quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import CurrencyMismatch, Money

DAY = date(2026, 3, 15)


def fees(price: int, earned: int = 0, currency: str = "CNY", kind: DealKind = DealKind.VIDEO) -> FeeQuote:
    return quote(DEFAULT_POLICY, kind, Money(price, currency), Money(earned, currency), DAY)


@pytest.mark.parametrize(
    ("price", "earned", "commission"),
    [
        (500_000, 0, 0),
        (500_001, 0, 0),
        (500_009, 0, 0),
        (500_010, 0, 1),
        (1, 500_000, 0),
        (10, 500_000, 1),
        (1_000_000, 0, 50_000),
        (140_000, 360_000, 0),
        (300_000, 360_000, 16_000),
        (300_000, 500_001, 30_000),
        (0, 900_000, 0),
    ],
)
def test_commission_is_ten_percent_of_what_lies_above_five_thousand_yuan_a_month(
    price: int, earned: int, commission: int
) -> None:
    found = fees(price, earned)
    assert found.creator_fee == Money(commission)
    assert found.creator_receives == Money(price - commission)


@pytest.mark.parametrize(("price", "fee"), [(0, 0), (19, 0), (20, 1), (39, 1), (100_000, 5_000), (1_260_000, 63_000)])
def test_the_service_fee_is_five_percent_on_top_rounded_down(price: int, fee: int) -> None:
    found = fees(price)
    assert (found.brand_fee, found.brand_total) == (Money(fee), Money(price + fee))


def test_live_commerce_bears_no_service_fee_but_the_commission() -> None:
    found = fees(1_000_000, kind=DealKind.LIVE_COMMERCE)
    assert found.brand_lines == ()
    assert found.brand_total == Money(1_000_000)
    assert found.platform_income == Money(50_000)


@pytest.mark.parametrize("kind", sorted(set(DealKind) - {DealKind.LIVE_COMMERCE}))
def test_every_other_kind_bears_the_service_fee(kind: DealKind) -> None:
    assert fees(10_000, kind=kind).brand_fee == Money(500)


@pytest.mark.parametrize(
    ("currency", "free", "price", "commission"),
    [
        ("CNY", 500_000, 600_000, 10_000),
        ("USD", 70_000, 100_000, 3_000),
        ("JPY", 100_000, 100_009, 0),
        ("JPY", 100_000, 150_000, 5_000),
        ("KWD", 215_000, 315_000, 10_000),
    ],
)
def test_each_currency_has_its_own_threshold_in_its_own_minor_units(
    currency: str, free: int, price: int, commission: int
) -> None:
    assert fees(free, currency=currency).creator_fee == Money(0, currency)
    assert fees(price, currency=currency).creator_fee == Money(commission, currency)


def test_a_currency_without_a_threshold_is_refused_not_guessed() -> None:
    with pytest.raises(CurrencyNotCovered, match="ISK"):
        fees(100, currency="ISK")


def test_price_and_earnings_share_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        quote(DEFAULT_POLICY, DealKind.VIDEO, Money(1, "CNY"), Money(1, "USD"), DAY)


@pytest.mark.parametrize(("price", "earned"), [(-1, 0), (1, -1)])
def test_nothing_is_negative(price: int, earned: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        fees(price, earned)


def test_each_line_says_what_it_is_on_and_why() -> None:
    found = fees(900_000, 360_000)
    free, taken = found.creator_lines
    assert (free.rule, free.reason, free.rate, free.amount) == ("C1", LineReason.FREE, 0, Money(0))
    assert (free.base, free.start, free.end) == (Money(140_000), Money(360_000), Money(500_000))
    assert (taken.rule, taken.reason, taken.rate, taken.amount) == ("C1", LineReason.RATE, 1_000, Money(76_000))
    assert (taken.base, taken.threshold) == (Money(760_000), Money(500_000))
    (fee,) = found.brand_lines
    assert (fee.rule, fee.kind, fee.base) == ("B1", RuleKind.BRAND_SERVICE_FEE, Money(900_000))


def policy(*rules: Rule, floor: int = 7_000) -> Policy:
    return Policy(9, rules, floor)


def commission(name: str, rate: int, **options: object) -> Rule:
    return Rule(name, RuleKind.CREATOR_COMMISSION, (Bracket(rate),), **options)  # type: ignore[arg-type]


def test_the_floor_gives_back_what_rules_take_together_above_it() -> None:
    rules = policy(commission("C1", 2_000), commission("C2", 2_000))
    found = quote(rules, DealKind.VIDEO, Money(1_001), Money(0), DAY)
    assert [line.reason for line in found.creator_lines] == [LineReason.RATE, LineReason.RATE, LineReason.FLOOR]
    assert found.creator_receives == Money(701)
    assert sum(line.amount.amount for line in found.creator_lines) == 300


def test_a_minimum_never_takes_more_than_the_floor_allows() -> None:
    rules = policy(commission("C1", 1_000, minimum={"CNY": 500}))
    assert quote(rules, DealKind.VIDEO, Money(100), Money(0), DAY).creator_receives == Money(70)
    assert quote(rules, DealKind.VIDEO, Money(4_000), Money(0), DAY).creator_fee == Money(500)
    assert quote(rules, DealKind.VIDEO, Money(6_000), Money(0), DAY).creator_fee == Money(600)
    assert quote(rules, DealKind.VIDEO, Money(0), Money(0), DAY).creator_fee == Money(0)


def test_a_cap_is_a_line_that_gives_back() -> None:
    rule = Rule("B1", RuleKind.BRAND_SERVICE_FEE, (Bracket(500),), cap={"CNY": 1_000})
    found = quote(policy(rule), DealKind.VIDEO, Money(100_000), Money(0), DAY)
    assert [(line.reason, line.amount.amount) for line in found.brand_lines] == [
        (LineReason.RATE, 5_000),
        (LineReason.CAP, -4_000),
    ]
    assert found.brand_fee == Money(1_000)


def test_fractions_of_several_rules_are_rounded_down_together() -> None:
    rules = policy(commission("C1", 550), commission("C2", 550))
    found = quote(rules, DealKind.VIDEO, Money(10), Money(0), DAY)
    assert [line.amount.amount for line in found.creator_lines] == [0, 1]
    assert found.creator_fee == Money(1)


def test_a_rule_is_in_force_from_its_first_day_to_its_last() -> None:
    rules = policy(commission("C1", 1_000, starts=date(2026, 3, 1), ends=date(2026, 3, 31)))
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    taken = [quote(rules, DealKind.VIDEO, Money(100), Money(0), day).creator_fee.amount for day in days]
    assert taken == [0, 10, 10, 0]


def test_a_ruling_takes_fees_only_from_what_goes_to_the_creator() -> None:
    found = fees(1_000_000, 200_000)
    assert (found.creator_fee, found.brand_fee) == (Money(70_000), Money(50_000))
    assert found.split(Money(400_000)) == Split(
        creator_receives=Money(390_000),
        creator_fee=Money(10_000),
        brand_fee=Money(20_000),
        refund=Money(630_000),
        agency_receives=Money(0),
    )


def test_a_ruling_for_one_side_is_all_or_nothing() -> None:
    found = fees(1_000_000)
    whole = found.split(Money(1_000_000))
    assert (whole.creator_receives, whole.refund) == (found.creator_receives, Money(0))
    nothing = Money(0)
    assert found.split(nothing) == Split(nothing, nothing, nothing, found.brand_total, nothing)


@pytest.mark.parametrize("part", [-1, 1_001])
def test_a_part_lies_within_the_price(part: int) -> None:
    with pytest.raises(ValueError, match="between"):
        fees(1_000).split(Money(part))


def test_a_frozen_quote_comes_back_as_it_was_and_still_splits_by_its_own_rules() -> None:
    found = fees(900_000, 360_000, "CNY", DealKind.LIVE_REWARDS)
    again = FeeQuote.from_json(found.to_json())
    assert again == found
    assert again.split(Money(1_234)) == found.split(Money(1_234))


def test_a_quote_keeps_only_the_rules_of_its_own_deal() -> None:
    found = fees(100, currency="USD", kind=DealKind.LIVE_COMMERCE)
    assert [rule.id for rule in found.policy.rules] == ["C1"]
    assert found.policy.rules[0].brackets[1].above == {"USD": 70_000}
