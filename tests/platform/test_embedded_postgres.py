"""The embedded PostgreSQL: started, reused, killed, stopped, and clear about why when it can't start."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from marketplace.infra import embedded_postgres, postgres_programs
from marketplace.infra.embedded_postgres import PostgresError
from marketplace.infra.postgres_account import account_for
from marketplace.infra.postgres_programs import environment, find_binaries

LONG = "a-folder-whose-name-leaves-no-room-for-a-socket-" * 3


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded_postgres.stop(tmp_path)


def start(folder: Path) -> str:
    return embedded_postgres.ensure_running(folder, durable=False)


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]))


def ask(url: str, question: str) -> object:
    with embedded_postgres.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def test_the_role_of_the_application_is_no_superuser(folder: Path) -> None:
    url = start(folder)
    assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT lower('ÄÉ')") == "äé"


def test_a_running_server_is_used_again(folder: Path) -> None:
    url = start(folder)
    first = postmaster(folder)
    assert start(folder) == url
    assert postmaster(folder) == first


def test_what_is_committed_survives_a_kill(folder: Path) -> None:
    url = start(folder)
    with embedded_postgres.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    # The whole family at once, as a power cut or `kill -9` would.
    family = [postmaster(folder), *postmaster(folder).children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=10)
    assert ask(start(folder), "SELECT number FROM kept") == 7


def test_a_process_id_left_by_a_killed_server_may_be_anybodys_now(folder: Path) -> None:
    start(folder)
    embedded_postgres.stop(folder)
    stale = folder / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n{folder}\n\n\nready\n")
    assert embedded_postgres.is_running(folder) is False
    assert ask(start(folder), "SELECT 1") == 1


def test_stop_ends_it_and_a_second_stop_does_nothing(folder: Path) -> None:
    start(folder)
    process = postmaster(folder)
    embedded_postgres.stop(folder)
    embedded_postgres.stop(folder)
    assert not process.is_running()


def test_it_stays_up_while_somebody_is_connected(folder: Path) -> None:
    url = start(folder)
    with embedded_postgres.connect(url):
        embedded_postgres.stop(folder, only_if_unused=True)
        assert embedded_postgres.is_running(folder)
    deadline = time.monotonic() + 5
    while embedded_postgres.is_running(folder) and time.monotonic() < deadline:
        embedded_postgres.stop(folder, only_if_unused=True)
    assert not embedded_postgres.is_running(folder)


def test_a_path_too_long_for_a_socket_makes_it_listen_with_a_password(tmp_path: Path) -> None:
    folder = tmp_path / LONG[:120]
    url = start(folder)
    try:
        assert "127.0.0.1" in url
        assert ask(url, "SELECT current_user") == "mutuals"
        wrong = url.replace(url.split(":")[2].split("@")[0], "wrong").replace("+psycopg", "")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    finally:
        embedded_postgres.stop(folder)


def test_only_we_may_use_its_socket(folder: Path) -> None:
    start(folder)
    assert (folder / "postgres").stat().st_mode & 0o077 == 0
    assert (folder / "postgres" / "run").stat().st_mode & 0o077 == 0


def test_a_failed_start_says_why_and_what_to_do(folder: Path) -> None:
    start(folder)
    embedded_postgres.stop(folder)
    with (folder / "postgres" / "data" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'a lot'\n")
    with pytest.raises(PostgresError) as failed:
        start(folder)
    assert 'invalid value for parameter "shared_buffers"' in str(failed.value)
    assert "DATABASE_URL" in str(failed.value)
    assert "make demo-reset" in str(failed.value)


def test_data_of_another_version_are_left_alone(folder: Path) -> None:
    start(folder)
    embedded_postgres.stop(folder)
    (folder / "postgres" / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 14"):
        start(folder)


def test_an_interrupted_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(start(folder), "SELECT 1") == 1


def test_without_any_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(postgres_programs, "WHEEL", "a_wheel_that_is_not_installed")
    monkeypatch.setattr(postgres_programs, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(PostgresError, match="apt-get install postgresql"):
        start(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its server to another account")
class TestAsRoot:
    def test_programs_in_a_checkout_closed_to_others_run_all_the_same(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        # The programs with the libraries that they look for beside their package.
        package = find_binaries().parents[1]
        for found in package.parent.glob(f"{package.name}*"):
            shutil.copytree(found, closed / found.name, symlinks=True)
        programs = closed / package.name / "pginstall" / "bin"
        account = account_for(closed / "data", programs)
        data = folder / "data"
        data.mkdir()
        account.own(data)
        made = subprocess.run(
            [*account.prefix, programs / "initdb", "--no-sync", "--pgdata", data],
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr

    def test_a_folder_closed_to_others_stays_closed(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        try:
            assert ask(start(closed), "SELECT 1") == 1
            assert closed.stat().st_mode & 0o077 == 0
            assert postmaster(closed).username() == "nobody"
        finally:
            embedded_postgres.stop(closed)

    def test_without_setpriv_it_says_so(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(folder))
        with pytest.raises(PostgresError, match="setpriv"):
            start(folder)

    def test_an_ordinary_user_can_start_one_too(self, folder: Path) -> None:
        """In a process of its own, as a process can't get root back."""
        mine = folder / "mine"
        mine.mkdir()
        os.chown(mine, 65534, 65534)
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(parent.stat().st_mode | 0o011)
        script = (
            "import sys, pathlib\nfrom marketplace.infra import embedded_postgres as e\n"
            "folder = pathlib.Path(sys.argv[1])\nprint(e.ensure_running(folder, durable=False))\ne.stop(folder)\n"
        )
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--securebits=+no_setuid_fixup",
                   "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # fmt: skip
        done = subprocess.run(
            [*command, sys.executable, "-c", script, mine], capture_output=True, text=True, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("postgresql+psycopg://mutuals@/")


def test_two_who_start_it_at_once_get_one(folder: Path) -> None:
    script = (
        "import sys, pathlib\nfrom marketplace.infra import embedded_postgres as e\n"
        "print(e.ensure_running(pathlib.Path(sys.argv[1]), durable=False))\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, folder], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        for _ in range(2)
    ]
    assert len({process.communicate(timeout=60)[0] for process in both}) == 1
    assert [process.returncode for process in both] == [0, 0]
    os.kill(postmaster(folder).pid, signal.SIGINT)
