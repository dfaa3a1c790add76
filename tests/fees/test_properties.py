"""What holds for every policy, price and month, not only for the default one."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.policy import WHOLE, Bracket, Policy, Rule, RuleKind
from marketplace.fees.quote import AgencyShare, FeeQuote, LineReason, quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

DAY = date(2026, 3, 15)
CURRENCIES = ("CNY", "USD", "JPY", "KWD")
amounts = st.one_of(st.integers(0, 3_000), st.integers(0, 10**12))
kinds = st.sampled_from(DealKind)
earnings = st.builds(Money, amounts, st.sampled_from(CURRENCIES))


@st.composite
def rules(draw: st.DrawFn, name: str, kind: RuleKind, top_rate: int) -> Rule:
    edges = sorted(draw(st.sets(st.integers(1, 4_000), max_size=3)))
    rates = draw(st.lists(st.integers(0, top_rate), min_size=len(edges) + 1, max_size=len(edges) + 1))
    above = [{}, *(dict.fromkeys(CURRENCIES, edge) for edge in edges)]
    cap = draw(st.none() | st.integers(1, 900))
    minimum = draw(st.none() | st.integers(1, cap or 900)) if all(rates) else None
    return Rule(
        name,
        kind,
        tuple(Bracket(rate, edge) for rate, edge in zip(rates, above, strict=True)),
        deal_kinds=draw(st.none() | st.frozensets(kinds, min_size=1)),
        minimum=dict.fromkeys(CURRENCIES, minimum) if minimum else None,
        cap=dict.fromkeys(CURRENCIES, cap) if cap else None,
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    count = draw(st.integers(0, 3))
    found = [draw(rules(f"{kind}{number}", kind, WHOLE // count)) for kind in RuleKind for number in range(count)]
    return Policy(draw(st.integers(1, 99)), tuple(found), draw(st.integers(0, WHOLE)))


# The machine may be busy with other things.
patient = settings(deadline=None)
shares = st.none() | st.builds(AgencyShare, st.just("agency:1"), st.just("Lantern Agency"), st.integers(0, 5_000))
any_policy = st.one_of(st.just(DEFAULT_POLICY), policies())


def fees(policy: Policy, kind: DealKind, price: int, earned: Money, agency: AgencyShare | None = None) -> FeeQuote:
    return quote(policy, kind, Money(price, earned.currency), earned, DAY, agency=agency)


@patient
@given(any_policy, kinds, amounts, earnings)
def test_the_parts_sum_to_the_whole(policy: Policy, kind: DealKind, price: int, earned: Money) -> None:
    found = fees(policy, kind, price, earned)
    assert found.creator_receives + found.platform_income == found.brand_total
    assert found.creator_fee.amount == sum(line.amount.amount for line in found.creator_lines)
    assert min(found.creator_receives, found.creator_fee, found.brand_fee) >= Money.zero(earned.currency)
    stretches = {
        rule: sum(
            line.base.amount
            for line in found.creator_lines + found.brand_lines
            if line.rule == rule and line.reason in (LineReason.FREE, LineReason.RATE)
        )
        for rule in {line.rule for line in found.creator_lines + found.brand_lines} - {""}
    }
    assert set(stretches.values()) <= {price}


@patient
@given(any_policy, kinds, amounts, earnings, st.one_of(st.just(1), st.integers(1, 10**6)))
def test_earning_more_never_pays_less(policy: Policy, kind: DealKind, price: int, earned: Money, more: int) -> None:
    less, greater = (fees(policy, kind, amount, earned) for amount in (price, price + more))
    assert less.creator_receives <= greater.creator_receives
    assert less.brand_total <= greater.brand_total
    assert less.brand_fee <= greater.brand_fee


@patient
@given(any_policy, kinds, amounts, earnings)
def test_the_creator_keeps_the_floor_whatever_rules_combine(
    policy: Policy, kind: DealKind, price: int, earned: Money
) -> None:
    found = fees(policy, kind, price, earned)
    assert found.creator_receives.amount * WHOLE >= price * policy.creator_floor


@patient
@given(kinds, amounts, earnings)
def test_the_announced_rules_hold_by_plain_arithmetic(kind: DealKind, price: int, earned: Money) -> None:
    found = fees(DEFAULT_POLICY, kind, price, earned)
    free = {"CNY": 500_000, "USD": 70_000, "JPY": 100_000, "KWD": 215_000}[earned.currency]
    above = max(earned.amount + price - free, 0) - max(earned.amount - free, 0)
    assert found.creator_fee.amount == above // 10
    assert found.brand_fee.amount == (0 if kind is DealKind.LIVE_COMMERCE else price // 20)
    assert found.creator_receives.amount * 10 >= price * 7


@patient
@given(any_policy, kinds, amounts, earnings, st.data())
def test_a_ruling_conserves_every_minor_unit(
    policy: Policy, kind: DealKind, price: int, earned: Money, data: st.DataObject
) -> None:
    found = fees(policy, kind, price, earned)
    part = Money(data.draw(st.integers(0, price)), earned.currency)
    split = found.split(part)
    assert split.creator_receives + split.creator_fee + split.brand_fee + split.refund == found.brand_total
    assert split.creator_receives + split.creator_fee == part
    assert split.refund >= found.price - part
    assert split.creator_receives.amount * WHOLE >= part.amount * policy.creator_floor


@patient
@given(kinds, st.lists(earnings, min_size=1, max_size=8))
def test_a_month_in_many_deals_costs_no_more_than_in_one(kind: DealKind, prices: list[Money]) -> None:
    currency, paid, earned = prices[0].currency, 0, Money.zero(prices[0].currency)
    for price in prices:
        paid += fees(DEFAULT_POLICY, kind, price.amount, earned).creator_fee.amount
        earned += Money(price.amount, currency)
    whole = fees(DEFAULT_POLICY, kind, earned.amount, Money.zero(currency)).creator_fee.amount
    assert whole - len(prices) < paid <= whole


@patient
@given(any_policy, kinds, amounts, earnings)
def test_a_quote_survives_json(policy: Policy, kind: DealKind, price: int, earned: Money) -> None:
    found = fees(policy, kind, price, earned)
    assert FeeQuote.from_json(found.to_json()) == found


@patient
@given(any_policy, kinds, amounts, earnings, shares)
def test_an_agency_takes_of_the_creators_part_and_of_nothing_else(
    policy: Policy, kind: DealKind, price: int, earned: Money, agency: AgencyShare | None
) -> None:
    alone, shared = fees(policy, kind, price, earned), fees(policy, kind, price, earned, agency)
    assert (shared.brand_total, shared.platform_income) == (alone.brand_total, alone.platform_income)
    assert shared.creator_keeps + shared.agency_receives + shared.platform_income == shared.brand_total
    # What the platform leaves the creator's side is above the floor before the agency has its share.
    assert shared.creator_receives.amount * WHOLE >= price * policy.creator_floor
    rate = agency.rate if agency is not None else 0
    assert shared.agency_receives.amount == shared.creator_receives.amount * rate // WHOLE
    assert min(shared.creator_keeps, shared.agency_receives) >= Money.zero(earned.currency)
    assert FeeQuote.from_json(shared.to_json()) == shared


@patient
@given(any_policy, st.tuples(kinds, shares), amounts, earnings, st.data())
def test_a_ruling_divides_with_the_agency_to_the_last_minor_unit(
    policy: Policy, deal: tuple[DealKind, AgencyShare | None], price: int, earned: Money, data: st.DataObject
) -> None:
    found = fees(policy, deal[0], price, earned, deal[1])
    part = Money(data.draw(st.integers(0, price)), earned.currency)
    split = found.split(part)
    parts = split.creator_keeps + split.agency_receives + split.creator_fee + split.brand_fee + split.refund
    assert parts == found.brand_total
    assert split.agency_receives == found.partial(part).agency_receives <= found.agency_receives
    assert split.agency_receives <= split.creator_keeps


@patient
@given(any_policy, st.tuples(kinds, shares), amounts, earnings, st.integers(1, 10**6))
def test_earning_more_never_pays_less_with_an_agency_either(
    policy: Policy, deal: tuple[DealKind, AgencyShare | None], price: int, earned: Money, more: int
) -> None:
    less, greater = (fees(policy, deal[0], amount, earned, deal[1]) for amount in (price, price + more))
    assert less.creator_keeps <= greater.creator_keeps
    assert less.agency_receives <= greater.agency_receives
