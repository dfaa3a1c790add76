"""What a running sandbox holds: its settings, its pool, and the thread that sends webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app

from .config import SandboxConfig
from .database import Pool
from .sender import Sender
from .store import Tx, transaction


@dataclass
class Runtime:
    config: SandboxConfig
    pool: Pool
    sender: Sender

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with transaction(self.pool, self.config) as tx:
            yield tx

    def wake_sender(self) -> None:
        self.sender.wake()

    def close(self) -> None:
        """Ends the thread and the connections; what is unsent is sent by the next start."""
        self.sender.stop()
        self.pool.close()


def runtime() -> Runtime:
    found = current_app.extensions["stripe_sandbox"]
    assert isinstance(found, Runtime)
    return found
