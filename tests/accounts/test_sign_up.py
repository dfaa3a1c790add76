"""Joining, and confirming the e-mail."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts import limits, tokens
from marketplace.accounts.actor import SYSTEM, VISITOR, Actor
from marketplace.accounts.models import AccountToken, Side, TokenPurpose, User
from marketplace.accounts.policy import require_confirmed
from marketplace.accounts.service import EmailTaken, create_user, sign_up
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from tests.accounts.conftest import PASSWORD, is_signed_in, link_in, mails_to, make_user, sign_in
from tests.support.web import Client

GOOD = {"side": "creator", "name": "Su Bai", "email": "su.bai@example.com", "password": PASSWORD}


def users() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(User)) or 0


@pytest.mark.parametrize(("side", "next_page"), [("creator", "/me/profile"), ("brand", "/company")])
def test_joining_signs_in_and_leads_to_the_profile(context: None, client: Client, side: str, next_page: str) -> None:
    answer = client.post("/sign-up", data={**GOOD, "side": side})
    assert (answer.status_code, answer.location) == (303, next_page)
    page = client.get("/settings").text
    assert "We sent a link to su.bai@example.com" in page
    assert "Send the link again" in page
    user = db.session.scalars(select(User)).one()
    assert (user.side, user.email_confirmed_at, user.is_admin) == (Side(side), None, False)
    assert user.password_hash.startswith("$argon2id$")


def test_the_link_confirms_at_once_in_ones_own_session_and_only_once(context: None, client: Client, app: Flask) -> None:
    client.post("/sign-up", data=GOOD)
    link = link_in(mails_to("su.bai@example.com")[0], "confirm")
    assert client.get(link).status_code == 303
    assert "Send the link again" not in client.get("/settings").text
    assert client.get(link).status_code == 303
    assert "confirmed already" in client.get("/settings").text
    stranger = app.test_client().get(link)
    assert stranger.status_code == 410
    assert "used already" in stranger.text


def test_elsewhere_the_link_needs_a_click_so_that_mail_scanners_confirm_nothing(
    context: None, client: Client, app: Flask
) -> None:
    client.post("/sign-up", data=GOOD)
    link = link_in(mails_to("su.bai@example.com")[0], "confirm")
    other = app.test_client()
    assert "Is this your e-mail?" in other.get(link).text
    assert db.session.scalars(select(User)).one().email_confirmed_at is None
    assert other.post(link).location == "/sign-in"
    db.session.rollback()
    assert db.session.scalars(select(User)).one().email_confirmed_at is not None


def test_a_link_is_good_for_three_days_and_only_its_hash_is_kept(context: None, client: Client) -> None:
    client.post("/sign-up", data=GOOD)
    link = link_in(mails_to("su.bai@example.com")[0], "confirm")
    assert db.session.scalars(select(AccountToken)).one().token_hash not in link
    with clock.at(clock.now() + timedelta(days=3, seconds=1)):
        answer = client.get(link)
    assert answer.status_code == 410
    assert "too old" in answer.text
    with clock.at(clock.now() + timedelta(days=2, hours=23)):
        assert client.get(link).status_code == 303


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "..%2F.."])
def test_a_made_up_link_confirms_nothing(newcomer: User, client: Client, token: str) -> None:
    assert client.get(f"/confirm/{token}").status_code in (404, 410)
    db.session.refresh(newcomer)
    assert newcomer.email_confirmed_at is None


def test_the_link_of_a_new_password_confirms_nothing(newcomer: User, client: Client) -> None:
    with transaction():
        token = tokens.issue(newcomer, TokenPurpose.RESET_PASSWORD)
    assert client.post(f"/confirm/{token}").status_code == 410


def test_the_link_is_sent_again_but_not_without_end(newcomer: User, client: Client) -> None:
    sign_in(client, newcomer.email)
    for _ in range(limits.RESEND.tries):
        assert client.post("/confirm/resend", data={"next": "/settings"}).location == "/settings"
    assert client.post("/confirm/resend").status_code == 429
    sent = mails_to("new@example.com")
    assert len(sent) == limits.RESEND.tries
    assert client.get(link_in(sent[-1], "confirm")).status_code == 303
    assert client.get(link_in(sent[0], "confirm")).status_code == 303
    client.post("/confirm/resend")
    assert len(mails_to("new@example.com")) == limits.RESEND.tries


@pytest.mark.parametrize("email", ["su.bai@example.com", "SU.BAI@EXAMPLE.COM"])
def test_an_e_mail_that_has_an_account_is_told_by_mail_and_not_on_the_page(
    context: None, client: Client, email: str
) -> None:
    make_user("su.bai@example.com")
    answer = client.post("/sign-up", data={**GOOD, "email": email, "password": "another good one"})
    assert answer.status_code == 200
    assert "Look into your mail" in answer.text
    assert "already" not in answer.text
    assert users() == 1
    assert not is_signed_in(client)
    (mail,) = mails_to("su.bai@example.com")
    assert mail.subject == "You have an account at Mutuals already"
    assert "/sign-in" in mail.body_text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("side", "", "Choose one of the three."),
        ("side", "none", "Choose one of the three."),
        ("side", "admin", "Choose one of the three."),
        ("name", "", "Fill this in."),
        ("name", " \u200b \n ", "Fill this in."),
        ("name", "… — !", "Write a name that people can read."),
        ("name", "x" * 81, "at most 80 characters"),
        ("email", "", "Fill this in."),
        ("email", "su.bai", "Write a whole e-mail"),
        ("email", "su.bai@localhost", "Write a whole e-mail"),
        ("email", "a@b.example\r\nBcc: c@d.example", "Write a whole e-mail"),
        ("email", "x" * 250 + "@example.com", "at most 254 characters"),
        ("password", "", "Fill this in."),
        ("password", "short one", "at least 10 characters"),
        ("password", "x" * 201, "at most 200 characters"),
        ("password", "aaaaaaaaaaaa", "easy to guess"),
        ("password", "1234567890", "easy to guess"),
        ("password", "Password1234", "among the first"),
        ("password", "qwertyuiop12", "among the first"),
        ("password", "su.bai@example.com", "your name or e-mail"),
        ("password", "SuBai-2026-2026", "your name or e-mail"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(
    context: None, client: Client, field: str, value: str, says: str
) -> None:
    answer = client.post("/sign-up", data={**GOOD, field: value})
    assert answer.status_code == 422
    assert says in answer.text
    assert f'id="{field}-error"' in answer.text
    assert users() == 0
    assert not is_signed_in(client)
    if field != "name":
        assert "Su Bai" in answer.text
    assert f'value="{PASSWORD}"' not in answer.text


def test_fields_that_the_form_does_not_have_are_ignored(context: None, client: Client) -> None:
    client.post("/sign-up", data={**GOOD, "is_admin": "1", "email_confirmed_at": "2020-01-01"})
    user = db.session.scalars(select(User)).one()
    assert not user.is_admin
    assert user.email_confirmed_at is None


def test_a_form_without_its_token_makes_no_account(context: None, client: Client) -> None:
    assert client.post("/sign-up", data=GOOD, csrf=False).status_code == 400
    assert users() == 0


def test_one_address_cannot_join_without_end(context: None, app: Flask) -> None:
    for number in range(limits.SIGN_UP.tries):
        answer = app.test_client().post("/sign-up", data={**GOOD, "email": f"p{number}@example.com"})
        assert answer.status_code == 303
    answer = app.test_client().post("/sign-up", data={**GOOD, "email": "last@example.com"})
    assert answer.status_code == 429
    assert "Too many tries. Wait" in answer.text
    assert users() == limits.SIGN_UP.tries


def test_the_address_can_choose_the_side_beforehand(context: None, client: Client) -> None:
    def chosen(address: str) -> list[str]:
        inputs = re.findall(r"<input[^>]*>", client.get(address).text)
        return [side for side in ("creator", "brand") for tag in inputs if "checked" in tag and f'"{side}"' in tag]

    assert chosen("/sign-up?as=brand") == ["brand"]
    assert chosen("/sign-up?as=none") == []
    assert chosen("/sign-up") == []


def test_the_mail_is_written_in_the_language_of_the_page(context: None, client: Client) -> None:
    client.post("/language", data={"locale": "zh"})
    client.post("/sign-up", data=GOOD)
    (mail,) = mails_to("su.bai@example.com")
    assert mail.locale == "zh"
    assert 'lang="zh-CN"' in mail.body_html


def test_a_verb_refuses_a_side_that_is_none(context: None) -> None:
    with pytest.raises(Invalid):
        sign_up(email="a@example.com", password=PASSWORD, name="A", side=Side.NONE, locale="en", timezone="UTC")


def test_an_account_made_twice_is_refused_and_the_transaction_goes_on(lin: User) -> None:
    with transaction():
        with pytest.raises(EmailTaken):
            create_user(
                email="LIN.YUE@example.com", password=PASSWORD, name="B", side=Side.BRAND, locale="en", timezone="UTC"
            )
        lin.name = "Lin Yue the second"
    db.session.refresh(lin)
    assert lin.name == "Lin Yue the second"


def test_who_has_not_confirmed_may_not_bind_anybody() -> None:
    with pytest.raises(Invalid, match="Confirm your e-mail first"):
        require_confirmed(Actor(user_id=1))
    require_confirmed(Actor(user_id=1, email_confirmed=True))
    require_confirmed(SYSTEM)
    require_confirmed(VISITOR)
