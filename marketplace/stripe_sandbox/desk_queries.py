"""What the sandbox's own pages read. Links of hosted pages are no objects of the API and stay out."""

import json
import re
from typing import Any

from .store import Obj, Tx

Row = dict[str, Any]
PAGE = 50
MOST_ACCOUNTS = 200

# Ids as they stand in an object's JSON, in quotation marks.
_ID = re.compile(r'(?<=")[a-z]{2,6}_(?:test_)?[A-Za-z0-9]{8,}(?=")')
_SHOWN = (
    "seq, id, kind, account, created, data->>'status' as status, data->>'currency' as currency,"
    " coalesce(data->'amount', data->'amount_total') as amount"
)
_EVENT = (
    "e.seq, e.id, e.created, e.data->>'type' as type, e.data->'data'->'object'->>'id' as about,"
    " (select array_agg(d.state order by d.id) from stripe_sandbox.deliveries d where d.event = e.id) as states"
)


def kinds(tx: Tx) -> list[Row]:
    """Each kind of object there is, and how many."""
    return tx.run(
        "select kind, count(*) as number from stripe_sandbox.objects where kind not in ('event', 'link')"
        " group by kind order by kind"
    ).fetchall()


def objects(tx: Tx, *, kind: str, account: str, text: str, before: int | None) -> list[Row]:
    """Newest first, one more than a page; `text` is a part of the id."""
    where, values = ["kind not in ('event', 'link')"], list[Any]()
    for name, value in (("kind", kind), ("account", account)):
        if value:
            where.append(f"{name} = %s")
            values.append(value)
    if text:
        where.append("position(%s in id) > 0")
        values.append(text)
    return _page(tx, f"select {_SHOWN} from stripe_sandbox.objects where {' and '.join(where)}", values, before)


def events(tx: Tx, *, type_: str, before: int | None) -> list[Row]:
    """Newest first, one more than a page, with the states of their webhooks; `type_` is a part of the type."""
    where, values = ["e.kind = 'event'"], list[Any]()
    if type_:
        where.append("position(%s in e.data->>'type') > 0")
        values.append(type_)
    return _page(tx, f"select {_EVENT} from stripe_sandbox.objects e where {' and '.join(where)}", values, before)


def newest_events(tx: Tx, number: int) -> list[Row]:
    return tx.run(
        f"select {_EVENT} from stripe_sandbox.objects e where e.kind = 'event' order by e.seq desc limit %s", number
    ).fetchall()


def events_of(tx: Tx, id_: str) -> list[Row]:
    return tx.run(
        f"select {_EVENT} from stripe_sandbox.objects e where e.kind = 'event'"
        " and e.data->'data'->'object'->>'id' = %s order by e.seq desc limit %s",
        id_,
        PAGE,
    ).fetchall()


def whole(tx: Tx, id_: str) -> Row | None:
    """One object, whoever's it is."""
    return tx.run(
        "select id, kind, account, created, data from stripe_sandbox.objects where id = %s and kind <> 'link'",
        id_,
    ).fetchone()


def naming(tx: Tx, id_: str) -> list[Row]:
    """Objects with this id in one of their fields."""
    return tx.run(
        f"select {_SHOWN} from stripe_sandbox.objects where kind not in ('event', 'link') and id <> %s"
        " and jsonb_path_exists(data, '$.* ? (@ == $id)', jsonb_build_object('id', %s::text))"
        " order by seq desc limit %s",
        id_,
        id_,
        PAGE,
    ).fetchall()


def with_links(tx: Tx, data: Obj) -> list[tuple[str, bool]]:
    """The object's JSON in pieces; a piece that is True is the id of another object that is there."""
    text = json.dumps(_ordered(data), indent=2, ensure_ascii=False)
    found = {piece for piece in _ID.findall(text) if piece != data["id"]}
    rows = tx.run("select id from stripe_sandbox.objects where kind <> 'link' and id = any(%s)", list(found)).fetchall()
    there = {row["id"] for row in rows}
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _ID.finditer(text):
        if match[0] in there:
            pieces += [(text[end : match.start()], False), (match[0], True)]
            end = match.end()
    return [*pieces, (text[end:], False)]


def _ordered(value: Any) -> Any:
    """What and which it is first, then by name, as the API's own documents have it."""
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: ({"id": 0, "object": 1}.get(name, 2), name))
    return {name: _ordered(value[name]) for name in names}


def balances(tx: Tx) -> list[Row]:
    """The platform's first, then those of connected accounts, the largest first."""
    return tx.run(
        "select account, currency, available, pending from stripe_sandbox.balances"
        " order by account <> '', available + pending desc, account, currency limit %s",
        MOST_ACCOUNTS,
    ).fetchall()


def _page(tx: Tx, select: str, values: list[Any], before: int | None) -> list[Row]:
    if before is not None:
        select += " and seq < %s"
        values.append(before)
    return tx.run(f"{select} order by seq desc limit {PAGE + 1}", *values).fetchall()
