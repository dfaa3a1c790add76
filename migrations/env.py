"""Runs the migrations of `versions/` in one transaction, and compares models with tables for new ones."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, text

from marketplace import tables
from marketplace.infra.db import Model

# Two machines that start at once must not both migrate: the second waits, then finds nothing left to do.
_LOCK = 7_301_554_120
_declared = tables.__all__


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """The job queue's tables are Procrastinate's, not models of ours."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.configure(connection=connection, target_metadata=Model.metadata, include_name=include_name)
    with context.begin_transaction():
        context.run_migrations()


def run() -> None:
    """On the connection that `marketplace.infra.schema` gives, or else the application's of `flask db`."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine: Engine = current_app.extensions["migrate"].db.engine
    with engine.begin() as connection:
        migrate(connection)


run()
