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
from urllib.parse import urlsplit

import psutil

from marketplace.infra import embedded_postgres, schema

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
FOLDER = ROOT / ".cache" / "bench"
_PATIENCE = 60


@contextmanager
def database() -> Iterator[str]:
    """A migrated database on a server that makes each commit survive a power cut; SQLAlchemy's URL."""
    for left in FOLDER.glob("[0-9]*"):
        if not psutil.pid_exists(int(left.name)):
            _remove(left)
    folder = FOLDER / str(os.getpid())
    folder.mkdir(parents=True)
    try:
        url = embedded_postgres.ensure_running(folder)
        schema.upgrade(url)
        yield url
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    embedded_postgres.stop(folder)
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def environment_of(url: str, sandbox_port: int) -> dict[str, str]:
    """As `make run` gives it to the demo's processes; the sandbox has a database beside `url`'s."""
    address = urlsplit(url)
    sandbox_url = address._replace(path=address.path + "_stripe").geturl()
    embedded_postgres.create_database(sandbox_url)
    return os.environ | {
        "MUTUALS_ENV": "demo",
        "INSTANCE_PATH": str(FOLDER / str(os.getpid())),
        "DATABASE_URL": url,
        "SECRET_KEY": "a secret of a measurement and of nobody else",
        "LOG_LEVEL": "WARNING",
        "STRIPE_API_BASE": f"http://127.0.0.1:{sandbox_port}",
        "STRIPE_SECRET_KEY": "sk_test_of_a_measurement",
        "STRIPE_WEBHOOK_SECRET": "whsec_of_a_measurement",
        "STRIPE_SANDBOX_DATABASE_URL": sandbox_url,
    }


@contextmanager
def served(application: str, environment: dict[str, str], port: int | None = None) -> Iterator[str]:
    """`application` (module:name) under the demo's server, with a worker for each of two cores; its address."""
    port = port or free_port()
    command: list[str | Path] = [BIN / "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"]
    command += ["--port", str(port), "--workers", "2", "--blocking-threads", "2", application]
    process = subprocess.Popen(command, cwd=ROOT, env=environment | {"PORT": str(port)})
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


@contextmanager
def environment(wanted: dict[str, str]) -> Iterator[None]:
    """What applications made here and in the processes see; the next measurement finds it as it was."""
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
