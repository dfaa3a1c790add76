"""What other rules would have taken: each deal as `quote` says, summed by currency and kind, creators counted whole."""

import json
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.effect import MOST_AFFECTED, Effect, SignedDeal, Trial
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import Bracket, Policy, Programme, Rule, RuleKind
from marketplace.fees.quote import quote
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

ON = date(2026, 3, 10)
FLAT = Policy(
    2,
    (
        Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(800),)),
        Rule("C2", RuleKind.CREATOR_COMMISSION, (Bracket(0),), programme=Programme("Welcome", 30)),
        Rule("B1", RuleKind.BRAND_SERVICE_FEE, (Bracket(300),), cap={"CNY": 500_00, "USD": 70_00}),
    ),
    7_000,
)


def deal(
    number: int,
    creator: int = 1,
    price: int = 10_000_00,
    *,
    currency: str = "CNY",
    earned: int = 0,
    kind: DealKind = DealKind.VIDEO,
    since: date = date(2025, 1, 1),
) -> SignedDeal:
    """A deal as it was signed under the default rules."""
    parties = FeeParties(f"creator:{creator}", "UTC", since, "brand:5")
    amount, before = Money(price, currency), Money(earned, currency)
    was = quote(DEFAULT_POLICY, kind, amount, before, ON)
    return SignedDeal(
        number, creator, parties, kind, ON, amount, before, was.creator_fee.amount, was.brand_fee.amount, 1
    )


def effect_of(policy: Policy, *deals: SignedDeal, agreements: tuple[Agreement, ...] = ()) -> Effect:
    found = Effect()
    Trial(policy, agreements).run(found, deals)
    found.count_creator()
    return found


def test_sums_are_before_and_after_and_what_is_left_is_the_creators() -> None:
    found = effect_of(FLAT, deal(1), deal(2, 2, 2_000_00)).currencies["CNY"]
    video = found.kinds[DealKind.VIDEO]
    assert (video.deals, video.gross) == (2, 12_000_00)
    assert video.commission == (500_00, 960_00)
    assert video.creators == (11_500_00, 11_040_00)
    assert video.service_fee == (600_00, 360_00)
    assert video.platform == (1_100_00, 1_320_00)
    assert (found.more, found.less, found.same) == (0, 2, 0)
    assert [(one.creator_id, one.difference) for one in found.most_affected] == [(1, -300_00), (2, -160_00)]


def test_the_same_rules_change_nothing() -> None:
    found = effect_of(DEFAULT_POLICY, *(deal(number, number % 3, 3_000_00 + number) for number in range(3)))
    for part in found.currencies.values():
        assert part.total.commission[0] == part.total.commission[1]
        assert (part.more, part.less, part.same, part.most_affected) == (0, 0, 3, [])


def test_kinds_and_currencies_are_never_added_together() -> None:
    found = effect_of(FLAT, deal(1), deal(2, currency="USD", price=900_00), deal(3, kind=DealKind.IMAGE))
    assert set(found.currencies) == {"CNY", "USD"}
    assert set(found.currencies["CNY"].kinds) == {DealKind.VIDEO, DealKind.IMAGE}
    assert found.currencies["USD"].total.gross == 900_00
    assert [part.less for part in found.currencies.values()] == [1, 1]


def test_a_programme_holds_by_the_creators_days_then() -> None:
    found = effect_of(FLAT, deal(1, since=date(2026, 3, 1)), deal(2, 2, since=date(2026, 1, 1)))
    assert found.currencies["CNY"].total.commission == (1_000_00, 800_00)
    assert (found.currencies["CNY"].more, found.currencies["CNY"].less) == (1, 1)


def test_agreements_go_on_under_other_rules() -> None:
    rule = Rule("agreed", RuleKind.CREATOR_COMMISSION, (Bracket(100),))
    agreed = Agreement(7, rule, "creator:1", None, date(2026, 3, 1), date(2026, 3, 31))
    over = Agreement(8, rule, "creator:2", None, date(2026, 2, 1), date(2026, 2, 28))
    found = effect_of(FLAT, deal(1), deal(2, 2), agreements=(agreed, over))
    assert found.currencies["CNY"].total.commission[1] == 100_00 + 800_00


def test_what_could_not_be_signed_is_counted_and_in_no_sum() -> None:
    found = effect_of(FLAT, deal(1, currency="EUR"), deal(2))
    assert (found.currencies["EUR"].refused, found.currencies["EUR"].total.deals) == (1, 0)
    assert (found.currencies["EUR"].same, found.currencies["CNY"].less) == (0, 1)


def test_the_most_affected_are_ten_by_how_much() -> None:
    deals = [deal(number, number, 1_000_00 * number) for number in range(1, 16)]
    found = effect_of(FLAT, *deals).currencies["CNY"].most_affected
    sizes = [abs(one.difference) for one in found]
    assert len(found) == MOST_AFFECTED
    assert sizes == sorted(sizes, reverse=True)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3_000_000), st.sampled_from(["CNY", "USD"])), max_size=25),
    st.lists(st.integers(0, 25), max_size=3),
)
def test_pieces_with_a_stop_between_them_come_to_the_same(rows: list[tuple[int, int, str]], stops: list[int]) -> None:
    """Written and read again between the pieces, as a job does that a crash interrupts."""
    deals = [
        deal(number, creator, price, currency=currency)
        for number, (creator, price, currency) in enumerate(sorted(rows))
    ]
    whole, pieces = effect_of(FLAT, *deals), Effect()
    edges = sorted({0, len(deals), *(min(stop, len(deals)) for stop in stops)})
    for start, end in pairwise(edges):
        Trial(FLAT, ()).run(pieces, deals[start:end])
        pieces = Effect.from_json(json.loads(json.dumps(pieces.to_json())))
    pieces.count_creator()
    assert pieces == whole
    for part in whole.currencies.values():
        total = part.total
        assert total.gross == total.creators[1] + total.commission[1]
        assert all(sums.platform[0] >= 0 for sums in part.kinds.values())
