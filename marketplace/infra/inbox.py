"""Provider events as they arrive: inserted once by id, handled by a job. The event is the trigger, not the truth."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, db, pk
from marketplace.infra.jobs import Deferred, defer_missing, deferring
from marketplace.infra.stripe_gateway import Event
from marketplace.kit import clock


class InboxEvent(Model):
    """One event from a provider; a second arrival of the same id changes nothing.

    `account_id` is the connected account it is about, empty where it is our own; `created_at` is when the provider says
    that it happened; `polled`: it never came as a webhook and was found by asking.
    """

    __tablename__ = "inbox_events"
    __table_args__ = (
        Index("ix_inbox_events_unhandled", "received_at", postgresql_where=text("handled_at IS NULL")),
        Index("ix_inbox_events_received", "received_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    account_id: Mapped[str] = mapped_column(default="", server_default=text("''"))
    livemode: Mapped[bool]
    polled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class RefusedEvent(Model):
    """A webhook that wasn't taken: signed wrongly, too old, or of the other mode (live or test). Nothing came of it.

    Of one reason a day's first few are kept, as strangers may send as many as they like. Only what was signed rightly
    tells its `event_id` and `type`.
    """

    __tablename__ = "refused_events"
    __table_args__ = (Index("ix_refused_events_reason", "reason", text("at DESC")),)

    id: Mapped[int] = pk()
    at: Mapped[datetime]
    reason: Mapped[str]
    event_id: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="")
    livemode: Mapped[bool | None]


class EventPoll(Model):
    """The last time that the provider was asked which events there are, in one row: up to when, and how many of them
    had never come as webhooks."""

    __tablename__ = "event_polls"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    through: Mapped[datetime]
    found: Mapped[int]


_HANDLE = "webhooks.handle"
# One object's events are handled one after the other. A balance has no id, so it goes by its account: all payees'
# balances would wait for each other.
_LOCK = "provider:"
# A payday sets off several events for each payee's account, which say only what their own bank does: all else goes
# before them, such as a brand that pays or a bank that takes a payment back.
_HANDLING = f"""
    SELECT '{_HANDLE}' AS task, :lock || coalesce(nullif(object_id, ''), account_id) AS lock,
           jsonb_build_object('event_id', id) AS args,
           CASE WHEN account_id = '' THEN 0 ELSE -1 END AS priority
    FROM kept
"""
_KEEP = text(f"""
    WITH kept AS (
        INSERT INTO inbox_events (id, type, object_id, account_id, livemode, polled, created_at, received_at)
        SELECT event.*, :now
        FROM unnest(CAST(:ids AS text[]), CAST(:types AS text[]), CAST(:objects AS text[]), CAST(:accounts AS text[]),
                    CAST(:modes AS boolean[]), CAST(:polls AS boolean[]), CAST(:moments AS timestamptz[])) AS event
        ON CONFLICT (id) DO NOTHING
        RETURNING id, object_id, account_id
    )
    SELECT cardinality({deferring(_HANDLING)})
""")


def receive(arrivals: Sequence[Event], *, polled: bool = False) -> int:
    """Keep events and enqueue their handling, together, by one statement; gives how many weren't here before."""
    if not arrivals:
        return 0
    values = {
        "lock": _LOCK,
        "now": clock.now(),
        "ids": [one.id for one in arrivals],
        "types": [one.type for one in arrivals],
        "objects": [one.object_id for one in arrivals],
        "accounts": [one.account_id for one in arrivals],
        "modes": [one.livemode for one in arrivals],
        "polls": [polled] * len(arrivals),
        "moments": [one.created_at for one in arrivals],
    }
    return db.session.scalar(_KEEP, values) or 0


def handle_again(events: Sequence[InboxEvent]) -> None:
    """Enqueue anew what waits unhandled, unless it is queued still."""
    locks = [_LOCK + (one.object_id or one.account_id) for one in events]
    defer_missing([Deferred(_HANDLE, {"event_id": one.id}, lock=lock) for one, lock in zip(events, locks, strict=True)])


_REFUSED_A_DAY = 20


def note_refused(reason: str, *, event_id: str = "", kind: str = "", livemode: bool | None = None) -> None:
    """Keep that a webhook was refused, unless enough of its kind are kept of today."""
    now = clock.now()
    today = (RefusedEvent.reason == reason, RefusedEvent.at > now - timedelta(days=1))
    if (db.session.scalar(select(func.count()).where(*today)) or 0) < _REFUSED_A_DAY:
        db.session.add(RefusedEvent(at=now, reason=reason, event_id=event_id, type=kind, livemode=livemode))
