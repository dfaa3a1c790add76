"""A brief's places and budget: held while somebody is asked, filled by a yes, free again when it comes to nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.briefs.models import Brief
from marketplace.briefs.places import Places, places_of
from marketplace.briefs.queries import lock_brief
from marketplace.briefs.service import close_brief
from marketplace.deals.lifecycle import State
from marketplace.deals.queries import newest_terms
from marketplace.deals.service import accept_selection, accept_terms, cancel
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
from marketplace.matching import jobs
from marketplace.matching.models import Selection
from marketplace.matching.service import book_package, decline, invite_creator, withdraw
from marketplace.offers.models import Engagement
from tests.support import deals
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_offer,
)

PRICE = 9_000_00


def _brief(brand: BrandSide, *, slots: int = 2, total: int | None = None) -> Brief:
    facts = brief_facts(slots=slots)
    return make_brief(brand, replace(facts, total=Money(total)) if total is not None else facts)


def _invite(brand: BrandSide, creator: CreatorSide, brief: Brief, price: int = PRICE) -> Selection:
    return invite_creator(brand.actor, creator.id, brief.id, Money(price), "Come.")


def _numbers(brief_id: int) -> tuple[int, int, int, int]:
    """Places held and filled, amounts held and committed."""
    places = places_of(lock_brief(brief_id))
    return places.held, places.filled, places.held_money.amount, places.committed.amount


def test_an_open_invitation_holds_a_place_and_its_price(context: None) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator() for _ in range(3)]
        brief = _brief(brand)
        first = _invite(brand, creators[0], brief)
        assert first.holds_place
        _invite(brand, creators[1], brief, 10_000_00)
        assert _numbers(brief.id) == (2, 0, 19_000_00, 0)
        with pytest.raises(Conflict, match="held until somebody answers"):
            _invite(brand, creators[2], brief)
        application = make_application  # nobody can apply either: each free place is held
        with pytest.raises(Conflict):
            application(creators[2], brief.id)
        accept_selection(creators[0].actor, first.id)
        assert _numbers(brief.id) == (1, 1, 10_000_00, PRICE)
        assert not first.holds_place


@pytest.mark.parametrize("end", ["withdrawn", "declined", "expired", "closed"])
def test_however_an_invitation_ends_what_was_held_is_free_again(context: None, end: str) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = _brief(brand)
        invitation = _invite(brand, creator, brief)
        brief_id = brief.id
        if end == "withdrawn":
            withdraw(brand.actor, invitation.id)
        elif end == "declined":
            decline(creator.actor, invitation.id, "No time.")
        elif end == "closed":
            close_brief(brand.actor, brief_id)
        late = invitation.expires_at + timedelta(seconds=1)
    if end == "expired":
        with clock.at(late):
            jobs.expire_selections()
    elif end == "closed":
        jobs.lapse_selections(brief_id)
    with transaction():
        assert _numbers(brief_id) == (0, 0, 0, 0)
        assert not db.session.get_one(Selection, 1).holds_place


def test_a_booking_for_a_brief_holds_too_and_one_of_its_own_does_not(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief, packages = _brief(brand), make_offer(creator).packages
        booking = book_package(brand.actor, packages[0].id, "", brief.id)
        book_package(brand.actor, packages[1].id)
        assert _numbers(brief.id) == (1, 0, booking.price_amount, 0)


def test_a_budget_for_all_places_bounds_them(context: None) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator() for _ in range(3)]
        brief = _brief(brand, slots=5, total=20_000_00)
        _invite(brand, creators[0], brief, 12_000_00)
        with pytest.raises(Conflict, match="budget"):
            _invite(brand, creators[1], brief, 8_000_01)
        _invite(brand, creators[1], brief, 8_000_00)
        application = make_application(creators[2], brief.id, 8_000_00)
        with pytest.raises(Conflict, match="budget"):
            accept_selection(brand.actor, application.id)
        places = places_of(lock_brief(brief.id))
        assert (places.left, places.free) == (Money(0), 3)


def test_terms_agreed_at_another_price_change_what_is_committed(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = _brief(brand, total=15_000_00)
        deal = accept_selection(creator.actor, _invite(brand, creator, brief).id)
        sides = deals.DealSides(deal.id, creator, brand)
        dear = deals.counter(sides, creator.actor, price=Money(15_000_01))
        with pytest.raises(Conflict, match="budget"):
            accept_terms(brand.actor, deal.id, dear)
        number = deals.counter(sides, creator.actor, price=Money(9_900_00), draft_due_on=deals.in_days(30),
                               publish_on=deals.in_days(40))  # fmt: skip
        accept_terms(brand.actor, deal.id, number)
        assert _numbers(brief.id) == (0, 1, 0, 9_900_00)
        assert db.session.query(Engagement).one().ends_on == deals.in_days(30)
        cancel(creator.actor, deal.id, "My kitchen is under water.")
        assert _numbers(brief.id) == (0, 0, 0, 0)


@pytest.mark.parametrize("state", [State.NEGOTIATING, State.SIGNING, State.FUNDING])
def test_a_deal_that_ends_before_it_is_paid_frees_its_place_and_days(context: None, state: State) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        sides = deals.make_deal(creator, brand, state=state)
        brief_id = deals.current(sides).brief_id
        assert brief_id is not None
        assert _numbers(brief_id) == (0, 1, 0, 12_000_00)
        assert db.session.query(Engagement).one().ended_at is None
        cancel(brand.actor, sides.id, "Our pots are late.")
        assert _numbers(brief_id) == (0, 0, 0, 0)
        assert db.session.query(Engagement).one().ended_at is not None
        # What ended unpaid keeps nobody from choosing each other again.
        assert make_application(creator, brief_id).id


def test_a_deal_whose_time_runs_out_frees_its_place(context: None, run_jobs: object) -> None:
    with transaction():
        sides = deals.make_deal()
        deal = deals.current(sides)
        brief_id, late = deal.brief_id, deal.deadline_at
    assert brief_id is not None
    assert late is not None
    with clock.at(late):
        run_jobs(allow_failures=True)  # type: ignore[operator]
        with transaction():
            assert deals.current(sides).state is State.EXPIRED
            assert _numbers(brief_id) == (0, 0, 0, 0)


def test_first_terms_say_what_the_brief_says(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        facts = replace(brief_facts(), disclosure="Say that it is paid.", usage_rights="Our shop for a year.")
        brief = make_brief(brand, facts)
        deal = accept_selection(creator.actor, _invite(brand, creator, brief).id)
        terms = newest_terms(deal.id)
        assert (terms.disclosure, terms.usage_rights) == ("Say that it is paid.", "Our shop for a year.")


def test_the_numbers_are_told_apart(context: None) -> None:
    places = Places(5, 2, 1, Money(20_00), Money(5_00), Money(40_00))
    assert (places.free, places.left) == (2, Money(15_00))
    assert Places(5, 2, 1, Money(20_00), Money(5_00), None).left is None
