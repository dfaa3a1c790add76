"""Choosing the other side: who may, what is copied, and that one choice is open at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.app import load_actor
from marketplace.brands.models import Member
from marketplace.briefs.places import fill_place
from marketplace.briefs.policy import platform_today
from marketplace.briefs.queries import lock_brief
from marketplace.briefs.service import close_brief
from marketplace.creators.models import Platform
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import SelectionKind, SelectionStatus
from marketplace.matching.service import apply_to_brief, book_package, invite_creator, withdraw
from marketplace.offers.service import pause_offer
from tests.support.market import (
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    make_offer,
    told_of_selections,
)

PRICE = Money(12_000_00)


def test_an_application_copies_what_the_brief_offers(context: None) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        brief = make_brief(brand)
        selection = apply_to_brief(creator.actor, brief.id, PRICE, "  I cook anyway. ")
        assert (selection.kind, selection.status) == (SelectionKind.APPLICATION, SelectionStatus.OPEN)
        assert (selection.brand_id, selection.creator_id, selection.brief_id) == (brand.id, creator.id, brief.id)
        assert (selection.title, selection.deliverables) == (brief.title, brief.deliverables)
        assert (selection.deal_kind, selection.publish_by) == (brief.kind, brief.publish_by)
        assert (selection.price, selection.message) == (PRICE, "I cook anyway.")
        assert selection.expires_at - selection.created_at == timedelta(hours=72)
        assert selection.remind_at == selection.created_at + timedelta(hours=36)
        assert told_of_selections() == ["made"]


def test_a_booking_takes_price_and_promises_from_the_package(context: None) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        package = make_offer(creator, prices=(6_800_00,)).packages[0]
        selection = book_package(brand.actor, package.id)
        assert (selection.kind, selection.package_id, selection.brief_id) == (SelectionKind.BOOKING, package.id, None)
        assert (selection.price, selection.delivery_days, selection.revisions) == (Money(6_800_00), 10, 0)
        assert selection.title == "One-pot supper film · Basic"
        package.price_amount = 1
        db.session.flush()
        db.session.refresh(selection)
        assert selection.price == Money(6_800_00)


def test_an_invitation_belongs_to_an_open_brief_of_the_brand(context: None) -> None:
    with transaction():
        creator, brand, other = make_creator(), make_brand(), make_brand("Northmoss")
        brief, foreign, draft = make_brief(brand), make_brief(other), make_brief(brand, opened=False)
        for brief_id, refusal in ((foreign.id, NotFound), (draft.id, Conflict), (99_999, NotFound)):
            with pytest.raises(refusal):
                invite_creator(brand.actor, creator.id, brief_id, PRICE, "Come.")
        selection = invite_creator(brand.actor, creator.id, brief.id, PRICE, "Come.")
        assert (selection.kind, selection.price) == (SelectionKind.INVITATION, PRICE)
        with pytest.raises(NotFound):
            invite_creator(brand.actor, 99_999, brief.id, PRICE, "Come.")


def test_a_creator_who_lacks_something_reads_what(context: None) -> None:
    with transaction():
        brief = make_brief(make_brand(), brief_facts(minimum_fans=60_000))
        for creator, words in (
            (make_creator(eligible=False), "at least 10,001 verified fans"),
            (make_creator("Gu Wen", fans=10_000), "at least 10,001 verified fans"),
            (make_creator("Pan Qing", fans=59_999), "you have 59,999 there"),
            (make_creator("He Mian", fans=90_000, platform=Platform.YOUTUBE), "a channel on Douyin or Bilibili"),
        ):
            with pytest.raises(NotAllowed, match=words):
                apply_to_brief(creator.actor, brief.id, PRICE, "Me.")
        assert apply_to_brief(make_creator("Lin", fans=60_000).actor, brief.id, PRICE, "Me.").id


def test_a_brief_takes_applications_until_its_last_day_or_place(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        closed, full, over = (make_brief(brand, brief_facts(slots=1)) for _ in range(3))
        close_brief(brand.actor, closed.id)
        fill_place(lock_brief(full.id), Money(12_000_00), was_held=False)
        over.apply_by = platform_today() - timedelta(days=1)
        for brief in (closed, full, over):
            with pytest.raises(Conflict):
                make_application(creator, brief.id)
        # The last day is for applying: the brand may still ask whom it likes.
        assert invite_creator(brand.actor, creator.id, over.id, PRICE, "Come.").id
        for brief in (closed, full):
            with pytest.raises(Conflict):
                invite_creator(brand.actor, creator.id, brief.id, PRICE, "Come.")


@pytest.mark.parametrize("price", [Money(0), Money(-1), Money(99), Money(90_000_001), Money(100_00, "USD")])
def test_prices_stay_within_what_can_be_paid(context: None, price: Money) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        choices: list[Callable[[], object]] = [
            lambda: apply_to_brief(creator.actor, brief.id, price, "Me."),
            lambda: invite_creator(brand.actor, creator.id, brief.id, price, "Come."),
        ]
        for choose in choices:
            with pytest.raises(Invalid) as refused:
                choose()
            assert refused.value.field == "price"


def test_words_are_needed_and_bounded(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        for message in ("", " \n ", "x" * 2001):
            with pytest.raises(Invalid) as refused:
                apply_to_brief(creator.actor, brief.id, PRICE, message)
            assert refused.value.field == "message"


def test_one_choice_is_open_for_a_creator_and_a_brief(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        package = make_offer(creator).packages[0]
        selection = make_application(creator, brief.id)
        choices: list[Callable[[], object]] = [
            lambda: make_application(creator, brief.id),
            lambda: invite_creator(brand.actor, creator.id, brief.id, PRICE, "Come."),
            lambda: book_package(brand.actor, package.id, "", brief.id),
        ]
        for choose in choices:
            with pytest.raises(Conflict):
                choose()
        withdraw(creator.actor, selection.id)
        assert make_application(creator, brief.id).id != selection.id
        book_package(brand.actor, package.id)
        with pytest.raises(Conflict):
            book_package(brand.actor, package.id)


def test_a_paused_offer_or_a_lapsed_creator_cannot_be_chosen(context: None) -> None:
    with transaction():
        brand, creator, small = make_brand(), make_creator(), make_creator("Zhou Mo", eligible=False)
        brief = make_brief(brand)
        offer = make_offer(creator)
        pause_offer(creator.actor, offer.id)
        with pytest.raises(NotFound):
            book_package(brand.actor, offer.packages[0].id)
        with pytest.raises(NotAllowed):
            invite_creator(brand.actor, small.id, brief.id, PRICE, "Come.")


def test_nobody_deals_with_themselves(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        offer = make_offer(creator)
        member = Member(brand_id=brand.id, user_id=creator.user_id, role=BrandRole.MANAGER, joined_at=clock.now())
        db.session.add(member)
        db.session.flush()
        both = load_actor(db.session.get_one(User, creator.user_id))
        choices: list[Callable[[], object]] = [
            lambda: apply_to_brief(both, brief.id, PRICE, "Me."),
            lambda: invite_creator(brand.actor, creator.id, brief.id, PRICE, "Me."),
            lambda: book_package(both, offer.packages[0].id),
        ]
        for choose in choices:
            with pytest.raises(NotAllowed):
                choose()


def test_who_may_choose(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        viewer, finance = make_member(brand, "viewer"), make_member(brand, "finance")
        loud, unheard = make_creator("Loud", confirmed=False, eligible=False), make_brand("Quiet", confirmed=False)
        brief = make_brief(brand)
        package_id = make_offer(creator).packages[0].id
        for actor, refusal in (
            (viewer.actor, NotAllowed),
            (finance.actor, NotAllowed),
            (creator.actor, NotAllowed),
            (unheard.actor, Invalid),
        ):
            with pytest.raises(refusal):
                invite_creator(actor, creator.id, brief.id, PRICE, "Come.")
            with pytest.raises(refusal):
                book_package(actor, package_id)
        with pytest.raises(NotAllowed):
            apply_to_brief(brand.actor, brief.id, PRICE, "Me.")
        with pytest.raises(Invalid):
            apply_to_brief(loud.actor, brief.id, PRICE, "Me.")
        assert told_of_selections() == []
