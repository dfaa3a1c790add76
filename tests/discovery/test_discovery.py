"""Discovery: who is listed, what each filter leaves, and that strange addresses and many rows do no harm."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from marketplace.creators.channels import add_channel
from marketplace.creators.models import Category, Platform
from marketplace.creators.policy import today
from marketplace.creators.queries import get_creator
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.discovery.facets import count_categories, count_platforms
from marketplace.discovery.queries import A_PAGE, find_creators
from marketplace.discovery.wanted import Sort, Wanted, read_wanted
from marketplace.infra.db import transaction
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.offers.models import OfferStatus
from marketplace.offers.queries import own_offers
from marketplace.offers.service import pause_offer
from tests.support.counting import counted_queries
from tests.support.market import CreatorSide, make_admin, make_brand, make_creator, sign_in
from tests.support.offers import make_offer, offer_facts, package_facts
from tests.support.saved import Saved
from tests.support.web import Client


@pytest.fixture
def market(saved: Saved) -> dict[str, CreatorSide]:
    """Three who sell: a cook, a mender, a reader with two channels; and three who aren't shown."""
    return saved.world("discovery", sellers)


def sellers() -> dict[str, CreatorSide]:
    with transaction():
        cook = make_creator("Lin Yue", fans=128_400, category=Category.FOOD)
        mender = make_creator("Gu Wen", fans=20_000, platform=Platform.BILIBILI, category=Category.TECHNOLOGY)
        reader = make_creator("唐书", fans=60_000, platform=Platform.YOUTUBE, category=Category.BOOKS)
        second = add_channel(reader.actor, Platform.BILIBILI, "tang", "https://space.bilibili.com/5").id
        shot = Upload("fans.png", "image/png", b"picture")
        review_reading(make_admin(), submit_reading(reader.actor, second, 11_000, today(), shot).id, accept=True)
        add_channel(cook.actor, Platform.TIKTOK, "lin", "https://www.tiktok.com/@lin")
        week = timedelta(days=7)
        with clock.at(clock.now() - week):
            make_offer(cook, offer_facts(package_facts(12_000_00), package_facts(6_800_00), title="Supper film"))
        make_offer(mender, offer_facts(package_facts(9_500_00), title="100% honest_test of your tool"))
        make_offer(mender, offer_facts(package_facts(30_000_00), title="A month of repairs"))
        with clock.at(clock.now() - 2 * week):
            make_offer(reader, offer_facts(package_facts(5_200_00), title="书评短片"))
        draft = make_creator("Draft", fans=500_000)
        make_offer(draft, listed=False)
        paused = make_creator("Paused", fans=500_000)
        pause_offer(paused.actor, make_offer(paused).id)
        fallen = make_creator("Fallen", fans=500_000)
        make_offer(fallen)
        get_creator(fallen.id).eligible = False
    return {"cook": cook, "mender": mender, "reader": reader}


def names(**wanted: object) -> list[str]:
    return [found.creator.name for found in find_creators(Wanted(**wanted)).found]  # type: ignore[arg-type]


@pytest.mark.usefixtures("context", "market")
class TestFilters:
    def test_only_eligible_creators_with_a_listed_offer_are_found(self) -> None:
        assert names() == ["Lin Yue", "唐书", "Gu Wen"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (Sort.FANS, ["Lin Yue", "唐书", "Gu Wen"]),
            (Sort.NEWEST, ["Gu Wen", "Lin Yue", "唐书"]),
            (Sort.PRICE, ["唐书", "Lin Yue", "Gu Wen"]),
        ],
    )
    def test_they_come_in_the_order_asked_for(self, sort: Sort, order: list[str]) -> None:
        assert names(sort=sort) == order

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("lin", ["Lin Yue"]),
            ("SUPPER film", ["Lin Yue"]),
            ("film repairs", []),
            ("唐", ["唐书"]),
            ("短片", ["唐书"]),
            ("repairs", ["Gu Wen"]),
            ("100%", ["Gu Wen"]),
            ("honest_test", ["Gu Wen"]),
            ("%", ["Gu Wen"]),
            ("honest-test", []),
            ("\\", []),
            ("'; DROP TABLE creators; --", []),
        ],
    )
    def test_every_word_is_in_the_name_the_headline_or_a_title(self, words: str, found: list[str]) -> None:
        assert names(words=tuple(words.split())) == found

    def test_a_platform_counts_when_it_is_verified(self) -> None:
        assert names(platforms=(Platform.BILIBILI,)) == ["唐书", "Gu Wen"]
        assert names(platforms=(Platform.TIKTOK,)) == []
        assert names(platforms=(Platform.DOUYIN, Platform.YOUTUBE)) == ["Lin Yue", "唐书"]

    def test_bounds_are_inclusive(self) -> None:
        assert names(least_fans=60_000) == ["Lin Yue", "唐书"]
        assert names(least_fans=60_001) == ["Lin Yue"]
        assert names(most_price=Money(6_800_00)) == ["Lin Yue", "唐书"]
        assert names(most_price=Money(6_799_99)) == ["唐书"]
        assert names(most_price=Money(6_800_00, "USD")) == []

    def test_filters_hold_together(self) -> None:
        assert names(categories=(Category.BOOKS, Category.FOOD), least_fans=100_000) == ["Lin Yue"]

    def test_counts_keep_all_other_filters(self) -> None:
        assert count_platforms(Wanted()) == {Platform.DOUYIN: 1, Platform.BILIBILI: 2, Platform.YOUTUBE: 1}
        narrowed = Wanted(categories=(Category.BOOKS,), platforms=(Platform.YOUTUBE,))
        assert count_platforms(narrowed) == {Platform.YOUTUBE: 1, Platform.BILIBILI: 1}
        assert count_categories(narrowed) == {Category.BOOKS: 1}
        assert count_categories(Wanted(platforms=(Platform.BILIBILI,))) == {Category.TECHNOLOGY: 1, Category.BOOKS: 1}

    def test_a_tile_has_the_largest_reading_and_the_lowest_price(self) -> None:
        found = find_creators(Wanted(words=("唐",))).found[0]
        assert found.reading is not None
        assert (found.reading.fans, found.reading.channel.platform) == (60_000, Platform.YOUTUBE)
        assert found.lowest == Money(5_200_00)
        assert find_creators(Wanted(words=("Gu",))).found[0].lowest == Money(9_500_00)


@pytest.mark.usefixtures("context")
def test_what_cant_be_understood_is_left_out_and_said() -> None:
    typed: MultiDict[str, str] = MultiDict({"q": "a\x00b", "category": "'", "fans": "many", "price": "-5"})
    typed.setlist("platform", ["myspace", "douyin"])
    typed.update({"sort": "magic", "page": "²"})
    with transaction():
        wanted, form = read_wanted(typed)
    assert wanted == Wanted(words=("ab",), platforms=(Platform.DOUYIN,))
    assert set(form.errors) == {"fans", "price"}


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "x" * 2000,
        "q=%25%25%25&sort=price",
        "q=" + quote("( [ * . \\ ' \" ; --"),
        "page=0",
        "page=-1",
        "page=999999999999999999999",
        "page=2e1",
        "fans=" + "9" * 400,
        "price=1.234",
        "price=NaN&fans=%EF%BC%91%EF%BC%90",
        "platform=&category=&sort=&page=",
        "platform=douyin&platform=douyin&platform[]=x",
        "_external=1&_scheme=javascript&_anchor=x&q=lin",
        "%ff=%ff&q=%ff%fe",
    ],
)
def test_no_address_breaks_the_page(client: Client, query: str) -> None:
    answer = client.get(f"/creators?{query}")
    assert answer.status_code == 200
    assert "javascript:" not in answer.text


@pytest.mark.usefixtures("market")
def test_a_wrong_figure_is_explained_beside_its_box_and_ignored(client: Client) -> None:
    page = client.get("/creators?fans=many&price=12000").text
    assert "Write a whole number in figures" in page
    assert 'value="many"' in page
    assert "3 creators" in page


@pytest.mark.usefixtures("market")
def test_filters_that_are_on_can_be_taken_away_one_by_one(client: Client) -> None:
    page = client.get("/creators?q=lin&platform=douyin&platform=bilibili&fans=10%2C001&sort=price&page=3").text
    assert "1 creator" in page
    assert 'href="/creators?q=lin&amp;platform=bilibili&amp;fans=10,001&amp;sort=price"' in page
    assert 'href="/creators?platform=douyin&amp;platform=bilibili&amp;fans=10,001&amp;sort=price"' in page
    assert 'href="/creators?q=lin&amp;platform=douyin&amp;platform=bilibili&amp;sort=price"' in page


def test_an_empty_market_and_an_empty_search_say_different_things(
    client: Client, market: dict[str, CreatorSide]
) -> None:
    assert "No creator fits all of this" in client.get("/creators?q=nobody").text
    with client.application.app_context(), transaction():
        for side in market.values():
            for offer in own_offers(side.actor):
                if offer.status is OfferStatus.LISTED:
                    pause_offer(side.actor, offer.id)
    assert "No creator sells here yet" in client.get("/creators").text


def _many(number: int) -> None:
    for place in range(number):
        creator = make_creator(f"Creator {place:02}", fans=20_000 + place)
        make_offer(creator)


def test_the_pages_keep_the_search_and_the_last_one_is_the_limit(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        _many(A_PAGE + 2)
    first = client.get("/creators?q=creator&sort=fans")
    assert first.text.count('class="tile"') == A_PAGE
    assert "/creators?q=creator&amp;sort=fans&amp;page=2" in first.text
    assert client.get("/creators?q=creator&page=2").text.count('class="tile"') == 2
    assert client.get("/creators?q=creator&page=77").text.count('class="tile"') == 2


@pytest.mark.parametrize(
    "address", ["/creators", "/creators?q=creator&platform=douyin&category=food&price=90000", "/c/{}"]
)
def test_pages_ask_the_database_as_often_whatever_the_rows(app: Flask, client: Client, address: str) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator("Creator A", fans=90_000), make_brand()
        make_offer(creator)
    sign_in(client, brand)
    client.get(address.format(creator.handle))
    with counted_queries(app) as few:
        assert client.get(address.format(creator.handle)).status_code == 200
    with app.app_context(), transaction():
        _many(12)
        for number in range(4):
            make_offer(creator)
            add_channel(creator.actor, Platform.OTHER, "x", f"https://site.example/{number}")
    with counted_queries(app) as many:
        assert client.get(address.format(creator.handle)).status_code == 200
    assert len(many) == len(few) <= 12, many


def test_a_headline_is_searched(context: None) -> None:
    with transaction():
        creator = make_creator()
        facts = CreatorFacts(
            name="Lin", handle=creator.handle, category=Category.FOOD, headline_en="Clay pots at night"
        )
        save_profile(creator.actor, facts, version=1)
        make_offer(creator)
    assert names(words=("clay", "night")) == ["Lin"]
