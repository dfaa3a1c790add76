"""Holds exchanges against Stripe's published API description, where it lies beside the repository.

The description is one version behind the SDK's; what it forbids at a request's top level the sandbox refuses already.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from marketplace.stripe_sandbox.form import as_list, decode

DESCRIPTION = Path(__file__).parents[3] / "shared" / "stripe" / "openapi-subset.json"
HERE = DESCRIPTION.exists()


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return found


@dataclass
class Exchange:
    method: str
    path: str
    sent: dict[str, Any]
    status: int
    answer: bytes


@dataclass
class Recorder:
    """WSGI middleware that keeps what API calls sent and got."""

    app: WSGIApplication | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert self.app
        if not environ["PATH_INFO"].startswith("/v1/"):
            return self.app(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = _Once(body)
        status: list[int] = []

        def start(line: str, *rest: Any) -> Any:
            status.append(int(line.split(maxsplit=1)[0]))
            return start_response(line, *rest)

        chunks = list(self.app(environ, start))
        form = environ["QUERY_STRING"] if environ["REQUEST_METHOD"] == "GET" else body.decode()
        sent = decode(parse_qsl(form, keep_blank_values=True)) if status[0] < 400 else {}
        answer = b"".join(chunks)
        self.exchanges.append(Exchange(environ["REQUEST_METHOD"], environ["PATH_INFO"], sent, status[0], answer))
        return chunks

    def check(self) -> None:
        if HERE:
            problems = [problem for exchange in self.exchanges for problem in misfits(exchange)]
            assert not problems, "\n".join(problems)


class _Once:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        taken = self._body if size < 0 else self._body[:size]
        self._body = self._body[len(taken) :]
        return taken

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


def misfits(exchange: Exchange) -> list[str]:
    """What of an exchange Stripe's description doesn't allow. Requests are judged when the sandbox took them."""
    name = f"{exchange.method} {exchange.path}"
    answer = json.loads(exchange.answer)
    if exchange.status >= 400:
        return list(_against({"$ref": "#/components/schemas/error"}, answer, name))
    operation = _operation(exchange)
    if operation is None:
        return [f"{name}: not in Stripe's description"]
    told = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return [*_request(operation, exchange, name), *_against(told, answer, name)]


def _operation(exchange: Exchange) -> dict[str, Any] | None:
    for path, methods in sorted(description()["paths"].items(), key=lambda entry: "{" in entry[0]):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", path)
        if re.fullmatch(pattern, exchange.path) and exchange.method.lower() in methods:
            found: dict[str, Any] = methods[exchange.method.lower()]
            return found
    return None


def _request(operation: dict[str, Any], exchange: Exchange, name: str) -> Iterable[str]:
    if exchange.method == "GET":
        known = {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == "query"}
        schema: dict[str, Any] = {"type": "object", "properties": known, "additionalProperties": False}
    else:
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    yield from _against(schema, exchange.sent, f"{name} sends", form=True)


def _against(schema: dict[str, Any], value: Any, at: str, *, form: bool = False) -> Iterable[str]:
    schema = _resolved(schema)
    if value is None:
        if not schema.get("nullable"):
            yield f"{at}: null is not allowed"
        return
    if "anyOf" in schema:
        tries = [list(_against(option, value, at, form=form)) for option in schema["anyOf"]]
        if all(tries):
            yield from min(tries, key=len)
        return
    if not _is_of(schema.get("type"), value, form):
        yield f"{at}: {value!r} is not {schema.get('type')}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{at}: longer than {schema['maxLength']}"
    yield from _inside(schema, value, at, form)


def _inside(schema: dict[str, Any], value: Any, at: str, form: bool) -> Iterable[str]:
    if schema.get("type") == "array":
        items = (as_list(value) if form else value) or []
        for index, item in enumerate(items):
            yield from _against(schema["items"], item, f"{at}[{index}]", form=form)
        return
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name}: required and missing"
    for name, item in value.items():
        inner = known.get(name, schema.get("additionalProperties"))
        if isinstance(inner, dict):
            yield from _against(inner, item, f"{at}.{name}", form=form)
        elif name not in known and (inner is False or (form and known)):
            yield f"{at}.{name}: unknown"


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _is_of(kind: str | None, value: Any, form: bool) -> bool:
    if form and kind in ("integer", "number", "boolean"):
        patterns = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}
        return isinstance(value, str) and re.fullmatch(patterns[kind], value) is not None
    if kind == "array":
        return as_list(value) is not None if form else isinstance(value, list)
    types: dict[str | None, Any] = {"string": str, "boolean": bool, "object": dict, "number": (int, float)}
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return kind is None or isinstance(value, types[kind])
