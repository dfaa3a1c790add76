"""Sandbox, web, worker and people, each a process of its own: started, killed at any moment, and started again.

Web and worker run what an installation runs, on settings of their own; but they are forks of the nursery, which are
there in a moment, and Werkzeug's server answers instead of Granian's. `make run` with its real programs is killed in
`test_kill.py`.
"""

import json
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

_PATIENCE = 120.0


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
            "APPLICATIONS_A_WEEK": "1000000",
            "EARNINGS_HOLD_DAYS": "0",
            "PAYOUT_SCHEDULE": "weekly",
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_SECRET_KEY": stripe_sandbox.KEY,
            "STRIPE_WEBHOOK_SECRET": stripe_sandbox.SECRET,
            "STRIPE_SANDBOX_DATABASE_URL": sandbox_url,
            "STRIPE_SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{self._web}/webhooks/stripe",
        }
        self._words: dict[str, tuple[str, ...]] = {"sandbox": (str(self._sandbox),), "web": (str(self._web),)}
        self._running: dict[str, int] = {}
        with (folder / "nursery.log").open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.nursery"],
                cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip

    def start(self, name: str, *words: str) -> None:
        """One that doesn't run, with its words or those of the last time."""
        self._words[name] = words or self._words.get(name, ())
        log = self._folder / f"{name}.log"
        log.touch()
        told = {"name": name, "log": str(log), "words": self._words[name]}
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(told) + "\n")
        self._nursery.stdin.flush()
        born = self._nursery.stdout.readline()
        assert born, self.said("nursery")
        self._running[name] = int(born)

    def kill(self, name: str) -> None:
        """SIGKILL for it and for all that it started; what it had open is lost."""
        process, deadline = self._running.pop(name), time.monotonic() + _PATIENCE
        while _lives(process):
            # One that was born just now may have no group of its own yet.
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            assert time.monotonic() < deadline, f"{name} can't be killed"
            time.sleep(0.005)

    def start_again(self) -> None:
        """Those that ended by themselves, as whoever watches over an installation does."""
        for name in [name for name, process in self._running.items() if not _lives(process)]:
            self.start(name)

    def give_up_worker(self) -> None:
        """As a minute without its heartbeat does: what a killed worker held can be taken up by the next."""
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")

    def cut_connections(self) -> None:
        """As when PostgreSQL fails over: every transaction that is open is gone."""
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
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
        """The nursery takes all with it."""
        self._nursery.communicate(timeout=_PATIENCE)

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def wait_until_acted(self, times: int) -> None:
        """Until the people have done so many things more."""
        wanted, deadline = self.said("people").count("acted") + times, time.monotonic() + _PATIENCE
        while self.said("people").count("acted") < wanted:
            self.start_again()
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


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
