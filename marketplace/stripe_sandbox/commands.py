"""Commands for tests and demos, behind the secret key: moods, held webhooks, disputes, a fresh start."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from .api import check_secret
from .calls import disputes
from .database import forget_everything
from .errors import Refusal
from .runtime import runtime
from .store import Tx

bp = Blueprint("commands", __name__, url_prefix="/sandbox")

_RELEASE = {"sent": "id", "reverse": "-id"}


@bp.before_request
def ask_for_key() -> None:
    check_secret(runtime().config)


@bp.errorhandler(Refusal)
def answer_refusal(refusal: Refusal) -> tuple[Response, int]:
    return jsonify(refusal.body()), refusal.status


@bp.get("/moods")
def show_moods() -> Response:
    with runtime().transaction() as tx:
        return jsonify(_report(tx))


@bp.post("/moods")
def change_moods() -> Response:
    """Moods to change, and `release` (`{"order": "sent" | "reverse"}`) for the webhooks held so far."""
    command = _json()
    release = command.pop("release", None)
    with runtime().transaction() as tx:
        tx.run("select 1 from stripe_sandbox.moods for update")
        tx.moods = tx.moods.changed(command)
        tx.run("update stripe_sandbox.moods set data = %s::jsonb", json.dumps(tx.moods.to_json()))
        if release is not None:
            _release(tx, release)
        report = _report(tx)
    runtime().wake_sender()
    return jsonify(report)


@bp.post("/disputes")
def open_dispute() -> Response:
    command = _json()
    with runtime().transaction() as tx:
        dispute = disputes.open_dispute(tx, str(command.get("charge")), str(command.get("reason", "fraudulent")))
    runtime().wake_sender()
    return jsonify(dispute)


@bp.get("/deliveries")
def list_deliveries() -> Response:
    """The newest hundred: which event, how often tried, what was answered."""
    with runtime().transaction() as tx:
        rows = tx.run(
            "select d.id, d.event, e.data->>'type' as type, d.state, d.attempts, d.answer"
            " from stripe_sandbox.deliveries d join stripe_sandbox.objects e on e.id = d.event"
            " order by d.id desc limit 100"
        ).fetchall()
    return jsonify({"data": rows})


@bp.post("/reset")
def start_afresh() -> Response:
    with runtime().pool.connection() as connection:
        forget_everything(connection)
    return jsonify({"reset": True})


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal("The body must be a JSON object.")
    return body


def _release(tx: Tx, release: Any) -> None:
    order = release.get("order", "sent") if isinstance(release, dict) else None
    if order not in _RELEASE:
        raise Refusal("Invalid release: order must be one of sent, or reverse", param="release[order]")
    tx.run(
        "update stripe_sandbox.deliveries set state = 'waiting', due_at = transaction_timestamp(),"
        f" place = {_RELEASE[order]} where state = 'held'"
    )


def _report(tx: Tx) -> dict[str, Any]:
    counts = tx.run("select state, count(*) as number from stripe_sandbox.deliveries group by state").fetchall()
    found = {row["state"]: row["number"] for row in counts}
    names = ("waiting", "held", "sent", "dropped", "given_up")
    return {**tx.moods.to_json(), "deliveries": {name: found.get(name, 0) for name in names}}
