"""A creator's offers as a shelf: what they promise beyond the price, copied, put in order, thrown away."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from marketplace.brands.blocks import block_brand, is_blocked
from marketplace.creators.works import remove_work
from marketplace.infra.db import db, transaction
from marketplace.kit.deal_kinds import ContentKind, DealKind
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.kit.money import Money
from marketplace.offers.labels import addon_says, content_says, deliverables_in_full
from marketplace.offers.models import Addon, AddonKind, Offer, OfferExample, OfferStatus, Package
from marketplace.offers.prices import covered_currencies
from marketplace.offers.queries import example_works, listed_offers_of, own_offer, own_offers, visible_offer
from marketplace.offers.service import (
    AddonFacts,
    PackageFacts,
    create_offer,
    delete_offer,
    duplicate_offer,
    edit_offer,
    move_offer,
    pause_offer,
)
from tests.support.market import CreatorSide, creator_of, make_brand, make_creator
from tests.support.offers import addon_facts, make_offer, make_work, offer_facts, package_facts

RIGHTS = addon_facts(AddonKind.USAGE_RIGHTS, 3_000_00, 180, "Your own channels")
RUSH = addon_facts(AddonKind.RUSH, 900_00, 3)


@pytest.fixture
def creator(context: None) -> CreatorSide:
    with transaction():
        return make_creator()


def test_a_live_session_says_its_hours_and_a_series_its_films(creator: CreatorSide) -> None:
    live = package_facts(7_600_01, content=ContentKind.LIVE_SESSION, hours=2)
    series = package_facts(content=ContentKind.SERIES, episodes=3, included=("Link in the text", "Captions"))
    with transaction():
        offer = make_offer(creator, offer_facts(live, series))
    session, films = offer.packages
    assert (session.kind, session.hours, session.hourly) == (DealKind.LIVE_SESSION, 2, Money(3_800_00))
    assert (films.kind, films.episodes, films.hourly) == (DealKind.VIDEO, 3, None)
    assert (content_says(session), content_says(films)) == ("2 hours live", "3 videos")
    assert deliverables_in_full(films).splitlines() == [
        "3 videos", "One film over 60 s and its cover", "· Link in the text", "· Captions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (package_facts(content=ContentKind.LIVE_SESSION), "how many hours"),
        (package_facts(content=ContentKind.LIVE_SESSION, hours=0), "how many hours"),
        (package_facts(content=ContentKind.LIVE_SESSION, hours=13), "at most 12"),
        (package_facts(hours=2), "how many hours"),
        (package_facts(content=ContentKind.SERIES), "how many videos"),
        (package_facts(content=ContentKind.SERIES, episodes=1), "from two to 30"),
        (package_facts(episodes=3), "how many videos"),
        (package_facts(included=("A line",) * 9), "at most 8 things"),
        (package_facts(currency="KRW"), None),
        (package_facts(currency="BRL"), "no fee rules for prices in BRL"),
    ],
)
def test_the_verb_holds_what_a_package_must_say(creator: CreatorSide, package: PackageFacts, why: str | None) -> None:
    if why is None:
        assert create_offer(creator.actor, offer_facts(package)).currency == package.price.currency
        return
    with pytest.raises(Invalid, match=why):
        create_offer(creator.actor, offer_facts(package))


@pytest.mark.parametrize(
    ("addons", "why"),
    [
        ((RUSH, RUSH), "at most one add-on of a kind"),
        ((replace(RUSH, days=None),), "for how many days"),
        ((replace(RUSH, days=0),), "for how many days"),
        ((replace(RIGHTS, days=1831),), "at most 1830"),
        ((addon_facts(AddonKind.RAW_FILES, days=3),), "for how many days"),
        ((replace(RUSH, price=Money(99)),), "too small or too large"),
        ((replace(RUSH, price=Money(900, "USD")),), "in one currency"),
    ],
)
def test_the_verb_holds_what_an_addon_must_say(creator: CreatorSide, addons: tuple[AddonFacts, ...], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        create_offer(creator.actor, offer_facts(addons=addons))


def test_addons_are_changed_added_and_taken_out(creator: CreatorSide) -> None:
    with transaction():
        offer = make_offer(creator, offer_facts(addons=(RIGHTS, RUSH)))
        rights, rush = (addon.id for addon in offer.addons)
        changed = (addon_facts(), replace(RIGHTS, price=Money(3_500_00), days=365))
        edit_offer(creator.actor, offer.id, offer_facts(package_facts(), addons=changed), version=1)
    assert [(addon.kind, addon.price.amount) for addon in offer.addons] == [
        (AddonKind.RAW_FILES, 800_00), (AddonKind.USAGE_RIGHTS, 3_500_00),
    ]  # fmt: skip
    assert offer.addons[1].id == rights, "the same kind is the same add-on"
    assert db.session.get_one(Addon, rush).position is None, "kept for what was booked"
    with transaction():
        edit_offer(creator.actor, offer.id, offer_facts(package_facts(), addons=(RUSH,)), version=2)
    assert [(addon.kind, addon_says(addon)) for addon in offer.addons] == [(AddonKind.RUSH, "The draft 3 days sooner")]


def test_only_ones_own_works_are_examples(creator: CreatorSide) -> None:
    with transaction():
        first, second, others = make_work(creator), make_work(creator, "Noodles"), make_work(make_creator("Gu Wen"))
        offer = make_offer(creator, offer_facts(examples=(second, first)))
    assert [work.id for work in example_works(offer.id)] == [second, first]
    for smuggled in (others, -1):
        with pytest.raises(Conflict, match="no longer among your works"), transaction():
            edit_offer(creator.actor, offer.id, offer_facts(package_facts(), examples=(smuggled,)), version=1)
    with pytest.raises(Invalid, match="at most 6 examples"):
        create_offer(creator.actor, offer_facts(examples=(first,) * 7))
    with transaction():
        remove_work(creator.actor, second)
    assert [work.id for work in example_works(offer.id)] == [first], "a work that is gone leaves the offer"


def test_a_copy_is_a_draft_that_says_so_in_the_readers_language(creator: CreatorSide) -> None:
    live = package_facts(content=ContentKind.LIVE_SESSION, hours=2, included=("Recording",))
    with transaction():
        work = make_work(creator)
        offer = make_offer(creator, offer_facts(live, title="x" * 100, addons=(RIGHTS,), examples=(work,)))
        copied = duplicate_offer(creator.actor, offer.id)
    assert (copied.status, copied.listed_at, copied.title) == (OfferStatus.DRAFT, None, "Copy of " + "x" * 92)
    [package], [addon] = copied.packages, copied.addons
    assert (package.hours, package.included, package.price) == (2, ["Recording"], live.price)
    assert (addon.kind, addon.days, addon.details) == (AddonKind.USAGE_RIGHTS, 180, "Your own channels")
    assert package.id != offer.packages[0].id
    assert [work.id for work in example_works(copied.id)] == [work]
    with transaction(), force_locale("zh_Hans_CN"):
        assert len(duplicate_offer(creator.actor, offer.id).title) == 100
    with pytest.raises(NotFound):
        duplicate_offer(make_creator("Gu Wen").actor, offer.id)


def test_offers_stand_in_their_creators_order(creator: CreatorSide) -> None:
    with transaction():
        made = [make_offer(creator, offer_facts(title=title)).id for title in ("A", "B", "C")]

    def order() -> str:
        return "".join(offer.title for offer in own_offers(creator.actor))

    assert order() == "CBA", "the newest first until one is moved"
    for offer, places, then in ((0, -1, "CAB"), (2, 1, "ACB"), (0, -1, "ACB"), (1, 1, "ACB"), (1, -1, "ABC")):
        with transaction():
            move_offer(creator.actor, made[offer], places)
        assert order() == then
    with transaction():
        make_offer(creator, offer_facts(title="D"))
    assert order() == "DABC"
    assert "".join(offer.title for offer in listed_offers_of(creator_of(creator))) == "DABC", "brands see the same"
    with pytest.raises(NotFound):
        move_offer(make_creator("Gu Wen").actor, made[0], 1)


def test_only_a_draft_that_nobody_saw_is_deleted(creator: CreatorSide) -> None:
    with transaction():
        work = make_work(creator)
        draft = make_offer(creator, offer_facts(addons=(RUSH,), examples=(work,)), listed=False).id
        listed = make_offer(creator).id
        with pytest.raises(NotFound):
            delete_offer(make_creator("Gu Wen").actor, draft)
        delete_offer(creator.actor, draft)
        with pytest.raises(NotFound):
            own_offer(creator.actor, draft)
        with pytest.raises(Conflict, match="Pause this offer instead"):
            delete_offer(creator.actor, listed)
        pause_offer(creator.actor, listed)
        with pytest.raises(Conflict):
            delete_offer(creator.actor, listed)
    for part in (Package, Addon, OfferExample):
        assert db.session.scalar(select(func.count()).select_from(part).where(part.offer_id == draft)) == 0
    assert db.session.scalar(select(func.count()).select_from(Offer)) == 1


def test_an_agency_that_represents_a_creator_keeps_their_offers(creator: CreatorSide) -> None:
    agent = replace(creator.actor, user_id=make_creator("Agent").user_id, agency_id=1, agency_name="Lantern")
    with transaction():
        offer = create_offer(agent, offer_facts())
        edit_offer(agent, offer.id, offer_facts(title="By the agency"), version=1)
        move_offer(agent, offer.id, 1)
    assert own_offer(creator.actor, offer.id).title == "By the agency"


def test_whom_a_block_keeps_apart_sees_no_offer(creator: CreatorSide) -> None:
    with transaction():
        offer, brand, other = make_offer(creator), make_brand(), make_brand("Northmoss")
        block_brand(creator.actor, brand.id)
    assert is_blocked(brand.id, creator.id)
    assert visible_offer(other.actor, offer.id)[0].id == offer.id
    with pytest.raises(NotFound):
        visible_offer(brand.actor, offer.id)


def test_currencies_are_those_that_the_fee_rules_cover(app: Flask, context: None) -> None:
    assert covered_currencies() == ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "SGD")
