"""A sandbox served over real HTTP, a receiver for its webhooks, and the SDK that talks to it."""

import json
from collections.abc import Iterator

import pytest
import stripe

from tests.support import openapi
from tests.support.cluster import Cluster

from .kit import Receiver, Running, config_for, running


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, worker: str) -> Iterator[str]:
    """An empty database: the sandbox makes its own tables."""
    with cluster.database(f"stripe_api_{worker}", empty=True) as url:
        yield url


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver.listening() as found:
        yield found


@pytest.fixture(scope="session")
def served(database_url: str, receiver: Receiver) -> Iterator[Running]:
    with running(config_for(database_url, receiver.url)) as found:
        yield found


@pytest.fixture
def sandbox(served: Running, receiver: Receiver) -> Iterator[Running]:
    """Empty, with no moods; at the end all that was said has to fit Stripe's description, where that is at hand."""
    served.command("reset")
    receiver.forget()
    yield served
    if openapi.HERE:
        for body, _ in list(receiver.got):
            served.judge.hear(openapi.misfits_of_event(json.loads(body)))
    served.judge.check()


@pytest.fixture
def client(sandbox: Running) -> stripe.StripeClient:
    return sandbox.client()
