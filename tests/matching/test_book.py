"""Booking with extras, for a day: what it costs, when it comes, and what of it stands in the deal's first terms."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from marketplace.briefs.policy import platform_today
from marketplace.creators.models import Creator
from marketplace.deals.queries import newest_terms
from marketplace.deals.service import accept_selection
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import Money
from marketplace.matching.models import Selection
from marketplace.matching.service import book_package
from marketplace.offers.availability import open_engagement
from marketplace.offers.models import AddonKind, BlockedDay, Engagement, Offer
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    sign_in,
)
from tests.support.offers import addon_facts, make_offer, offer_facts
from tests.support.web import Client


def _offer(creator: CreatorSide) -> Offer:
    """A package at 12,000 with 9 days and 2 revisions, and an add-on of each kind."""
    addons = (
        addon_facts(AddonKind.EXTRA_REVISION, 500_00),
        addon_facts(AddonKind.RUSH, 900_00, days=4),
        addon_facts(AddonKind.USAGE_RIGHTS, 2_000_00, days=90, details="Your shop and its banner."),
        addon_facts(AddonKind.RAW_FILES, 800_00),
    )
    return make_offer(creator, offer_facts(addons=addons))


def _book(brand: BrandSide, offer: Offer, *kinds: AddonKind, **more: Any) -> Selection:
    ids = [addon.id for addon in offer.addons if addon.kind in kinds]
    return book_package(brand.actor, offer.packages[0].id, addon_ids=ids, **more)


def test_extras_change_price_days_revisions_and_rights(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        offer = _offer(creator)
        booked = _book(brand, offer, *AddonKind)
        assert booked.price == Money(12_000_00 + 500_00 + 900_00 + 2_000_00 + 800_00)
        assert (booked.delivery_days, booked.revisions) == (5, 3)
        assert "Your shop and its banner." in booked.usage_rights
        assert "Raw files" in booked.usage_rights
        assert [kept["amount"] for kept in booked.addons] == [500_00, 900_00, 2_000_00, 800_00]
        for addon in offer.addons:
            addon.price_amount = 1
        db.session.flush()
        deal = accept_selection(creator.actor, booked.id)
        terms = newest_terms(deal.id)
        assert (terms.price, terms.revisions) == (Money(16_200_00), 3)
        assert terms.draft_due_on == platform_today() + timedelta(days=5)
        assert terms.usage_rights == booked.usage_rights


def test_a_day_is_kept_and_taken_of_the_calendar(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        wanted = platform_today() + timedelta(days=30)
        booked = _book(brand, _offer(creator), wanted_on=wanted)
        assert db.session.scalars(select(Engagement)).all() == []
        deal = accept_selection(creator.actor, booked.id)
        assert newest_terms(deal.id).draft_due_on == wanted
        engagement = db.session.scalars(select(Engagement)).one()
        assert (engagement.starts_on, engagement.ends_on) == (wanted - timedelta(days=9), wanted)


@pytest.mark.parametrize("days", [8, 551])
def test_a_day_too_near_or_too_far_is_refused(context: None, days: int) -> None:
    with transaction():
        with pytest.raises(Invalid) as refused:
            _book(make_brand(), _offer(make_creator()), wanted_on=platform_today() + timedelta(days=days))
        assert refused.value.field == "wanted_on"


def test_a_busy_creator_cannot_be_booked_for_that_day(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        offer, wanted = _offer(creator), platform_today() + timedelta(days=20)
        db.session.add(BlockedDay(creator_id=creator.id, day=wanted))
        with pytest.raises(Conflict, match="takes no work") as refused:
            _book(brand, offer, wanted_on=wanted)
        assert refused.value.field == "wanted_on"
        booked = _book(brand, offer, wanted_on=wanted + timedelta(days=1))
        other = _book(make_brand("Northmoss"), offer, wanted_on=wanted + timedelta(days=2))
        db.session.execute(update(Creator).values(most_deals=1))
        accept_selection(creator.actor, booked.id)
        with pytest.raises(Conflict, match="as many deals"):
            accept_selection(creator.actor, other.id)
        with pytest.raises(Conflict, match="as many deals"):
            _book(brand, offer, wanted_on=wanted + timedelta(days=3))


def test_a_full_creator_is_kept_from_another_deal_by_an_application_too(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        application = make_application(creator, make_brief(brand).id)
        running = _book(brand, _offer(creator))
        db.session.execute(update(Creator).values(most_deals=1))
        open_engagement(creator.id, running.id, platform_today(), platform_today() + timedelta(days=5))
        with pytest.raises(Conflict, match="as they take at once"):
            accept_selection(brand.actor, application.id)


def test_what_is_not_on_offer_is_not_sold(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        offer, foreign = _offer(creator), _offer(make_creator("Gu Wen"))
        package_id = offer.packages[0].id
        offer.addons[0].position = None
        db.session.flush()
        for addon_id in (offer.addons[0].id, foreign.addons[0].id, 99_999):
            with pytest.raises(Invalid) as refused:
                book_package(brand.actor, package_id, addon_ids=[addon_id])
            assert refused.value.field == "addons"


def test_a_brief_has_the_last_day_and_its_own_currency(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        offer, today = _offer(creator), platform_today()
        brief = make_brief(brand, brief_facts(apply_by=today, publish_by=today + timedelta(days=8)))
        with pytest.raises(Invalid, match="to be published by") as refused:
            _book(brand, offer, brief_id=brief.id)
        assert refused.value.field == "brief_id"
        booked = _book(brand, offer, AddonKind.RUSH, brief_id=brief.id)
        terms = newest_terms(accept_selection(creator.actor, booked.id).id)
        assert (terms.draft_due_on, terms.publish_on) == (today + timedelta(days=5), brief.publish_by)


def test_the_page_works_out_the_price_with_and_without_scripts(context: None, client: Client) -> None:
    with transaction():
        brand, offer = make_brand(), _offer(make_creator())
        package_id, ids = offer.packages[0].id, [str(addon.id) for addon in offer.addons[:2]]
    sign_in(client, brand)
    page = client.get(f"/packages/{package_id}/book").text
    assert "Extra revision" in page
    assert "¥12,000" in page
    update_form = {"addons": ids, "update": "1", "message": "Kept."}
    again = client.post(f"/packages/{package_id}/book", data=update_form)
    assert again.status_code == 200
    assert "13,400" in again.text
    assert "Kept." in again.text
    assert again.text.count("checked") == 2
    part = client.get(f"/packages/{package_id}/book/price?addons={ids[0]}&addons={ids[1]}&addons=x").text
    assert "13,400" in part
    assert "<html" not in part
    wrong = client.post(f"/packages/{package_id}/book", data={"addons": ["x", "99999"], "wanted_on": "soon"})
    assert wrong.status_code == 422
    assert 'id="wanted_on-error"' in wrong.text
    answer = client.post(f"/packages/{package_id}/book", data={"addons": ids, "price": "1"})
    assert answer.status_code == 303
    shown = client.get(answer.location).text
    assert "These extras are in it:" in shown
    with transaction():
        assert db.session.scalars(select(Selection.price_amount)).one() == 13_400_00
