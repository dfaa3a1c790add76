"""The real programs of an installation, each a process of its own: started, killed at any moment, and started again."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.support import sandbox as stripe_sandbox
from tests.support.cluster import plain
from tests.support.running import ROOT, clean_environment
from tests.support.web import free_port

_BIN = Path(sys.executable).parent
_PATIENCE = 120.0
_GRANIAN = ["--interface", "wsgi", "--no-ws", "--log-level", "error", "--blocking-threads", "4"]


class Programs:
    """Sandbox, web, worker and people on two databases."""

    def __init__(self, folder: Path, url: str, sandbox_url: str) -> None:
        self._folder, self.url = folder, url
        self._web, self._sandbox = free_port(), free_port()
        self.sandbox_url = f"http://127.0.0.1:{self._sandbox}"
        self.environment = clean_environment(folder, self._web) | {
            "MUTUALS_ENV": "demo",
            "DATABASE_URL": url,
            "SECRET_KEY": "a secret of a crash test and of nobody else",
            "LOG_LEVEL": "ERROR",
            "EARNINGS_HOLD_DAYS": "0",
            "PAYOUT_SCHEDULE": "weekly",
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_SECRET_KEY": stripe_sandbox.KEY,
            "STRIPE_WEBHOOK_SECRET": stripe_sandbox.SECRET,
            "STRIPE_SANDBOX_DATABASE_URL": sandbox_url,
            "STRIPE_SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{self._web}/webhooks/stripe",
        }
        self._commands: dict[str, list[str | Path]] = {
            "sandbox": self._served(self._sandbox, "marketplace.stripe_sandbox.wsgi:app"),
            "web": self._served(self._web, "wsgi:app"),
            "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def _served(self, port: int, application: str) -> list[str | Path]:
        return [_BIN / "granian", *_GRANIAN, "--port", str(port), application]

    def start(self, name: str, *words: str) -> None:
        """One that doesn't run."""
        command = self._commands.get(name) or [sys.executable, "-m", f"tests.crash.{name}", *words]
        log = (self._folder / f"{name}.log").open("ab")
        with log:
            self._running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """SIGKILL for it and for all that it started; what it had open is lost."""
        process = self._running.pop(name, None)
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def cut_connections(self) -> None:
        """As when PostgreSQL fails over: every transaction that is open is gone."""
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def wait_until_served(self) -> None:
        """Until web and sandbox answer."""
        for address in (f"{self.sandbox_url}/", f"http://127.0.0.1:{self._web}/healthz"):
            deadline = time.monotonic() + _PATIENCE
            while True:
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, f"nothing answers at {address}"
                    time.sleep(0.05)

    def end(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def wait_until_acted(self, times: int) -> None:
        """Until the people have done so many things more."""
        wanted, deadline = self.said("people").count("acted") + times, time.monotonic() + _PATIENCE
        while self.said("people").count("acted") < wanted:
            assert time.monotonic() < deadline, f"nobody does anything: {self.said('people')[-4000:]}"
            time.sleep(0.05)

    @contextmanager
    def as_environment(self) -> Iterator[None]:
        """For an application of our own on the same databases."""
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
