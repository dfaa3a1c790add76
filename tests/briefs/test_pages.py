"""Pages of briefs: the list, one brief, a brand's own, the estimate, and how many queries each takes."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.briefs.facts import BriefFacts
from marketplace.briefs.models import BriefStatus, BudgetKind, Visibility
from marketplace.briefs.questions import answer_question, ask_question
from marketplace.briefs.references import add_reference
from marketplace.briefs.service import create_brief, open_brief
from marketplace.creators.models import Platform
from marketplace.infra.db import transaction
from marketplace.kit.money import Money
from marketplace.matching.service import invite_creator
from tests.support.briefs import fresh
from tests.support.counting import counted_queries
from tests.support.market import (
    BrandSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_offer,
    sign_in,
)
from tests.support.web import Client


def test_an_open_brief_is_closed_extended_and_opened_in_the_browser(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        brief_id, last = brief.id, brief.apply_by
        make_application(make_creator(), brief_id)
        invited = make_creator("Gu Wen")
        invite_creator(brand.actor, invited.id, brief_id, Money(9_000_00), "Your suppers are just right.")
    sign_in(client, brand)
    page = client.get(f"/briefs/{brief_id}").text
    assert "2 applications and invitations that wait for an answer lapse" in page
    assert client.post(f"/company/briefs/{brief_id}/open").status_code == 409
    way = f"/company/briefs/{brief_id}/extend"
    sent = {"apply_by": last.isoformat(), "publish_by": (last + timedelta(days=50)).isoformat()}
    assert "What waits for an answer keeps its own time" in client.get(way).text
    for wrong in (sent, sent | {"apply_by": ""}, sent | {"apply_by": "soon"}, sent | {"publish_by": "2020-01-01"}):
        assert client.post(way, data=wrong).status_code == 422, wrong
    later = (last + timedelta(days=5)).isoformat()
    assert client.post(way, data=sent | {"apply_by": later}).status_code == 303
    assert fresh(brief_id).apply_by.isoformat() == later
    assert client.post(f"/company/briefs/{brief_id}/close").status_code == 303
    assert "No briefs are open" in client.get("/briefs").text
    assert "What lapsed when it closed stays so" in client.get(way).text
    assert client.post(way, data=sent | {"apply_by": last.isoformat()}).status_code == 303
    assert fresh(brief_id).status is BriefStatus.OPEN
    assert client.get("/company/briefs/new").status_code == 200


def test_a_stranger_never_sees_a_draft(context: None, client: Client) -> None:
    with transaction():
        brief_id = make_brief(make_brand(), opened=False).id
        creator = make_creator()
    assert client.get(f"/briefs/{brief_id}").status_code == 404
    sign_in(client, creator)
    assert client.get(f"/briefs/{brief_id}").status_code == 404


def test_a_preview_shows_a_draft_as_a_creator_will_see_it(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id, empty_id = make_brief(brand, opened=False).id, create_brief(brand.actor).id
    sign_in(client, brand)
    page = client.get(f"/company/briefs/{brief_id}/preview").text
    assert "This is how a creator sees it" in page
    assert "Your brief" not in page.replace("Your briefs", "")
    for way in (f"/company/briefs/{empty_id}/preview", f"/briefs/{empty_id}", f"/company/briefs/{empty_id}/review"):
        assert client.get(way).status_code == 200


def test_a_shared_brief_says_what_it_is(context: None, client: Client) -> None:
    with transaction():
        brief_id = make_brief(make_brand(), brief_facts(title='Suppers & "pots"')).id
    page = client.get(f"/briefs/{brief_id}").text
    assert '<meta property="og:title" content="Suppers &amp; &#34;pots&#34;, a brief by Tidewell">' in page
    assert '<meta property="og:url" content="http://127.0.0.1' in page
    assert f"/briefs/{brief_id}" in page
    assert "noindex" not in page


def test_a_brief_that_pays_by_views_says_that_the_price_stays(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        paid = {"budget_kind": BudgetKind.VIEWS, "rate": Money(120_00), "budget_max": Money(15_000_00)}
        facts = {name: getattr(brief_facts(), name) for name in BriefFacts.__slots__} | paid | {"budget_min": None}
        brief_id = open_brief(brand.actor, create_brief(brand.actor, BriefFacts(**facts)).id).id
    page = client.get(f"/briefs/{brief_id}").text
    assert "for a thousand views" in page
    assert "125,000 views" in page
    assert "doesn’t change, however many watch" in page
    assert "for a thousand views" in client.get("/briefs").text


def test_a_creator_sees_the_form_with_an_estimate_or_what_is_missing(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand).id
        able, small = make_creator(), make_creator("Zhou Mo", eligible=False)
        make_offer(able)
    sign_in(client, able)
    page = client.get(f"/briefs/{brief_id}").text
    # 6,800 less 10 % of what is above 5,000 in a month.
    assert "¥6,800.00" in page
    assert "¥6,620" in page
    assert "outside the budget" in page
    fragment = client.get(f"/briefs/{brief_id}/estimate?price=10,000").text
    assert "¥9,500" in fragment
    assert "inside the budget" in fragment
    assert "Write a price" in client.get(f"/briefs/{brief_id}/estimate?price=lots").text
    other = client.application.test_client()
    sign_in(other, small)
    page = other.get(f"/briefs/{brief_id}").text
    assert "You need at least 10,001 verified fans on one channel. You have 0." in page
    assert 'name="price"' not in page


def test_the_list_takes_filters_from_the_address_whatever_they_say(context: None, client: Client) -> None:
    with transaction():
        make_brief(make_brand())
        creator = make_creator(fans=15_000, platform=Platform.DOUYIN)
    everything = (
        "", "?content=nonsense", "?budget=-1", "?budget=abc", "?platform=douyin", "?after=zzz", "?mine=y",
        "?content=video_long&for_all=y&category=food", "?category=%00",
    )  # fmt: skip
    for query in everything:
        assert "A week of suppers" in client.get(f"/briefs{query}").text, query
    for query in ("?platform=youtube", "?content=series", "?category=sport"):
        assert "No brief fits all of this" in client.get(f"/briefs{query}").text, query
    sign_in(client, creator)
    assert "A week of suppers" in client.get("/briefs").text
    assert "No brief fits all of this" in client.get("/briefs?mine=y").text


def test_a_brand_finds_its_own_by_state_and_title(context: None, client: Client) -> None:
    with transaction():
        brand, rival = make_brand(), make_brand("Northmoss")
        make_brief(brand, brief_facts(title="Spring suppers"))
        make_brief(brand, brief_facts(title="Autumn 100% suppers"), opened=False)
        make_brief(rival, brief_facts(title="Spring shells"))
        for number in range(21):
            make_brief(brand, brief_facts(title=f"Pot {number}"))
    sign_in(client, brand)

    def titles(query: str) -> list[str]:
        page = client.get(f"/company/briefs{query}").text
        names = ("Spring suppers", "Autumn 100% suppers", "Spring shells", "Pot 20", "Pot 0")
        return [name for name in names if f">{name}</a>" in page]

    assert titles("?q=suppers") == ["Spring suppers", "Autumn 100% suppers"]
    assert titles("?q=100%25") == ["Autumn 100% suppers"]
    assert titles("?q=suppers&tab=draft") == ["Autumn 100% suppers"]
    assert titles("?tab=open") == ["Pot 20"]
    assert titles("?tab=open&page=2") == ["Spring suppers", "Pot 0"]
    assert titles("?tab=nonsense&page=-4") == titles("") == ["Pot 20"]
    assert "No brief is called that" in client.get("/company/briefs?q=_").text
    assert client.get(f"/company/briefs?q={'x' * 500}&page=99999999999999999999").status_code == 200
    assert client.get("/company/briefs?tab=held").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/briefs?mine=y&content=video_long",
        "/company/briefs?q=suppers",
        "/b/{handle}",
        "/briefs/{brief_id}",
        "/company/briefs/{brief_id}/review",
        "/company/briefs/{brief_id}/work",
        "/company/briefs/{brief_id}/references",
        "/company/briefs/{brief_id}/preview",
        "/company/briefs/new",
    ],
)
def test_a_page_takes_the_same_few_queries_whatever_the_rows(
    app: Flask, context: None, client: Client, path: str
) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
        _talk(brand, brief_id, 1)
        if path == "/briefs/{brief_id}":
            make_offer(creator)
    sign_in(client, brand if "company" in path else creator)
    address = path.format(handle=brand.handle, brief_id=brief_id)
    client.get(address)
    with counted_queries(app) as few:
        assert client.get(address).status_code == 200
    with transaction():
        for number in range(6):
            make_brief(make_brand(f"Brand {number}"))
            make_brief(brand)
        make_application(make_creator("Gu Wen"), brief_id)
        _talk(brand, brief_id, 4)
    with counted_queries(app) as many:
        assert client.get(address).status_code == 200
    assert len(few) == len(many) <= 12, "\n".join(many)


def _talk(brand: BrandSide, brief_id: int, number: int) -> None:
    asker = make_creator("He Mian")
    for count in range(number):
        question = ask_question(asker.actor, brief_id, f"May I, {count}?")
        if count % 2:
            answer_question(brand.actor, question.id, "Yes.")
        add_reference(brand.actor, brief_id, f"Link {count}", "https://example.com")


def test_a_brands_own_page_leads_to_its_applicants(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand, brief_facts(slots=3)).id
        make_application(make_creator(fans=60_000), brief_id, 12_000_00)
        make_application(make_creator("Gu Wen", fans=200_000), brief_id, 14_000_00)
    sign_in(client, brand)
    assert "See who applied" in client.get(f"/briefs/{brief_id}").text
    listed = client.get("/company/briefs").text
    assert f'href="/company/briefs/{brief_id}/applicants">2</a>' in listed
    assert client.get(f"/company/briefs/{brief_id}/applicants").status_code == 200


def test_the_badge_of_who_may_answer_stands_in_the_list(context: None, client: Client) -> None:
    with transaction():
        make_brief(make_brand(), brief_facts(visibility=Visibility.INVITATION))
    assert "By invitation" in client.get("/briefs").text
