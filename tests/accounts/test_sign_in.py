"""Signing in and out: who gets in, who is told what, and what a session is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts import limits, passwords
from marketplace.accounts.jobs import forget_expired
from marketplace.accounts.models import Attempt, User
from marketplace.accounts.service import verify_password
from marketplace.accounts.session import local_path
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.accounts.conftest import PASSWORD, is_signed_in, sign_in
from tests.support.web import Client

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("email", ["Lin.Yue@example.com", "lin.yue@EXAMPLE.com", "  LIN.YUE@example.com "])
def test_the_right_password_signs_in_whatever_the_case_of_the_e_mail(lin: User, client: Client, email: str) -> None:
    answer = sign_in(client, email)
    assert (answer.status_code, answer.location) == (303, "/today")
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("email", "password"), [("lin.yue@example.com", "wrong kettles"), ("nobody@example.com", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(
    lin: User, client: Client, email: str, password: str
) -> None:
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    assert "The e-mail or the password is wrong." in answer.text
    assert email in answer.text
    assert password not in answer.text
    assert not is_signed_in(client)


def test_an_unknown_e_mail_costs_as_much_work_as_a_known_one(
    lin: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hashed: str, password: str) -> bool:
        verified.append(hashed)
        return bool(verify(self, hashed, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    sign_in(client, "nobody@example.com")
    sign_in(client, password="wrong kettles")
    assert len(verified) == 2
    assert {passwords.is_outdated(hashed) for hashed in verified} == {False}


@pytest.mark.parametrize("data", [{}, {"email": "", "password": ""}, {"email": "x" * 300, "password": "y" * 5000}])
def test_a_form_that_cannot_be_right_is_refused(lin: User, client: Client, data: dict[str, str]) -> None:
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_form_without_its_token_is_refused(lin: User, client: Client) -> None:
    data = {"email": "lin.yue@example.com", "password": PASSWORD}
    assert client.post("/sign-in", data=data, csrf=False).status_code == 400
    assert not is_signed_in(client)


def test_a_page_for_the_signed_in_asks_to_sign_in_and_comes_back(lin: User, client: Client) -> None:
    asked = client.get("/settings")
    assert asked.location == "/sign-in?next=/settings"
    assert sign_in(client, next="/settings").location == "/settings"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
     "javascript:x", "/%0d%0aX:y\r\nX: y", "evil", "", "/" + "x" * 3000],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(lin: User, client: Client, address: str) -> None:
    assert local_path(address) is None
    assert sign_in(client, next=address).location == "/today"
    client.post("/sign-out")
    form = client.get("/sign-in", query_string={"next": address}).text.split('<form class="panel')[1]
    assert "evil.example" not in form
    assert 'name="next" type="hidden" value=""' in form
    language = client.post("/language", data={"locale": "zh", "next": address})
    assert language.location == "/"


def test_what_a_visitor_was_given_in_the_session_is_gone_after_signing_in(lin: User, client: Client) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by someone else"
        before = session.setdefault("csrf_token", "0" * 40)
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before


def test_signing_out_ends_the_session_and_a_second_click_does_no_harm(lin: User, client: Client) -> None:
    sign_in(client)
    for _ in range(2):
        assert client.post("/sign-out").status_code == 303
        assert not is_signed_in(client)
    assert client.get("/sign-out").status_code == 405


def test_a_suspended_person_neither_gets_in_nor_stays(lin: User, client: Client) -> None:
    sign_in(client)
    with transaction():
        lin.suspended_at = clock.now()
    assert not is_signed_in(client)
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "This account is suspended" in answer.text


def test_guessing_at_one_account_from_one_address_is_stopped_and_says_for_how_long(lin: User, client: Client) -> None:
    with clock.at(NOON + timedelta(minutes=5)):
        for _ in range(limits.SIGN_IN_FROM.tries):
            assert sign_in(client, password="wrong kettles").status_code == 422
        answer = sign_in(client)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "600"
        assert "Wait 10 minutes" in answer.text
        assert sign_in(client, "other@example.com").status_code == 422
    with clock.at(NOON + timedelta(minutes=16)):
        assert sign_in(client).status_code == 303


def test_guessing_at_one_account_from_many_addresses_is_stopped(lin: User, app: Flask) -> None:
    with clock.at(NOON):
        for number in range(limits.SIGN_IN_TO.tries):
            wrong = {"email": "LIN.YUE@example.com", "password": f"wrong {number} kettles"}
            address = {"REMOTE_ADDR": f"203.0.113.{number}"}
            assert app.test_client().post("/sign-in", data=wrong, environ_base=address).status_code == 422
        last = {"email": "lin.yue@example.com", "password": PASSWORD}
        assert (
            app.test_client().post("/sign-in", data=last, environ_base={"REMOTE_ADDR": "198.51.100.1"}).status_code
            == 429
        )


def test_another_spelling_of_an_e_mail_is_no_other_account_to_guess_at(lin: User, client: Client) -> None:
    """The domain is read as browsers read it: each of its letters has full-width and other forms."""
    letters = "example"
    with clock.at(NOON):
        for number in range(limits.SIGN_IN_FROM.tries):
            wide = "".join(
                chr(ord(sign) + 0xFEE0) if number >> place & 1 else sign for place, sign in enumerate(letters)
            )
            assert sign_in(client, f"lin.yue@{wide}.com", "wrong kettles").status_code == 422
        assert sign_in(client, "lin.yue@EX\uff21MPLE.com").status_code == 429
        assert sign_in(client).status_code == 429


def test_trying_one_password_at_many_accounts_from_one_address_is_stopped(lin: User, client: Client) -> None:
    with clock.at(NOON):
        for number in range(limits.SIGN_IN_AT_ALL.tries):
            assert sign_in(client, f"somebody.{number}@example.com").status_code == 422
        assert sign_in(client).status_code == 429
        elsewhere = {"REMOTE_ADDR": "198.51.100.1"}
        data = {"email": "lin.yue@example.com", "password": PASSWORD}
        assert client.post("/sign-in", data=data, environ_base=elsewhere).status_code == 303


def test_right_answers_are_no_guesses(lin: User, client: Client) -> None:
    with clock.at(NOON):
        for _ in range(limits.SIGN_IN_FROM.tries + 5):
            assert sign_in(client).status_code == 303
            client.post("/sign-out")
    assert db.session.scalar(select(func.sum(Attempt.count))) == 0


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    assert limits.network_of("2001:db8::1") == limits.network_of("2001:db8::ffff:1")
    assert limits.network_of("2001:db8:0:1::1") != limits.network_of("2001:db8::1")
    assert limits.network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert limits.network_of(None) == "unknown"


def test_old_counts_are_cleared_away(lin: User, client: Client) -> None:
    with clock.at(NOON):
        sign_in(client, password="wrong kettles")
    with clock.at(NOON + timedelta(hours=23)):
        forget_expired()
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 3
    with clock.at(NOON + timedelta(hours=26)):
        forget_expired()
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(lin: User, client: Client) -> None:
    with transaction():
        lin.password_hash = PasswordHasher(time_cost=2, memory_cost=512, parallelism=1).hash(PASSWORD)
    assert passwords.is_outdated(lin.password_hash)
    assert sign_in(client).status_code == 303
    db.session.refresh(lin)
    assert not passwords.is_outdated(lin.password_hash)
    assert verify_password(lin, PASSWORD)
    assert not verify_password(lin, PASSWORD + " ")


def test_the_same_password_from_another_keyboard_is_the_same(lin: User) -> None:
    with transaction():
        lin.password_hash = passwords.hash_password("caf\u00e9 on the hill")
    assert verify_password(lin, "cafe\u0301 on the hill")


def test_who_is_signed_in_is_led_past_the_sign_in_page(lin: User, client: Client) -> None:
    sign_in(client)
    assert client.get("/sign-in?next=/settings").location == "/settings"
    assert client.get("/sign-up").location == "/today"
