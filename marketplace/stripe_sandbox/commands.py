"""Commands for tests and demos, behind the secret key: moods, clock, webhooks, triggers, a fresh start."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import clock, deliveries, endpoints, triggering
from .api import check_secret
from .calls import triggers
from .database import forget_everything
from .errors import Refusal
from .runtime import runtime
from .store import Tx

bp = Blueprint("commands", __name__, url_prefix="/sandbox")


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
    """Moods to change, a `preset` of them, and `release` (`{"order": …}`) for the webhooks held so far."""
    command = _json()
    release = command.pop("release", None)
    with runtime().transaction() as tx:
        tx.change_moods(command)
        if release is not None:
            order = release.get("order", "sent") if isinstance(release, dict) else None
            deliveries.release(tx, order)
        report = _report(tx)
    runtime().wake_sender()
    return jsonify(report)


@bp.get("/clock")
def show_clock() -> Response:
    with runtime().transaction() as tx:
        return jsonify(clock.present(tx))


@bp.post("/clock")
def set_clock() -> Response:
    """One of `advance_seconds`, `to` (a Unix second) and `real` (true): back to the real time."""
    command = _json()
    if len(command) != 1 or not set(command) <= {"advance_seconds", "to", "real"}:
        raise Refusal("Give one of advance_seconds, to, real.")
    here = runtime()
    if "real" in command:
        with here.transaction() as tx:
            clock.back_to_real_time(tx)
    else:
        clock.advance(here.pool, here.config, by=command.get("advance_seconds"), to=command.get("to"))
    here.wake_sender()
    return show_clock()


@bp.get("/deliveries")
def list_deliveries() -> Response:
    """The newest hundred: which event, how often tried, what was answered each time."""
    with runtime().transaction() as tx:
        return jsonify({"data": deliveries.newest(tx)})


@bp.post("/resend")
def resend() -> Response:
    """`event`: one more webhook of it, whatever became of those before."""
    command = _json()
    with runtime().transaction() as tx:
        deliveries.resend(tx, str(command.get("event")))
        report = _report(tx)
    runtime().wake_sender()
    return jsonify(report)


@bp.post("/secrets")
def roll_secret() -> Response:
    """`endpoint` gets a new `secret`; the one before it signs too for `keep_seconds`."""
    command = _json()
    with runtime().transaction() as tx:
        endpoints.roll_secret(
            tx, command.get("endpoint", "platform"), command.get("secret"), command.get("keep_seconds", 0)
        )
    return jsonify({"rolled": True})


@bp.post("/disputes")
def open_dispute() -> Response:
    command = _json()
    with runtime().transaction() as tx:
        dispute = triggers.open_dispute(tx, str(command.get("charge")), str(command.get("reason", "fraudulent")))
    runtime().wake_sender()
    return jsonify(dispute)


@bp.post("/triggers/<name>")
def pull_trigger(name: str) -> Response:
    """What a bank, a network or Stripe's reviewers do (`calls/triggers.py`), with its arguments as JSON."""
    command = _json()
    with runtime().transaction() as tx:
        answer = triggering.pull(tx, name, command)
    runtime().wake_sender()
    return jsonify(answer)


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


def _report(tx: Tx) -> dict[str, Any]:
    return {**tx.moods.to_json(), "deliveries": deliveries.counts(tx)}
