"""Reading counts from YouTube: against a server that answers as the API's documents say, faults included."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text, update

from marketplace.creators.channels import add_channel
from marketplace.creators.models import Channel, FanReading, Platform, PullProblem, ReadingSource, ReadingStatus
from marketplace.creators.pull import pull_all
from marketplace.creators.queries import get_creator
from marketplace.creators.youtube import Count, QuotaUsedUp, Refused, YouTube, YouTubeFailed
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from tests.creators.conftest import Setting, channel_of
from tests.support.market import CreatorSide, make_creator
from tests.support.youtube_api import KEY, YouTubeApi, youtube_api

DAY = timedelta(days=1)
IDS = [f"UC{number:022d}" for number in range(60)]


@pytest.fixture
def api(setting: Setting) -> Iterator[YouTubeApi]:
    with youtube_api() as found:
        setting(youtube_api_base=found.base, youtube_api_key=SecretStr(KEY))
        yield found


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def reader(api: YouTubeApi, pauses: list[float]) -> YouTube:
    return YouTube(api.base, KEY, pause=pauses.append)


def creator_at(number: int = 0, *, fans: int = 50_000, proved: bool = True) -> CreatorSide:
    """A creator with a channel on YouTube, proved by evidence."""
    return make_creator(f"Creator {number}", fans=fans, platform=Platform.YOUTUBE, eligible=proved)


def newest(creator: CreatorSide) -> FanReading:
    query = select(FanReading).where(FanReading.channel_id == channel_of(creator)).order_by(FanReading.id.desc())
    return db.session.scalars(query.limit(1)).one()


def channel(creator: CreatorSide) -> Channel:
    return db.session.get_one(Channel, channel_of(creator), populate_existing=True)


# --- The client ----------------------------------------------------------------------------------------------------
def test_fifty_channels_are_asked_for_at_once(api: YouTubeApi, reader: YouTube) -> None:
    api.channels = {IDS[0]: ("lin", 12_300), IDS[1]: ("gu", None)}
    assert reader.counts(IDS[:50]) == {IDS[0]: Count(IDS[0], 12_300), IDS[1]: Count(IDS[1], None)}
    [asked] = api.asked
    assert (asked["part"], asked["id"].count(","), asked["key"]) == ("statistics", 49, KEY)


def test_a_handle_is_found_with_its_id_or_not_at_all(api: YouTubeApi, reader: YouTube) -> None:
    api.channels = {IDS[0]: ("Lin", 12_300)}
    assert reader.count_of("lin") == Count(IDS[0], 12_300)
    assert reader.count_of("nobody") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (503, b"<html>sorry</html>"),
        (429, b""),
        (0, b""),
        (200, b"{not json"),
        (200, b"[" * 100_000),
        (200, b"x" * 3_000_000),
        (200, {"items": [{"id": "x"}]}),
        (200, {"items": [{"id": "x", "statistics": {"subscriberCount": "many"}}]}),
        (200, {"items": [{"id": 5, "statistics": {"subscriberCount": "5"}}]}),
        (200, {"items": "none"}),
        (200, b"null"),
    ],
)
def test_a_passing_fault_is_tried_again_after_a_pause(
    api: YouTubeApi, reader: YouTube, pauses: list[float], status: int, body: Any
) -> None:
    api.channels = {IDS[0]: ("lin", 12_300)}
    api.fail(status, body)
    assert reader.counts([IDS[0]])[IDS[0]].subscribers == 12_300
    assert pauses == [1.0]


def test_the_pause_doubles_and_the_last_fault_is_said(api: YouTubeApi, reader: YouTube, pauses: list[float]) -> None:
    for _ in range(4):
        api.fail(503, b"")
    with pytest.raises(YouTubeFailed, match="503"):
        reader.counts([IDS[0]])
    assert pauses == [1.0, 2.0, 4.0]


def test_an_answer_may_say_how_long_to_wait(api: YouTubeApi, reader: YouTube, pauses: list[float]) -> None:
    api.fail(429, b"", Retry_After="7")
    api.fail(429, b"", Retry_After="99999")
    api.fail(403, {"error": {"errors": [{"reason": "rateLimitExceeded"}]}})
    assert reader.counts([IDS[0]]) == {}
    assert pauses == [7.0, 60.0, 4.0]


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "quotaExceeded", QuotaUsedUp),
        (403, "dailyLimitExceeded", QuotaUsedUp),
        (403, "accessNotConfigured", Refused),
        (400, "keyInvalid", Refused),
        (404, "", Refused),
    ],
)
def test_what_a_pause_does_not_mend_is_not_tried_again(
    api: YouTubeApi, reader: YouTube, status: int, reason: str, kind: type[YouTubeFailed]
) -> None:
    api.refuse(status, reason)
    with pytest.raises(kind):
        reader.counts([IDS[0]])
    assert len(api.asked) == 1


@pytest.mark.parametrize(("status", "reason"), [(404, "channelNotFound"), (403, "channelForbidden")])
def test_one_channel_that_cannot_be_shown_does_not_hide_the_others(
    api: YouTubeApi, reader: YouTube, status: int, reason: str
) -> None:
    api.channels = {IDS[0]: ("lin", 12_300), IDS[2]: ("gu", 500)}
    api.refuse(status, reason)  # for the three together; then the first alone is fine, the other two are asked anew
    assert set(reader.counts(IDS[:3])) == {IDS[0], IDS[2]}
    api.refuse(status, reason)
    assert reader.count_of("lin") is None


def test_nobody_listening_is_a_passing_fault_and_the_key_is_not_said(pauses: list[float]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(YouTubeFailed) as failed:
        YouTube(f"http://127.0.0.1:{port}", KEY, pause=pauses.append).counts([IDS[0]])
    assert str(failed.value) == "ConnectionError"
    assert KEY not in repr(failed.value)


# --- Pulling -------------------------------------------------------------------------------------------------------
def test_a_pull_refreshes_the_count_of_a_proved_channel(app: Flask, api: YouTubeApi) -> None:
    with app.app_context():
        with transaction():
            creator, unproved = creator_at(), creator_at(1, proved=False)
        api.channels = {IDS[0]: (creator.handle, 60_000), IDS[1]: (unproved.handle, 90_000)}
        with clock.at(clock.now() + DAY):
            assert pull_all() == 1
            reading = newest(creator)
            assert (reading.fans, reading.source, reading.status) == (
                60_000,
                ReadingSource.YOUTUBE,
                ReadingStatus.ACCEPTED,
            )
            assert get_creator(creator.id).verified_fans == 60_000
            assert channel(creator).external_id == IDS[0]
            assert channel(creator).verified_by is ReadingSource.EVIDENCE
            assert channel(unproved).verified_at is None
            assert pull_all() == 0, "once a day"
        api.asked.clear()
        with clock.at(clock.now() + 2 * DAY):
            assert pull_all() == 1
        assert [("id" in asked, "forHandle" in asked) for asked in api.asked] == [(True, False)], (
            "by the id from now on"
        )


def test_no_transaction_is_open_while_youtube_is_asked(app: Flask, api: YouTubeApi) -> None:
    open_ones: list[int] = []

    class Watching(YouTube):
        def count_of(self, handle: str) -> Count | None:
            open_ones.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return super().count_of(handle)

    with app.app_context():
        with transaction():
            creator_at()
        pull_all(Watching(api.base, KEY))
    assert open_ones == [0]


def test_a_jump_waits_and_administrators_are_told(app: Flask, api: YouTubeApi) -> None:
    with app.app_context():
        with transaction():
            creator = creator_at(fans=50_000)
        api.channels = {IDS[0]: (creator.handle, 100_001)}
        pull_all()
        assert (newest(creator).status, newest(creator).flag) == (ReadingStatus.PENDING, "growth:100:30")
        assert get_creator(creator.id).verified_fans == 50_000
        told = text(
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.tell_reading' ORDER BY id DESC"
        )
        assert db.session.scalars(told).first() == {"reading_id": newest(creator).id}
        with clock.at(clock.now() + DAY):
            pull_all()
            assert newest(creator).status is ReadingStatus.PENDING


def test_hidden_and_lost_channels_keep_what_was_accepted(app: Flask, api: YouTubeApi) -> None:
    with app.app_context():
        with transaction():
            hidden, lost = creator_at(0), creator_at(1)
        api.channels = {IDS[0]: (hidden.handle, None)}
        assert pull_all() == 2
        assert (channel(hidden).pull_problem, channel(lost).pull_problem) == (PullProblem.HIDDEN, PullProblem.GONE)
        assert get_creator(hidden.id).verified_fans == get_creator(lost.id).verified_fans == 50_000
        api.channels = {IDS[0]: (hidden.handle, 51_000)}
        with clock.at(clock.now() + DAY):
            pull_all()
        assert channel(hidden).pull_problem is None


def test_a_used_up_quota_leaves_the_rest_for_tomorrow(app: Flask, api: YouTubeApi) -> None:
    with app.app_context():
        with transaction():
            creators = [creator_at(number) for number in range(52)]
            for number, creator in enumerate(creators):
                db.session.execute(
                    update(Channel).where(Channel.id == channel_of(creator)).values(external_id=IDS[number])
                )
        api.channels = {IDS[number]: (creator.handle, 51_000) for number, creator in enumerate(creators)}
        api.refuse(403, "quotaExceeded")
        assert pull_all() == 0
        assert [len(asked["id"].split(",")) for asked in api.asked] == [50]
        api.asked.clear()
        assert pull_all() == 52, "nobody was put off"
        assert [len(asked["id"].split(",")) for asked in api.asked] == [50, 2]


def test_youtube_out_of_order_ends_the_pull_after_three_batches(
    app: Flask, api: YouTubeApi, pauses: list[float]
) -> None:
    with app.app_context():
        with transaction():
            creator = creator_at()
        for _ in range(4):
            api.fail(500, b"")
        assert pull_all(YouTube(api.base, KEY, pause=pauses.append)) == 0
        assert channel(creator).pulled_at is not None, "the next batch had its turn"
        assert newest(creator).source is ReadingSource.EVIDENCE


def test_a_wrong_key_stops_at_once(app: Flask, api: YouTubeApi, pauses: list[float]) -> None:
    with app.app_context():
        with transaction():
            creator = creator_at()
        assert pull_all(YouTube(api.base, "another key", pause=pauses.append)) == 0
        assert (channel(creator).pulled_at, pauses) == (None, [])


def test_without_a_key_nothing_is_asked(app: Flask) -> None:
    with app.app_context():
        assert pull_all() == 0


def test_two_claims_on_one_channel_do_not_share_its_id(app: Flask, api: YouTubeApi) -> None:
    with app.app_context():
        with transaction():
            first, second = creator_at(0), creator_at(1)
            db.session.execute(update(Channel).where(Channel.id == channel_of(first)).values(external_id=IDS[0]))
        api.channels = {IDS[0]: (second.handle, 60_000)}
        assert pull_all() == 2
        assert channel(second).external_id is None


def test_an_address_may_say_youtubes_own_name(context: None) -> None:
    with transaction():
        creator, other = make_creator(), make_creator("Gu Wen")
        own = add_channel(creator.actor, Platform.YOUTUBE, "lin", f"https://www.youtube.com/channel/{IDS[0]}/about")
        assert own.external_id == IDS[0]
        with pytest.raises(Invalid, match="claimed already"):
            add_channel(other.actor, Platform.YOUTUBE, "not lin", f"https://youtube.com/channel/{IDS[0]}")
