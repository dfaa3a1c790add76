"""What the demo keeps in INSTANCE_PATH beside its database: secrets made once, who runs it, and on which ports."""

import atexit
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from pydantic import SecretStr

from marketplace.config import Settings
from marketplace.infra import embedded_postgres

# Each process of a run carries this variable with the instance's folder, so that orphans of a killed run are found.
MARK = "MUTUALS_RUN"
_SECRETS = "secrets.json"
_RUN = "run.json"
_CLOCK_SECONDS = 60


@dataclass(frozen=True)
class Secrets:
    """Made at the first start. Only for the demo: production is given its own."""

    secret_key: str
    stripe_secret_key: str
    stripe_webhook_secret: str


@dataclass(frozen=True)
class Run:
    """The process manager of an instance. `started` tells it from a later process with the same id."""

    pid: int
    started: float
    address: str
    stripe_api_base: str | None


def completed(settings: Settings) -> Settings:
    """The settings with what the demo makes itself where the environment gives none: for commands typed by hand.

    The embedded PostgreSQL is started if need be, and stopped when the command ends unless somebody else uses it.
    """
    if not settings.demo:
        return settings
    folder = settings.instance_path.resolve()
    made: dict[str, object] = {}
    if settings.database_url is None:
        made["database_url"] = _database(folder)
    kept = keep_secrets(folder)
    if settings.secret_key is None:
        made["secret_key"] = SecretStr(kept.secret_key)
    if settings.stripe_secret_key is None:
        run = last_run(folder)
        made["stripe_secret_key"] = SecretStr(kept.stripe_secret_key)
        made["stripe_webhook_secret"] = SecretStr(kept.stripe_webhook_secret)
        made["stripe_api_base"] = settings.stripe_api_base or (run.stripe_api_base if run else None)
    return settings.model_copy(update=made)


def _database(folder: Path) -> str:
    if not embedded_postgres.is_running(folder):
        atexit.register(_stop_unless_run, folder)
    return embedded_postgres.ensure_running(folder)


def _stop_unless_run(folder: Path) -> None:
    run = last_run(folder)
    if run is None or not is_alive(run):
        embedded_postgres.stop(folder, only_if_unused=True)


def keep_secrets(folder: Path) -> Secrets:
    """The instance's secrets, made now if this is its first start."""
    path = folder / _SECRETS
    if not path.exists():
        made = Secrets(
            secret_key=secrets.token_hex(32),
            stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        )
        _make_once(path, json.dumps(asdict(made), indent=2))
    return Secrets(**json.loads(path.read_text()))


def _make_once(path: Path, text: str) -> None:
    """Whole or not at all; of two that make it at the same moment the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def record_run(folder: Path, address: str, stripe_api_base: str | None) -> Run:
    """Say that this process runs the instance."""
    run = Run(os.getpid(), psutil.Process().create_time(), address, stripe_api_base)
    fresh = folder / f"{_RUN}.new"
    fresh.write_text(json.dumps(asdict(run)))
    fresh.replace(folder / _RUN)
    return run


def last_run(folder: Path) -> Run | None:
    """The newest run of the instance, alive or not."""
    try:
        return Run(**json.loads((folder / _RUN).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def is_alive(run: Run) -> bool:
    """Whether it goes on. A clock set anew moves start times, so the command counts as well."""
    try:
        process = psutil.Process(run.pid)
        if process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - run.started) > _CLOCK_SECONDS:
            return False
        return any("marketplace" in part for part in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def is_zombie(pid: int) -> bool:
    """Whether it has ended and its parent has not asked how."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_orphans(folder: Path) -> int:
    """End what a killed run left behind; returns how many processes that were."""
    orphans = list(_marked(folder))
    for process in orphans:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(orphans, timeout=5)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(orphans)


def _marked(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder) and process.pid != os.getpid():
                yield process
        except psutil.Error:
            continue
