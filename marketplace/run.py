"""`make run`: the demo. PostgreSQL, the Stripe sandbox, web and worker under one process manager, on INSTANCE_PATH."""

import argparse
import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from honcho.manager import Manager

from marketplace.config import Settings, SettingsError, load_settings
from marketplace.infra import embedded_postgres, instance
from marketplace.infra.embedded_postgres import PostgresError

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MIGRATIONS = ROOT / "migrations" / "versions"
# Far from PORT, so that a second demo on PORT=8001 doesn't meet the first one's sandbox.
SANDBOX_DISTANCE = 1000
_FIRST_PAGE_SECONDS = 90
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
_MADE_BY_US = ("postgres", "postgres.lock", "secrets.json", "run.json", "run.lock", "demo")
# Who the demo's invoices come from, and payees who needn't wait for Monday; what the environment says comes first.
_DEMO = {
    "PAYOUT_SCHEDULE": "as_earned",
    "ISSUER_NAME": "Mutuals Demo Ltd.",
    "ISSUER_ADDRESS": "18 Lantern Street\nCentral, Hong Kong",
    "ISSUER_TAX_ID": "DEMO-0000-0000",
    "TAX_NAME": "VAT",
    "TAX_BASIS_POINTS": "600",
}


class StartError(Exception):
    """The demo can't start; the message says why and what to do."""


@dataclass(frozen=True)
class Demo:
    """Everything decided before the first process starts."""

    settings: Settings
    folder: Path
    secrets: instance.Secrets
    sandbox_port: int | None

    @property
    def address(self) -> str:
        return self.settings.base_url

    @property
    def stripe_api_base(self) -> str | None:
        return (
            f"http://{self.settings.host}:{self.sandbox_port}" if self.sandbox_port else self.settings.stripe_api_base
        )

    @property
    def local_address(self) -> str:
        """Where a program on this machine reaches the web process, whatever address people use."""
        host = "127.0.0.1" if self.settings.host in _EVERYWHERE else self.settings.host
        return f"http://{host}:{self.settings.port}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m marketplace.run", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="remove the demo's data instead of starting it")
    parser.add_argument("--empty", action="store_true", help="make no demo data")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop_on_signal)
    try:
        settings = load_settings()
        return reset(settings) if wanted.reset else run(settings, empty=wanted.empty)
    except (SettingsError, StartError, PostgresError) as error:
        print(f"Mutuals can't start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def _stop_on_signal(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(text, flush=True)


def run(settings: Settings, *, empty: bool = False) -> int:
    """Start everything, and stop all of it at the end, however that comes."""
    if not settings.demo:
        raise StartError("`make run` is the demo and MUTUALS_ENV says otherwise; docs/operations.md has production.")
    folder = settings.instance_path.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _taken(folder):
        demo = _plan(settings, folder)
        instance.record_run(folder, demo.address, demo.stripe_api_base)
    try:
        environment = _prepare(demo, empty=empty)
        return _supervise(demo, environment)
    finally:
        embedded_postgres.stop(folder)


@contextmanager
def _taken(folder: Path) -> Iterator[None]:
    """One run at a time has the folder; what a killed one left running is ended first."""
    with (folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = instance.last_run(folder)
        if before is not None and instance.is_alive(before):
            raise StartError(
                f"it already runs from {folder}, at {before.address} (process {before.pid}). Stop that one first, or "
                f"choose another INSTANCE_PATH and PORT."
            )
        ended = instance.end_orphans(folder)
        if ended:
            say(f"  ended {ended} processes that a killed run had left")
        yield


def _plan(settings: Settings, folder: Path) -> Demo:
    if not _is_free(settings.host, settings.port):
        raise StartError(f"port {settings.port} is taken by another program. Choose another: PORT=8080 make run")
    if settings.stripe_secret_key is not None:
        if settings.stripe_webhook_secret is None:
            raise StartError("STRIPE_SECRET_KEY is set, and STRIPE_WEBHOOK_SECRET, which belongs to it, is not.")
        return Demo(settings, folder, instance.keep_secrets(folder), None)
    return Demo(settings, folder, instance.keep_secrets(folder), _sandbox_port(settings, folder))


def _sandbox_port(settings: Settings, folder: Path) -> int:
    """The one asked for; else the one of the last run, which its payment links name; else a free one."""
    asked = settings.stripe_sandbox_port
    if asked is not None:
        if asked == settings.port or not _is_free(settings.host, asked):
            raise StartError(f"STRIPE_SANDBOX_PORT: port {asked} is taken. Choose another, or leave it out.")
        return asked
    before = instance.last_run(folder)
    away = SANDBOX_DISTANCE if settings.port + SANDBOX_DISTANCE + 100 < 65536 else -SANDBOX_DISTANCE - 100
    first = settings.port + away
    candidates = list(range(first, first + 100))
    if before is not None and before.stripe_api_base is not None:
        candidates.insert(0, urlsplit(before.stripe_api_base).port or first)
    for port in candidates:
        if port != settings.port and _is_free(settings.host, port):
            return port
    raise StartError(f"no free port for the Stripe sandbox near {first}. Name one with STRIPE_SANDBOX_PORT.")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
    return True


def _prepare(demo: Demo, *, empty: bool) -> dict[str, str]:
    """Databases up, migrated and filled; returns the environment of the processes."""
    say(f"Mutuals, with its data in {demo.folder}")
    url = demo.settings.database_url
    if url is None:
        with _step("PostgreSQL"):
            url = embedded_postgres.ensure_running(demo.folder)
        _start_afresh_if_half_filled(demo.folder, url)
    with _step("migrations"):
        applied = _applied_migration(url)
        environment = _environment(demo, url)
        if applied != max(MIGRATIONS.glob("[0-9]*.py")).name.partition("_")[0]:
            _flask("db", "upgrade", environment=environment, failure="the database could not be migrated")
    if not empty:
        _fill(url, environment)
    return environment


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"  {what} ({time.monotonic() - began:.1f} s)")


def _applied_migration(url: str) -> str | None:
    """The newest migration in the database; asked without Alembic, which takes longer to load than to answer."""
    try:
        with closing(embedded_postgres.connect(url)) as connection:
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return None
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.OperationalError as error:
        raise StartError(f"the database does not answer ({str(error).strip()}). Check DATABASE_URL.") from error
    return str(found[0]) if found is not None else None


def _environment(demo: Demo, url: str) -> dict[str, str]:
    """What the settings name, spelled out, so that every process of a run agrees."""
    given = demo.settings
    environment = (
        _DEMO
        | os.environ
        | {
            instance.MARK: str(demo.folder),
            "INSTANCE_PATH": str(demo.folder),
            "HOST": given.host,
            "PORT": str(given.port),
            "DATABASE_URL": url,
            "SECRET_KEY": given.secret_key.get_secret_value() if given.secret_key else demo.secrets.secret_key,
            "PYTHONUNBUFFERED": "1",
        }
    )
    if demo.sandbox_port is None:
        return environment
    sandbox_url = urlsplit(url)._replace(path=urlsplit(url).path + "_stripe").geturl()
    embedded_postgres.create_database(sandbox_url)
    return environment | {
        "STRIPE_API_BASE": demo.stripe_api_base or "",
        "STRIPE_SECRET_KEY": demo.secrets.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRET": demo.secrets.stripe_webhook_secret,
        "STRIPE_SANDBOX_DATABASE_URL": sandbox_url,
        "STRIPE_SANDBOX_WEBHOOK_URL": f"{demo.local_address}/webhooks/stripe",
    }


def _start_afresh_if_half_filled(folder: Path, url: str) -> None:
    """Demo data whose making was interrupted are nobody's: away with both databases."""
    if _mark(folder).exists() and _mark(folder).read_text() == "filling":
        say("  the demo data were left half made; they are made anew")
        for suffix in ("", "_stripe"):
            embedded_postgres.drop_database(urlsplit(url)._replace(path=urlsplit(url).path + suffix).geturl())
        embedded_postgres.create_database(url)
        _mark(folder).unlink()


def _mark(folder: Path) -> Path:
    return folder / "demo"


def _fill(url: str, environment: dict[str, str]) -> None:
    """Make the demo data where nobody is yet. The command notes in the folder how far it is."""
    with closing(embedded_postgres.connect(url)) as connection:
        inhabited = connection.execute("SELECT EXISTS (SELECT FROM users)").fetchone()
    if inhabited == (True,):
        return
    say("  demo data: made once, which takes a minute or two ...")
    with _step("demo data"):
        _flask("demo", "fill", environment=environment, failure="the demo data could not be made")


def _flask(*words: str, environment: dict[str, str], failure: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    quiet = environment | {"LOG_LEVEL": "WARNING"}
    if subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode != 0:
        raise StartError(f"{failure}; the lines above say why.")


class Processes(Manager):  # type: ignore[misc]  # honcho has no types
    """Honcho's manager, which ends all when one ends; told what to say, and which one ended first."""

    def __init__(self, demo: Demo) -> None:
        super().__init__()
        self._demo = demo
        self._wants_to_stop = False
        self.first_stopped: tuple[str, int] | None = None

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=_announce, args=(self._demo,), daemon=True).start()

    def _system_print(self, data: str) -> None:
        """We say it ourselves, in fewer lines."""

    def _all_started(self) -> bool:
        """Honcho asks this at each turn."""
        self._end_families_of_the_dead()
        started = bool(super()._all_started())
        if started and self._wants_to_stop:
            self._wants_to_stop = False
            super().terminate()
        return started

    def _end_families_of_the_dead(self) -> None:
        """A server killed outright leaves workers that hold its output open: Honcho would wait for them for ever."""
        for found in self._processes.values():
            pid = found.get("pid")
            if pid is not None and "returncode" not in found and instance.is_zombie(pid):
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Honcho can't stop what hasn't told its process id yet: that waits until it has."""
        stopped: dict[str, Any] = {name: p["returncode"] for name, p in self._processes.items() if "returncode" in p}
        if stopped and self.first_stopped is None and not self._terminating:
            self.first_stopped = next(iter(stopped.items()))
        if super()._all_started():
            super().terminate()
        else:
            self._wants_to_stop = True


def _supervise(demo: Demo, environment: dict[str, str]) -> int:
    processes = Processes(demo)
    at_once = {"EARNINGS_HOLD_DAYS": "0", "PAYOUT_COUNTRIES": '["SG", "JP", "GB"]'}
    for name, command in _commands(demo).items():
        processes.add_process(name, "exec " + shlex.join(map(str, command)), env=at_once | environment, cwd=str(ROOT))
    say(f"  {', '.join(_commands(demo))} ...")
    processes.loop()
    if processes.first_stopped is None:
        say("Stopped. The data stay for the next `make run`.")
        return 0
    name, code = processes.first_stopped
    say(f"The {name} process ended by itself (code {code}), so all was stopped; its last lines are above.")
    say("`make run` goes on where it stood.")
    return 1


def _commands(demo: Demo) -> dict[str, list[str | Path]]:
    given = demo.settings
    serve: list[str | Path] = [BIN / "granian", "--interface", "wsgi", "--no-ws", "--host", given.host]
    serve += ["--log-level", "warning"]
    commands: dict[str, list[str | Path]] = {
        "web": [*serve, "--port", str(given.port), "--blocking-threads", "4", "wsgi:app"],
        # A page comes before a job, at the start above all.
        "worker": ["nice", "-n", "5", sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
    }
    if demo.sandbox_port is not None:
        sandbox = "marketplace.stripe_sandbox.wsgi:app"
        commands["stripe"] = [
            "nice",
            "-n",
            "5",
            *serve,
            "--port",
            str(demo.sandbox_port),
            "--blocking-threads",
            "4",
            sandbox,
        ]
    return commands


def _announce(demo: Demo) -> None:
    """Say the address when the first page answers."""
    began = time.monotonic()
    while time.monotonic() - began < _FIRST_PAGE_SECONDS:
        try:
            with urllib.request.urlopen(demo.local_address, timeout=10):  # noqa: S310 - our own http address
                break
        except urllib.error.HTTPError as error:
            say(f"\nThe front page answers {error.code}; the lines above say why.\n")
            return
        except OSError:
            time.sleep(0.05)
    else:
        say(f"\nNo page answers at {demo.address} after {_FIRST_PAGE_SECONDS} s; the lines above say why.\n")
        return
    say(f"\nMutuals is ready: {demo.address}   (Ctrl-C stops it)\n")
    if demo.sandbox_port is not None:
        say(f"Stripe is a sandbox here, with a page of its own: {demo.stripe_api_base}\n")


def reset(settings: Settings) -> int:
    """Remove what the demo made in INSTANCE_PATH, its database first of all."""
    if not settings.demo or settings.database_url is not None:
        raise StartError("only the demo's own database can be reset; MUTUALS_ENV or DATABASE_URL names another.")
    folder = settings.instance_path.resolve()
    if not folder.exists():
        say(f"There is nothing in {folder}.")
        return 0
    with _taken(folder):
        embedded_postgres.stop(folder)
        for name in _MADE_BY_US:
            found = folder / name
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink(missing_ok=True)
    say(f"The demo's data in {folder} are gone; `make run` starts afresh.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
