"""One request's transaction: the objects it reads and writes, the events it leaves behind."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from .config import SandboxConfig
from .database import WORK_LOCK, Connection, Pool
from .errors import resource_missing
from .ids import new_id
from .moods import Moods

API_VERSION = "2026-10-28.endive"

Obj = dict[str, Any]

_NOUNS = {
    "payment_intent": "payment_intent",
    "checkout.session": "checkout session",
    "balance_transaction": "balance transaction",
    "transfer_reversal": "transfer reversal",
    "account": "account",
}


@dataclass
class Tx:
    """`account` is the connected account spoken for ('' is the platform); `now` is the sandbox's second."""

    connection: Connection
    config: SandboxConfig
    moods: Moods
    now: int
    account: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None

    def run(self, sql: str, *values: object) -> Cursor[DictRow]:
        return self.connection.execute(sql, values)

    def add(self, data: Obj, *, account: str | None = None) -> Obj:
        owner = self.account if account is None else account
        self.run(
            "insert into stripe_sandbox.objects (id, kind, account, created, data) values (%s, %s, %s, %s, %s)",
            data["id"],
            data["object"],
            owner,
            data.get("created", self.now),
            Jsonb(data),
        )
        return data

    def save(self, data: Obj) -> Obj:
        self.run("update stripe_sandbox.objects set data = %s where id = %s", Jsonb(data), data["id"])
        return data

    def find(self, kind: str, id_: str, *, account: str | None = None, lock: bool = False) -> Obj | None:
        owner = self.account if account is None else account
        row = self.run(
            "select data from stripe_sandbox.objects where id = %s and kind = %s and account = %s"
            + (" for update" if lock else ""),
            id_,
            kind,
            owner,
        ).fetchone()
        return row["data"] if row else None

    def get(self, kind: str, id_: str, *, lock: bool = False, param: str = "id", in_path: bool = True) -> Obj:
        found = self.find(kind, id_, lock=lock)
        if found is None:
            raise resource_missing(_NOUNS.get(kind, kind), id_, param=param, in_path=in_path)
        return found

    def matching(self, kind: str, name: str, value: str) -> list[Obj]:
        """Objects of this account whose field has this value, newest first."""
        rows = self.run(
            "select data from stripe_sandbox.objects where kind = %s and account = %s and data->>%s = %s"
            " order by seq desc",
            kind,
            self.account,
            name,
            value,
        )
        return [row["data"] for row in rows]

    def emit(self, type_: str, data: Obj, *, previous: Obj | None = None, account: str | None = None) -> Obj:
        """Records the event with a copy of the object as it now is, and its webhook where one is wanted."""
        body: Obj = {"object": json.loads(json.dumps(data))}
        if previous:
            body["previous_attributes"] = previous
        event: Obj = {
            "id": new_id("event"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": body,
            "livemode": False,
            "pending_webhooks": 1 if self.config.webhook_url else 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type_,
        }
        if account:
            event["account"] = account
        self.add(event, account=account or "")
        if self.config.webhook_url:
            self._queue(event["id"])
        return event

    def _queue(self, event_id: str) -> None:
        number = self.draw("webhook_draws") if self.moods.plays_with_webhooks else 0
        for state, wait in self.moods.deliveries(self.moods.chance("webhooks", number)):
            self.run(
                "insert into stripe_sandbox.deliveries (event, state, due_at)"
                " values (%s, %s, clock_timestamp() + make_interval(secs => %s))",
                event_id,
                state,
                wait,
            )

    def reload_moods(self) -> None:
        """As they are now, locked until the end of the transaction."""
        row = self.run("select data from stripe_sandbox.moods for update").fetchone()
        assert row
        self.moods = Moods.from_json(row["data"])

    def change_moods(self, command: dict[str, Any]) -> None:
        """Raises a Refusal. A seed begins its draws anew."""
        self.reload_moods()
        self.moods = self.moods.changed(command)
        self.save_moods()
        if "seed" in command:
            for sequence in ("fault_draws", "webhook_draws"):
                self.run("select setval(%s, 1, false)", f"stripe_sandbox.{sequence}")

    def save_moods(self) -> None:
        self.run("update stripe_sandbox.moods set data = %s", Jsonb(self.moods.to_json()))

    def draw(self, sequence: str) -> int:
        """How often chance was asked in this stream since the seed was set, this time among them."""
        row = self.run("select nextval(%s) as number", f"stripe_sandbox.{sequence}").fetchone()
        assert row
        number: int = row["number"]
        return number


@contextmanager
def transaction(pool: Pool, config: SandboxConfig) -> Iterator[Tx]:
    """Everything one request does, or nothing of it."""
    with pool.connection() as connection:
        connection.execute("select pg_advisory_xact_lock_shared(%s)", (WORK_LOCK,))
        row = connection.execute("select data, ahead from stripe_sandbox.moods").fetchone()
        assert row
        moods = Moods.from_json(row["data"])
        yield Tx(connection, config, moods, now=moods.now or int(time.time()) + row["ahead"])
