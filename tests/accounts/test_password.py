"""Forgotten and changed passwords."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from pydantic import SecretStr

from marketplace.accounts import limits
from marketplace.accounts.models import User
from marketplace.infra import mail
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, Jobs, is_signed_in, link_in, mails_to, sign_in
from tests.support.web import Client


def ask(client: Client, run_jobs: Jobs, email: str = "lin.yue@example.com") -> str:
    """Ask for a link; the page's words."""
    answer = client.post("/forgot", data={"email": email})
    assert answer.status_code == 200
    run_jobs()
    return answer.text


def test_a_known_and_an_unknown_e_mail_get_the_same_page_and_one_gets_mail(
    lin: User, client: Client, run_jobs: Jobs
) -> None:
    known = ask(client, run_jobs, "LIN.YUE@example.com").replace("LIN.YUE", "nobody")
    unknown = ask(client, run_jobs, "nobody@example.com")
    assert "Look into your mail" in known
    assert known.split("<main")[1] == unknown.split("<main")[1]
    assert len(mails_to("Lin.Yue@example.com")) == 1
    assert mails_to("nobody@example.com") == []


def test_the_link_sets_a_new_password_once_and_ends_every_session(
    lin: User, client: Client, app: Flask, run_jobs: Jobs
) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Client)
    sign_in(elsewhere)
    ask(client, run_jobs)
    ask(client, run_jobs)
    newest, older = (link_in(mail, "reset") for mail in mails_to("Lin.Yue@example.com"))
    assert "Choose a new password" in client.get(newest).text
    assert client.post(newest, data={"password": NEW_PASSWORD}).location == "/sign-in"
    assert not is_signed_in(elsewhere)
    assert sign_in(client).status_code == 422
    assert sign_in(client, password=NEW_PASSWORD).status_code == 303
    for link in (newest, older):
        assert "used already" in client.get(link).text
        assert client.post(link, data={"password": "a third password"}).status_code == 410
    assert sign_in(app.test_client(), password=NEW_PASSWORD).status_code == 303  # type: ignore[arg-type]


def test_the_link_is_good_for_an_hour(lin: User, client: Client, run_jobs: Jobs) -> None:
    ask(client, run_jobs)
    link = link_in(mails_to("Lin.Yue@example.com")[0], "reset")
    with clock.at(clock.now() + timedelta(minutes=61)):
        answer = client.post(link, data={"password": NEW_PASSWORD})
    assert answer.status_code == 410
    assert "too old" in answer.text
    assert "Ask for a new link" in answer.text


@pytest.mark.parametrize("password", ["", "short", "lin.yue@example.com", "x" * 300])
def test_a_password_that_will_not_do_leaves_the_link_good(
    lin: User, client: Client, run_jobs: Jobs, password: str
) -> None:
    ask(client, run_jobs)
    link = link_in(mails_to("Lin.Yue@example.com")[0], "reset")
    assert client.post(link, data={"password": password}).status_code == 422
    assert client.post(link, data={"password": NEW_PASSWORD}).status_code == 303


def test_who_opens_the_mail_has_confirmed_the_e_mail(newcomer: User, client: Client, run_jobs: Jobs) -> None:
    ask(client, run_jobs, newcomer.email)
    client.post(link_in(mails_to("new@example.com")[0], "reset"), data={"password": NEW_PASSWORD})
    db.session.refresh(newcomer)
    assert newcomer.email_confirmed_at is not None


def test_a_suspended_person_gets_no_link(lin: User, client: Client, run_jobs: Jobs) -> None:
    with transaction():
        lin.suspended_at = clock.now()
    ask(client, run_jobs)
    assert mails_to("Lin.Yue@example.com") == []


def test_a_mailbox_is_not_filled_by_a_stranger(lin: User, client: Client, run_jobs: Jobs) -> None:
    for _ in range(limits.FORGOT_TO.tries):
        ask(client, run_jobs)
    answer = client.post("/forgot", data={"email": "lin.yue@example.com"})
    assert answer.status_code == 429
    run_jobs()
    assert len(mails_to("Lin.Yue@example.com")) == limits.FORGOT_TO.tries


@pytest.mark.parametrize("email", ["", "nonsense", "x" * 300 + "@example.com"])
def test_asking_for_nobody_is_refused(context: None, client: Client, email: str) -> None:
    assert client.post("/forgot", data={"email": email}).status_code == 422


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(lin: User, client: Client, app: Flask) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Client)
    sign_in(elsewhere)
    sign_in(client)
    answer = client.post("/settings/password", data={"old": PASSWORD, "password": NEW_PASSWORD})
    assert answer.status_code == 303
    assert "Other devices are signed out" in client.get("/settings").text
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, password=NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "old-error"),
        ({"old": PASSWORD, "password": "short"}, "at least 10 characters"),
        ({"old": "wrong kettles", "password": NEW_PASSWORD}, "your present password"),
        ({"old": PASSWORD, "password": "Lin Yue 1990 Lin Yue"}, "your name or e-mail"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_an_easy_one(
    lin: User, client: Client, data: dict[str, str], says: str
) -> None:
    sign_in(client)
    answer = client.post("/settings/password", data=data)
    assert answer.status_code == 422
    assert says in answer.text
    client.post("/sign-out")
    assert sign_in(client).status_code == 303


def test_an_open_session_is_no_place_to_guess_the_password(lin: User, client: Client) -> None:
    sign_in(client)
    guess = {"old": "wrong kettles", "password": NEW_PASSWORD}
    for _ in range(limits.OWN_PASSWORD.tries):
        assert client.post("/settings/password", data=guess).status_code == 422
    assert client.post("/settings/password", data={**guess, "old": PASSWORD}).status_code == 429


def test_the_link_is_in_no_line_of_the_log(
    lin: User, client: Client, run_jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    ask(client, run_jobs)
    link = link_in(mails_to("Lin.Yue@example.com")[0], "reset")
    with caplog.at_level("INFO"):
        assert client.get(link).status_code == 200
    assert "/reset/…" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text


def _words(envelope: EmailMessage) -> str:
    """As a mail program shows them: on the way they may be encoded."""
    body = envelope.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_link_is_not_kept_once_its_mail_has_left(
    lin: User, app: Flask, client: Client, run_jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(mail, "_hand_over", lambda _address, envelope: left.append(_words(envelope)))
    real = app.extensions["mutuals_settings"]
    monkeypatch.setitem(
        app.extensions, "mutuals_settings", real.model_copy(update={"smtp_url": SecretStr("smtp://mail.example")})
    )
    ask(client, run_jobs)
    run_jobs()
    assert "/reset/" in left[0]
    kept = mails_to("Lin.Yue@example.com")[0]
    assert kept.sent_at is not None
    assert (kept.body_text, kept.body_html) == ("", "")
