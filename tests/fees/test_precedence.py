"""Which rules hold for a deal: one tier, alone, for each of the two fees."""

from datetime import date, timedelta

import pytest

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import Bracket, CurrencyNotCovered, Policy, PolicyError, Programme, Rule, RuleKind
from marketplace.fees.precedence import AgreedWith, Tier
from marketplace.fees.quote import quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

COMMISSION, SERVICE_FEE = RuleKind.CREATOR_COMMISSION, RuleKind.BRAND_SERVICE_FEE
DAY = date(2026, 3, 15)
LIN, TIDEWELL = "creator:1", "brand:1"
DEAL = FeeParties(LIN, "Asia/Shanghai", since=date(2026, 2, 1), brand=TIDEWELL)


def rule(name: str, rate: int, kind: RuleKind = COMMISSION, **options: object) -> Rule:
    return Rule(name, kind, (Bracket(rate),), **options)  # type: ignore[arg-type]


def agreement(
    number: int,
    rate: int,
    creator: str | None,
    brand: str | None,
    *,
    kind: RuleKind = COMMISSION,
    starts: date = date(2026, 1, 1),
    **options: object,
) -> Agreement:
    return Agreement(number, rule("R", rate, kind, **options), creator, brand, starts, ends=None)


POLICY = Policy(
    7,
    (
        rule("C1", 1_000),
        rule("C2", 900, deal_kinds=frozenset({DealKind.VIDEO})),
        rule("C3", 800, programme=Programme("Welcome", 90)),
        rule("B1", 500, SERVICE_FEE),
    ),
    7_000,
)
AGREEMENTS = [
    agreement(1, 300, LIN, TIDEWELL),
    agreement(2, 400, LIN, None),
    agreement(3, 500, None, TIDEWELL),
]


def names(agreements: list[Agreement], policy: Policy = POLICY, parties: FeeParties = DEAL) -> list[str]:
    agreed = [found.agreed_rule for found in agreements if found.binds(parties)]
    return [found.id for found in policy.for_deal(DealKind.VIDEO, "CNY", DAY, parties.since, agreed).rules]


def test_the_first_tier_that_has_a_rule_holds_alone() -> None:
    assert names(AGREEMENTS) == ["A-1", "B1"]
    assert names(AGREEMENTS[1:]) == ["A-2", "B1"]
    assert names(AGREEMENTS[2:]) == ["A-3", "B1"]
    assert names([]) == ["C3", "B1"]
    stranger = FeeParties(LIN, "UTC", since=None)
    assert names([], parties=stranger) == ["C2", "B1"]
    assert [found.id for found in POLICY.for_deal(DealKind.IMAGE, "CNY", DAY).rules] == ["C1", "B1"]


def test_the_two_fees_are_chosen_apart() -> None:
    fee = agreement(4, 100, None, TIDEWELL, kind=SERVICE_FEE)
    assert names([fee]) == ["C3", "A-4"]
    assert fee.agreed_rule.agreed_with is AgreedWith.PAYER
    assert AGREEMENTS[2].agreed_rule.agreed_with is AgreedWith.OTHER


@pytest.mark.parametrize(
    ("creator", "brand", "kind", "tier"),
    [
        (LIN, TIDEWELL, COMMISSION, Tier.AGREEMENT_OF_BOTH),
        (LIN, TIDEWELL, SERVICE_FEE, Tier.AGREEMENT_OF_BOTH),
        (LIN, None, COMMISSION, Tier.AGREEMENT_WITH_PAYER),
        (None, TIDEWELL, SERVICE_FEE, Tier.AGREEMENT_WITH_PAYER),
        (None, TIDEWELL, COMMISSION, Tier.AGREEMENT_WITH_OTHER),
        (LIN, None, SERVICE_FEE, Tier.AGREEMENT_WITH_OTHER),
    ],
)
def test_an_agreement_stands_where_its_parties_put_it(
    creator: str | None, brand: str | None, kind: RuleKind, tier: Tier
) -> None:
    assert agreement(1, 100, creator, brand, kind=kind).agreed_rule.tier is tier


def test_an_agreement_binds_only_those_it_names() -> None:
    assert names([agreement(1, 100, "creator:2", None), agreement(2, 100, None, "brand:2")]) == ["C3", "B1"]
    assert names([agreement(1, 100, LIN, "brand:2")]) == ["C3", "B1"]
    nobody_yet = FeeParties(LIN, "UTC", since=None)
    assert names(AGREEMENTS, parties=nobody_yet) == ["A-2", "B1"]


def test_a_later_agreement_replaces_an_earlier_one_and_never_adds_to_it() -> None:
    older, newer = agreement(9, 600, LIN, None), agreement(5, 500, LIN, None, starts=date(2026, 2, 1))
    assert names([older, newer]) == names([newer, older]) == ["A-5", "B1"]
    same_day = agreement(6, 500, LIN, None, starts=date(2026, 2, 1))
    assert names([same_day, newer]) == ["A-6", "B1"]


def test_rules_of_one_tier_add_up() -> None:
    two = Policy(1, (rule("C1", 300), rule("C2", 400)), 0)
    found = quote(two, DealKind.VIDEO, Money(10_000), Money(0), DAY)
    assert found.creator_fee == Money(700)


def test_an_agreement_for_other_work_or_in_other_currencies_is_passed_over() -> None:
    live = agreement(1, 100, LIN, None, deal_kinds=frozenset({DealKind.LIVE_SESSION}))
    dollars = agreement(2, 100, LIN, None, cap={"USD": 5_000})
    assert names([live, dollars]) == ["C3", "B1"]
    with_cap = rule("C3", 0, programme=Programme("Welcome", 90), cap={"USD": 1})
    policy = Policy(1, (rule("C1", 1_000), with_cap), 0)
    assert names([], policy) == ["C1"]
    with pytest.raises(CurrencyNotCovered):
        names([], Policy(1, (rule("C1", 1_000, cap={"USD": 1}),), 0))


def test_a_programme_holds_from_the_first_day_to_the_last_and_only_where_that_day_is_known() -> None:
    programme = Programme("Welcome", 90)
    first = date(2026, 1, 1)
    days = [first - timedelta(days=1), first, first + timedelta(days=89), first + timedelta(days=90)]
    held = [Programme("Welcome", 90, since=first).holds(day) for day in days]
    assert held == [False, True, True, False]
    assert Programme("Welcome", 90, since=first).last_day == date(2026, 3, 31)
    assert not programme.holds(first)
    assert Programme("One", 1, since=first).last_day == first


@pytest.mark.parametrize("days", [0, -1, 3_661, True, 1.5])
def test_a_programme_lasts_whole_days(context: None, days: object) -> None:
    with pytest.raises(PolicyError):
        Programme("Welcome", days)  # type: ignore[arg-type]


def test_what_was_chosen_gives_itself_when_it_is_asked_again() -> None:
    for agreements in ([], AGREEMENTS):
        agreed = [found.agreed_rule for found in agreements]
        chosen = POLICY.for_deal(DealKind.VIDEO, "CNY", DAY, DEAL.since, agreed)
        assert chosen.for_deal(DealKind.VIDEO, "CNY", DAY) == chosen


def test_rules_that_never_hold_together_may_each_take_all(context: None) -> None:
    kinds = {kind: frozenset({kind}) for kind in DealKind}
    Policy(1, (rule("C1", 10_000), rule("C2", 10_000, programme=Programme("W", 1))), 0)
    Policy(1, tuple(rule(f"C{kind}", 10_000, deal_kinds=kinds[kind]) for kind in DealKind), 0)
    Policy(1, (rule("C1", 6_000, ends=date(2026, 1, 1)), rule("C2", 6_000, starts=date(2026, 1, 2))), 0)
    for wrong in (
        (rule("C1", 6_000, ends=date(2026, 1, 2)), rule("C2", 6_000, starts=date(2026, 1, 2))),
        (rule("C1", 6_000, deal_kinds=kinds[DealKind.VIDEO]), rule("C2", 6_000, deal_kinds=frozenset(DealKind))),
    ):
        with pytest.raises(PolicyError):
            Policy(1, wrong, 0)


def test_names_tell_agreements_from_a_policys_own_rules(context: None) -> None:
    with pytest.raises(PolicyError):
        rule("A-1", 100)
    with pytest.raises(PolicyError):
        Rule("C1", COMMISSION, (Bracket(100),), agreement=1, agreed_with=AgreedWith.BOTH)
    with pytest.raises(PolicyError):
        Rule("A-1", COMMISSION, (Bracket(100),), agreement=1)
    with pytest.raises(PolicyError):
        Agreement(1, rule("R", 100, programme=Programme("W", 1)), LIN, None, DAY, None)
    with pytest.raises(PolicyError):
        Agreement(1, rule("R", 100), None, None, DAY, None)


def test_the_default_policy_has_no_programme() -> None:
    assert {found.tier for found in DEFAULT_POLICY.rules} == {Tier.DEAL_KIND, Tier.GENERAL}
