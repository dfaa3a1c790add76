"""What only the demo has: signing in by one click, and a mailbox that everybody reads."""

import pytest

from marketplace.accounts.models import Side, User
from marketplace.accounts.service import create_user, send_confirmation
from marketplace.infra.db import transaction
from tests.accounts.conftest import PASSWORD, link_in, mails_to, make_user
from tests.support.web import Client

ADMIN = "admin@demo.mutuals.example"


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/1", "/mailbox/1/page"])
def test_outside_the_demo_there_is_no_mailbox(context: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_outside_the_demo_there_is_no_sign_in_by_click(context: None, client: Client) -> None:
    make_user("creator@demo.mutuals.example")
    assert client.post("/demo/sign-in", data={"role": "creator"}).status_code == 404


@pytest.mark.parametrize(("role", "home"), [("creator", "/today"), ("brand", "/today"), ("admin", "/console")])
def test_a_click_signs_in_as_the_demos_person(context: None, demo: Client, role: str, home: str) -> None:
    make_user("creator@demo.mutuals.example")
    make_user("brand@demo.mutuals.example", side=Side.BRAND)
    with transaction():
        create_user(
            email=ADMIN, password=PASSWORD, name="Wei", side=Side.NONE, locale="en", timezone="UTC", confirmed=True,
            is_admin=True,
        )  # fmt: skip
    answer = demo.post("/demo/sign-in", data={"role": role})
    assert (answer.status_code, answer.location) == (303, home)
    assert f"{role}@demo.mutuals.example" in demo.get("/settings").text


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", "creator@demo.mutuals.example"])
def test_another_role_is_refused(context: None, demo: Client, role: str) -> None:
    assert demo.post("/demo/sign-in", data={"role": role}).status_code == 400
    assert demo.post("/demo/sign-in").status_code == 400


def test_the_click_needs_the_forms_token_and_a_post(context: None, demo: Client) -> None:
    make_user("creator@demo.mutuals.example")
    assert demo.post("/demo/sign-in", data={"role": "creator"}, csrf=False).status_code == 400
    assert demo.get("/demo/sign-in").status_code == 405


def test_an_empty_demo_says_so(context: None, demo: Client) -> None:
    answer = demo.post("/demo/sign-in", data={"role": "brand"})
    assert answer.status_code == 503
    assert "The demo isn’t filled yet" in answer.text


def test_an_empty_mailbox_says_what_comes(context: None, demo: Client) -> None:
    assert "No mail yet" in demo.get("/mailbox").text


def test_a_person_finds_their_mail_and_clicks_its_link(newcomer: User, demo: Client) -> None:
    with transaction():
        send_confirmation(newcomer)
    (mail,) = mails_to("new@example.com")
    link = link_in(mail, "confirm")
    listed = demo.get("/mailbox?address=NEW@exam").text
    assert f"/mailbox/{mail.id}" in listed
    shown = demo.get(f"/mailbox/{mail.id}").text
    assert f'{link}"' in shown
    assert "sandbox=" in shown
    page = demo.get(f"/mailbox/{mail.id}/page")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert link in page.text
    assert '<base target="_top">' in page.text
    assert demo.post(link).location == "/sign-in"


@pytest.mark.parametrize(
    "address", ["%", "_", "\\", "'; DROP TABLE mails; --", "x" * 5000, "<script>alert(1)</script>"]
)
def test_a_strange_search_finds_nothing_and_breaks_nothing(newcomer: User, demo: Client, address: str) -> None:
    with transaction():
        send_confirmation(newcomer)
    answer = demo.get("/mailbox", query_string={"address": address})
    assert answer.status_code == 200
    assert "No mail to such an e-mail" in answer.text
    assert "<script>alert" not in answer.text


def test_older_mail_is_a_page_further(newcomer: User, demo: Client) -> None:
    with transaction():
        for _ in range(31):
            send_confirmation(newcomer)
    first = demo.get("/mailbox?address=new").text
    oldest = mails_to("new@example.com")[-1].id
    assert first.count("/mailbox/") == 30
    before = mails_to("new@example.com")[29].id
    assert f"before={before}" in first
    assert f"/mailbox/{oldest}" in demo.get(f"/mailbox?address=new&before={before}").text
    assert demo.get("/mailbox?before=99999999999999999999").status_code == 200


@pytest.mark.parametrize("path", ["/mailbox/999", "/mailbox/99999999999999999999", "/mailbox/x", "/mailbox/999/page"])
def test_mail_that_is_not_there_is_not_found(context: None, demo: Client, path: str) -> None:
    assert demo.get(path).status_code == 404


def test_what_a_person_calls_themselves_stays_text_in_the_mail(context: None, demo: Client) -> None:
    with transaction():
        user = create_user(
            email="x@example.com", password=PASSWORD, name="<img src=x onerror=alert(1)>", side=Side.BRAND, locale="en",
            timezone="UTC",
        )  # fmt: skip
        send_confirmation(user)
    (mail,) = mails_to("x@example.com")
    assert "<img" not in mail.body_html
    assert "<img" not in demo.get(f"/mailbox/{mail.id}").text.split("<main")[1]
