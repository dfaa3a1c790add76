"""A sandbox served over real HTTP, a receiver for its webhooks, and the SDK that talks to it."""

import socket
from collections.abc import Iterator

import pytest
import stripe

from . import postgres
from .kit import Receiver, Running, config_for, running


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    with postgres.database() as url:
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
    """Empty, with no moods; at the end every exchange is held against Stripe's description, where that is at hand."""
    served.command("reset")
    receiver.forget()
    served.recorder.exchanges.clear()
    yield served
    served.recorder.check()


@pytest.fixture
def client(sandbox: Running) -> stripe.StripeClient:
    return sandbox.client()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
