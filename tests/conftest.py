"""What tests stand on: a real PostgreSQL, the application, its server, a Stripe that answers, and browsers.

Ask for `app` and the database is as the migrations left it; what a test commits is gone before the next.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright, sync_playwright
from pydantic import SecretStr

from marketplace.app import create_app
from marketplace.config import Environment, load_settings
from marketplace.infra.db import db
from tests.support import chromium, jobs
from tests.support import sandbox as stripe_sandbox
from tests.support.cluster import Cluster, plain, remove_leftovers, reset
from tests.support.openapi import Judge, WebhookRecorder
from tests.support.people import Crowd, NewPerson
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved
from tests.support.web import Client, LiveServer, free_port, served

_RUN = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    worker: dict[str, int] | None = getattr(config, "workerinput", None)
    config.stash[_RUN] = os.getpid() if worker is None else worker["mutuals_run"]
    if worker is None:
        remove_leftovers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """pytest-xdist: one more than processors, as there is always a worker that waits for a browser or a program."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """pytest-xdist: each worker uses the server of the run."""
    node.workerinput["mutuals_run"] = os.getpid()  # type: ignore[attr-defined]


# Modules whose tests take the longest. They start first, so that no worker is left with them when the others are done.
_LONG = (
    "demo/test_fill", "rules/test_queries", "rules/test_accessibility", "rules/test_routes", "journeys/test_whole_deal",
    "deals/test_machine", "matching/test_machine", "platform/test_run", "crash/test_random_kills",
    "rules/test_hostile_forms",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module's tests stay together and in their order: they share what is made once for it."""
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(f"tests/{module}.py" for module in _LONG)))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        Cluster(config.stash[_RUN]).close()


@dataclass(frozen=True)
class Ports:
    """Chosen before anything is made, as each address is part of another's settings."""

    web: int
    sandbox: int


@pytest.fixture(scope="session")
def ports() -> Ports:
    return Ports(free_port(), free_port())


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Which of pytest-xdist's workers this is."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Cluster:
    return Cluster(pytestconfig.stash[_RUN])


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, worker: str) -> Iterator[str]:
    """This worker's migrated database, in SQLAlchemy's form."""
    with cluster.database(worker) as url:
        cluster.allow_resets()
        yield url


@pytest.fixture(scope="session")
def shared_app(cluster: Cluster, database_url: str, ports: Ports) -> Iterator[Flask]:
    """The application of the whole session; tests ask for `app`, which also brings the database back."""
    settings = load_settings(
        mutuals_env=Environment.TEST,
        secret_key=SecretStr("a secret of the tests and of nobody else"),
        host="127.0.0.1",
        port=ports.web,
        public_url=None,
        trusted_proxies=0,
        log_level="INFO",
        database_url=database_url,
        stripe_api_base=f"http://127.0.0.1:{ports.sandbox}",
        stripe_secret_key=SecretStr(stripe_sandbox.KEY),
        stripe_webhook_secret=SecretStr(stripe_sandbox.SECRET),
        smtp_url=None,
        applications_a_week=1_000_000,
        payout_schedule="as_earned",
    )
    app = create_app(settings)
    app.testing = True
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = cluster.templates
    # Tests go to and fro in time, which closed books don't allow: those about closings close by themselves.
    del app.extensions["mutuals_jobs"].periodic_registry.periodic_tasks["ledger.close", ""]
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def reset_connection(database_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(plain(database_url)) as connection:
        yield connection


@pytest.fixture
def app(shared_app: Flask, reset_connection: "psycopg.Connection[tuple[object, ...]]") -> Flask:
    """The application on a database with nothing in it but what the migrations put there."""
    reset(reset_connection)
    return shared_app


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests that call verbs and queries themselves."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor without a browser. Further visitors: `app.test_client()`."""
    found = app.test_client()
    assert isinstance(found, Client)
    return found


@pytest.fixture
def run_jobs(app: Flask, database_url: str) -> Callable[..., None]:
    """Runs every job due at `clock.now()`; raises when one fails unless `allow_failures=True`."""

    def run(*, allow_failures: bool = False) -> None:
        jobs.run_due(app, plain(database_url), allow_failures=allow_failures)

    return run


@pytest.fixture(scope="session")
def stripes_description() -> Iterator[Judge]:
    """Hears all that is said to Stripe and by it in the whole run, and fails what does not fit its description."""
    judge = Judge()
    yield judge
    judge.check()


@pytest.fixture(scope="session")
def shared_server(shared_app: Flask, ports: Ports, stripes_description: Judge) -> Iterator[LiveServer]:
    live = LiveServer(shared_app, f"http://127.0.0.1:{ports.web}")
    with served(WebhookRecorder(stripes_description, live), ports.web):
        yield live


@pytest.fixture
def live_server(app: Flask, shared_server: LiveServer) -> LiveServer:
    """The application over HTTP, in threads of this process."""
    return shared_server


@pytest.fixture(scope="session")
def shared_sandbox(
    cluster: Cluster, worker: str, ports: Ports, shared_server: LiveServer, stripes_description: Judge
) -> Iterator[Sandbox]:
    webhooks = f"{shared_server.url}/webhooks/stripe"
    with (
        cluster.database(f"stripe_{worker}", empty=True) as url,
        stripe_sandbox.running(url, ports.sandbox, webhooks, stripes_description) as running,
    ):
        yield running


@pytest.fixture
def sandbox(app: Flask, shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A Stripe where nothing has happened yet. Its webhooks arrive at the application's live server."""
    shared_sandbox.command("reset")
    yield shared_sandbox
    shared_sandbox.judge.check()


@pytest.fixture(scope="session")
def all_saved(
    cluster: Cluster,
    worker: str,
    shared_sandbox: Sandbox,
    reset_connection: "psycopg.Connection[tuple[object, ...]]",
) -> Iterator[Saved]:
    with psycopg.connect(plain(cluster.url(f"stripe_{worker}"))) as stripes:
        yield Saved(reset_connection, stripes, shared_sandbox)


@pytest.fixture
def saved(sandbox: Sandbox, context: None, all_saved: Saved) -> Saved:
    """For fixtures whose world takes seconds to make."""
    return all_saved


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = playwright.chromium.launch(executable_path=chromium.find(playwright), args=chromium.flags())
    yield found
    found.close()


@pytest.fixture
def new_person(browser: Browser, live_server: LiveServer) -> Iterator[NewPerson]:
    """Opens a browser window on the live server; a page that breaks by itself fails the test at its end."""
    crowd = Crowd(browser, live_server.url)
    yield crowd.new_person
    assert crowd.leave() == []
