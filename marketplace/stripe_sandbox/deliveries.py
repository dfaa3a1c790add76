"""Webhooks on their way: how many wait, what became of each, held ones released, one sent again."""

from typing import Any

from .errors import Refusal, resource_missing
from .store import Tx

STATES = ("waiting", "held", "sent", "dropped", "given_up")
_TRIES = (
    "(select coalesce(json_agg(json_build_object('at', extract(epoch from a.at)::bigint, 'status', a.status,"
    " 'answer', a.answer, 'milliseconds', a.milliseconds) order by a.id), '[]')"
    " from stripe_sandbox.attempts a where a.delivery = d.id) as tries"
)


def counts(tx: Tx) -> dict[str, int]:
    rows = tx.run("select state, count(*) as number from stripe_sandbox.deliveries group by state").fetchall()
    found = {row["state"]: row["number"] for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def newest(tx: Tx) -> list[dict[str, Any]]:
    return tx.run(
        f"select d.id, d.event, e.data->>'type' as type, d.state, d.attempts, d.answer, {_TRIES}"
        " from stripe_sandbox.deliveries d join stripe_sandbox.objects e on e.id = d.event"
        " order by d.id desc limit 100"
    ).fetchall()


def of_event(tx: Tx, event: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return tx.run(
        f"select d.id, d.state, d.attempts, extract(epoch from d.due_at)::bigint as due_at, {_TRIES}"
        " from stripe_sandbox.deliveries d where d.event = %s order by d.id",
        event,
    ).fetchall()


def release(tx: Tx, order: object) -> None:
    """`sent` keeps the order in which they were sent, `reverse` turns it round, `shuffled` is any (the seed's)."""
    if order not in ("sent", "reverse", "shuffled"):
        raise Refusal("Invalid release: order must be one of sent, reverse, or shuffled", param="release[order]")
    rows = tx.run("select id from stripe_sandbox.deliveries where state = 'held' order by id for update").fetchall()
    ids = [row["id"] for row in rows]
    if order == "reverse":
        ids.reverse()
    elif order == "shuffled":
        tx.moods.chance("releases", tx.draw("webhook_draws")).shuffle(ids)
    tx.run(
        "update stripe_sandbox.deliveries d"
        " set state = 'waiting', due_at = transaction_timestamp(), place = given.place"
        " from unnest(%s::bigint[]) with ordinality as given (id, place) where d.id = given.id",
        ids,
    )


def resend(tx: Tx, event: str) -> None:
    """Of whatever account it tells. Raises a Refusal where there is no such event, or no address to send it to."""
    if not tx.run("select 1 from stripe_sandbox.objects where id = %s and kind = 'event'", event).fetchone():
        raise resource_missing("event", event, param="event", in_path=False)
    if not tx.config.webhook_url:
        raise Refusal("There is no webhook address to send it to.", param="event")
    tx.run(
        "insert into stripe_sandbox.deliveries (event, state, due_at) values (%s, 'waiting', clock_timestamp())", event
    )
