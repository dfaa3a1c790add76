"""Migrations: up from nothing, up over rows, back down, and in agreement with the models."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DivisionByZero
from sqlalchemy import Connection, Engine, create_engine, insert, inspect, select, text
from sqlalchemy.pool import NullPool

from marketplace.accounts.models import User
from marketplace.infra import schema
from marketplace.infra.db import Model
from marketplace.infra.storage import StoredFile
from tests.support.cluster import Cluster

VERSIONS = schema.MIGRATIONS / "versions"


@pytest.fixture
def engine(cluster: Cluster, worker: str) -> Iterator[Engine]:
    """An empty database."""
    with cluster.database(f"migrations_{worker}", empty=True) as url:
        yield create_engine(url, poolclass=NullPool)


def migrate(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(schema.configuration(connection), revision)


def ours(connection: Connection) -> MigrationContext:
    options = {
        "target_metadata": Model.metadata,
        "include_name": lambda name, kind, _parents: not (kind == "table" and str(name).startswith("procrastinate_")),
    }
    return MigrationContext.configure(connection, opts=options)


def test_they_stand_in_one_line_and_are_called_by_their_numbers() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    line = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == line[:1]
    assert sorted(line, reverse=True) == line
    assert sorted(file.name.partition("_")[0] for file in VERSIONS.glob("*.py")) == sorted(line)


def test_models_and_migrations_agree(engine: Engine) -> None:
    migrate(engine, "head")
    with engine.connect() as connection:
        assert compare_metadata(ours(connection), Model.metadata) == []


def test_a_second_upgrade_has_nothing_to_do(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    assert schema.upgrade(url) is True
    assert schema.upgrade(url) is False


def test_rows_survive_the_migrations_that_follow_the_first(engine: Engine) -> None:
    migrate(engine, "0001")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with engine.begin() as connection:
        for model in (User, StoredFile):
            connection.execute(insert(model).values(example_row(connection, model.__tablename__, now)))
    migrate(engine, "head")
    with engine.connect() as connection:
        assert connection.scalar(select(User.id)) == 1
        assert connection.scalar(select(StoredFile.created_at)) == now


def example_row(connection: Connection, table: str, now: datetime) -> dict[str, object]:
    """A value for each column that must have one, by its type, whatever the columns are by now."""
    values: dict[str, object] = {
        "BIGINT": 1, "INTEGER": 1, "TEXT": "x", "VARCHAR": "x", "BOOLEAN": False, "BYTEA": b"x", "TIMESTAMP": now,
        "CITEXT": "x", "JSONB": {},
    }  # fmt: skip
    row: dict[str, object] = {}
    for column in inspect(connection).get_columns(table):
        enum = getattr(Model.metadata.tables[table].c[column["name"]].type, "enums", None)
        if not column["nullable"] and column.get("default") is None and "identity" not in column:
            row[column["name"]] = enum[0] if enum else values[str(column["type"]).partition("(")[0]]
    return row


def test_they_can_be_undone(engine: Engine) -> None:
    migrate(engine, "head")
    with engine.begin() as connection:
        command.downgrade(schema.configuration(connection), "base")
    with engine.connect() as connection:
        left = connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
                " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"
            )
        ).all()
    assert [name for name in left if not str(name).startswith("alembic_version")] == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(engine, "0000")

    def broken(_path: Path) -> str:
        return "SELECT 1 / 0"

    monkeypatch.setattr(Path, "read_text", broken)
    with pytest.raises(DivisionByZero):
        migrate(engine, "head")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0000"
        assert inspect(connection).get_table_names() == ["alembic_version"]
