"""The platform's feed: signed, checked as a whole, all or nothing, the same by HTTP and by the command."""

import hashlib
import hmac
import io
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, text, update

from marketplace.config import SettingsError, load_settings
from marketplace.creators.channels import add_channel
from marketplace.creators.feed_file import MOST_PROBLEMS, ProblemCode, Problems, read_rows
from marketplace.creators.feed_runs import drop_stale_parts, run_file, spooled
from marketplace.creators.feed_signature import HEADER, BadSignature, Signature, sign
from marketplace.creators.models import (
    Channel,
    FanReading,
    FeedRun,
    FeedState,
    FeedStep,
    FeedWay,
    Platform,
    ReadingSource,
    ReadingStatus,
)
from marketplace.creators.queries import get_creator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.creators.conftest import Setting, accept, channel_of
from tests.support.market import CreatorSide, make_creator
from tests.support.web import Client

OLD, NEW = "an-old-secret-of-the-platform-long-enough", "a-new-secret-of-the-platform-long-enough"
DAY = timedelta(days=1)
HEAD = "platform,external_id,handle,fans,taken_on\n"


@pytest.fixture
def keys(setting: Setting) -> None:
    setting(feed_secrets=SecretStr(f"{OLD}, {NEW}"))


def today() -> date:
    """The platform's own, outside an application context too."""
    return clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def row(creator: CreatorSide, fans: int | str, *, external_id: str = "", day: object = None) -> str:
    return f"douyin,{external_id},{creator.handle},{fans},{day or today()}\n"


def post(
    client: Client, body: str, *, secret: str = NEW, query: str = "", header: str | None = None
) -> tuple[int, dict]:  # type: ignore[type-arg]
    content = body.encode()
    signed = sign(secret, clock.now(), [content]) if header is None else header
    answer = client.post(f"/feeds/readings{query}", data=content, headers={HEADER: signed}, csrf=False)
    assert answer.json is not None
    return answer.status_code, answer.json


def take(body: str, *, dry_run: bool = False) -> FeedRun:
    with spooled([body.encode()]) as (file, sha256):
        return run_file(FeedWay.COMMAND, file, sha256, dry_run=dry_run)


def readings() -> int:
    return db.session.scalar(select(func.count()).select_from(FanReading)) or 0


# --- The signature -------------------------------------------------------------------------------------------------
def test_the_signature_is_what_the_documents_say() -> None:
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    code = hmac.new(NEW.encode(), f"{int(moment.timestamp())}.body".encode(), hashlib.sha256).hexdigest()
    assert sign(NEW, moment, [b"bo", b"dy"]) == f"t={int(moment.timestamp())},v1={code}"


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_two_secrets_hold_while_they_are_changed(secret: str) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    signature = Signature(sign(secret, now, [b"body"]), [OLD, NEW], now + timedelta(minutes=4))
    signature.update(b"body")
    signature.require()


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_signature_is_worth_nothing(late: timedelta) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with pytest.raises(BadSignature, match="five minutes"):
        Signature(sign(NEW, now, [b"body"]), [NEW], now + late)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "header", ["", "t=1,v1=", "v1=abc,t=1", "t=99999999999999,v1=" + "a" * 64, "nonsense", "t=,v1=" + "0" * 64]
)
def test_without_a_whole_signature_nothing_is_taken(app: Flask, client: Client, header: str) -> None:
    status, answer = post(client, HEAD, header=header)
    assert (status, answer["error"]) == (401, "signature")


@pytest.mark.usefixtures("keys")
def test_a_changed_body_or_another_secret_fits_nothing(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
    body = HEAD + row(creator, 60_000)
    assert post(client, body, secret="a secret that nobody agreed on, long enough")[0] == 401
    assert post(client, body + " ", header=sign(NEW, clock.now(), [body.encode()]))[0] == 401
    with app.app_context():
        assert (readings(), db.session.scalar(select(func.count()).select_from(FeedRun))) == (1, 0)


def test_without_a_secret_there_is_no_feed(app: Flask, client: Client) -> None:
    status, answer = post(client, HEAD)
    assert (status, answer["message"]) == (401, "no feed is set up here")


def test_secrets_have_a_length_and_stay_out_of_the_message() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(feed_secrets=SecretStr(f"{NEW},short"))
    assert "32 characters" in str(refused.value)
    assert NEW not in str(refused.value)


# --- What a feed does ----------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("keys")
def test_a_feed_verifies_channels_and_raises_fans(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        known, fresh = make_creator("Lin Yue", fans=50_000), make_creator("Gu Wen", eligible=False)
    with clock.at(clock.now() + DAY):
        body = HEAD + row(known, 60_000) + row(fresh, 20_000, external_id="gw-1")
        status, answer = post(client, body)
    assert (status, answer["state"], answer["problems"]) == (200, "applied", [])
    counts = answer["counts"]
    assert {name: counts[name] for name in ("rows", "accepted", "verified", "named", "raised", "reached")} == {
        "rows": 2, "accepted": 2, "verified": 1, "named": 1, "raised": 2, "reached": 1,
    }  # fmt: skip
    with app.app_context():
        assert (get_creator(known.id).verified_fans, get_creator(fresh.id).verified_fans) == (60_000, 20_000)
        assert get_creator(fresh.id).eligible
        channel = db.session.get_one(Channel, channel_of(fresh))
        assert (channel.verified_by, channel.external_id) == (ReadingSource.FEED, "gw-1")
        assert db.session.get_one(Channel, channel_of(known)).verified_by is ReadingSource.EVIDENCE
        reading = db.session.scalars(select(FanReading).where(FanReading.channel_id == channel.id)).one()
        assert (reading.source, reading.status, reading.feed_run_id) == (
            ReadingSource.FEED,
            ReadingStatus.ACCEPTED,
            answer["run"],
        )


@pytest.mark.usefixtures("keys")
def test_the_same_bytes_are_applied_once(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
    body = HEAD + row(creator, 60_000)
    first = post(client, body)[1]["run"]
    status, answer = post(client, body)
    assert (status, answer["error"], answer["run"]) == (409, "applied_before", first)
    assert post(client, body, query="?dry_run=1")[0] == 409
    again = post(client, body + "\n")
    assert (again[0], again[1]["counts"]["known"], again[1]["counts"]["accepted"]) == (200, 1, 0)
    with app.app_context():
        assert readings() == 2


@pytest.mark.usefixtures("keys")
def test_a_dry_run_says_all_and_changes_nothing(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator, faller = make_creator(eligible=False), make_creator("Gu Wen", fans=50_000)
    before = state_of(app)
    body = HEAD + row(creator, 20_000, external_id="x1") + row(faller, 9_000)
    status, answer = post(client, body, query="?dry_run=1")
    assert (status, answer["state"]) == (200, "checked")
    assert {name: answer["counts"][name] for name in ("accepted", "verified", "reached", "began")} == {
        "accepted": 2, "verified": 1, "reached": 1, "began": 1,
    }  # fmt: skip
    assert state_of(app) == before
    status, applied = post(client, body)
    assert (status, applied["counts"]) == (200, answer["counts"]), "the same as was foretold"
    assert state_of(app) != before


def state_of(app: Flask) -> list[object]:
    with app.app_context():
        return [
            db.session.execute(text(f"SELECT {columns} ORDER BY 1")).all()
            for columns in (
                "id, verified_fans, eligible, grace_until FROM creators",
                "id, verified_at, external_id FROM channels",
                "id, fans, status FROM fan_readings",
                "id FROM procrastinate_jobs",
            )
        ]


@pytest.mark.usefixtures("keys")
def test_one_wrong_row_and_nothing_is_taken(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator, other = make_creator(), make_creator("Gu Wen")
        handle = other.handle
    tomorrow = today() + 2 * DAY
    lines = [
        row(creator, 60_000),
        "douyin,,nobody,60000," + f"{today()}\n",
        f"myspace,,{handle},60000,{today()}\n",
        f"douyin,,{handle},-5,{today()}\n",
        f"douyin,,{handle},6.5,{today()}\n",
        f"douyin,,{handle},99999999999,{today()}\n",
        f"douyin,,{handle},60000,2026-02-30\n",
        f"douyin,,{handle},60000,20261124\n",
        f"douyin,,{handle},60000,{tomorrow}\n",
        f"douyin,,,60000,{today()}\n",
        f"douyin,{handle},60000\n",
        row(creator, 61_000),
        f'douyin,,"{handle},60000,{today()}\n',
    ]
    status, answer = post(client, HEAD + "".join(lines))
    assert (status, answer["state"]) == (400, "refused")
    assert [(one["line"], one["code"]) for one in answer["problems"]] == [
        (3, "unknown"), (4, "platform"), (5, "number"), (6, "number"), (7, "number"), (8, "date"), (9, "date"),
        (10, "future"), (11, "name"), (12, "columns"), (13, "repeated"), (14, "line"),
    ]  # fmt: skip
    assert answer["problems"][0]["message"] == "Nobody here has a channel “nobody” on this platform."
    assert answer["problems"][10]["message"] == "The channel stands on line 2 already."
    assert answer["counts"] == {"rows": 12, "problems": 12}
    with app.app_context():
        assert readings() == 2
        assert get_creator(creator.id).verified_fans == 50_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ProblemCode.EMPTY),
        (b"platform,handle,fans,taken_on\n", ProblemCode.EMPTY),
        (b"platform,handle,fans\n", ProblemCode.HEADER),
        (b"platform,fans,taken_on\n", ProblemCode.HEADER),
        (b"platform,handle,handle,fans,taken_on\n", ProblemCode.HEADER),
        (b"platform,handle,fans,taken_on,notes\n", ProblemCode.HEADER),
        (b"PK\x03\x04 a spreadsheet", ProblemCode.HEADER),
        (b"\xff\xfe\n", ProblemCode.LINE),
        (b"x" * 5_000_000, ProblemCode.LINE),
    ],
)
def test_what_is_no_feed_is_said_by_its_first_line(content: bytes, code: ProblemCode) -> None:
    problems = Problems()
    assert list(read_rows(io.BytesIO(content), date(2026, 11, 24), problems)) == []
    assert code in [problem.code for problem in problems.found]


def test_forms_of_a_file_that_are_right() -> None:
    problems = Problems()
    content = '\ufeffFans,Platform,HANDLE,taken_on\r\n12000,douyin, @lin ,2026-11-24\r\n\r\n"7",x,"a,b",2026-11-23'
    found = list(read_rows(io.BytesIO(content.encode()), date(2026, 11, 24), problems))
    assert problems.found == []
    assert [(one.line, one.platform, one.handle, one.fans) for one in found] == [
        (2, "douyin", "lin", 12_000),
        (4, "x", "a,b", 7),
    ]


def test_the_first_thousand_problems_are_kept_and_all_are_counted(context: None) -> None:
    run = take(HEAD + "".join(f"douyin,,nobody{number},1,{today()}\n" for number in range(1_500)))
    assert (run.state, len(run.problems), run.summary["problems"]) == (FeedState.REFUSED, MOST_PROBLEMS, 1_500)
    assert (run.problems[0]["line"], run.problems[-1]["line"]) == ("2", "1001")


def test_a_channel_is_found_by_the_platforms_own_name_first(context: None) -> None:
    with transaction():
        one, two = make_creator("Lin Yue"), make_creator("Gu Wen")
        db.session.execute(update(Channel).where(Channel.id == channel_of(one)).values(external_id="dy-1"))
        other = add_channel(one.actor, Platform.OTHER, "blog", "https://lin.example/blog")
    with clock.at(clock.now() + DAY):
        renamed = take(HEAD + f"douyin,dy-1,another name,60000,{today()}\n")
        assert renamed.state is FeedState.APPLIED
        assert get_creator(one.id).verified_fans == 60_000
        clash = take(HEAD + row(one, 61_000, external_id="dy-2"))
        assert [found["code"] for found in clash.problems] == ["unknown"], "the handle is another channel's now"
        twice = take(HEAD + row(two, 60_000, external_id="dy-1"))
        assert twice.state is FeedState.APPLIED, "the row is of the first creator, whatever handle it gives"
        assert get_creator(two.id).verified_fans == 50_000
        blog = take(HEAD + f"other,,blog,60000,{today()}\n")
        assert [found["code"] for found in blog.problems] == ["unknown"], "names of other platforms aren't unique"
    assert other.external_id is None


def test_two_rows_with_one_own_name_are_a_repetition(context: None) -> None:
    with transaction():
        one, two = make_creator("Lin Yue"), make_creator("Gu Wen")
    run = take(HEAD + row(one, 60_000, external_id="dy-1") + row(two, 60_000, external_id="dy-1"))
    assert [(found["line"], found["code"]) for found in run.problems] == [("3", "repeated")]


# --- Suspicious jumps ----------------------------------------------------------------------------------------------
def test_a_suspicious_jump_waits_and_its_row_is_the_only_one(context: None) -> None:
    with transaction():
        jumper, doubler, old = make_creator("Lin Yue"), make_creator("Gu Wen"), make_creator("Pan Qing")
    with clock.at(clock.now() + 30 * DAY):
        run = take(HEAD + row(jumper, 100_001) + row(doubler, 100_000))
        assert (run.summary["flagged"], run.summary["accepted"], run.summary["left_out"]) == (1, 1, 0)
        flagged = db.session.scalars(select(FanReading).where(FanReading.flag != "")).one()
        assert (flagged.status, flagged.flag, flagged.fans) == (ReadingStatus.PENDING, "growth:100:30", 100_001)
        assert get_creator(jumper.id).verified_fans == 50_000
        later = take(HEAD + row(jumper, 100_002))
        assert (later.summary["flagged"], later.summary["left_out"]) == (0, 1), "one waits already"
    with clock.at(clock.now() + 31 * DAY):
        assert take(HEAD + row(old, 900_000)).summary["accepted"] == 1, "a month and a day is long enough"


def test_a_smaller_or_late_count_is_no_jump(context: None) -> None:
    with transaction():
        faller, late = make_creator("Lin Yue"), make_creator("Gu Wen")
    run = take(HEAD + row(faller, 40_000) + row(late, 900_000, day=today() - DAY))
    assert (run.summary["accepted"], run.summary["flagged"]) == (2, 0)
    assert get_creator(faller.id).verified_fans == 40_000
    assert get_creator(late.id).verified_fans == 50_000, "of an earlier day than the one that counts"


def test_graces_begin_by_a_feed(context: None) -> None:
    with transaction():
        creators = [make_creator(f"Creator {number}") for number in range(3)]
    run = take(HEAD + "".join(row(one, 9_000) for one in creators))
    assert (run.summary["began"], run.summary["lowered"]) == (3, 3)
    told = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.tell_standing' ORDER BY id")
    found = db.session.scalars(told).all()
    assert [(one["what"], one["creator_ids"]) for one in found] == [
        ("began", [one.id for one in creators]), ("week", [one.id for one in creators]),
    ]  # fmt: skip
    assert all(get_creator(one.id).eligible for one in creators)


# --- Edges ---------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("keys")
def test_too_many_bytes_are_refused(app: Flask, client: Client, setting: Setting) -> None:
    setting(feed_max_bytes=1_000)
    assert post(client, HEAD + "x" * 1_000)[0] == 413
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FeedRun)) == 0


@pytest.mark.usefixtures("keys")
def test_a_feed_larger_than_other_uploads_may_be_is_taken(app: Flask, client: Client) -> None:
    status, answer = post(client, HEAD + ("douyin,,nobody,1,2020-01-01" + " " * 1_000 + "\n") * 10_000)
    assert (status, answer["counts"]["problems"]) == (400, 10_000)


def test_the_command_applies_and_says_so(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
    file = tmp_path / "fans.csv"
    file.write_text(HEAD + row(creator, 60_000))
    tried = app.test_cli_runner().invoke(args=["feed", "apply", str(file), "--dry-run"])
    assert (tried.exit_code, "this was a dry run" in tried.output) == (0, True), tried.output
    done = app.test_cli_runner().invoke(args=["feed", "apply", str(file)])
    assert (done.exit_code, "Counts accepted: 1" in done.output) == (0, True), done.output
    assert "Counting the creators’ fans: 1 of 1" in done.output
    again = app.test_cli_runner().invoke(args=["feed", "apply", str(file)])
    assert (again.exit_code, "were applied before" in again.output) == (1, True)
    file.write_text(HEAD + "douyin,,nobody,1,2020-01-01\n")
    wrong = app.test_cli_runner().invoke(args=["feed", "apply", str(file)])
    assert (wrong.exit_code, "line 2: Nobody here" in wrong.output) == (1, True)
    assert "Nothing was applied." in wrong.output


def test_two_at_once_apply_the_same_bytes_once(app: Flask) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
        body = HEAD + row(creator, 60_000)
    states: list[str] = []
    together = threading.Barrier(2)

    def apply() -> None:
        with app.app_context(), spooled([body.encode()]) as (file, sha256):
            together.wait()
            try:
                states.append(run_file(FeedWay.HTTP, file, sha256, dry_run=False).state.value)
            except Exception as refused:  # the one that came too late to begin
                states.append(type(refused).__name__)

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(states) in ("AlreadyApplied", "applied"), states
    assert states.count("applied") == 1
    with app.app_context():
        assert readings() == 2


def test_a_run_whose_process_died_is_closed(context: None) -> None:
    with transaction():
        lost = FeedRun(
            way=FeedWay.HTTP, state=FeedState.RUNNING, dry_run=False, sha256="0" * 64, step=FeedStep.READING,
            started_at=clock.now() - 2 * DAY,
        )  # fmt: skip
        db.session.add(lost)
        db.session.flush()
        drop_stale_parts()
    db.session.refresh(lost)
    assert (lost.state, lost.problems[0]["code"]) == (FeedState.REFUSED, "interrupted")


def test_progress_is_told_while_a_run_goes_on(context: None) -> None:
    with transaction():
        creator = make_creator()
    told: list[tuple[FeedStep, int, int | None]] = []
    body = HEAD + row(creator, 60_000)
    with spooled([body.encode()]) as (file, sha256):
        run_file(FeedWay.COMMAND, file, sha256, dry_run=False, progress=lambda *step: told.append(step))
    assert [step for step, _done, _total in told] == [
        FeedStep.CHECKING, FeedStep.WRITING, FeedStep.COUNTING, FeedStep.COUNTING,
    ]  # fmt: skip
    assert told[-1] == (FeedStep.COUNTING, 1, 1)


def test_a_pending_reading_of_the_creator_goes_on_waiting(context: None) -> None:
    with transaction():
        creator = make_creator()
        accept(creator, 51_000)
    assert pending() == 0
    run = take(HEAD + row(creator, 60_000))
    assert (run.summary["accepted"], pending()) == (1, 0)


def pending() -> int:
    query = select(func.count()).select_from(FanReading).where(FanReading.status == ReadingStatus.PENDING)
    return db.session.scalar(query) or 0
