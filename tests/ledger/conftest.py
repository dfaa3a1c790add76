"""The books on a PostgreSQL of their own, with the guards of the migration, for these tests alone."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from marketplace.config import load_settings
from marketplace.fees.models import CreatorMonthEarnings, FeeAllowance, FeePolicy
from marketplace.infra import embedded_postgres
from marketplace.infra.db import Model, db
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine

MODELS = (LedgerAccount, LedgerEntry, LedgerLine, FeePolicy, CreatorMonthEarnings, FeeAllowance)
GUARDS = Path(__file__).parents[2] / "migrations/versions/0002_guards.py"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("books")
    app = Flask("books")
    app.config["SQLALCHEMY_DATABASE_URI"] = embedded_postgres.ensure_running(folder, "books", durable=False)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 20}
    app.extensions["mutuals_settings"] = load_settings()
    db.init_app(app)
    Babel(app)
    with app.app_context():
        Model.metadata.create_all(db.engine, tables=[Model.metadata.tables[found.__tablename__] for found in MODELS])
        _guard()
    yield app
    with app.app_context():
        db.engine.dispose()
    embedded_postgres.stop(folder)


def _guard() -> None:
    found = importlib.util.spec_from_file_location("guards", GUARDS)
    assert found is not None
    assert found.loader is not None
    guards = importlib.util.module_from_spec(found)
    found.loader.exec_module(guards)
    with db.engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(guards.GUARDS + guards.DEFAULT_POLICY)


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.rollback()
