"""What time brings: a second of the sandbox's clock at which something becomes of an object."""

from collections.abc import Callable
from typing import Any, TypeVar

from .errors import Refusal
from .store import Tx

Handler = TypeVar("Handler", bound=Callable[..., Any])
_HANDLERS: dict[str, Callable[[Tx, str], object]] = {}


def when_due(what: str) -> Callable[[Handler], Handler]:
    """Registers what is done with the subject of such an appointment; what no longer fits by then is left alone."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[what] = handler
        return handler

    return register


def appoint(tx: Tx, what: str, subject: str, due_at: int) -> None:
    """One of a kind for a subject: of two seconds the earlier holds."""
    tx.run(
        "insert into stripe_sandbox.appointments as kept (subject, what, account, due_at) values (%s, %s, %s, %s)"
        " on conflict (subject, what) do update set due_at = least(kept.due_at, excluded.due_at)",
        subject,
        what,
        tx.account,
        due_at,
    )


def call_off(tx: Tx, what: str, subject: str) -> None:
    tx.run("delete from stripe_sandbox.appointments where subject = %s and what = %s", subject, what)


def keep_next(tx: Tx) -> bool:
    """Does the one appointment that is due longest; False when none is. One a transaction, so that locks stay few."""
    row = tx.run(
        "delete from stripe_sandbox.appointments where (subject, what) in (select subject, what"
        " from stripe_sandbox.appointments where due_at <= %s order by due_at, subject, what limit 1"
        " for update skip locked) returning subject, what, account",
        tx.now,
    ).fetchone()
    if row is None:
        return False
    before, tx.account = tx.account, row["account"]
    try:
        with tx.connection.transaction():
            _HANDLERS[row["what"]](tx, row["subject"])
    except Refusal:
        pass  # it moved on in the meantime
    finally:
        tx.account = before
    return True
