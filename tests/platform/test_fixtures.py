"""The ground of the other tests: what they find, and that none finds what another left."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.infra.db import db, transaction
from marketplace.infra.storage import store_file
from tests.support.cluster import plain
from tests.support.people import NewPerson
from tests.support.sandbox import Sandbox
from tests.support.web import Client, LiveServer


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_commits_is_gone_in_the_next(context: None, time: str) -> None:
    with transaction():
        stored = store_file("note.txt", "text/plain", b"mine")
    assert stored.id == 1


def test_rows_of_the_migrations_stay(context: None) -> None:
    with transaction():
        found = db.session.execute(text("SELECT count(*) FROM fee_policies")).scalar_one()
    assert found == 1


def test_a_request_has_a_context_of_its_own(context: None, client: Client) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok"}


def test_jobs_run_when_the_clock_says_so(app: Flask, run_jobs: Callable[..., None]) -> None:
    run_jobs()


def test_stripe_answers(sandbox: Sandbox) -> None:
    assert sandbox.stripe.v1.balance.retrieve().livemode is False
    sandbox.wait_for_webhooks()


@pytest.mark.browser
def test_two_people_look_at_the_same_page(live_server: LiveServer, new_person: NewPerson) -> None:
    for person in (new_person("one"), new_person("two", language="zh-CN")):
        assert person.page.goto("/healthz") is not None
        assert "ok" in person.page.content()


def test_chinese_can_be_searched(database_url: str) -> None:
    with psycopg.connect(plain(database_url)) as connection:
        found = connection.execute("SELECT similarity('美食探店', '美食')").fetchone()
    assert found is not None
    assert found[0] > 0
