"""The three rules of the announced plan, on the default policy and on a harsher one that could be published.

Creators keep at least 70 %. Commission is free on the first CNY 5,000 of a month, then taken only on what is above it.
Merchants' live commerce bears no technical fee of the platform.
"""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.fees.default_policy import DEFAULT_POLICY, FREE_A_MONTH
from marketplace.fees.parties import Agreement
from marketplace.fees.policy import WHOLE, Bracket, Policy, Programme, Rule, RuleKind
from marketplace.fees.quote import FeeQuote, LineReason, quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

DAY = date(2026, 3, 15)
FREE = 5_000_00
HARSHER = Policy(
    2,
    (
        Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(0), Bracket(3_000, FREE_A_MONTH))),
        Rule("B1", RuleKind.BRAND_SERVICE_FEE, (Bracket(800),), minimum={"CNY": 10_00}),
        Rule("B2", RuleKind.BRAND_SERVICE_FEE, (Bracket(0),), deal_kinds=frozenset({DealKind.LIVE_COMMERCE})),
    ),
    7_000,
)
HARSHEST = Policy(
    3,
    (
        Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(0), Bracket(10_000, FREE_A_MONTH))),
        Rule("C2", RuleKind.CREATOR_COMMISSION, (Bracket(10_000),), programme=Programme("Welcome", 90)),
        *HARSHER.rules[1:],
    ),
    7_000,
)
PLANS = pytest.mark.parametrize("policy", [DEFAULT_POLICY, HARSHER], ids=["default", "harsher"])
ALL_PLANS = pytest.mark.parametrize("policy", [DEFAULT_POLICY, HARSHER, HARSHEST], ids=["default", "harsher", "all"])
amounts = st.one_of(st.integers(0, 10**10), st.integers(FREE - 2, FREE + 2))
kinds = st.sampled_from(DealKind)
patient = settings(deadline=None)


def fees(policy: Policy, price: int, earned: int = 0, kind: DealKind = DealKind.VIDEO) -> FeeQuote:
    return quote(policy, kind, Money(price), Money(earned), DAY)


@ALL_PLANS
@patient
@given(price=amounts, earned=amounts, kind=kinds)
def test_a_creator_keeps_at_least_seventy_percent(policy: Policy, price: int, earned: int, kind: DealKind) -> None:
    assert fees(policy, price, earned, kind).creator_receives.amount * 10 >= price * 7


@patient
@given(price=amounts, earned=amounts, kind=kinds, rate=st.integers(0, WHOLE), is_new=st.booleans())
def test_no_agreement_and_no_programme_takes_more_than_thirty_percent(
    price: int, earned: int, kind: DealKind, rate: int, is_new: bool
) -> None:
    rule = Rule("R", RuleKind.CREATOR_COMMISSION, (Bracket(rate),), minimum={"CNY": 1_000_00} if rate else None)
    agreed = [Agreement(1, rule, "creator:1", None, DAY, None).agreed_rule] if rate % 2 else []
    rules = HARSHEST.for_deal(kind, "CNY", DAY, DAY if is_new else None, agreed)
    assert quote(rules, kind, Money(price), Money(earned), DAY).creator_receives.amount * 10 >= price * 7


@ALL_PLANS
@patient
@given(earned=st.integers(0, FREE), kind=kinds, data=st.data())
def test_the_first_five_thousand_yuan_of_a_month_are_free_of_commission(
    policy: Policy, earned: int, kind: DealKind, data: st.DataObject
) -> None:
    price = data.draw(st.integers(0, FREE - earned))
    found = fees(policy, price, earned, kind)
    assert found.creator_fee == Money(0)
    assert found.creator_receives == Money(price)


@PLANS
@patient
@given(price=amounts, earned=amounts, kind=kinds)
def test_commission_is_only_on_what_is_above_the_first_five_thousand(
    policy: Policy, price: int, earned: int, kind: DealKind
) -> None:
    above = max(earned + price - FREE, 0) - max(earned - FREE, 0)
    rate = policy.of(RuleKind.CREATOR_COMMISSION)[0].top_rate
    found = fees(policy, price, earned, kind)
    assert found.creator_fee.amount == above * rate // WHOLE
    taken = [line for line in found.creator_lines if line.reason is LineReason.RATE]
    assert sum(line.base.amount for line in taken) == above


@PLANS
def test_at_the_edge_of_the_free_part_the_first_coin_above_it_pays(policy: Policy) -> None:
    rate = policy.of(RuleKind.CREATOR_COMMISSION)[0].top_rate
    one_fen = -(-WHOLE // rate)
    assert [fees(policy, FREE + more).creator_fee.amount for more in (-1, 0, one_fen - 1, one_fen)] == [0, 0, 0, 1]
    assert [fees(policy, 1_00, FREE + more).creator_fee.amount for more in (-100, 0, 1)] == [
        0, rate // 100, rate // 100,
    ]  # fmt: skip


@ALL_PLANS
@patient
@given(price=amounts, earned=amounts)
def test_live_commerce_bears_no_technical_fee_and_other_work_does(policy: Policy, price: int, earned: int) -> None:
    live = fees(policy, price, earned, DealKind.LIVE_COMMERCE)
    assert live.brand_fee == Money(0)
    assert live.brand_total == Money(price)
    others = [fees(policy, 100_00, earned, kind) for kind in DealKind if kind is not DealKind.LIVE_COMMERCE]
    assert all(found.brand_fee > Money(0) for found in others)
