"""A generated crowd: the same numbers give the same people, spread as a market is, in tables that agree."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from bench import listing
from bench.plans import scans, statements
from marketplace.accounts.models import Side
from marketplace.brands.models import Brand, Member
from marketplace.briefs.models import Brief
from marketplace.config import Environment
from marketplace.creators.models import Creator
from marketplace.demo.crowd.chances import Zipf, log_normal_fans, zipf_number
from marketplace.demo.crowd.creators import facts
from marketplace.demo.crowd.generate import generate
from marketplace.discovery.queries import find_creators
from marketplace.discovery.wanted import Wanted
from marketplace.infra.db import Model, db, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.matching.models import Selection
from marketplace.offers.models import Offer, OfferStatus
from tests.support.market import make_creator, make_user
from tests.support.offers import make_offer
from tests.support.web import Client


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def said() -> list[str]:
    return []


class TestSmallCrowd:
    @pytest.fixture(autouse=True)
    def crowd(self, app: Flask, said: list[str]) -> Iterator[None]:
        with app.app_context():
            generate(400, 60, say=said.append)
            yield

    def test_there_are_as_many_as_asked_for_and_progress_is_said(self, said: list[str]) -> None:
        assert (count(Creator), count(Brief), count(Brand), count(Member)) == (400, 60, 15, 15)
        assert count(Selection) > 60
        assert [line.partition(";")[0] for line in said] == ["Creators: 400 of 400", "Briefs: 60 of 60"]

    def test_what_is_kept_on_a_creators_row_is_what_their_offers_say(self) -> None:
        listed = Offer.status == OfferStatus.LISTED
        kept = db.session.execute(
            select(
                Creator.newest_offer_at, Creator.lowest_amount, func.max(Offer.listed_at), func.min(Offer.lowest_amount)
            )
            .outerjoin(Offer, (Offer.creator_id == Creator.id) & listed)
            .group_by(Creator.id)
        ).all()
        assert all((newest, lowest) == (found, least) for newest, lowest, found, least in kept)
        assert find_creators(Wanted()).total == sum(1 for newest, *_ in kept if newest is not None) > 50

    def test_only_those_with_enough_fans_sell(self) -> None:
        threshold = settings().fan_threshold
        below = select(func.count()).select_from(Offer).join(Creator, Creator.id == Offer.creator_id)
        assert db.session.scalar(below.where(Creator.verified_fans <= threshold)) == 0
        wrong = select(Creator.id).where(Creator.eligible != (Creator.verified_fans > threshold))
        assert not db.session.scalars(wrong).all()

    def test_people_can_join_after_it(self) -> None:
        with transaction():
            creator = make_creator("Lin Yue")
            make_offer(creator)
            make_user(Side.BRAND)
        assert count(Creator) == 401

    def test_a_second_crowd_comes_beside_the_first(self, said: list[str]) -> None:
        generate(100, 8, seed=2, say=said.append)
        assert (count(Creator), count(Brief)) == (500, 68)

    def test_the_pages_of_the_busiest_answer(self, client: Client, database_url: str) -> None:
        for page in listing.pages_of(database_url):
            with client.session_transaction() as session:
                session.update(page.reader.session)
            assert client.get(page.path).status_code == 200, page.name


def test_the_same_number_is_the_same_creator() -> None:
    now = clock.now()
    for number in range(50):
        first, again = facts(number, 1, now), facts(number, 1, now)
        assert (first.name, first.fans, first.category, first.joined) == (
            again.name,
            again.fans,
            again.category,
            again.joined,
        )
    assert [facts(number, 1, now).fans for number in range(50)] != [facts(number, 2, now).fans for number in range(50)]


def test_the_first_of_a_list_is_chosen_most_and_each_later_one_less() -> None:
    rng = Random(7)
    chosen = Counter(Zipf("abcd").choose(rng) for _ in range(20_000))
    assert all(chosen[more] > chosen[less] for more, less in pairwise("abcd"))
    assert 1.7 < chosen["a"] / chosen["b"] < 2.3
    numbers = [zipf_number(rng, 1000) for _ in range(20_000)]
    assert min(numbers) == 0 < max(numbers) < 1000
    assert sum(1 for number in numbers if number < 30) > 8_000


def test_few_have_most_of_the_fans() -> None:
    rng = Random(7)
    fans = sorted((log_normal_fans(rng) for _ in range(10_000)), reverse=True)
    assert 6_000 < fans[5_000] < 13_000
    assert sum(fans[:100]) > sum(fans[5_000:])


def test_a_market_in_production_gets_no_crowd(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        production = settings().model_copy(update={"mutuals_env": Environment.PRODUCTION})
        monkeypatch.setitem(app.extensions, "mutuals_settings", production)
        refused = app.test_cli_runner().invoke(args=["generate", "--creators", "1"])
        assert refused.exit_code == 1
        assert "not for an installation in production" in refused.output
        assert count(Creator) == 0


def test_a_crowd_of_nobody_is_a_mistake(app: Flask) -> None:
    assert "Say how many" in app.test_cli_runner().invoke(args=["generate"]).output


def test_an_index_serves_every_list(app: Flask, client: Client, database_url: str) -> None:
    """That the planner takes them, too, at 200,000 creators is for `make bench` to see."""
    with app.app_context():
        generate(5_000, 500, say=lambda _: None)
    found = []
    for page in listing.pages_of(database_url):
        with client.session_transaction() as session:
            session.update(page.reader.session)
        with statements(app) as sent:
            assert client.get(page.path).status_code == 200, page.name
        found += scans(app, page.name, sent, dear=True)
    assert not found, "\n".join(map(str, found))
