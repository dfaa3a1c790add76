"""What a bank takes is dealt out in whole units: nothing is lost, nobody gives more than they had."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.chargebacks.dividing import Kept, Paid, burden, divide
from marketplace.kit.money import allot

amounts = st.integers(0, 10**12)
paid = st.builds(lambda amount, gone: Paid(amount, max(0, amount - gone)), st.integers(1, 10**12), amounts)


@given(st.integers(0, 10**12), st.lists(amounts, min_size=1, max_size=8).filter(any))
def test_an_allotment_sums_to_its_amount_and_follows_the_weights(amount: int, weights: list[int]) -> None:
    parts = allot(amount, weights)
    assert sum(parts) == amount
    assert all(
        abs(part * sum(weights) - amount * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.lists(paid, min_size=1, max_size=6), st.data())
def test_each_deal_gives_what_is_left_of_it_before_any_gives_what_was_refunded(
    parts: list[Paid], data: st.DataObject
) -> None:
    taken = data.draw(st.integers(0, sum(part.amount for part in parts)))
    shares = divide(taken, parts)
    assert sum(shares) == taken
    assert all(0 <= share <= part.amount for share, part in zip(shares, parts, strict=True))
    if taken <= sum(part.left for part in parts):
        assert all(share <= part.left for share, part in zip(shares, parts, strict=True))


@given(st.lists(paid, min_size=1, max_size=4), st.integers(1, 10**9))
def test_more_than_the_charge_belongs_to_no_deal(parts: list[Paid], more: int) -> None:
    charge = sum(part.amount for part in parts)
    assert sum(divide(charge + more, parts)) == charge


@given(st.integers(1, 10**12), st.builds(Kept, amounts, amounts, amounts, amounts))
def test_nobody_bears_more_than_they_had_and_the_platform_what_nobody_had(amount: int, kept: Kept) -> None:
    found = burden(amount, kept)
    assert found.creator + found.agency + found.platform == amount
    assert found.creator <= kept.creator
    assert found.agency <= kept.agency
    assert found.commission <= kept.commission
    assert found.service_fee <= kept.service_fee
    had = kept.creator + kept.agency + kept.commission + kept.service_fee
    assert found.lost == max(0, amount - had)


def test_a_whole_chargeback_takes_from_each_what_they_had() -> None:
    found = burden(12_600_00, Kept(11_300_00, 0, 700_00, 600_00))
    assert (found.creator, found.commission, found.service_fee, found.lost) == (11_300_00, 700_00, 600_00, 0)
