"""`make run` as a person meets it: up, stopped, killed, up again; and what it says when it can't start."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from marketplace.infra import embedded_postgres, instance
from tests.support.web import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
# What the environment of the test run must not lend to a run of its own.
OURS = ("DATABASE_URL", "MUTUALS_ENV", "SECRET_KEY", "STRIPE_", "PORT", "INSTANCE_PATH", "PUBLIC_URL", "SMTP_URL")

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


class Running:
    """One `python -m marketplace.run`, with all that it prints."""

    def __init__(self, folder: Path, port: int, *words: str, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        clean |= {"INSTANCE_PATH": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"} | environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "marketplace.run", *(words or ("--empty",))],
            cwd=ROOT, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(output)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self) -> str:
        """The address it prints."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(r"Mutuals is ready: (\S+)", self.said)) is None:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return found.group(1)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(10)
        return code


Start = Callable[..., Running]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts runs on `folder`, and ends whatever a failed test left of them."""
    begun: list[Running] = []

    def begin(port: int | None = None, *words: str, **environment: str) -> Running:
        begun.append(Running(folder, port or free_port(), *words, **environment))
        return begun[-1]

    yield begin
    for running in begun:
        running.process.kill()
    instance.end_orphans(folder)
    for running in begun:
        running.wait()
    embedded_postgres.stop(folder)


def members(folder: Path) -> list[psutil.Process]:
    """Every process of the instance: those with its mark, and its PostgreSQL."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(instance.MARK) == str(folder) or str(folder) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_it_goes_on_after_kills_and_stops_when_told(folder: Path, start: Start) -> None:
    port = free_port()
    first = start(port)
    address = first.wait_until_ready()
    assert address == f"http://127.0.0.1:{port}"
    secrets = instance.keep_secrets(folder)
    beside = start()
    assert beside.wait() == 1
    assert f"it already runs from {folder}, at {address}" in beside.said

    first.process.kill()
    first.process.wait(PATIENCE)
    assert members(folder)
    second = start(port)
    second.wait_until_ready()
    assert "that a killed run had left" in second.said

    for process in [psutil.Process(second.process.pid), *members(folder)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    second.wait()
    third = start(port)
    assert third.wait_until_ready() == address
    with urllib.request.urlopen(address + "/readyz", timeout=30) as page:
        assert page.status == 200
    assert instance.keep_secrets(folder) == secrets
    assert third.stop(signal.SIGINT) == 0
    assert "Stopped. The data stay" in third.said
    assert members(folder) == []


def test_a_web_process_that_dies_ends_all_with_a_sentence(folder: Path, start: Start) -> None:
    running = start()
    running.wait_until_ready()
    web = next(
        p for p in members(folder) if any("granian" in word for word in p.cmdline()) and "wsgi:app" in p.cmdline()
    )
    web.kill()
    assert running.wait() == 1
    assert "The web process ended by itself" in running.said
    assert members(folder) == []


def test_a_taken_port_is_a_sentence(folder: Path, start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        running = start(port)
        assert running.wait() == 1
    assert f"port {port} is taken" in running.said
    assert "PORT=8080 make run" in running.said


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PORT": "lots"}, "PORT: Input should be a valid integer"),
        ({"MUTUALS_ENV": "production"}, "must be set in production"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_WEBHOOK_SECRET"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "Check DATABASE_URL"),
    ],
)
def test_settings_that_cannot_work_are_a_sentence(
    folder: Path, start: Start, environment: dict[str, str], says: str
) -> None:
    running = start(None, **environment)
    assert running.wait() == 1
    assert says in running.said
    assert "Traceback" not in running.said


def test_reset_removes_what_it_made_and_nothing_else(folder: Path, start: Start) -> None:
    (folder / "mine.txt").write_text("not yours")
    embedded_postgres.ensure_running(folder)
    instance.keep_secrets(folder)
    resetting = start(None, "--reset")
    assert resetting.wait() == 0
    assert [found.name for found in folder.iterdir()] == ["mine.txt"]
