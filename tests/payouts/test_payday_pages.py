"""An administrator begins a payday, watches it, and reads its report."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.payouts.models import Payday
from tests.support.market import PASSWORD, make_admin
from tests.support.money import assert_books_balance
from tests.support.paydays import earn, release, weekly_creator

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def test_a_payday_is_begun_with_the_password_watched_and_reported(app: Flask, run_jobs: RunJobs) -> None:
    with transaction():
        admin = make_admin()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{admin.user_id}:1", True
    assert "No payday yet" in client.get("/console/paydays").text
    assert "Nothing is due" in client.get("/console/paydays/new").text
    creator, unready = weekly_creator(), weekly_creator(connected=False)
    earn([creator, unready])
    with clock.at(datetime.now(UTC) + timedelta(days=4)):
        release()
        run_jobs()
        assert "¥1,000.00" in client.get("/console/paydays/new").text.replace("<small>", "").replace("</small>", "")
        wrong = client.post("/console/paydays/new", data={"password": "not mine"})
        assert wrong.status_code == 422
        assert "This isn’t your password" in wrong.text
        assert db.session.scalars(select(Payday)).all() == []
        begun = client.post("/console/paydays/new", data={"password": PASSWORD})
        assert begun.status_code == 303
        running = client.get(begun.location)
        assert 'hx-trigger="load delay:2s"' in running.text
        assert "% of the payees are looked through" in running.text
        again = client.post("/console/paydays/new", data={"password": PASSWORD})
        assert again.status_code == 422
        assert "A payday is running" in again.text
        assert "Look at the one that runs" in client.get("/console/paydays").text
        run_jobs()
        report = client.get(begun.location).text
        outcome = ("1 of 1 transfers have an outcome", "Waits for an account", "Run finished")
        for words in (*outcome, f"Begun by {admin.name}"):
            assert words in report
        assert "hx-get" not in client.get(begun.location, headers={"HX-Request": "true"}).text
        rows = list(csv.reader(client.get(f"{begun.location}/transfers.csv").text.lstrip("\ufeff").splitlines()))
        assert [row[1:4] for row in rows[1:]] == [["Sent", "CNY", "1000.00"]]
        assert client.get("/console/paydays/999").status_code == 404
        assert client.get("/console/paydays/999/transfers.csv").status_code == 404
        assert_books_balance()
