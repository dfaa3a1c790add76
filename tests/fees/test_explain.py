"""Each line in words, in the reader's language and figures."""

from datetime import date

import pytest
from flask_babel import force_locale

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.explain import explain, explain_openly
from marketplace.fees.parties import Agreement
from marketplace.fees.policy import Bracket, Policy, Programme, Rule, RuleKind
from marketplace.fees.quote import quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

pytestmark = pytest.mark.usefixtures("context")

DAY = date(2026, 3, 15)
COMMISSION, SERVICE_FEE = RuleKind.CREATOR_COMMISSION, RuleKind.BRAND_SERVICE_FEE


def test_the_default_policy_explains_itself() -> None:
    found = quote(DEFAULT_POLICY, DealKind.VIDEO, Money(900_000), Money(360_000), DAY)
    with force_locale("en"):
        assert [str(explain(line)) for line in found.creator_lines + found.brand_lines] == [
            "Free: it brings this month's earnings from ¥3,600.00 to ¥5,000.00 (rule C1).",
            "10 % of ¥7,600.00, the part of this month's earnings above ¥5,000.00 (rule C1).",
            "5 % of the price (rule B1).",
        ]


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (
            Rule("C9", RuleKind.CREATOR_COMMISSION, (Bracket(4_250),)),
            ["42.5 % of ¥1,000.00 (rule C9).", "The creator keeps at least 70 % of the price."],
        ),
        (
            Rule("B2", RuleKind.BRAND_SERVICE_FEE, (Bracket(0), Bracket(300, {"CNY": 40_000}))),
            [
                "Free: the part of the price up to ¥400.00 (rule B2).",
                "3 % of ¥600.00, the part of the price above ¥400.00 (rule B2).",
            ],
        ),
        (
            Rule("B3", RuleKind.BRAND_SERVICE_FEE, (Bracket(100),), minimum={"CNY": 2_000}),
            ["1 % of the price (rule B3).", "At least ¥20.00 for each deal (rule B3)."],
        ),
        (
            Rule("B4", RuleKind.BRAND_SERVICE_FEE, (Bracket(1_000),), cap={"CNY": 2_000}),
            ["10 % of the price (rule B4).", "At most ¥20.00 for each deal (rule B4)."],
        ),
    ],
)
def test_every_sort_of_line_has_its_sentence(rule: Rule, sentences: list[str]) -> None:
    found = quote(Policy(2, (rule,), 7_000), DealKind.IMAGE, Money(100_000), Money(0), DAY)
    with force_locale("en"):
        assert [str(explain(line)) for line in found.creator_lines + found.brand_lines] == sentences


UNTIL = date(2027, 3, 3)


def sentences(rule: Rule, price: int = 100_000) -> list[str]:
    found = quote(Policy(2, (rule,), 0), DealKind.VIDEO, Money(price), Money(0), DAY)
    with force_locale("en"):
        return [str(explain(line)) for line in found.creator_lines + found.brand_lines]


@pytest.mark.parametrize(
    ("creator", "brand", "kind", "ends", "sentence"),
    [
        ("creator:1", None, COMMISSION, UNTIL, "As agreed with the creator, until 3 Mar 2027."),
        ("creator:1", None, COMMISSION, None, "As agreed with the creator."),
        (None, "brand:1", SERVICE_FEE, UNTIL, "As agreed with the company, until 3 Mar 2027."),
        (None, "brand:1", SERVICE_FEE, None, "As agreed with the company."),
        ("creator:1", "brand:1", COMMISSION, UNTIL, "Agreed for deals of these two, until 3 Mar 2027."),
        ("creator:1", "brand:1", SERVICE_FEE, None, "Agreed for deals of these two."),
        (None, "brand:1", COMMISSION, UNTIL, "By an agreement that covers this deal, until 3 Mar 2027."),
        ("creator:1", None, SERVICE_FEE, None, "By an agreement that covers this deal."),
    ],
)
def test_an_agreement_says_until_when_and_names_nobody_but_who_pays(
    creator: str | None, brand: str | None, kind: RuleKind, ends: date | None, sentence: str
) -> None:
    agreement = Agreement(4, Rule("R", kind, (Bracket(300),)), creator, brand, DAY, ends)
    taken = "3 % of ¥1,000.00" if kind is COMMISSION else "3 % of the price"
    assert sentences(agreement.agreed_rule) == [f"{taken} (rule A-4). {sentence}"]


def test_a_text_for_both_sides_tells_nothing_of_an_agreement() -> None:
    agreement = Agreement(4, Rule("R", SERVICE_FEE, (Bracket(0),)), None, "brand:1", DAY, UNTIL)
    found = quote(Policy(2, (agreement.agreed_rule,), 0), DealKind.VIDEO, Money(100_000), Money(0), DAY)
    plain = quote(DEFAULT_POLICY, DealKind.VIDEO, Money(100_000), Money(0), DAY)
    with force_locale("en"):
        assert str(explain(found.brand_lines[0])) == (
            "Free of service fee (rule A-4). As agreed with the company, until 3 Mar 2027."
        )
        assert str(explain_openly(found.brand_lines[0])) == "By the fee rules that hold for this deal."
        assert str(explain_openly(plain.brand_lines[0])) == "5 % of the price (rule B1)."


def test_a_programme_says_its_days() -> None:
    programme = Programme("Welcome", 90, since=date(2026, 3, 1))
    assert sentences(Rule("W1", COMMISSION, (Bracket(0),), programme=programme)) == [
        "Free of commission (rule W1). “Welcome”: for the creator’s first 90 days, until 29 May 2026."
    ]
    short = Rule("W1", COMMISSION, (Bracket(100),), programme=programme, ends=date(2026, 4, 30))
    assert sentences(short) == [
        "1 % of ¥1,000.00 (rule W1). “Welcome”: for the creator’s first 90 days, until 30 Apr 2026."
    ]


def test_a_rule_for_few_kinds_or_days_says_so_and_the_usual_one_does_not() -> None:
    few = frozenset({DealKind.VIDEO, DealKind.LIVE_SESSION})
    assert sentences(Rule("C2", COMMISSION, (Bracket(100),), deal_kinds=few, ends=UNTIL)) == [
        "1 % of ¥1,000.00 (rule C2). It is the rule for Video and Live show. It holds until 3 Mar 2027."
    ]
    most = frozenset(DealKind) - {DealKind.LIVE_COMMERCE}
    assert sentences(Rule("C2", COMMISSION, (Bracket(100),), deal_kinds=most)) == ["1 % of ¥1,000.00 (rule C2)."]


def test_the_first_of_several_steps_says_where_it_ends() -> None:
    rule = Rule("B2", SERVICE_FEE, (Bracket(500), Bracket(300, {"CNY": 40_000})))
    assert sentences(rule) == [
        "5 % of the part of the price up to ¥400.00 (rule B2).",
        "3 % of ¥600.00, the part of the price above ¥400.00 (rule B2).",
    ]
    assert sentences(rule, price=30_000) == ["5 % of the price (rule B2)."]


def test_rounding_is_said_where_it_happens() -> None:
    assert sentences(Rule("C1", COMMISSION, (Bracket(1_000),)), price=19) == ["10 % of ¥0.19 (rule C1). Rounded down."]
    two = tuple(Rule(name, COMMISSION, (Bracket(550),)) for name in ("C1", "C2"))
    found = quote(Policy(2, two, 0), DealKind.VIDEO, Money(10), Money(0), DAY)
    with force_locale("en"):
        assert [str(explain(line)) for line in found.creator_lines] == [
            "5.5 % of ¥0.10 (rule C1). Rounded down.",
            "5.5 % of ¥0.10 (rule C2). Rounded down together with the lines above it.",
        ]


def test_chinese_sentences_stand_beside_each_other_without_a_space() -> None:
    agreement = Agreement(4, Rule("R", COMMISSION, (Bracket(300),)), "creator:1", None, DAY, UNTIL)
    found = quote(Policy(2, (agreement.agreed_rule,), 0), DealKind.VIDEO, Money(100_000), Money(0), DAY)
    with force_locale("zh_Hans_CN"):
        words = str(explain(found.creator_lines[0]))
    assert "2027 年 3 月 3 日" in words
    assert not words.startswith("3 % of ¥1,000.00 (rule A-4). As")
