"""Two signatures on one file, and the fees that the second one fixes."""

from datetime import timedelta

import pytest

from marketplace.contracts.queries import get_contract
from marketplace.deals import service
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal
from marketplace.deals.policy import available_actions
from marketplace.deals.queries import events_of
from marketplace.deals.quotes import quote_of
from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money
from tests.support.deals import DealSides, current, earned_this_month, fingerprint_of, make_deal, sign_as, sign_both
from tests.support.market import make_creator, make_member

pytestmark = pytest.mark.usefixtures("context")


def _earned(sides: DealSides) -> int:
    return earned_this_month(sides.creator.id).amount


def _quoted(deal: Deal) -> tuple[int, int]:
    quote = quote_of(deal)
    assert quote is not None
    return quote.brand_total.amount, quote.creator_receives.amount


def test_one_signature_waits_for_the_other() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
        sign_as(sides, sides.creator.actor)
    deal = current(sides)
    assert (deal.state, deal.quote) == (State.SIGNING, None)
    assert Action.SIGN not in available_actions(deal, sides.creator.actor)
    assert Action.SIGN in available_actions(deal, sides.brand.actor)
    assert _earned(sides) == 0


def test_the_second_signature_fixes_the_fees_and_asks_for_the_money() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING, price=12_000_00)
        sign_both(sides)
    deal = current(sides)
    assert deal.state is State.FUNDING
    assert deal.deadline_at == deal.state_since + timedelta(days=7)
    assert _quoted(deal) == (12_600_00, 12_000_00 - 700_00)
    assert _earned(sides) == 12_000_00
    assert [event.action for event in events_of(sides.id)][-3:] == [Action.SIGN, Action.SIGN, Action.COMPLETE_SIGNING]


def test_the_second_deal_of_the_month_pays_by_what_the_first_counted() -> None:
    with transaction():
        creator = make_creator()
        first = make_deal(creator, price=4_000_00, state=State.FUNDING)
        second = make_deal(creator, price=4_000_00, state=State.FUNDING)
    assert _quoted(current(first))[1] == 4_000_00
    assert _quoted(current(second))[1] == 4_000_00 - 300_00


def test_a_side_signs_once_whoever_of_it_comes() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
        manager = make_member(sides.brand, "manager")
        sign_as(sides, sides.brand.actor)
    with pytest.raises(Conflict, match="Your side has signed"), transaction():
        sign_as(sides, manager.actor)
    contract_id = current(sides).contract_id
    assert contract_id is not None
    assert len(get_contract(contract_id).signatures) == 1


@pytest.mark.parametrize("shown", ["", "0" * 64, "the other language"])
def test_only_the_file_that_was_shown_can_be_signed(shown: str) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    sha256 = fingerprint_of(sides, "zh") if shown == "the other language" else shown
    with pytest.raises(Invalid), transaction():
        service.sign(sides.creator.actor, sides.id, sha256, address="::1", user_agent="", locale="en")
    assert current(sides).state is State.SIGNING


def test_looking_on_or_paying_is_not_signing() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
        members = [make_member(sides.brand, role) for role in ("viewer", "finance")]
    for member in members:
        with pytest.raises(NotAllowed), transaction():
            sign_as(sides, member.actor)


def test_a_deal_that_ends_unpaid_gives_its_place_in_the_month_back() -> None:
    with transaction():
        sides = make_deal(state=State.FUNDING, price=7_000_00)
        service.cancel(sides.brand.actor, sides.id, "The campaign was called off.")
    assert _earned(sides) == 0
    with transaction():
        next_deal = make_deal(sides.creator, price=5_000_00, state=State.FUNDING)
    assert _quoted(current(next_deal))[1] == 5_000_00


def test_the_contract_says_who_signed_what_and_from_where() -> None:
    moment = clock.now().replace(microsecond=0)
    with clock.at(moment), transaction():
        sides = make_deal(state=State.SIGNING)
        sign_as(sides, sides.brand.actor, "zh")
    contract_id = current(sides).contract_id
    assert contract_id is not None
    (signature,) = get_contract(contract_id).signatures
    assert (signature.name, signature.locale, signature.address) == (sides.brand.actor.name, "zh", "203.0.113.7")
    assert (signature.sha256, signature.signed_at) == (fingerprint_of(sides, "zh"), moment)


def test_the_estimate_before_signing_reserves_nothing() -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING, price=6_000_00)
        contract_id = current(sides).contract_id
        assert contract_id is not None
        content = get_contract(contract_id).content
    assert Money(content["creator_fee"]) == Money(100_00)
    assert _earned(sides) == 0
