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
        " on conflict (subject, what) do update"
        " set due_at = least(kept.due_at, excluded.due_at), asked = kept.asked + 1",
        subject,
        what,
        tx.account,
        due_at,
    )


def call_off(tx: Tx, what: str, subject: str) -> None:
    tx.run("delete from stripe_sandbox.appointments where subject = %s and what = %s", subject, what)


def keep_next(tx: Tx) -> None:
    """Does the one appointment that is due longest. One a transaction, so that locks stay few.

    The row is locked last, after what is done, as whoever appoints does: nobody waits in a circle. One process at a
    time may call this. A handler gives the second of the next appointment of its kind, where there is one.
    """
    row = tx.run(
        "select subject, what, account, asked from stripe_sandbox.appointments where due_at <= %s"
        " order by due_at, subject, what limit 1",
        tx.now,
    ).fetchone()
    if row is None:
        return
    following = None
    before, tx.account = tx.account, row["account"]
    try:
        with tx.connection.transaction():
            following = _HANDLERS[row["what"]](tx, row["subject"])
    except Refusal:
        pass  # it moved on in the meantime
    finally:
        tx.account = before
    tx.run(
        "delete from stripe_sandbox.appointments where subject = %s and what = %s and asked = %s",
        row["subject"],
        row["what"],
        row["asked"],
    )
    if isinstance(following, int):
        appoint(tx, row["what"], row["subject"], following)
