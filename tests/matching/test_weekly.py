"""A creator's week of applications: what counts, what doesn't, and when the next may be made."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from marketplace.infra.db import transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import TooMany
from marketplace.matching.service import decline, withdraw
from marketplace.matching.weekly import application_allowance
from tests.support.market import make_application, make_brand, make_brief, make_creator, sign_in
from tests.support.racing import race
from tests.support.web import Client

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def two_a_week(app: Flask, context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    few = settings().model_copy(update={"applications_a_week": 2})
    monkeypatch.setitem(app.extensions, "mutuals_settings", few)


def test_the_third_waits_until_the_first_is_a_week_old(two_a_week: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        with clock.at(START):
            briefs = [make_brief(brand).id for _ in range(3)]
            assert application_allowance(creator.id).made == 0
            decline(brand.actor, make_application(creator, briefs[0]).id, "No.")
        with clock.at(START + timedelta(days=2)):
            make_application(creator, briefs[1])
            allowance = application_allowance(creator.id)
            assert (allowance.made, allowance.most, allowance.next_at) == (2, 2, START + timedelta(days=7))
            with pytest.raises(TooMany, match="2 of 2 applications this week"):
                make_application(creator, briefs[2])
        with clock.at(START + timedelta(days=7)):
            assert application_allowance(creator.id).made == 1
            make_application(creator, briefs[2])


def test_one_taken_back_within_an_hour_does_not_count(two_a_week: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        with clock.at(START):
            briefs = [make_brief(brand).id for _ in range(3)]
            slip, meant = make_application(creator, briefs[0]), make_application(creator, briefs[1])
        with clock.at(START + timedelta(hours=1)):
            withdraw(creator.actor, slip.id)
            assert application_allowance(creator.id).made == 1
        with clock.at(START + timedelta(hours=1, seconds=1)):
            withdraw(creator.actor, meant.id)
            assert application_allowance(creator.id).made == 1


def test_the_page_says_it_before_and_refuses_after(two_a_week: None, client: Client) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        briefs = [make_brief(brand).id for _ in range(3)]
    sign_in(client, creator)
    form = {"price": "9,000", "message": "Me."}
    assert "You have made 0 of 2 applications this week." in client.get(f"/briefs/{briefs[0]}/apply").text
    for brief_id in briefs[:2]:
        assert client.post(f"/briefs/{brief_id}/apply", data=form).status_code == 303
    page = client.get(f"/briefs/{briefs[2]}/apply").text
    assert "You have made 2 of 2 applications this week." in page
    assert 'name="message"' not in page
    answer = client.post(f"/briefs/{briefs[2]}/apply", data=form)
    assert answer.status_code == 429
    assert "You can apply again from" in answer.text


def test_two_windows_do_not_pass_the_limit(two_a_week: None, app: Flask) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        briefs = [make_brief(brand).id for _ in range(4)]
    outcomes = race(app, *(lambda one=one: make_application(creator, one) for one in briefs))
    assert sorted(outcomes) == ["TooMany", "TooMany", "done", "done"]
