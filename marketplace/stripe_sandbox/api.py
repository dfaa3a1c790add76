"""The way of an API request: key, call, fault, parameters, idempotency, one transaction, answer."""

import hmac
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from . import form, idempotency, params
from .calls import FILLED
from .calls.accounts import no_access
from .config import SandboxConfig
from .errors import Refusal, server_error, too_many_requests
from .expand import expand
from .ids import new_id
from .moods import Fault
from .registry import CALLS, Call
from .runtime import Runtime, runtime
from .store import API_VERSION, Obj, Tx

log = logging.getLogger("stripe_sandbox")
bp = Blueprint("api", __name__)
Answer = idempotency.Answer
# Faults in which the work is done and its answer lost.
_LOST = ("timeout_after_work", "connection_reset_after_work")


def register_calls() -> None:
    """One route a call; its view runs the call."""
    for number, call in enumerate(CALLS):
        bp.add_url_rule(call.rule, f"call_{number}", _view(call), methods=[call.method])


def _view(call: Call) -> Callable[..., Response]:
    def answer_call(**path: str) -> Response:
        return _respond(call, path)

    return answer_call


def _respond(call: Call, path: dict[str, str]) -> Response:
    request_id = new_id("request")
    here = runtime()
    try:
        check_secret(here.config)
        fault = _take_fault(here, request.path)
        if fault and fault["kind"] == "connection_reset":
            return hang_up()
        answer = _answer(here, call, path, request_id, fault)
    except Refusal as refusal:
        answer = Answer(refusal.status, _dump(refusal.body()), request_id)
        return _http(answer, request_id, refusal.headers)
    here.wake_sender()
    if fault and fault["kind"] in _LOST:
        time.sleep(fault.get("seconds", 0))
        return hang_up()
    return _http(answer, request_id)


def _answer(here: Runtime, call: Call, path: dict[str, str], request_id: str, fault: Fault | None) -> Answer:
    """Refusals raised here were found before any work and aren't stored under the idempotency key."""
    if fault and fault["kind"] == "429":
        raise too_many_requests()
    raw = {**form.decode(_pairs()), **_uploads()}
    checked = params.check(call.params, raw)
    if call.supported is not None:
        params.refuse_unsupported(checked, call.supported)
    key = request.headers.get("Idempotency-Key") if call.method == "POST" else None
    with here.transaction() as tx:
        tx.request_id = request_id
        tx.account = _speaking_for(tx)
        if key is None:
            return _work(tx, call, checked, path, fault)
        idempotency.check_key(key)
        tx.idempotency_key = key
        print_ = idempotency.fingerprint(call.method, request.path, raw)
        stored = idempotency.claim(tx, key, print_)
        if stored:
            return stored
        answer = _work(tx, call, checked, path, fault)
        idempotency.keep(tx, key, print_, answer)
        return answer


def _work(tx: Tx, call: Call, checked: params.Params, path: dict[str, str], fault: Fault | None) -> Answer:
    """A refusal in the middle of the work undoes the work, and is an answer like another: stored under the key.

    So is a 500, with which Stripe may or may not have done the work (https://docs.stripe.com/error-low-level).
    """
    request_id = tx.request_id or ""
    if fault and fault["kind"] == "500":
        return _server_error(request_id)
    wanted = checked.pop("expand", [])
    try:
        with tx.connection.transaction():
            body = expand(tx, call.handler(tx, checked, **path), wanted)
        if fault and fault["kind"] == "500_after_work":
            return _server_error(request_id)
        return Answer(200, _dump(body), request_id)
    except Refusal as refusal:
        return Answer(refusal.status, _dump(refusal.body()), request_id)


def _server_error(request_id: str) -> Answer:
    return Answer(500, _dump(server_error().body()), request_id)


def check_secret(config: SandboxConfig) -> None:
    """Bearer or the user name of basic authentication, as Stripe takes either."""
    given = request.authorization
    key = given and (given.token if given.type == "bearer" else given.get("username"))
    if not key:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer"
            " auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not hmac.compare_digest(key.encode(), config.secret_key.encode()):
        raise Refusal(f"Invalid API Key provided: {key[:8]}****{key[-4:]}", status=401)


def _take_fault(here: Runtime, path: str) -> Fault | None:
    """The fault that is meant for this path, consumed, or else one by chance; a calm sandbox locks nothing."""
    with here.transaction() as tx:
        fault, _ = tx.moods.next_fault(path)
        if fault is not None:
            tx.reload_moods()
            fault, tx.moods = tx.moods.next_fault(path)
            tx.save_moods()
        if fault is None and tx.moods.fault_rates:
            fault = tx.moods.chance_fault(tx.moods.chance("faults", tx.draw("fault_draws")))
        return fault


def _uploads() -> dict[str, form.Upload]:
    """Files come as multipart/form-data, as the SDK sends them."""
    found = {}
    for name, file in request.files.items():
        with closing(file):
            found[name] = form.Upload(file.filename or name, file.read())
    return found


def _pairs() -> list[tuple[str, str]]:
    if request.mimetype == "multipart/form-data":
        return list(request.form.items(multi=True))
    sent = request.query_string if request.method == "GET" else request.get_data()
    try:
        return parse_qsl(sent.decode(), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise Refusal("The parameters must be form-encoded UTF-8, a thousand at most.") from None


def _speaking_for(tx: Tx) -> str:
    account = request.headers.get("Stripe-Account", "")
    if account and tx.find("account", account, account="") is None:
        raise no_access(tx, account)
    return account


def _dump(body: Obj) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


def _http(answer: Answer, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(answer.body, status=answer.status, headers=headers, content_type="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = API_VERSION
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
        response.headers["Original-Request"] = answer.request_id
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def hang_up() -> Response:
    """Ends the connection without an answer, as a proxy that lost its upstream would."""
    socket = request.environ.get("werkzeug.socket")
    if socket is not None:
        socket.shutdown(2)

    def broken() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionResetError("the sandbox hangs up on command")

    return Response(broken(), headers={"Content-Length": "1000000"}, content_type="application/json")


def answer_refusal(refusal: Refusal) -> Response:
    """For what is refused before any call is found."""
    return _http(Answer(refusal.status, _dump(refusal.body()), ""), new_id("request"), refusal.headers)


def answer_too_large() -> Response:
    return answer_refusal(Refusal("The request is too large.", status=413))


def answer_unknown() -> Response:
    """Stripe's words for an address that is no call."""
    words = f"Unrecognized request URL ({request.method}: {request.path}). Please see https://docs.stripe.com."
    return answer_refusal(Refusal(words, status=404))


def answer_crash(problem: Exception) -> Response:
    log.error("a request failed", exc_info=problem)
    return _http(_server_error(""), new_id("request"))


assert FILLED
register_calls()
