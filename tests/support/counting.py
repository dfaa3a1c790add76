"""Counts what a page asks the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from marketplace.infra.db import db


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that this thread sends to the database inside the block, transaction control left out."""
    statements: list[str] = []
    ours = threading.get_ident()

    def sent(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        # Webhooks may arrive meanwhile.
        if threading.get_ident() == ours:
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", sent)
