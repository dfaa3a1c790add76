"""Brings a database to the newest migration, without an application."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


def upgrade(url: str, revision: str = "head") -> bool:
    """Migrate the database at `url` (SQLAlchemy's form); false when there was nothing to do.

    All pending migrations happen in one transaction: after a failure the database is as it was before.
    """
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        if revision == "head" and is_current(connection):
            return False
        command.upgrade(configuration(connection), revision)
    return True


def is_current(connection: Connection) -> bool:
    """Whether the newest migration has been applied."""
    applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory(str(MIGRATIONS)).get_heads())


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for commands on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
