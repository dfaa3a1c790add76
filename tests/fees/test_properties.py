"""What holds for every policy, programme, agreement, price and month, not only for the default policy."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import WHOLE, Bracket, Policy, Programme, Rule, RuleKind
from marketplace.fees.precedence import Tier
from marketplace.fees.quote import AgencyShare, FeeQuote, LineReason, quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

DAY = date(2026, 3, 15)
CURRENCIES = ("CNY", "USD", "JPY", "KWD")
PARTIES = FeeParties("creator:1", "Asia/Shanghai", since=DAY - timedelta(days=5), brand="brand:1")
amounts = st.one_of(st.integers(0, 3_000), st.integers(0, 10**12))
kinds = st.sampled_from(DealKind)
earnings = st.builds(Money, amounts, st.sampled_from(CURRENCIES))
programmes = st.builds(Programme, st.just("Welcome"), st.sampled_from((5, 6, 90)))


@st.composite
def rules(draw: st.DrawFn, name: str, kind: RuleKind, top_rate: int, of_agreement: bool = False) -> Rule:
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
        programme=None if of_agreement else draw(st.none() | programmes),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    count = draw(st.integers(0, 3))
    found = [draw(rules(f"{kind}{number}", kind, WHOLE // count)) for kind in RuleKind for number in range(count)]
    return Policy(draw(st.integers(1, 99)), tuple(found), draw(st.integers(0, WHOLE)))


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    creator, brand = draw(st.sampled_from([("creator:1", "brand:1"), ("creator:1", None), (None, "brand:1")]))
    rule = draw(rules("R", draw(st.sampled_from(RuleKind)), WHOLE, of_agreement=True))
    starts = DAY - timedelta(days=draw(st.integers(0, 3)))
    return Agreement(draw(st.integers(1, 99)), rule, creator, brand, starts, draw(st.none() | st.just(DAY)))


@dataclass(frozen=True)
class Case:
    """The rules that hold for one deal, with its price and what was earned before."""

    rules: Policy
    kind: DealKind
    price: int
    earned: Money

    def at(self, price: int, agency: AgencyShare | None = None) -> FeeQuote:
        return quote(self.rules, self.kind, Money(price, self.earned.currency), self.earned, DAY, agency=agency)

    @property
    def found(self) -> FeeQuote:
        return self.at(self.price)


any_policy = st.one_of(st.just(DEFAULT_POLICY), policies())
some_agreements = st.lists(agreements(), max_size=3, unique_by=lambda found: found.number)


@st.composite
def cases(draw: st.DrawFn, policy: st.SearchStrategy[Policy] = any_policy) -> Case:
    """Half of them lie at an edge: what is earned with the deal is one below it, it, or one above it."""
    kind, currency = draw(kinds), draw(st.sampled_from(CURRENCIES))
    agreed = [found.agreed_rule for found in draw(some_agreements)]
    chosen = draw(policy).for_deal(kind, currency, DAY, draw(st.none() | st.just(PARTIES.since)), agreed)
    edges = [bracket.above[currency] for rule in chosen.rules for bracket in rule.brackets[1:]]
    if not edges or draw(st.booleans()):
        return Case(chosen, kind, draw(amounts), Money(draw(amounts), currency))
    after = max(draw(st.sampled_from(edges)) + draw(st.integers(-1, 1)), 0)
    earned = draw(st.one_of(st.just(0), st.just(after), st.integers(0, after)))
    return Case(chosen, kind, after - earned, Money(earned, currency))


# The machine may be busy with other things.
patient = settings(deadline=None)
shares = st.none() | st.builds(AgencyShare, st.just("agency:1"), st.just("Lantern Agency"), st.integers(0, 5_000))


@patient
@given(cases())
def test_the_parts_sum_to_the_whole(case: Case) -> None:
    found = case.found
    assert found.creator_receives + found.platform_income == found.brand_total
    for lines, fee in ((found.creator_lines, found.creator_fee), (found.brand_lines, found.brand_fee)):
        assert fee.amount == sum(line.amount.amount for line in lines)
    assert min(found.creator_receives, found.creator_fee, found.brand_fee) >= Money.zero(case.earned.currency)
    for rule in {line.rule for line in found.creator_lines + found.brand_lines} - {""}:
        stretches = [
            line.base.amount
            for line in found.creator_lines + found.brand_lines
            if line.rule == rule and line.reason in (LineReason.FREE, LineReason.RATE)
        ]
        assert sum(stretches) == case.price


@patient
@given(cases(), st.one_of(st.just(1), st.integers(1, 10**6)))
def test_earning_more_never_pays_less_and_paying_more_never_costs_less(case: Case, more: int) -> None:
    less, greater = case.found, case.at(case.price + more)
    assert less.creator_receives <= greater.creator_receives
    assert less.creator_fee <= greater.creator_fee
    assert less.brand_fee <= greater.brand_fee
    assert less.brand_total < greater.brand_total


@patient
@given(cases(), shares)
def test_the_creator_keeps_the_floor_whatever_rules_combine(case: Case, agency: AgencyShare | None) -> None:
    found = case.at(case.price, agency)
    assert found.creator_receives.amount * WHOLE >= case.price * case.rules.creator_floor


@patient
@given(any_policy, some_agreements, kinds, st.booleans())
def test_exactly_one_tier_holds_for_each_fee(
    policy: Policy, found: list[Agreement], kind: DealKind, is_new: bool
) -> None:
    since, agreed = PARTIES.since if is_new else None, [one.agreed_rule for one in found]
    chosen = policy.for_deal(kind, "CNY", DAY, since, agreed)
    assert chosen.for_deal(kind, "CNY", DAY) == chosen
    for fee in RuleKind:
        held = chosen.of(fee)
        could = [rule for rule in [*policy.of(fee), *agreed] if rule.kind is fee]
        applying = [rule.for_creator(since) for rule in could if rule.for_creator(since).applies(kind, DAY)]
        assert {rule.tier for rule in held} == ({min(rule.tier for rule in applying)} if applying else set())
        if held and held[0].tier <= Tier.AGREEMENT_WITH_OTHER:
            assert len(held) == 1
        else:
            assert len(held) == sum(rule.tier is held[0].tier for rule in applying) if held else not applying


@patient
@given(cases(st.just(DEFAULT_POLICY)).filter(lambda case: not any(rule.agreement for rule in case.rules.rules)))
def test_the_announced_rules_hold_by_plain_arithmetic(case: Case) -> None:
    free = {"CNY": 500_000, "USD": 70_000, "JPY": 100_000, "KWD": 215_000}[case.earned.currency]
    above = max(case.earned.amount + case.price - free, 0) - max(case.earned.amount - free, 0)
    found = case.found
    assert found.creator_fee.amount == above // 10
    assert found.brand_fee.amount == (0 if case.kind is DealKind.LIVE_COMMERCE else case.price // 20)
    assert found.creator_receives.amount * 10 >= case.price * 7


@patient
@given(cases(), shares, st.data())
def test_a_ruling_conserves_every_minor_unit(case: Case, agency: AgencyShare | None, data: st.DataObject) -> None:
    found = case.at(case.price, agency)
    part = Money(data.draw(st.integers(0, case.price)), case.earned.currency)
    split = found.split(part)
    assert split.creator_receives + split.creator_fee + split.brand_fee + split.refund == found.brand_total
    assert split.creator_receives + split.creator_fee == part
    assert split.refund >= found.price - part
    assert split.creator_receives.amount * WHOLE >= part.amount * case.rules.creator_floor
    assert split.creator_keeps + split.agency_receives == split.creator_receives
    assert min(split.creator_keeps, split.agency_receives) >= Money.zero(case.earned.currency)


@patient
@given(cases(), st.lists(amounts, min_size=1, max_size=8))
def test_a_month_in_many_deals_costs_the_creator_no_more_than_in_one(case: Case, prices: list[int]) -> None:
    if any(rule.minimum or rule.cap for rule in case.rules.rules):
        return  # A minimum and a maximum are for each deal, by their nature.
    currency, paid, earned = case.earned.currency, 0, case.earned
    for price in prices:
        paid += quote(case.rules, case.kind, Money(price, currency), earned, DAY).creator_fee.amount
        earned += Money(price, currency)
    whole = case.at(sum(prices)).creator_fee.amount
    assert paid <= whole
    if case.rules.creator_floor == 0:
        assert paid > whole - len(prices)


@patient
@given(cases(), shares)
def test_a_quote_survives_json_with_its_agreements_and_programmes(case: Case, agency: AgencyShare | None) -> None:
    found = case.at(case.price, agency)
    assert FeeQuote.from_json(json.loads(json.dumps(found.to_json()))) == found


@patient
@given(any_policy)
def test_a_policy_survives_json(policy: Policy) -> None:
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


@patient
@given(cases(), shares)
def test_an_agency_takes_of_the_creators_part_and_of_nothing_else(case: Case, agency: AgencyShare | None) -> None:
    alone, shared = case.found, case.at(case.price, agency)
    assert (shared.brand_total, shared.platform_income) == (alone.brand_total, alone.platform_income)
    assert shared.creator_keeps + shared.agency_receives + shared.platform_income == shared.brand_total
    rate = agency.rate if agency is not None else 0
    assert shared.agency_receives.amount == shared.creator_receives.amount * rate // WHOLE
    assert min(shared.creator_keeps, shared.agency_receives) >= Money.zero(case.earned.currency)
