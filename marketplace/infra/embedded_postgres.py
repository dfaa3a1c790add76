"""A PostgreSQL of our own under `<INSTANCE_PATH>/postgres`, from the wheel's programs or the system's.

The wheel's own manager is left aside: as root it adds a system user and opens every folder above the data to all.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.errors import DuplicateDatabase, UniqueViolation

from marketplace.infra.postgres_account import Account, NoAccount, account_for
from marketplace.infra.postgres_programs import (
    PostgresError,
    environment,
    failure,
    find_binaries,
    locale_options,
    version,
)

ROLE = "mutuals"
_SUPERUSER = "postgres"
_START_SECONDS = 120
_STOP_SECONDS = 30
# What makes a commit survive a power cut, and costs a test run its speed.
_NOT_DURABLE = ("fsync = off", "full_page_writes = off")

# A server that we start is our child: it must be reaped by us when it ends, whoever asked for that.
_children: dict[Path, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True)
class _Running:
    """What `postmaster.pid` says of a server; `socket_folder` is empty where it listens on `host` and `port`."""

    pid: int
    port: int
    socket_folder: str
    host: str
    ready: bool


def ensure_running(instance_path: Path, database: str = "mutuals", *, durable: bool = True) -> str:
    """Start the server unless it runs, make `database` unless it exists, and return its SQLAlchemy URL.

    The role in the URL owns the database but is no superuser, as in production. `durable=False` is for tests:
    what is committed may be lost when the machine stops.

    Raises:
        PostgresError: it can't be started.
    """
    folder = _folder(instance_path)
    try:
        address = _address_of_running(folder, durable=durable)
    except PermissionError as error:
        raise PostgresError(
            f"{error.filename} belongs to another account. Start as the one that made it, or choose another folder "
            f"with INSTANCE_PATH."
        ) from error
    url = f"postgresql+psycopg://{address.format(role=ROLE, database=quote(database, safe=''))}"
    create_database(url)
    return url


def _address_of_running(folder: Path, *, durable: bool) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        found = _settled(folder / "data") or _start(folder, durable=durable)
        address = _address(folder, found)
        _ensure_role(folder, address)
    return address


def create_database(url: str) -> bool:
    """Make the database that `url` names; false when it was there already."""
    name = _name_in(url)
    with psycopg.connect(_libpq(url), dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (DuplicateDatabase, UniqueViolation):  # somebody else did, this very moment
            return False
    return True


def drop_database(url: str) -> None:
    """Remove the database that `url` names, whoever is connected."""
    with psycopg.connect(_libpq(url), dbname="postgres", autocommit=True) as connection:
        drop_by(connection, _name_in(url))


def drop_by(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Remove a database. FORCE may not end the server's own clean-up; DROP without it may, and waits for it."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        connection.execute(drop + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(drop)


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A plain connection to SQLAlchemy's `url`."""
    return psycopg.connect(_libpq(url))


def _name_in(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(_libpq(url))["dbname"])


def is_running(instance_path: Path) -> bool:
    """Whether a server of this instance is up."""
    return _running(_folder(instance_path) / "data") is not None


def stop(instance_path: Path, *, only_if_unused: bool = False) -> None:
    """Stop the server: open transactions are undone, what is committed stays. Nothing happens if none runs.

    With `only_if_unused` it is left alone while anybody is connected.
    """
    folder = _folder(instance_path)
    if folder.exists():
        with _alone(folder):
            found = _running(folder / "data")
            if found is not None:
                if only_if_unused and _is_used(_address(folder, found)):
                    return
                _end(found.pid, signal.SIGINT)
    _reap(folder / "data")


def _reap(data: Path) -> None:
    child = _children.pop(data, None)
    if child is not None:
        child.wait(_STOP_SECONDS)


def _is_used(address: str) -> bool:
    others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with _superuser(address) as connection:
        return connection.execute(others).fetchone() is not None


def _end(pid: int, request: signal.Signals) -> None:
    try:
        process = psutil.Process(pid)
        process.send_signal(request)
        _wait(process)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        _wait(process)


def _wait(process: psutil.Process) -> None:
    """As `Process.wait`, but content with a zombie: its parent may be a stranger in no hurry."""
    deadline = time.monotonic() + _STOP_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            raise psutil.TimeoutExpired(_STOP_SECONDS, pid=process.pid)
        time.sleep(0.01)


def _folder(instance_path: Path) -> Path:
    return instance_path.resolve() / "postgres"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a folder."""
    with (folder.parent / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running(data: Path) -> _Running | None:
    """The server of a data folder, also while it comes up or goes down."""
    found = _read_pid_file(data)
    return found if found is not None and _is_server_of(found.pid, data) else None


def _settled(data: Path) -> _Running | None:
    """The server once it is ready; nothing if there is none, or it was just going down."""
    deadline = time.monotonic() + _START_SECONDS
    while (found := _running(data)) is not None and not found.ready:
        if time.monotonic() > deadline:
            raise PostgresError(f"The PostgreSQL that runs in {data} (process {found.pid}) does not get ready.")
        time.sleep(0.02)
    return found


def _read_pid_file(data: Path) -> _Running | None:
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
        return _Running(int(lines[0]), int(lines[3]), lines[4], lines[5], lines[7:8] == ["ready"])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _is_server_of(pid: int, data: Path) -> bool:
    """After a crash another program may have got the server's process id."""
    try:
        process = psutil.Process(pid)
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _start(folder: Path, *, durable: bool) -> _Running:
    data = folder / "data"
    binaries = find_binaries()
    try:
        account = account_for(data, binaries)
    except NoAccount as error:
        raise PostgresError(str(error)) from error
    account.own(folder)
    if not data.exists():
        _initialise(folder, binaries, account, durable=durable)
    _check_version(data, binaries)
    _clear_stale_locks(folder)
    _configure(folder, account, durable=durable)
    return _launch(folder, binaries, account)


def _clear_stale_locks(folder: Path) -> None:
    """A killed server leaves its process id, which may be anybody's by now; PostgreSQL would then refuse to start."""
    data = folder / "data"
    _reap(data)
    stale = _read_pid_file(data)
    if stale is not None and psutil.pid_exists(stale.pid):
        (data / "postmaster.pid").unlink()
    for left in (folder / "run").glob(".s.PGSQL.*"):
        left.unlink()


def _check_version(data: Path, binaries: Path) -> None:
    made_by = int((data / "PG_VERSION").read_text())
    ours = version(binaries)
    if made_by != ours:
        raise PostgresError(
            f"The data in {data} were made by PostgreSQL {made_by}, and {binaries} is PostgreSQL {ours}. Move them "
            f"with pg_dump or pg_upgrade, set DATABASE_URL to a server of version {made_by}, or start afresh with "
            f"`make demo-reset`."
        )


def _initialise(folder: Path, binaries: Path, account: Account, *, durable: bool) -> None:
    """Make the data folder under another name first, so that an interrupted start leaves no half of one."""
    fresh, password = folder / "data.new", folder / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    folder.chmod(0o700)
    account.own(folder)
    command: list[str | Path] = [
        *account.prefix, binaries / "initdb", "--pgdata", fresh, "--username", _SUPERUSER, "--pwfile", password,
        "--encoding", "UTF8", "--auth-local", "trust", "--auth-host", "scram-sha-256", "--no-instructions",
        *locale_options(binaries), *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    made = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise PostgresError(failure("initdb could not make the data folder", made.stderr or made.stdout))
    with (fresh / "postgresql.conf").open("a") as file:
        file.write("include = 'mutuals.conf'\n")
    fresh.rename(folder / "data")


def _configure(folder: Path, account: Account, *, durable: bool) -> None:
    run = folder / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "max_connections = 100",
        "jit = off",
        *_listening(run),
        *([] if durable else _NOT_DURABLE),
    ]
    settings = folder / "data" / "mutuals.conf"
    settings.write_text("\n".join(lines) + "\n")
    account.own(run)
    account.own(settings)


def _listening(run: Path) -> list[str]:
    """A socket in a folder that only we may enter; where the path is too long for one, a free port of this machine."""
    if _takes_socket(run):
        quoted = str(run).replace('"', '""').replace("'", "''")
        return ["listen_addresses = ''", f"unix_socket_directories = '\"{quoted}\"'", "unix_socket_permissions = 0700"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return ["listen_addresses = '127.0.0.1'", f"port = {port}", "unix_socket_directories = ''"]


def _takes_socket(run: Path) -> bool:
    path = run / ".s.PGSQL.5432"
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            attempt.bind(os.fspath(path))
        except OSError:
            return False
    path.unlink()
    return True


def _launch(folder: Path, binaries: Path, account: Account) -> _Running:
    data, log = folder / "data", folder / "log"
    command: list[str | Path] = [*account.prefix, binaries / "postgres", "-D", data]
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=environment(), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        _children[data] = process
        found = _await_ready(process, data, deadline)
        if found is not None:
            return found
        del _children[data]
        told = log.read_text(errors="replace")
        # The server before was killed, and its last sessions have not noticed yet.
        if "still in use" not in told or time.monotonic() > deadline:
            raise PostgresError(failure("PostgreSQL could not start", told, log))
        time.sleep(0.2)


def _await_ready(process: "subprocess.Popen[bytes]", data: Path, deadline: float) -> _Running | None:
    while process.poll() is None:
        found = _read_pid_file(data)
        if found is not None and found.ready and found.pid == process.pid:
            return found
        if time.monotonic() > deadline:
            process.terminate()
            process.wait(_STOP_SECONDS)
            return None
        time.sleep(0.01)
    return None


def _address(folder: Path, found: _Running) -> str:
    """An address for `{role}` and `{database}`, without its scheme."""
    if found.socket_folder:
        return f"{{role}}@/{{database}}?host={quote(found.socket_folder, safe='')}&port={found.port}"
    password = (folder / "password").read_text()
    return f"{{role}}:{password}@{found.host}:{found.port}/{{database}}"


def as_superuser(instance_path: Path) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection for what an owner of a database may not do; the server must run."""
    folder = _folder(instance_path)
    found = _running(folder / "data")
    if found is None:
        raise PostgresError(f"No PostgreSQL of {instance_path} runs.")
    return _superuser(_address(folder, found))


def _superuser(address: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect("postgresql://" + address.format(role=_SUPERUSER, database="postgres"), autocommit=True)


def _ensure_role(folder: Path, address: str) -> None:
    with _superuser(address) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            return
        password = (folder / "password").read_text()
        make = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
        connection.execute(make.format(sql.Identifier(ROLE), sql.Literal(password)))


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


__all__ = [
    "PostgresError", "as_superuser", "connect", "create_database", "drop_database", "ensure_running", "is_running",
    "stop",
]  # fmt: skip
