"""The application as the look's tests need it: its Jinja environment and request contexts, never its database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from marketplace.app import create_app
from marketplace.config import Environment, Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def look_app() -> Flask:
    return create_app(
        Settings(
            mutuals_env=Environment.TEST,
            secret_key=SecretStr("for the look's tests alone, and never used"),
            database_url="postgresql://nobody@127.0.0.1:1/none",
        )
    )


@pytest.fixture
def request_context(look_app: Flask) -> Iterator[Flask]:
    with look_app.test_request_context("/deals?state=open&state=done&after=9"):
        yield look_app
