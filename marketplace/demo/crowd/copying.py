"""Many rows into a table at once, by COPY: a row names what matters, the model's own defaults fill the rest."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from marketplace.infra.db import Model, db

Row = Mapping[str, Any]


class Writer:
    """Copies rows into one model's table. All rows name the same columns, those of the first."""

    def __init__(self, model: type[Model]) -> None:
        self.table = cast(Table, model.__table__)
        self._json = {column.name for column in self.table.columns if isinstance(column.type, JSONB)}
        self._defaults = dict(self._find_defaults())

    def _find_defaults(self) -> Iterator[tuple[str, Any]]:
        for column in self.table.columns:
            if isinstance(column.default, ScalarElementColumnDefault):
                yield column.name, self._plain(column.name, column.default.arg)
            elif isinstance(column.default, CallableColumnDefault):
                yield column.name, self._plain(column.name, column.default.arg(cast(Any, None)))

    def copy(self, rows: Iterable[Row]) -> int:
        """How many were copied, in the session's own transaction."""
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return 0
        named = list(first)
        rest = {name: value for name, value in self._defaults.items() if name not in first}
        names = sql.SQL(", ").join(map(sql.Identifier, [*named, *rest]))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.table.name), names)
        number, tail = 0, list(rest.values())
        with _connection().cursor().copy(into) as writing:
            for row in _and_then(first, waiting):
                writing.write_row([self._plain(name, row[name]) for name in named] + tail)
                number += 1
        return number

    def _plain(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, int | date | datetime):
            return value
        if name in self._json:
            return json.dumps(value)
        return value.value if isinstance(value, Enum) else value

    def next_id(self) -> int:
        """The first id that no row has."""
        highest = sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(self.table.name))
        found = _connection().execute(highest).fetchone()
        assert found is not None
        return int(found[0]) + 1

    def advance(self) -> None:
        """Ids that the database hands out from now on follow those that were copied."""
        name = self.table.name
        _connection().execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                sql.Literal(name), sql.Identifier(name)
            )
        )


def _and_then(first: Row, rest: Iterable[Row]) -> Iterable[Row]:
    yield first
    yield from rest


def _connection() -> "psycopg.Connection[tuple[Any, ...]]":
    return cast("psycopg.Connection[tuple[Any, ...]]", db.session.connection().connection.driver_connection)
