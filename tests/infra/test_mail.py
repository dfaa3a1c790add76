"""Mail on its way through a real SMTP conversation."""

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from marketplace.app import create_app
from marketplace.config import Environment, load_settings
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import perform, take_waiting
from marketplace.infra.mail import Mail, send_mail
from tests.support.smtp import mail_server
from tests.support.web import free_port


def application(database_url: str, smtp_url: str) -> Flask:
    return create_app(
        load_settings(
            mutuals_env=Environment.TEST,
            secret_key=SecretStr("a secret of the tests and of nobody else"),
            database_url=database_url,
            smtp_url=SecretStr(smtp_url),
        )
    )


def write(address: str, locale: str) -> int:
    with transaction():
        return send_mail(
            "taken",
            user_id=None,
            address=address,
            locale=locale,
            timezone="Asia/Shanghai",
            sign_in_url="https://mutuals.example/sign-in",
            forgot_url="https://mutuals.example/forgot",
        ).id


def work() -> None:
    with transaction():
        waiting = take_waiting()
    for name, arguments in waiting:
        perform(name, arguments)


@pytest.mark.usefixtures("app")
def test_a_mail_is_sent_once_in_both_forms_and_the_readers_language(database_url: str) -> None:
    with mail_server() as (address, received):
        app = application(database_url, address)
        with app.app_context():
            mail_id = write("lin.yue@example.com", "zh")
            work()
            perform("mail.send", {"mail_id": mail_id})
            assert db.session.scalars(select(Mail.sent_at)).one() is not None
            db.session.rollback()
            db.engine.dispose()
    assert len(received) == 1
    message = received[0]
    assert message["To"] == "lin.yue@example.com"
    assert message["Content-Language"] == "zh-Hans"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in str(message["Subject"]))


@pytest.mark.usefixtures("app")
def test_a_mail_that_no_server_took_stays_to_be_sent(database_url: str) -> None:
    app = application(database_url, f"smtp://127.0.0.1:{free_port()}")
    with app.app_context():
        mail_id = write("lin.yue@example.com", "en")
        with pytest.raises(OSError, match="refused"):
            perform("mail.send", {"mail_id": mail_id})
        db.session.rollback()
        assert db.session.scalars(select(Mail.sent_at)).one() is None
        db.session.rollback()
        db.engine.dispose()
