"""The policy that a platform starts with, as version 1; what it does later is told by its own versions."""

from marketplace.fees.policy import Amounts, Bracket, Policy, Rule, RuleKind
from marketplace.kit.deal_kinds import DealKind

FREE_A_MONTH: Amounts = {
    "CNY": 500_000,
    "AUD": 105_000,
    "CAD": 95_000,
    "CHF": 60_000,
    "EUR": 65_000,
    "GBP": 55_000,
    "HKD": 550_000,
    "JPY": 100_000,
    "KRW": 950_000,
    "KWD": 215_000,
    "MYR": 300_000,
    "NZD": 115_000,
    "SGD": 92_500,
    "THB": 2_400_000,
    "TWD": 2_200_000,
    "USD": 70_000,
}
"""About CNY 5,000 in each currency, in minor units: round figures that stay until a new version names others."""

DEFAULT_POLICY = Policy(
    version=1,
    creator_floor=7_000,
    rules=(
        Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(0), Bracket(1_000, FREE_A_MONTH))),
        Rule(
            "B1",
            RuleKind.BRAND_SERVICE_FEE,
            (Bracket(500),),
            deal_kinds=frozenset(DealKind) - {DealKind.LIVE_COMMERCE},
        ),
    ),
)
