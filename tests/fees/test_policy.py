"""Rules that contradict themselves are refused as they are made; sound ones survive JSON."""

import json

import pytest

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.policy import Bracket, Policy, PolicyError, Rule, RuleKind

COMMISSION = RuleKind.CREATOR_COMMISSION


def rule(*brackets: Bracket, name: str = "C1", **options: object) -> Rule:
    return Rule(name, COMMISSION, brackets, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [-1, 10_001, 0.5, True])
def test_a_rate_is_whole_basis_points_of_at_most_all(rate: object) -> None:
    with pytest.raises(PolicyError, match="between"):
        Bracket(rate)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [0, -1, 1.5, True])
def test_a_limit_is_a_positive_whole_number(amount: object) -> None:
    with pytest.raises(PolicyError, match="above nothing"):
        Bracket(100, {"CNY": amount})  # type: ignore[dict-item]
    with pytest.raises(PolicyError, match="above nothing"):
        rule(Bracket(100), cap={"CNY": amount})


def test_brackets_start_at_zero_and_rise() -> None:
    low, high = Bracket(100, {"CNY": 5}), Bracket(200, {"CNY": 9})
    rule(Bracket(0), low, high)
    for brackets in ([], [low], [Bracket(0), high, low], [Bracket(0), low, low], [Bracket(0), Bracket(10)]):
        with pytest.raises(PolicyError):
            rule(*brackets)


def test_brackets_name_the_same_currencies() -> None:
    with pytest.raises(PolicyError, match="same currencies"):
        rule(Bracket(0), Bracket(100, {"CNY": 5}), Bracket(200, {"CNY": 9, "USD": 9}))


def test_a_minimum_contradicts_a_free_bracket_and_a_lower_cap() -> None:
    with pytest.raises(PolicyError, match="free part"):
        rule(Bracket(0), Bracket(100, {"CNY": 5}), minimum={"CNY": 5})
    with pytest.raises(PolicyError, match="more than the most"):
        rule(Bracket(100), minimum={"CNY": 5}, cap={"CNY": 4})


def test_rules_have_names_of_their_own() -> None:
    with pytest.raises(PolicyError, match="name"):
        rule(Bracket(0), name="")
    with pytest.raises(PolicyError, match="same name"):
        Policy(1, (rule(Bracket(0)), rule(Bracket(0))), 0)


def test_rules_together_never_take_more_than_all() -> None:
    Policy(1, (rule(Bracket(6_000)), rule(Bracket(4_000), name="C2")), 0)
    with pytest.raises(PolicyError, match="more than the whole price"):
        Policy(1, (rule(Bracket(6_000)), rule(Bracket(4_001), name="C2")), 0)


def test_a_policy_survives_json() -> None:
    limited = Policy(3, (rule(Bracket(100), minimum={"CNY": 5}, cap={"CNY": 50, "USD": 9}),), 6_500)
    for policy in (DEFAULT_POLICY, limited):
        assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


def test_a_policy_covers_the_currencies_that_every_rule_names() -> None:
    mixed = Policy(
        1, (rule(Bracket(100), cap={"CNY": 5, "USD": 6}), rule(Bracket(100), name="C2", cap={"USD": 6, "EUR": 7})), 0
    )
    assert mixed.currencies == frozenset({"USD"})
    assert Policy(1, (rule(Bracket(100)),), 0).currencies is None
    assert DEFAULT_POLICY.currencies is not None
    assert DEFAULT_POLICY.currencies >= {"CNY", "USD", "JPY", "KWD"}
