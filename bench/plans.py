"""The plan of each statement that a page sends, and which large tables it reads from end to end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event

from marketplace.infra.db import db

# What a market has many of; a small table is read whole, and rightly.
LARGE = frozenset(
    {
        "briefs",
        "channels",
        "creators",
        "fan_readings",
        "offers",
        "packages",
        "selections",
        "users",
        "brief_deliverables",
    }
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement with its values."""

    statement: str
    values: Any


@dataclass(frozen=True, slots=True)
class Scan:
    """A large table that a statement reads from end to end."""

    page: str
    table: str
    statement: str

    def __str__(self) -> str:
        return f"{self.page} reads all of {self.table}: {' '.join(self.statement.split())}"


@contextmanager
def statements(app: Flask) -> Iterator[list[Sent]]:
    """The selects sent to the database inside the block."""
    found: list[Sent] = []

    def sent(_connection: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append(Sent(statement, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", sent)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", sent)


def scans(app: Flask, page: str, sent: list[Sent], *, dear: bool = False) -> list[Scan]:
    """Every reading of a large table from end to end in the plans of `sent`.

    `dear` tells the planner to avoid it at any price: what is left then has no index that serves it, however small the
    table is now.
    """
    with app.app_context(), db.engine.connect() as connection:
        if dear:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [
            Scan(page, table, one.statement)
            for one in sent
            for table in _sequential(_plan(connection, one))
            if table in LARGE
        ]


def _plan(connection: Any, one: Sent) -> dict[str, Any]:
    cursor = connection.connection.driver_connection.cursor()
    explained = cursor.execute(f"EXPLAIN (FORMAT JSON) {one.statement}", one.values).fetchone()[0]
    plans: list[dict[str, Any]] = json.loads(explained) if isinstance(explained, str) else explained
    found: dict[str, Any] = plans[0]["Plan"]
    return found


def _sequential(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for below in plan.get("Plans", []):
        yield from _sequential(below)
