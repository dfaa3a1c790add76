"""A payer's bank whose every act we read of, and an administrator at the console."""

import pytest
from flask import Flask

from tests.console.conftest import Admin, admin_at
from tests.support.bank import Bank
from tests.support.sandbox import Sandbox


@pytest.fixture
def bank(sandbox: Sandbox) -> Bank:
    return Bank(sandbox)


@pytest.fixture
def admin(app: Flask) -> Admin:
    return admin_at(app)
