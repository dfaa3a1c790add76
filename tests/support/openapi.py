"""Holds what is said to the Stripe sandbox and by it against Stripe's own description, where that lies beside us."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.formparser import parse_form_data

from marketplace.stripe_sandbox.form import decode
from tests.support.openapi_differences import KINDS_LEFT_OUT, apply_differences, left_out
from tests.support.openapi_schema import Schema, Schemas

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "stripe" / "openapi-subset.json"
HERE = DESCRIPTION.exists()
WHY_NOT = f"Stripe's description isn't there: {DESCRIPTION}"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    path: str
    sends: Schema
    answers: Schema


@dataclass
class Description:
    """Stripe's document, with what the SDK's newer version changed."""

    answers: Schemas
    forms: Schemas
    kinds: dict[str, Schema]
    operations: dict[tuple[str, int], list[tuple[list[str], Operation]]]

    def operation(self, method: str, path: str) -> Operation | None:
        parts = path.split("/")
        for pattern, found in self.operations.get((method, len(parts)), []):
            if all(wanted in ("{}", part) for wanted, part in zip(pattern, parts, strict=True)):
                return found
        return None


def document() -> dict[str, Any]:
    """As Stripe published it, reduced to what a marketplace may use."""
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return found


@cache
def description() -> Description:
    found = document()
    apply_differences(found)
    named = found["components"]["schemas"]
    operations: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
    for path, methods in sorted(found["paths"].items(), key=lambda entry: "{" in entry[0]):
        parts = ["{}" if part.startswith("{") else part for part in path.split("/")]
        for method, said in methods.items():
            operation = Operation(
                path, _sends(said, method), said["responses"]["200"]["content"]["application/json"]["schema"]
            )
            operations.setdefault((method.upper(), len(parts)), []).append((parts, operation))
    return Description(Schemas(named), Schemas(named, form=True), named, operations)


def _sends(said: dict[str, Any], method: str) -> Schema:
    """What a request may carry, as one schema: in the address of a GET, in the body of any other."""
    if method == "get":
        known = {each["name"]: each["schema"] for each in said.get("parameters", []) if each["in"] == "query"}
        return {"type": "object", "properties": known, "additionalProperties": False}
    bodies = list(said.get("requestBody", {}).get("content", {}).values())
    schema: Schema = bodies[0]["schema"] if bodies else {"type": "object"}
    return {**schema, "additionalProperties": False}


def takes(operation: Operation, name: str) -> bool:
    """Whether a request may carry this parameter, given by its dotted name."""
    schemas = [operation.sends]
    for part in name.split("."):
        schemas = [inner for schema in schemas for inner in _parts_named(schema, part)]
    return bool(schemas)


def _parts_named(schema: Schema, name: str) -> Iterator[Schema]:
    schema = description().forms.resolved(schema)
    for option in schema.get("anyOf", []):
        yield from _parts_named(option, name)
    if schema.get("type") == "array":
        yield from _parts_named(schema["items"], name)
    if name in schema.get("properties", {}):
        yield schema["properties"][name]
    elif isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]


def misfits_of_request(method: str, path: str, sent: dict[str, Any]) -> Iterator[str]:
    operation = description().operation(method, path)
    if operation is None:
        if not left_out(path):
            yield f"{method} {path}: not in Stripe's description"
    elif not description().forms.fits(operation.sends)(sent):
        yield from description().forms.misfits(operation.sends, sent, f"{method} {operation.path} sends")


def misfits_of_answer(method: str, path: str, status: int, answer: Any) -> Iterator[str]:
    operation = description().operation(method, path)
    if status >= 400:
        yield from _misfits({"$ref": "#/components/schemas/error"}, answer, f"{method} {path} answers {status}")
    elif operation is not None:
        name = f"{method} {operation.path} answers"
        yield from _misfits(operation.answers, answer, name)
        if operation.path.startswith("/v1/events"):
            for event in answer["data"] if answer["object"] == "list" else [answer]:
                yield from _misfits_inside(event, f"{name} {event['type']}")


def misfits_of_event(event: Any) -> Iterator[str]:
    """What a webhook carries: the event, and the object that it tells of."""
    name = f"webhook {event.get('type')}"
    yield from _misfits({"$ref": "#/components/schemas/event"}, event, name)
    yield from _misfits_inside(event, name)


def _misfits_inside(event: dict[str, Any], name: str) -> Iterator[str]:
    told = event["data"]["object"]
    if told["object"] in KINDS_LEFT_OUT:
        return
    if told["object"] not in description().kinds:
        yield f"{name}.data.object: {told['object']} is no kind of Stripe's description"
        return
    yield from _misfits({"$ref": f"#/components/schemas/{told['object']}"}, told, f"{name}.data.object")


def _misfits(schema: Schema, value: Any, name: str) -> Iterable[str]:
    return () if description().answers.fits(schema)(value) else description().answers.misfits(schema, value, name)


@dataclass
class Judge:
    """Keeps what did not fit until somebody asks."""

    problems: list[str] = field(default_factory=list)

    def hear(self, found: Iterable[str]) -> None:
        self.problems.extend(found)

    def check(self) -> None:
        """Fails with all that was found since the last time, each once."""
        found, self.problems = list(dict.fromkeys(self.problems)), []
        assert not found, "Stripe's description does not allow this:\n" + "\n".join(found)


@dataclass
class Recorder:
    """WSGI middleware before a sandbox: every API call is judged. Of requests that were refused only the answer is
    where `judge_refused` is off, as for tests that send what is wrong on purpose.
    """

    judge: Judge
    app: WSGIApplication | None = None
    judge_refused: bool = True

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert self.app
        if not HERE or not environ["PATH_INFO"].startswith("/v1/"):
            return self.app(environ, start_response)
        body = _taken(environ)
        status: list[int] = []

        def start(line: str, *rest: Any) -> Any:
            status.append(int(line.split(maxsplit=1)[0]))
            return start_response(line, *rest)

        chunks = list(self.app(environ, start))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if status[0] < 400 or self.judge_refused:
            self.judge.hear(misfits_of_request(method, path, _sent(environ, body)))
        self.judge.hear(misfits_of_answer(method, path, status[0], json.loads(b"".join(chunks))))
        return chunks


@dataclass
class WebhookRecorder:
    """WSGI middleware before what receives webhooks: each that a sandbox sends is judged."""

    judge: Judge
    app: WSGIApplication | Callable[..., Any]
    path: str = "/webhooks/stripe"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if HERE and environ["PATH_INFO"] == self.path and environ.get("HTTP_USER_AGENT", "").startswith("Stripe/"):
            self.judge.hear(misfits_of_event(json.loads(_taken(environ))))
        return self.app(environ, start_response)


def _taken(environ: WSGIEnvironment) -> bytes:
    """The body, which can be read from the environment once more."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _sent(environ: WSGIEnvironment, body: bytes) -> dict[str, Any]:
    if environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        _, form, files = parse_form_data({**environ, "wsgi.input": BytesIO(body)})
        for found in files.values():
            found.close()
        return {**decode(form.items(multi=True)), **{name: found.filename or "" for name, found in files.items()}}
    text = environ["QUERY_STRING"] if environ["REQUEST_METHOD"] == "GET" else body.decode()
    return decode(parse_qsl(text, keep_blank_values=True))
