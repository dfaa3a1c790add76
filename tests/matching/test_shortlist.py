"""The brand's own marks on applicants, and some of them side by side. Nobody else learns of either."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from marketplace.briefs.policy import platform_today
from marketplace.creators.audience import state_audience
from marketplace.creators.models import Creator, TrackRecord
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.applicants import ApplicantOrder, list_applicants
from marketplace.matching.compare import MOST, compare
from marketplace.matching.marks import shortlist, write_note
from marketplace.matching.service import invite_creator, withdraw
from marketplace.offers.models import BlockedDay
from tests.support.counting import counted_queries
from tests.support.market import (
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    sign_in,
)
from tests.support.web import Client


def test_only_the_brands_managers_star_and_note_applications(context: None) -> None:
    with transaction():
        brand, rival, creator = make_brand(), make_brand("Northmoss"), make_creator()
        brief = make_brief(brand)
        selection = make_application(creator, brief.id)
        asked = invite_creator(brand.actor, make_creator("Gu Wen").id, brief.id, Money(9_000_00), "Come.")
        for actor, refusal in (
            (rival.actor, NotFound),
            (creator.actor, NotFound),
            (make_member(brand, "viewer").actor, NotAllowed),
        ):
            with pytest.raises(refusal):
                shortlist(actor, selection.id, on=True)
            with pytest.raises(refusal):
                write_note(actor, selection.id, "Ours.")
        with pytest.raises(NotFound):
            shortlist(brand.actor, asked.id, on=True)
        with pytest.raises(Invalid):
            write_note(brand.actor, selection.id, "x" * 1001)
        shortlist(brand.actor, selection.id, on=True)
        first = selection.shortlisted_at
        shortlist(make_member(brand, "manager").actor, selection.id, on=True)
        assert selection.shortlisted_at == first is not None
        assert list_applicants(brief.id, ApplicantOrder.NEWEST, shortlisted=True).total == 1
        shortlist(brand.actor, selection.id, on=False)
        assert list_applicants(brief.id, ApplicantOrder.NEWEST, shortlisted=True).total == 0


def test_the_star_works_with_and_without_scripts(context: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
        selection_id = make_application(creator, brief_id).id
    sign_in(client, brand)
    back = client.post(f"/selections/{selection_id}/star", data={"on": "1"})
    assert back.location == f"/company/briefs/{brief_id}/applicants#applicant-{selection_id}"
    page = client.get(f"/company/briefs/{brief_id}/applicants?shortlisted=1").text
    assert 'aria-pressed="true"' in page
    part = client.post(
        f"/selections/{selection_id}/star", data={"on": "0", "whose": "<b>"}, headers={"HX-Request": "true"}
    )
    assert part.status_code == 200
    assert 'aria-pressed="false"' in part.text
    assert "<html" not in part.text
    assert "&lt;b&gt;" in part.text


def test_the_creator_never_reads_notes_stars_or_other_applicants(context: None, client: Client) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator("Lin Yue"), make_creator("Gu Wen")
        brief_id = make_brief(brand).id
        selection_id = make_application(creator, brief_id).id
        make_application(other, brief_id)
        shortlist(brand.actor, selection_id, on=True)
        write_note(brand.actor, selection_id, "Too many pots, but a fine voice.")
    sign_in(client, creator)
    for address in (
        f"/selections/{selection_id}",
        f"/briefs/{brief_id}",
        "/selections?tab=waiting",
        "/today",
        "/notifications",
    ):
        page = client.get(address).text
        for secret in ("fine voice", "Shortlist", "Gu Wen", "For your company only", "places"[:0] + "Committed"):
            assert secret not in page, address
    assert client.get(f"/company/briefs/{brief_id}/compare?ids={other.id}").status_code == 403
    brand_client = client.application.test_client()
    sign_in(brand_client, brand)
    assert "fine voice" in brand_client.get(f"/selections/{selection_id}").text
    assert "fine voice" in brand_client.get(f"/company/briefs/{brief_id}/applicants").text
    assert "fine voice" in brand_client.get(f"/company/briefs/{brief_id}/compare?ids={creator.id}").text


def test_a_note_is_saved_from_its_form(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        selection_id = make_application(make_creator(), make_brief(brand).id).id
    sign_in(client, brand)
    form = {"note": "A fine <voice>.", "next": f"/selections/{selection_id}"}
    answer = client.post(f"/selections/{selection_id}/note", data=form)
    assert answer.location == f"/selections/{selection_id}"
    assert "A fine &lt;voice&gt;." in client.get(answer.location).text
    assert client.post(f"/selections/{selection_id}/note", data={"note": "x" * 1001}).status_code == 422


def test_columns_say_what_tells_applicants_apart(context: None) -> None:
    with transaction():
        brand, near, far = make_brand(), make_creator("Lin Yue", fans=80_000), make_creator("Gu Wen", fans=30_000)
        brief = make_brief(brand)
        make_application(near, brief.id, 12_000_00)
        make_application(far, brief.id, 16_000_00)
        state_audience(near.actor, {"gender": {"women": 7_100, "men": 2_900}})
        db.session.add(
            TrackRecord(
                creator_id=near.id, ended=4, completed=3, published=3, on_time=2, rating_sum=14, rating_count=3,
                response_minutes=200, counted_at=clock.now(),
            )
        )  # fmt: skip
        db.session.add(BlockedDay(creator_id=far.id, day=platform_today()))
        db.session.flush()
        first, second = compare(brief, [far.id, near.id, 99_999])
        assert (first.selection.creator_id, second.selection.creator_id) == (far.id, near.id)
        assert (first.lowest, second.lowest, first.cheapest, second.cheapest) == (False, True, False, True)
        assert second.selection.price_per_thousand == Money(150_00)
        assert ("80,000 fans on Douyin", "yes") in second.fit
        assert ("Price outside your budget", "no") in first.fit
        assert second.audience is not None
        assert (second.audience.parts[0][2], second.audience.verified) == (7_100, False)
        assert (second.record.completed, second.record.on_time, second.record.reviews) == ("3 of 4", "2 of 3", 3)
        assert second.record.answers == "in about 3 hours"
        assert (first.free_on, second.free_on) == (platform_today() + timedelta(days=1), platform_today())
        assert first.record.completed == ""


def test_at_most_five_stand_side_by_side_and_who_left_is_gone(context: None, client: Client) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(6)]
        brief = make_brief(brand)
        brief_id, ids = brief.id, [creator.id for creator in creators]
        made = [make_application(creator, brief_id) for creator in creators]
        assert len(compare(brief, ids)) == MOST
        withdraw(creators[0].actor, made[0].id)
        assert [column.selection.creator_id for column in compare(brief, ids[:2])] == [ids[1]]
        db.session.execute(update(Creator).where(Creator.id == ids[1]).values(holiday_from=date(2020, 1, 1), holiday_until=date(2090, 1, 1)))  # fmt: skip  # noqa: E501
        db.session.expire_all()
        assert compare(brief, ids[1:2])[0].free_on is None
    sign_in(client, brand)
    query = "&".join(f"ids={creator_id}" for creator_id in ids)
    page = client.get(f"/company/briefs/{brief_id}/compare?{query}&ids=x").text
    assert "5 at most stand side by side" in page
    assert "none in sight" in page
    assert "Nobody to compare" in client.get(f"/company/briefs/{brief_id}/compare").text


def test_comparing_five_takes_as_few_queries_as_comparing_one(app: Flask, context: None, client: Client) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(5)]
        brief_id = make_brief(brand, brief_facts(slots=9)).id
        for creator in creators:
            make_application(creator, brief_id)
    sign_in(client, brand)
    sent = []
    for number in (1, 5):
        address = f"/company/briefs/{brief_id}/compare?" + "&".join(f"ids={one.id}" for one in creators[:number])
        client.get(address)
        with counted_queries(app) as statements:
            assert client.get(address).status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1] <= 12
