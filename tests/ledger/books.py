"""Shorthands of the books' tests. Nothing can be deleted from the books, so each test takes owners nobody else has."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask
from sqlalchemy import event

from marketplace.infra.db import db, transaction
from marketplace.ledger import accounts
from marketplace.ledger.postings import Entry, Line, credit, debit
from marketplace.ledger.service import post

_numbers = itertools.count(time.time_ns() // 1000 * 1000 + os.getpid() % 1000)
Answer = TypeVar("Answer")


def fresh() -> int:
    """A number that no other test uses, for an owner or a key."""
    return next(_numbers)


def fund(deal: int, amount: int, key: str | None = None, commodity: str = "CNY") -> Entry:
    """The brand's money arrives."""
    return post("escrow.funded", key or f"fund:{fresh()}", funding(deal, amount, commodity), f"deal:{deal}")


def funding(deal: int, amount: int, commodity: str = "CNY") -> list[Line]:
    return [
        debit(accounts.stripe_clearing(commodity), amount),
        credit(accounts.escrow(deal, commodity), amount),
    ]


@contextmanager
def queries() -> Iterator[list[str]]:
    """What is sent to the database inside."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def at_once(app: Flask, works: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Each in a thread, a connection and a transaction of its own, started together; errors are answers, too."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Answer]) -> Answer | Exception:
        with app.app_context():
            try:
                start.wait(10)
                with transaction():
                    return work()
            except Exception as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
