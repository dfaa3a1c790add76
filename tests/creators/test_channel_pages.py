"""A creator's own pages of channels: how each was proved, how its fans went, what to do next."""

from datetime import timedelta

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, update

from marketplace.creators.channels import add_channel
from marketplace.creators.codes import report_code, review_code
from marketplace.creators.models import Channel, ChannelCode, FanReading, Platform, PullProblem, ReadingSource
from marketplace.creators.policy import today
from marketplace.creators.reading_queries import (
    HISTORY_PAGE,
    channel_state,
    channel_states,
    fan_series,
    reading_history,
)
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.verification import WAYS, open_ways
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.creators.conftest import SHOT, Setting, accept, channel_of
from tests.support.counting import counted_queries
from tests.support.market import CreatorSide, make_admin, make_creator, sign_in
from tests.support.web import Client

DAY = timedelta(days=1)


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator("Lin Yue", eligible=False)


def ways_of(creator: CreatorSide) -> dict[ReadingSource, str]:
    state = channel_state(db.session.get_one(Channel, channel_of(creator)))
    return {source: step.says for source, step in open_ways(state)}


def test_every_source_of_a_reading_is_a_way() -> None:
    assert {way.source for way in WAYS} == set(ReadingSource)


def test_the_ways_that_are_open_follow_the_channel_and_the_settings(
    context: None, creator: CreatorSide, setting: Setting
) -> None:
    assert set(ways_of(creator)) == {ReadingSource.EVIDENCE, ReadingSource.CODE}
    setting(feed_secrets=SecretStr("x" * 32), youtube_api_key=SecretStr("y"))
    assert set(ways_of(creator)) == {ReadingSource.EVIDENCE, ReadingSource.CODE, ReadingSource.FEED}
    with transaction():
        tuber = make_creator("Gu Wen", platform=Platform.YOUTUBE, eligible=False)
    assert "Once the channel is proved" in ways_of(tuber)[ReadingSource.YOUTUBE]
    with transaction():
        accept(tuber, 500)
    assert "every day" in ways_of(tuber)[ReadingSource.YOUTUBE]


def test_a_code_is_asked_for_placed_and_waits(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        address = f"/me/channels/{channel_of(creator)}/code"
    assert "Get a code" in client.get(address).text
    assert client.post(address).location == address
    with app.app_context():
        code = db.session.scalars(select(ChannelCode.code)).one()
    assert code in client.get(address).text
    for typed, why in (("", "Fill this in."), ("0", "at least 1"), ("x", "whole number"), ("99999999999", "at most")):
        wrong = client.post(f"{address}/placed", data={"fans": typed})
        assert (wrong.status_code, why in wrong.text, code in wrong.text) == (422, True, True), typed
    placed = client.post(f"{address}/placed", data={"fans": "12,300"})
    assert (placed.status_code, placed.location) == (303, address.removesuffix("/code"))
    assert client.post(f"{address}/placed", data={"fans": "12,300"}).status_code == 409
    assert "A reviewer looks for your code" in client.get(address).text
    assert "a reviewer looks for it" in client.get("/me/channels").text


def test_a_rejected_code_says_why_and_another_can_be_had(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        address = f"/me/channels/{channel_of(creator)}/code"
        client.post(address)
        with transaction():
            code = report_code(creator.actor, channel_of(creator), 20_000)
            review_code(make_admin(), code.id, confirm=False, reason="It <b>isn’t</b> there.")
            code_was = code.code
    page = client.get(address).text
    assert "It &lt;b&gt;isn’t&lt;/b&gt; there." in page
    client.post(address)
    assert code_was not in client.get(address).text


def test_another_creators_channel_is_not_there(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        stranger, channel = make_creator("Gu Wen"), channel_of(creator)
    sign_in(client, stranger)
    for address in (f"/me/channels/{channel}", f"/me/channels/{channel}/code"):
        assert client.get(address).status_code == 404
    assert client.post(f"/me/channels/{channel}/code").status_code == 404
    assert client.post(f"/me/channels/{channel}/code/placed", data={"fans": "5"}).status_code == 404


def test_a_channel_shows_its_proof_its_history_and_why_a_count_waits(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", fans=50_000)
        channel = channel_of(creator)
        submit_reading(creator.actor, channel, 100_001, today(), SHOT)
    sign_in(client, creator)
    page = client.get(f"/me/channels/{channel}").text
    assert "Verified" in page
    assert "Evidence, since" in page
    assert "Your count of 100,001 waits, because it jumped" in page
    assert "more than 100 % of growth within 30 days" in page
    assert "100,001 fans on" in page
    assert client.get(f"/me/channels/{channel}?before=x").status_code == 200
    assert "100,001" in client.get("/me/channels").text


def test_youtubes_silence_is_explained(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", platform=Platform.YOUTUBE)
        channel = channel_of(creator)
        db.session.execute(update(Channel).values(pull_problem=PullProblem.HIDDEN))
    sign_in(client, creator)
    assert "the channel hides its subscribers" in client.get(f"/me/channels/{channel}").text
    assert "the channel hides its subscribers" in client.get("/me/channels").text


def daily(channel: int, days: int) -> None:
    """A count for each of the last days, as a feed brings them."""
    start = today() - days * DAY
    values = {
        "source": ReadingSource.YOUTUBE,
        "status": "accepted",
        "submitted_at": clock.now(),
        "reviewed_at": clock.now(),
    }
    db.session.add_all(
        FanReading(channel_id=channel, fans=50_000 + number, taken_on=start + number * DAY, **values)
        for number in range(days)
    )
    db.session.flush()


def test_a_long_history_is_read_by_pages_and_drawn_thinly(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", fans=51_000)
        channel = channel_of(creator)
        daily(channel, 400)
        first, older = reading_history(channel)
        assert len(first) == HISTORY_PAGE
        second, _older = reading_history(channel, older)
        assert {one.id for one in first}.isdisjoint({one.id for one in second})
        series = fan_series(channel)
        assert len(series) <= 60
        assert series[-1].fans == 51_000, "the newest is always there"
        assert [point.day for point in series] == sorted(point.day for point in series)
    sign_in(client, creator)
    page = client.get(f"/me/channels/{channel}").text
    assert f"before={older}" in page
    assert 'data-plot="line"' in page


def test_pages_ask_the_same_however_long_the_history(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue", fans=51_000)
        channel = channel_of(creator)
    sign_in(client, creator)
    pages = ("/me/channels", f"/me/channels/{channel}", f"/me/channels/{channel}/code")
    with counted_queries(app) as few:
        assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    with app.app_context(), transaction():
        daily(channel, 40)
        for number in range(4):
            add_channel(creator.actor, Platform.BILIBILI, f"lin{number}", f"https://space.bilibili.com/{number}")
    with counted_queries(app) as many:
        assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    assert len(many) == len(few) <= 36, many


def test_what_waits_is_found_behind_any_number_of_newer_counts(context: None) -> None:
    with transaction():
        creator = make_creator("Lin Yue", fans=51_000)
        waiting = submit_reading(creator.actor, channel_of(creator), 52_000, today(), SHOT)
        daily(channel_of(creator), 10)
    [state] = channel_states(creator.id)
    assert state.waiting is not None
    assert (state.waiting.id, state.newest.fans if state.newest else 0) == (waiting.id, 51_000)
    with transaction():
        review_reading(make_admin(), waiting.id, accept=True)
    assert channel_states(creator.id)[0].newest == waiting
