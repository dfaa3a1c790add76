"""A PostgreSQL as the demo's (durable), and servers of our applications on it, for the time of a measurement."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.infra import embedded_postgres, schema

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
FOLDER = ROOT / ".cache" / "bench"
_PATIENCE = 60


@contextmanager
def database() -> Iterator[str]:
    """A migrated database on a server that makes each commit survive a power cut; SQLAlchemy's URL."""
    folder = FOLDER / str(os.getpid())
    folder.mkdir(parents=True)
    try:
        url = embedded_postgres.ensure_running(folder)
        schema.upgrade(url)
        yield url
    finally:
        embedded_postgres.stop(folder)
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(application: str, **environment: str) -> Iterator[str]:
    """`application` (module:name) under the demo's server with the demo's options; its address."""
    port = free_port()
    command = [BIN / "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error", "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "2"]
    given = os.environ | environment | {"PORT": str(port), "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([*command, application], cwd=ROOT, env=given)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")
