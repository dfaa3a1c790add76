"""The application as the demo runs it, which has every page, and a small world in it."""

from collections.abc import Iterator
from functools import partial

import psycopg
import pytest
from flask import Flask

from marketplace.app import create_app
from marketplace.config import Environment
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from tests.support.cluster import Cluster, plain, reset
from tests.support.jobs import run_due
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved
from tests.support.web import Client
from tests.support.world import World, build_world


@pytest.fixture(scope="session")
def shared_demo(cluster: Cluster, shared_app: Flask) -> Iterator[Flask]:
    with shared_app.app_context():
        chosen = settings().model_copy(update={"mutuals_env": Environment.DEMO})
    app = create_app(chosen)
    app.testing = True
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = cluster.templates
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def demo(shared_demo: Flask) -> Flask:
    """The demo on the database of the world. Don't ask for `app` beside it, which empties the database."""
    return shared_demo


@pytest.fixture(scope="module")
def world(
    shared_app: Flask,
    shared_sandbox: Sandbox,
    reset_connection: "psycopg.Connection[tuple[object, ...]]",
    database_url: str,
    all_saved: Saved,
) -> World:
    """The same for all tests of a module, so that those which change it come last."""
    reset(reset_connection)
    shared_sandbox.command("reset")
    with shared_app.app_context():
        jobs = partial(run_due, shared_app, plain(database_url))
        return all_saved.world("small", partial(build_world, shared_app, jobs))
