"""Runs the migrations of `versions/` in one transaction, and compares models with tables for new ones."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Engine, text

from marketplace.infra.db import Model

# Two machines that start at once must not both migrate: the second waits, then finds nothing left to do.
_LOCK = 7_301_554_120


def include_object(_found: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """The job queue's tables are Procrastinate's, not models of ours."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run() -> None:
    engine: Engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            include_object=include_object,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
