"""People with accounts, and ways to sign them in and to read their mail."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from marketplace.accounts.models import Side, User
from marketplace.accounts.service import create_user
from marketplace.app import create_app
from marketplace.config import Environment
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail
from marketplace.infra.settings import settings
from tests.support.web import Client

PASSWORD = "four blue kettles"
NEW_PASSWORD = "seven green ladders"


def make_user(email: str = "Lin.Yue@example.com", *, side: Side = Side.CREATOR, confirmed: bool = True) -> User:
    with transaction():
        return create_user(
            email=email,
            password=PASSWORD,
            name="Lin Yue",
            side=side,
            locale="en",
            timezone="Asia/Shanghai",
            confirmed=confirmed,
        )


def sign_in(client: Client, email: str = "lin.yue@example.com", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/settings").status_code == 200


def mails_to(address: str) -> list[Mail]:
    """Newest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Mail).where(Mail.address == address).order_by(Mail.id.desc())))


def link_in(mail: Mail, page: str) -> str:
    """The path of the link to `page` in a mail; it stands in the text and in the HTML."""
    found = re.search(rf"https?://[^/\s]+(/{page}/\S+)", mail.body_text)
    assert found is not None, mail.body_text
    assert found[1] in mail.body_html
    return found[1]


@pytest.fixture
def lin(context: None) -> User:
    """A creator who has confirmed, written with capitals in the e-mail."""
    return make_user()


@pytest.fixture
def newcomer(context: None) -> User:
    """Somebody who hasn't confirmed."""
    return make_user("new@example.com", confirmed=False)


@pytest.fixture(scope="session")
def shared_demo_app(shared_app: Flask) -> Iterator[Flask]:
    with shared_app.app_context():
        demo = settings().model_copy(update={"mutuals_env": Environment.DEMO})
    app = create_app(demo)
    app.testing = True
    app.test_client_class = Client
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def demo(app: Flask, shared_demo_app: Flask) -> Client:
    """A visitor of the same database in demo mode."""
    found = shared_demo_app.test_client()
    assert isinstance(found, Client)
    return found


Jobs = Callable[..., None]
