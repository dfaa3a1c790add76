"""Spending limits: what a member may commit of the company's money in a month, held where it is committed."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import VISITOR, BrandRole
from marketplace.brands import members
from marketplace.brands.limits import OverSpendingLimit, commit, forecast, month_start, release
from marketplace.brands.models import Commitment
from marketplace.brands.queries import member_row
from marketplace.contracts.models import Party
from marketplace.contracts.service import has_signed
from marketplace.deals.closing import cancel
from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.escrow.fund import start_funding
from marketplace.escrow.queries import newest_payment
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed
from marketplace.kit.money import Money
from tests.support import deals, money
from tests.support.deals import DealSides, make_deal, sign_as
from tests.support.market import PASSWORD, BrandSide, make_brand, make_creator, make_member, sign_in
from tests.support.races import at_once
from tests.support.sandbox import Sandbox
from tests.support.web import Client

# A deal of 10,000.00 costs its brand 500.00 of service fee on top.
PRICE, COST = 10_000_00, Money(10_500_00)


def _member(brand: BrandSide, limit: int, role: str = "manager") -> BrandSide:
    member = make_member(brand, role)
    members.set_limit(brand.actor, member.user_id, Money(limit))
    return member


def _used(member: BrandSide) -> Money:
    db.session.rollback()
    return member_row(member.id, member.user_id).used


def _to_sign(brand: BrandSide, price: int = PRICE) -> DealSides:
    return make_deal(brand=brand, price=price, state=State.SIGNING)


# --- The counting itself ----------------------------------------------------------------------------------------------


def test_what_fits_is_counted_and_what_does_not_is_refused_with_who_can_raise_it(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 1_000_00)
        commit(member.actor, "deal:1", Money(600_00))
        with pytest.raises(OverSpendingLimit) as refused:
            commit(member.actor, "deal:2", Money(400_01))
        commit(member.actor, "deal:3", Money(400_00))
    said = str(refused.value)
    for part in ("¥400.01", "¥400.00 is left", "¥1,000.00", "Tidewell owner"):
        assert part in said
    assert _used(member) == Money(1_000_00)


def test_a_limit_of_nothing_lets_nothing_through(context: None) -> None:
    with transaction():
        member = _member(make_brand(), 0)
        with pytest.raises(OverSpendingLimit):
            commit(member.actor, "deal:1", Money(1))


def test_without_a_limit_any_amount_is_counted(context: None) -> None:
    with transaction():
        brand = make_brand()
        commit(brand.actor, "deal:1", Money(10**11))
    assert _used(brand) == Money(10**11)


def test_a_reference_counts_once_whoever_comes_second(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 100_00)
        commit(brand.actor, "deal:1", Money(900_00))
        commit(member.actor, "deal:1", Money(900_00))
        commit(brand.actor, "deal:1", Money(900_00))
    assert (_used(brand), _used(member)) == (Money(900_00), Money(0))


def test_what_is_released_is_free_again_and_can_be_committed_by_another(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 100_00)
        commit(member.actor, "deal:1", Money(100_00))
        release("deal:1")
        release("deal:1")
    assert _used(member) == Money(0)
    with transaction():
        commit(brand.actor, "deal:1", Money(70_00))
    assert (_used(brand), _used(member)) == (Money(70_00), Money(0))


def test_another_currency_than_the_limits_is_refused(context: None) -> None:
    with transaction():
        member = _member(make_brand(), 1_000_00)
        with pytest.raises(OverSpendingLimit, match="CNY"):
            commit(member.actor, "deal:1", Money(1, "USD"))


def test_a_stranger_commits_nothing(context: None) -> None:
    with transaction():
        brand, rival = make_brand(), make_brand()
        members.change_role(brand.actor, make_member(brand, "manager").user_id, BrandRole.OWNER)
        members.leave(brand.actor)
        for actor in (brand.actor, VISITOR):
            with pytest.raises(NotAllowed):
                commit(actor, "deal:1", Money(1))
        commit(rival.actor, "deal:1", Money(1))


def test_months_are_the_platforms(context: None) -> None:
    """In Shanghai, December begins at 16:00 UTC of 30 November."""
    november = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    december = november + timedelta(minutes=1)
    assert month_start(november) < month_start(december) == december
    with transaction():
        member = _member(make_brand(), 100_00)
        with clock.at(november):
            commit(member.actor, "deal:1", Money(100_00))
            with pytest.raises(OverSpendingLimit):
                commit(member.actor, "deal:2", Money(1))
        with clock.at(december):
            commit(member.actor, "deal:2", Money(100_00))
        with clock.at(november):
            release("deal:1")
        with clock.at(december), pytest.raises(OverSpendingLimit):
            commit(member.actor, "deal:3", Money(1))


def test_a_lowered_limit_leaves_nothing_and_owes_nothing(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 100_00)
        commit(member.actor, "deal:1", Money(90_00))
        members.set_limit(brand.actor, member.user_id, Money(50_00))
        limit = member_row(brand.id, member.user_id).limit
        assert limit is not None
        assert limit.left == Money(0)


def test_a_forecast_says_what_would_be_left(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 100_00)
        found = forecast(member.actor, "deal:1", Money(60_00))
        assert found is not None
        assert (found.fits, found.left_after, list(found.owners)) == (True, Money(40_00), ["Tidewell owner"])
        over = forecast(member.actor, "deal:1", Money(100_01))
        assert over is not None
        assert not over.fits
        assert forecast(brand.actor, "deal:1", Money(60_00)) is None
        assert forecast(make_creator().actor, "deal:1", Money(60_00)) is None
        commit(brand.actor, "deal:1", Money(60_00))
        assert forecast(member.actor, "deal:1", Money(60_00)) is None


# --- Signing ----------------------------------------------------------------------------------------------------------


def test_signing_counts_the_price_with_its_fee(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, COST.amount)
        sides = _to_sign(brand)
        sign_as(sides, member.actor)
    assert _used(member) == COST
    with transaction():
        sign_as(sides, sides.creator.actor)
    assert _used(member) == COST


def test_a_signature_over_the_limit_is_none(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, COST.amount - 1)
        sides = _to_sign(brand)
    with pytest.raises(OverSpendingLimit), transaction():
        sign_as(sides, member.actor)
    with transaction():
        deal = deals.current(sides)
        assert deal.contract_id is not None
        assert not has_signed(deal.contract_id, Party.BRAND)
        members.set_limit(brand.actor, member.user_id, COST)
        sign_as(sides, member.actor)
    assert _used(member) == COST


def test_the_creators_signature_counts_nothing(context: None) -> None:
    with transaction():
        brand = make_brand()
        sides = _to_sign(brand)
        sign_as(sides, sides.creator.actor)
        assert db.session.scalars(select(Commitment)).all() == []


@pytest.mark.parametrize("state", [State.SIGNING, State.FUNDING])
def test_a_deal_that_is_cancelled_unpaid_gives_the_month_back(context: None, state: State) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, COST.amount)
        sides = _to_sign(brand)
        sign_as(sides, member.actor)
        if state is State.FUNDING:
            sign_as(sides, sides.creator.actor)
    assert _used(member) == COST
    with transaction():
        cancel(sides.creator.actor, sides.id, "My kitchen is under water.")
    assert _used(member) == Money(0)


def test_a_deal_that_expires_unpaid_gives_the_month_back(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, COST.amount)
        sides = _to_sign(brand)
        sign_as(sides, member.actor)
        deadline = deals.current(sides).deadline_at
    assert deadline is not None
    with clock.at(deadline + timedelta(seconds=1)), transaction():
        enforce_deadline(sides.id)
    with transaction():
        assert deals.current(sides).state is State.EXPIRED
    assert _used(member) == Money(0)


@pytest.mark.parametrize("_round", range(4))
def test_two_signatures_at_once_never_exceed_the_limit(app: Flask, _round: int) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        member = _member(brand, COST.amount * 2 - 1)
        first, second = _to_sign(brand), _to_sign(brand)
    assert at_once(app, *(partial(sign_as, sides, member.actor) for sides in (first, second))) == [
        "OverSpendingLimit",
        "done",
    ]
    with app.app_context():
        assert _used(member) == COST


def test_a_limit_is_set_while_it_is_being_used(app: Flask) -> None:
    """Whichever comes first: afterwards the limit that stands was never exceeded without being set lower later."""
    with app.app_context(), transaction():
        brand = make_brand()
        member = _member(brand, COST.amount)
        sides = _to_sign(brand)
    outcomes = at_once(
        app,
        lambda: sign_as(sides, member.actor),
        lambda: members.set_limit(brand.actor, member.user_id, Money(0)),
    )
    with app.app_context():
        assert outcomes == (["done", "done"] if _used(member) == COST else ["OverSpendingLimit", "done"])


def test_the_contracts_page_shows_the_month_before_signing(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, COST.amount + 1_00)
        sides = _to_sign(brand)
    sign_in(client, member)
    page = client.get(f"/deals/{sides.id}/contract").text
    assert "Your spending limit this month" in page
    assert "Left after this" in page
    assert "Sign the contract" in page


def test_over_the_limit_the_contracts_page_says_who_can_raise_it(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        member = _member(brand, 1_00)
        sides = _to_sign(brand)
        sha256 = deals.fingerprint_of(sides)
    sign_in(client, member)
    page = client.get(f"/deals/{sides.id}/contract").text
    assert "Tidewell owner" in page
    assert "Sign the contract" not in page
    form = {"sha256": sha256, "locale": "en", "read": "y", "password": PASSWORD}
    answer = client.post(f"/deals/{sides.id}/contract/sign", data=form)
    assert answer.status_code == 403
    assert "Owners of the company can raise the limit" in answer.text
    assert _used(member) == Money(0)
    sign_in(client, brand)
    page = client.get(f"/deals/{sides.id}/contract").text
    assert "spending limit" not in page
    assert client.post(f"/deals/{sides.id}/contract/sign", data=form).status_code == 303
    assert _used(brand) == COST


# --- Paying -----------------------------------------------------------------------------------------------------------


def _uncounted(parties: money.Parties) -> None:
    """As deals are that were signed before anybody counted."""
    with transaction():
        release(f"deal:{parties.deal_id}")


def test_who_pays_for_a_deal_that_nobody_counts_is_counted(context: None, sandbox: Sandbox) -> None:
    parties = money.signed_deal(PRICE)
    with transaction():
        finance = _member(parties.brand, COST.amount, "finance")
    _uncounted(parties)
    start_funding(finance.actor, parties.deal_id, "en")
    assert (_used(finance), _used(parties.brand)) == (COST, Money(0))


def test_who_pays_for_a_deal_that_somebody_committed_is_not_counted(context: None, sandbox: Sandbox) -> None:
    parties = money.signed_deal(PRICE)
    with transaction():
        finance = _member(parties.brand, 0, "finance")
    assert start_funding(finance.actor, parties.deal_id, "en").startswith("http")
    assert (_used(finance), _used(parties.brand)) == (Money(0), COST)


def test_paying_over_the_limit_opens_no_checkout(context: None, client: Client, sandbox: Sandbox) -> None:
    parties = money.signed_deal(PRICE)
    with transaction():
        finance = _member(parties.brand, COST.amount - 1, "finance")
    _uncounted(parties)
    sign_in(client, finance)
    page = client.get(f"/deals/{parties.deal_id}/fund").text
    assert "Owners of the company can raise the limit" in page
    assert "into escrow</button>" not in page
    answer = client.post(f"/deals/{parties.deal_id}/fund")
    assert answer.status_code == 403
    assert "Nothing was signed or paid" in answer.text
    assert _used(finance) == Money(0)
    assert newest_payment(parties.deal_id) is None


def test_a_viewer_pays_nothing(context: None, client: Client, sandbox: Sandbox) -> None:
    parties = money.signed_deal(PRICE)
    with transaction():
        viewer = make_member(parties.brand, "viewer")
    sign_in(client, viewer)
    assert "Your role in the company doesn’t include paying" in client.get(f"/deals/{parties.deal_id}/fund").text
    assert client.post(f"/deals/{parties.deal_id}/fund").status_code == 403


def test_a_paid_deal_stays_counted(context: None, sandbox: Sandbox) -> None:
    parties = money.funded_deal(PRICE)
    assert _used(parties.brand) == COST
    assert db.session.get_one(Deal, parties.deal_id).state is State.PRODUCTION


def test_two_payments_at_once_never_exceed_the_limit(app: Flask, sandbox: Sandbox) -> None:
    with app.app_context():
        with transaction():
            brand = make_brand()
        found = [money.signed_deal(PRICE, brand=brand) for _ in range(2)]
        for parties in found:
            _uncounted(parties)
        with transaction():
            finance = _member(brand, COST.amount * 2 - 1, "finance")
    pays = [partial(start_funding, finance.actor, parties.deal_id, "en") for parties in found]
    assert at_once(app, *pays, owned=True) == ["OverSpendingLimit", "done"]
    with app.app_context():
        assert _used(finance) == COST
