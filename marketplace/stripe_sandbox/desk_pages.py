"""The sandbox's own pages: its objects, events, balances, clock and moods, and what can be made to happen.

Open to whoever reaches the sandbox, as its checkout is; a form is taken from these pages only.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from . import clock, deliveries, triggering
from . import desk_queries as queries
from .errors import Refusal
from .mood_form import read_moods, typed_moods
from .moods import FAULT_KINDS
from .pages import closed, missing, page
from .runtime import runtime
from .store import Tx
from .words import words_for

bp = Blueprint("desk", __name__)

_DONE = frozenset({"clock", "moods", "release", "resend", "trigger", "platform"})
_STEPS = {"hour": 3_600, "day": 86_400, "week": 604_800}


@bp.before_request
def refuse_other_sites() -> Response | None:
    """A browser names the site that a form was sent from; what names none is no browser."""
    origin = request.headers.get("Origin")
    if request.method != "POST" or origin is None or urlsplit(origin).netloc == request.host:
        return None
    return closed(words_for(), "elsewhere", 403, url_for("desk.overview"), "go_overview")


@bp.get("/")
def overview() -> Response:
    with runtime().transaction() as tx:
        return _overview(tx)


@bp.post("/clock")
def set_clock() -> AnyResponse:
    """`step` (hour, day, week), `to` (a date and time in UTC) or `real`."""
    here = runtime()
    try:
        if "real" in request.form:
            with here.transaction() as tx:
                clock.back_to_real_time(tx)
        elif request.form.get("step") in _STEPS:
            clock.advance(here.pool, here.config, by=_STEPS[request.form["step"]])
        else:
            clock.advance(here.pool, here.config, to=_moment(request.form.get("to", "")))
    except Refusal:
        with here.transaction() as tx:
            return _overview(tx, typed=request.form, errors={"to": "bad_moment"}, status=422)
    here.wake_sender()
    return _done("desk.overview", "clock")


@bp.post("/triggers/<name>")
def act_for_platform(name: str) -> AnyResponse:
    here = runtime()
    if name not in [trigger.name for trigger in triggering.of_the_platform()]:
        return missing()
    try:
        with here.transaction() as tx:
            trigger = triggering.named(name)
            triggering.pull(tx, name, {**_subject(trigger, ""), **triggering.from_form(trigger, request.form)})
    except Refusal as refusal:
        with here.transaction() as tx:
            return _overview(tx, typed=request.form, refusal=refusal, refused=name, status=422)
    here.wake_sender()
    return _done("desk.overview", "platform")


@bp.get("/objects")
def list_objects() -> AnyResponse:
    asked = {name: request.args.get(name, "").strip() for name in ("kind", "account", "q")}
    with runtime().transaction() as tx:
        if asked["q"] and queries.whole(tx, asked["q"]):
            return redirect(url_for("desk.show_object", id_=asked["q"]), 303)
        rows = queries.objects(tx, kind=asked["kind"], account=asked["account"], text=asked["q"], before=_before())
        return page(
            "objects", words_for(), rows=rows[: queries.PAGE], asked=asked, older=_older(rows), kinds=queries.kinds(tx)
        )


@bp.get("/objects/<id_>")
def show_object(id_: str) -> Response:
    with runtime().transaction() as tx:
        return _object(tx, id_)


@bp.post("/objects/<id_>/triggers/<name>")
def act(id_: str, name: str) -> AnyResponse:
    """One of the triggers that fit the object."""
    here = runtime()
    try:
        with here.transaction() as tx:
            found = queries.whole(tx, id_)
            if found is None:
                return missing()
            fitting = {trigger.name: trigger for trigger in triggering.that_fit(found["data"])}
            if name not in fitting:
                return _object(tx, id_, status=409)
            arguments = triggering.from_form(fitting[name], request.form)
            triggering.pull(tx, name, {**_subject(fitting[name], id_), **arguments})
    except Refusal as refusal:
        with here.transaction() as tx:
            return _object(tx, id_, typed=request.form, refusal=refusal, refused=name, status=422)
    here.wake_sender()
    return _done("desk.show_object", "trigger", id_=id_)


@bp.post("/objects/<id_>/resend")
def resend(id_: str) -> AnyResponse:
    try:
        with runtime().transaction() as tx:
            deliveries.resend(tx, id_)
    except Refusal:
        return missing()
    runtime().wake_sender()
    return _done("desk.show_object", "resend", id_=id_)


@bp.get("/events")
def list_events() -> Response:
    type_ = request.args.get("type", "").strip()
    with runtime().transaction() as tx:
        rows = queries.events(tx, type_=type_, before=_before())
    return page("events", words_for(), rows=rows[: queries.PAGE], type=type_, older=_older(rows))


@bp.get("/balances")
def list_balances() -> Response:
    with runtime().transaction() as tx:
        return page("balances", words_for(), rows=queries.balances(tx), most=queries.MOST_ACCOUNTS)


@bp.get("/moods")
def show_moods() -> Response:
    with runtime().transaction() as tx:
        return _moods(tx, typed_moods(tx.moods))


@bp.post("/moods")
def save_moods() -> AnyResponse:
    """The form as it stands, or a `preset` with the form's seed."""
    preset = request.form.get("preset")
    command, errors = read_moods(request.form)
    if preset:
        command = {"preset": preset} | ({"seed": command["seed"]} if "seed" in command else {})
        errors = {name: word for name, word in errors.items() if name == "seed"}
    with runtime().transaction() as tx:
        if errors:
            return _moods(tx, request.form, errors, 422)
        try:
            tx.change_moods(command)
        except Refusal:
            return _moods(tx, request.form, {"faults": "bad_rates"}, 422)
    return _done("desk.show_moods", "moods")


@bp.post("/moods/release")
def release() -> AnyResponse:
    try:
        with runtime().transaction() as tx:
            deliveries.release(tx, request.form.get("order"))
    except Refusal:
        return missing()
    runtime().wake_sender()
    return _done("desk.show_moods", "release")


def _overview(tx: Tx, status: int = 200, **form: Any) -> Response:
    platform = [row for row in queries.balances(tx) if not row["account"]]
    return page(
        "index",
        words_for(),
        status,
        present=clock.present(tx),
        balances=platform,
        kinds=queries.kinds(tx),
        events=queries.newest_events(tx, 12),
        triggers=triggering.of_the_platform(),
        **_with_form(form),
    )


def _object(tx: Tx, id_: str, status: int = 200, **form: Any) -> Response:
    found = queries.whole(tx, id_)
    if found is None:
        return missing()
    event = found["kind"] == "event"
    return page(
        "object",
        words_for(),
        status,
        found=found,
        pieces=queries.with_links(tx, found["data"]),
        triggers=[] if event else triggering.that_fit(found["data"]),
        related=[] if event else queries.naming(tx, id_),
        events=[] if event else queries.events_of(tx, id_),
        deliveries=deliveries.of_event(tx, id_) if event else [],
        **_with_form(form),
    )


def _moods(tx: Tx, typed: Mapping[str, Any], errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    return page(
        "moods",
        words_for(),
        status,
        moods=tx.moods,
        held=deliveries.counts(tx)["held"],
        fault_kinds=FAULT_KINDS,
        **_with_form({"typed": typed, "errors": errors or {}}),
    )


def _with_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, what is wrong with it, and what was done before the page was asked for."""
    done = request.args.get("done")
    begun: dict[str, Any] = {"typed": {}, "errors": {}, "refusal": None, "refused": ""}
    return {**begun, **form, "done": done if done in _DONE and request.method == "GET" else None}


def _subject(trigger: triggering.Trigger, id_: str) -> dict[str, str]:
    return {trigger.subject: id_} if trigger.subject else {}


def _done(endpoint: str, what: str, **values: Any) -> AnyResponse:
    return redirect(url_for(endpoint, done=what, **values), 303)


def _moment(text: str) -> int | None:
    """A date and time of the browser's field, as UTC."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def _before() -> int | None:
    text = request.args.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _older(rows: list[queries.Row]) -> int | None:
    """Where the next page begins, if there is one."""
    return rows[queries.PAGE - 1]["seq"] if len(rows) > queries.PAGE else None
