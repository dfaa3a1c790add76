"""A PostgreSQL for one test run, and in it a database for each worker, cloned from a migrated template."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from psycopg import sql
from sqlalchemy import URL, make_url

from marketplace.infra import embedded_postgres, schema

BASE = Path(__file__).resolve().parents[2] / ".cache" / "tests"
TEMPLATE = "template"


class Cluster:
    """The server of the run whose pytest has process id `run`: DATABASE_URL's, or else an embedded one.

    On a server of somebody else's, our databases carry the run's number, and the role must be a superuser.
    """

    def __init__(self, run: int) -> None:
        self._run = run
        self._folder = BASE / str(run)
        self._given = os.environ.get("DATABASE_URL")

    def url(self, name: str) -> str:
        """SQLAlchemy's address of one of our databases, which need not exist yet."""
        ours = self._server.set(drivername="postgresql+psycopg", database=f"mutuals_test_{self._run}_{name}")
        return ours.render_as_string(hide_password=False)

    @cached_property
    def _server(self) -> URL:
        return make_url(self._given or embedded_postgres.ensure_running(self._folder, "mutuals", durable=False))

    @cached_property
    def templates(self) -> BytecodeCache:
        """What one application of the run has compiled of its templates is there for all of them."""
        folder = self._folder / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        return FileSystemBytecodeCache(str(folder))

    @contextmanager
    def database(self, name: str, *, empty: bool = False) -> Iterator[str]:
        """A database of our own while the block lasts: migrated, or `empty`."""
        template = None if empty else self._template()
        with self._administration() as connection:
            _create(connection, self._name(name), template)
        try:
            yield self.url(name)
        finally:
            with self._administration() as connection:
                _drop(connection, self._name(name))

    def _template(self) -> str:
        """Made by the first worker that asks; the others wait for it."""
        name = self._name(TEMPLATE)
        with self._alone(), self._administration() as connection:
            if not _exists(connection, name):
                fresh = self._name(f"{TEMPLATE}_new")
                _create(connection, fresh, None)
                schema.upgrade(self.url(f"{TEMPLATE}_new"))
                with psycopg.connect(plain(self.url(f"{TEMPLATE}_new"))) as inside:
                    remember_rows(inside)
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
        return name

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _name(self, name: str) -> str:
        return str(make_url(self.url(name)).database)

    @contextmanager
    def _administration(self) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
        maintenance = make_url(self.url("x")).set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(plain(maintenance), autocommit=True) as connection:
            yield connection

    def allow_resets(self) -> None:
        """Let our role switch triggers off between tests, which the books' guards would otherwise refuse."""
        if self._given is None:
            self.url("x")
            with embedded_postgres.as_superuser(self._folder) as connection:
                role = sql.Identifier("mutuals")
                connection.execute(sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(role))

    def close(self) -> None:
        """Stop the server and remove what the run left, on our disk or on the given server."""
        if self._given is None:
            embedded_postgres.stop(self._folder)
        elif self._folder.exists():
            with self._administration() as connection:
                for (name,) in connection.execute(
                    "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"mutuals_test_{self._run}_"]
                ).fetchall():
                    _drop(connection, str(name))
        shutil.rmtree(self._folder, ignore_errors=True)


def remove_leftovers() -> None:
    """A run that was killed could not clean up after itself."""
    for folder in BASE.glob("[0-9]*"):
        if not psutil.pid_exists(int(folder.name)):
            Cluster(int(folder.name)).close()


def plain(url: str) -> str:
    """As psycopg itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def remember_rows(
    connection: "psycopg.Connection[tuple[object, ...]]", kept: str = "pristine", of: str = "public"
) -> None:
    """Keep a copy of each filled table of the schema `of` in a schema `kept`, whose function brings them all back."""
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(kept)))
    tables = _names(connection, _TABLES, of)
    steps = [_EMPTY.format(t=sql.Identifier(of, name)) for name in tables]
    for name in filled_tables(connection, of):
        table, copy = sql.Identifier(of, name), sql.Identifier(kept, name)
        connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, table))
        columns = sql.SQL(", ").join(map(sql.Identifier, _names(connection, _COLUMNS, f"{of}.{name}")))
        steps.append(_REFILL.format(t=table, c=columns, copy=copy))
    for name in _names(connection, _SEQUENCES, of):
        sequence = sql.Identifier(of, name)
        number, used = connection.execute(
            sql.SQL("SELECT last_value, is_called FROM {}").format(sequence)
        ).fetchone() or (1, False)
        steps.append(
            _RESTART.format(
                s=sequence, name=sql.Literal(f"{of}.{name}"), number=sql.Literal(number), used=sql.Literal(used)
            )
        )
    # There may be columns of the names that the language has for itself.
    body = sql.SQL("#variable_conflict use_column\nBEGIN {} END").format(sql.SQL(" ").join(steps)).as_string(connection)
    create = sql.SQL("CREATE FUNCTION {}() RETURNS void LANGUAGE plpgsql AS {}")
    connection.execute(create.format(sql.Identifier(kept, "reset"), sql.Literal(body)))


def reset(connection: "psycopg.Connection[tuple[object, ...]]", kept: str = "pristine") -> None:
    """Bring every table and sequence back to what was kept: quicker than a new clone by far.

    Triggers are off meanwhile, or the ledger would refuse; a connection that holds locks makes this fail in 10 s.
    """
    connection.rollback()
    # For the whole session: to change it throws all its plans away.
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET LOCAL lock_timeout = '10s'")
    connection.execute(sql.SQL("SELECT {}()").format(sql.Identifier(kept, "reset")))
    connection.commit()


def filled_tables(connection: "psycopg.Connection[tuple[object, ...]]", of: str = "public") -> list[str]:
    looks = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(of, name))
        for name in _names(connection, _TABLES, of)
    ]
    return [str(name) for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(looks)).fetchall()]


_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname <> 'alembic_version'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
# Those that can be written: not what the database computes.
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = %s"
# Steps of the function that resets: planned once a session; what is empty or unused costs next to nothing.
_EMPTY = sql.SQL("IF EXISTS (SELECT FROM {t}) THEN DELETE FROM {t}; END IF;")
_REFILL = sql.SQL("INSERT INTO {t} ({c}) OVERRIDING SYSTEM VALUE SELECT {c} FROM {copy};")
_RESTART = sql.SQL(
    "PERFORM setval({name}, {number}, {used}) FROM {s} WHERE (last_value, is_called) <> ({number}, {used});"
)


def _names(connection: "psycopg.Connection[tuple[object, ...]]", query: LiteralString, of: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(query, [of]).fetchall()]


def _exists(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _create(connection: "psycopg.Connection[tuple[object, ...]]", name: str, template: str | None) -> None:
    _drop(connection, name)
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(command.format(sql.Identifier(name), sql.Identifier(template or "template1")))
    # A test that waits for its own lock should say so, not hang.
    connection.execute(sql.SQL("ALTER DATABASE {} SET lock_timeout = '10s'").format(sql.Identifier(name)))


def _drop(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    embedded_postgres.drop_by(connection, name)
