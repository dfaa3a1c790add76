"""`make run` as a process of its own, as a person starts, stops and kills it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from marketplace.infra import embedded_postgres, instance
from tests.support.web import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
# What the environment of the test run must not lend to a run of its own.
OURS = ("DATABASE_URL", "MUTUALS_ENV", "SECRET_KEY", "STRIPE_", "PORT", "INSTANCE_PATH", "PUBLIC_URL", "SMTP_URL")


def clean_environment(folder: Path, port: int) -> dict[str, str]:
    """Ours without what belongs to the test run, for programs on the instance in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"INSTANCE_PATH": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}


class Running:
    """One `python -m marketplace.run`, with all that it prints."""

    def __init__(self, folder: Path, port: int, *words: str, **environment: str) -> None:
        clean = clean_environment(folder, port) | environment
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


@contextmanager
def runs_on(folder: Path) -> Iterator[Start]:
    """Starts runs on `folder`, and at the end stops whatever a failed test left of them."""
    begun: list[Running] = []

    def begin(port: int | None = None, *words: str, **environment: str) -> Running:
        begun.append(Running(folder, port or free_port(), *words, **environment))
        return begun[-1]

    try:
        yield begin
    finally:
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


def kill_everything(running: Running, folder: Path) -> None:
    """SIGKILL for the manager, web, worker, sandbox and PostgreSQL, all at once."""
    for process in [psutil.Process(running.process.pid), *members(folder)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    running.wait()
