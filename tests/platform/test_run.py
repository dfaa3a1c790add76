"""`make run` as a person meets it: up, stopped, killed, up again; and what it says when it can't start."""

import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.infra import embedded_postgres, instance
from tests.support.running import PATIENCE, Start, kill_everything, members, runs_on
from tests.support.web import free_port

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    with runs_on(folder) as begin:
        yield begin


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

    kill_everything(second, folder)
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
