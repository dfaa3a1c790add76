"""Each line in words, in the reader's language and figures."""

from datetime import date

import pytest
from flask_babel import force_locale

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.explain import explain
from marketplace.fees.policy import Bracket, Policy, Rule, RuleKind
from marketplace.fees.quote import quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

pytestmark = pytest.mark.usefixtures("context")

DAY = date(2026, 3, 15)


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
