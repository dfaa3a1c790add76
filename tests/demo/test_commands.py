"""`flask ledger check` and `flask demo fill`, as an operator types them."""

import pytest
from flask import Flask

from marketplace.accounts.models import Side
from marketplace.demo import sandbox as demo_sandbox
from marketplace.infra.db import db, transaction
from marketplace.kit.money import Money
from marketplace.ledger.accounts import stripe_clearing, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from tests.support.market import make_user
from tests.support.money import funded_deal
from tests.support.sandbox import Sandbox


def test_books_that_balance_end_with_zero_and_one_line(app: Flask, context: None, sandbox: Sandbox) -> None:
    funded_deal()
    answer = app.test_cli_runner().invoke(args=["ledger", "check"])
    assert (answer.exit_code, answer.output) == (0, "The books balance.\n")


def test_books_that_differ_from_stripe_end_with_one_and_say_so(app: Flask, context: None, sandbox: Sandbox) -> None:
    funded_deal()
    with transaction():
        lines = [debit(stripe_clearing("CNY"), Money(1)), credit(suspense("CNY"), Money(1))]
        post("test.stray", "stray", lines, "test")
    answer = app.test_cli_runner().invoke(args=["ledger", "check"])
    assert answer.exit_code == 1
    assert "Our clearing holds" in answer.output


def test_a_market_with_people_is_left_alone(app: Flask, context: None) -> None:
    with transaction():
        make_user(Side.BRAND)
    answer = app.test_cli_runner().invoke(args=["demo", "fill"])
    assert answer.exit_code == 0
    assert "people here already" in answer.output


def test_without_a_sandbox_nothing_is_made(app: Flask, context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_SANDBOX_DATABASE_URL", raising=False)
    monkeypatch.setattr(demo_sandbox, "command", refuse)
    answer = app.test_cli_runner().invoke(args=["demo", "fill"])
    assert answer.exit_code == 0
    assert "need the Stripe sandbox" in answer.output
    assert db.session.connection().exec_driver_sql("SELECT count(*) FROM users").scalar() == 0


def refuse(**_moods: object) -> None:
    raise ConnectionRefusedError
