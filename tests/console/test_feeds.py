"""A platform's file on the console: uploaded, checked by the worker, applied when somebody says so."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.creators.feed_runs import drop_stale_parts
from marketplace.creators.models import FanReading, FeedPart, FeedRun, FeedState, FeedStep
from marketplace.creators.policy import today
from marketplace.creators.queries import get_creator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.console.conftest import Admin
from tests.support.market import CreatorSide, make_creator, sign_in
from tests.support.web import Client

Jobs = Callable[..., None]
HEAD = "platform,handle,fans,taken_on\n"


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator("Lin Yue", fans=50_000)


def body(creator: CreatorSide, fans: int | str, app: Flask) -> str:
    with app.app_context():
        return f"{HEAD}douyin,{creator.handle},{fans},{today()}\n"


def upload(client: Client, content: bytes, name: str = "fans.csv") -> "tuple[int, str]":
    """With the token of the page's own form, as a browser sends it."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/console/feeds").text)
    assert token is not None
    sent = {"csrf_token": token[1], "file": (io.BytesIO(content), name)}
    answer = client.post("/console/feeds", data=sent, csrf=False)
    answer.request.environ["wsgi.input"].close()
    return answer.status_code, answer.location or answer.text


def run_of(app: Flask) -> FeedRun:
    with app.app_context():
        return db.session.scalars(select(FeedRun).order_by(FeedRun.id.desc()).limit(1)).one()


def readings(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(FanReading)) or 0


def test_a_file_is_checked_then_applied(app: Flask, admin: Admin, creator: CreatorSide, run_jobs: Jobs) -> None:
    status, address = upload(admin.client, body(creator, 60_000, app).encode())
    assert (status, address) == (303, f"/console/feeds/{run_of(app).id}")
    waiting = admin.client.get(address).text
    assert "Waiting for the worker" in waiting
    assert 'hx-trigger="load delay:2s"' in waiting
    run_jobs()
    checked = admin.client.get(address).text
    assert "Every row is right. Nothing is changed yet" in checked
    assert "Apply one row" in checked
    assert "Creators with more verified fans" in checked
    assert "hx-get" not in checked
    assert readings(app) == 1
    assert admin.client.post(f"{address}/apply").location == address
    assert admin.client.post(f"{address}/apply").status_code == 409, "a second click"
    run_jobs()
    assert "The readings are applied" in admin.client.get(address).text
    assert (run_of(app).state, readings(app)) == (FeedState.APPLIED, 2)
    with app.app_context():
        assert get_creator(creator.id).verified_fans == 60_000
        assert db.session.scalar(select(func.count()).select_from(FeedPart)) == 0
    assert admin.client.post(f"{address}/apply").status_code == 409
    assert "fans.csv" in admin.client.get("/console/feeds").text


def test_what_is_wrong_is_said_by_line(app: Flask, admin: Admin, creator: CreatorSide, run_jobs: Jobs) -> None:
    text = body(creator, "<b>many</b>", app)
    _status, address = upload(admin.client, text.encode(), "<script>.csv")
    run_jobs()
    page = admin.client.get(address).text
    assert "One problem" in page
    assert "“&lt;b&gt;many&lt;/b&gt;” is no number of fans." in page
    assert "<script>.csv" not in page
    assert f"{address}/apply" not in page
    assert admin.client.post(f"{address}/apply").status_code == 409
    assert run_of(app).state is FeedState.REFUSED


def test_the_same_file_leads_to_the_run_that_took_it(
    app: Flask, admin: Admin, creator: CreatorSide, run_jobs: Jobs
) -> None:
    content = body(creator, 60_000, app).encode()
    _status, address = upload(admin.client, content)
    run_jobs()
    admin.client.post(f"{address}/apply")
    run_jobs()
    assert upload(admin.client, content) == (303, address)
    assert "were applied before" in admin.client.get(address).text
    assert run_of(app).id == int(address.rsplit("/", 1)[1])


def test_one_of_two_uploads_of_the_same_file_is_applied(
    app: Flask, admin: Admin, creator: CreatorSide, run_jobs: Jobs
) -> None:
    content = body(creator, 60_000, app).encode()
    addresses = [upload(admin.client, content)[1] for _ in range(2)]
    run_jobs()
    assert admin.client.post(f"{addresses[0]}/apply").status_code == 303
    run_jobs()
    late = admin.client.post(f"{addresses[1]}/apply")
    assert late.status_code == 409
    assert readings(app) == 2


def test_nothing_and_too_much_are_refused_and_nothing_is_kept(app: Flask, admin: Admin) -> None:
    status, page = upload(admin.client, b"")
    assert (status, "This file is empty" in page) == (422, True)
    status, page = upload(admin.client, b"", "")
    assert (status, "Choose a file." in page) == (422, True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FeedRun)) == 0
        assert db.session.scalar(select(func.count()).select_from(FeedPart)) == 0


def test_a_file_larger_than_other_uploads_is_kept_in_pieces(app: Flask, admin: Admin, run_jobs: Jobs) -> None:
    content = (HEAD + ("douyin,nobody,1,2020-01-01" + " " * 1_000 + "\n") * 10_000).encode()
    _status, address = upload(admin.client, content)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FeedPart)) == -(-len(content) // (1 << 20))
    run_jobs()
    assert "10,000 problems" in admin.client.get(address).text
    assert "the first 1,000" in admin.client.get(address).text


def test_without_the_forms_token_nothing_is_taken(app: Flask, admin: Admin) -> None:
    answer = admin.client.post("/console/feeds", data={"file": (io.BytesIO(b"x"), "fans.csv")}, csrf=False)
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FeedRun)) == 0


def test_a_checked_file_is_thrown_away_after_a_week(
    app: Flask, admin: Admin, creator: CreatorSide, run_jobs: Jobs
) -> None:
    _status, address = upload(admin.client, body(creator, 60_000, app).encode())
    run_jobs()
    with app.app_context(), clock.at(clock.now() + timedelta(days=8)), transaction():
        drop_stale_parts()
    assert "This was a dry run" in admin.client.get(address).text
    late = admin.client.post(f"{address}/apply")
    assert (late.status_code, "was kept for a week" in late.text) == (409, True)


def test_how_far_a_run_is_stands_on_its_page(app: Flask, admin: Admin, creator: CreatorSide) -> None:
    _status, address = upload(admin.client, body(creator, 60_000, app).encode())
    with app.app_context(), transaction():
        run = db.session.get_one(FeedRun, int(address.rsplit("/", 1)[1]))
        run.step, run.step_done, run.step_total = FeedStep.COUNTING, 250_000, 1_000_000
    part = admin.client.get(address, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="feed-run"')
    assert "250,000 of 1,000,000" in part
    assert 'width="25.0"' in part
    assert "<html" not in part


def test_only_administrators_send_files(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    assert client.get("/console/feeds").status_code == 403
    assert client.post("/console/feeds", data={"file": (io.BytesIO(b"x"), "fans.csv")}).status_code == 403


def test_the_history_goes_on_past_one_page(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        for number in range(23):
            values = {"way": "command", "state": "refused", "dry_run": False, "step": "reading"}
            db.session.add(FeedRun(**values, sha256=f"{number:064d}", name=f"file {number}.", started_at=clock.now()))
    page = admin.client.get("/console/feeds").text
    assert ("file 22." in page, "file 2." in page) == (True, False)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    assert "file 2." in admin.client.get(older[1]).text
    assert admin.client.get("/console/feeds/999").status_code == 404
