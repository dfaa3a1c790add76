"""One's own settings, the language, and the command that makes an administrator."""

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.infra.db import db
from tests.accounts.conftest import PASSWORD, make_user, sign_in
from tests.support.web import Client

GOOD = {"name": "Lin Yue", "locale": "zh", "timezone": "Europe/Berlin"}


def test_settings_are_kept_and_used_at_once(lin: User, client: Client) -> None:
    sign_in(client)
    assert client.post("/settings", data=GOOD).status_code == 303
    db.session.refresh(lin)
    assert (lin.locale, lin.timezone) == ("zh", "Europe/Berlin")
    assert '<html lang="zh-CN">' in client.get("/settings").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "\u200b\u200b"),
        ("locale", "fr"),
        ("locale", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
    ],
)
def test_what_cannot_be_chosen_changes_nothing(lin: User, client: Client, field: str, value: str) -> None:
    sign_in(client)
    answer = client.post("/settings", data={**GOOD, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    db.session.refresh(lin)
    assert (lin.name, lin.locale, lin.timezone) == ("Lin Yue", "en", "Asia/Shanghai")


def test_another_persons_account_is_out_of_reach(lin: User, client: Client) -> None:
    other = make_user("other@example.com")
    sign_in(client)
    client.post("/settings", data={**GOOD, "name": "Mine", "id": str(other.id), "user_id": str(other.id)})
    db.session.refresh(other)
    assert other.name == "Lin Yue"


def test_a_visitor_chooses_a_language_and_stays_on_the_page(context: None, client: Client) -> None:
    answer = client.post("/language", data={"locale": "zh", "next": "/sign-in?next=/settings"})
    assert answer.location == "/sign-in?next=/settings"
    assert '<html lang="zh-CN">' in client.get("/sign-in").text


def test_a_signed_in_person_keeps_the_language_after_signing_out(lin: User, client: Client, app: Flask) -> None:
    sign_in(client)
    client.post("/language", data={"locale": "zh"})
    client.post("/sign-out")
    assert '<html lang="zh-CN">' in client.get("/sign-in").text
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Client)
    sign_in(elsewhere)
    assert '<html lang="zh-CN">' in elsewhere.get("/settings").text


@pytest.mark.parametrize("locale", ["", "fr", "zh_Hans_CN", "../en"])
def test_a_language_that_we_do_not_have_is_refused(context: None, client: Client, locale: str) -> None:
    assert client.post("/language", data={"locale": locale}).status_code == 400


def test_the_language_is_not_changed_by_another_site(lin: User, client: Client) -> None:
    sign_in(client)
    assert client.post("/language", data={"locale": "zh"}, csrf=False).status_code == 400
    db.session.refresh(lin)
    assert lin.locale == "en"


def create_admin(app: Flask, password: str, email: str = "wei@example.com") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["admin", "create", "--email", email, "--name", "Wei"], input=f"{password}\n"
    )
    return result.exit_code, result.output


def test_an_administrator_is_made_by_a_command_and_signs_in(context: None, app: Flask, client: Client) -> None:
    code, output = create_admin(app, PASSWORD)
    assert (code, output) == (0, "wei@example.com is an administrator now and can sign in.\n")
    assert sign_in(client, "wei@example.com").location == "/console"
    user = db.session.scalars(select(User)).one()
    assert user.is_admin
    assert user.email_confirmed_at is not None


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("wei", PASSWORD, "whole e-mail"),
        ("wei@example.com", "short", "at least 10"),
        ("lin.yue@example.com", PASSWORD, "already"),
    ],
)
def test_the_command_says_why_it_refuses(lin: User, app: Flask, email: str, password: str, says: str) -> None:
    code, output = create_admin(app, password, email)
    assert code == 1
    assert says in output
    assert not any(user.is_admin for user in db.session.scalars(select(User)))
