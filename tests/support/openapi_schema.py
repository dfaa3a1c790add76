"""Whether a value fits a schema of Stripe's description, fast; and in words where it doesn't, slow.

A schema becomes a function once; what is asked again and again costs a walk through the value and nothing else.
Unknown names are refused at every depth, which the description itself does for a request's own parameters only.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from marketplace.stripe_sandbox.form import as_list

Schema = dict[str, Any]
Check = Callable[[Any], bool]

_WORDS_OF_FORMS = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "boolean": re.compile("true|false"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "integer": (int,),
    "number": (int, float),
}


class Schemas:
    """`named` are the schemas that a `$ref` names. In a form (`form=True`) every value is text, as it was sent."""

    def __init__(self, named: dict[str, Schema], *, form: bool = False) -> None:
        self._named = named
        self._form = form
        self._checks: dict[str, Check] = {}

    def fits(self, schema: Schema) -> Check:
        """The function for a schema. Those of its parts are made when a value first has that part."""
        name = schema.get("$ref")
        if name is not None:
            if name not in self._checks:
                self._checks[name] = _later(lambda: self._made(self.resolved(schema)))
            return self._checks[name]
        return self._made(schema)

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rpartition("/")[2]]
        return schema

    def _made(self, schema: Schema) -> Check:
        nullable = bool(schema.get("nullable"))
        check = self._made_of_kind(schema)
        return lambda value: nullable if value is None else check(value)

    def _made_of_kind(self, schema: Schema) -> Check:
        if "anyOf" in schema:
            options = [self.fits(option) for option in schema["anyOf"]]
            return lambda value: any(option(value) for option in options)
        kind = schema.get("type")
        if kind == "array":
            return self._array(schema)
        if kind == "object" or "properties" in schema:
            return self._object(schema)
        return lambda value: self._is_of(kind, value) and not any(_faults_of_plain(schema, value))

    def _array(self, schema: Schema) -> Check:
        item = self._part(schema["items"])
        if not self._form:
            return lambda value: isinstance(value, list) and all(map(item, value))

        def check(value: Any) -> bool:
            items = as_list(value)
            return items is not None and all(map(item, items))

        return check

    def _object(self, schema: Schema) -> Check:
        required = schema.get("required", [])
        parts = {name: self._part(part) for name, part in schema.get("properties", {}).items()}
        rest = self._rest(schema)

        def check(value: Any) -> bool:
            if not isinstance(value, dict) or any(name not in value for name in required):
                return False
            return all(parts.get(name, rest)(item) for name, item in value.items())

        return check

    def _part(self, schema: Schema) -> Check:
        return _later(lambda: self.fits(schema))

    def _rest(self, schema: Schema) -> Check:
        """For the names that a schema doesn't list: a hash says what they are, an object without names takes any."""
        more = schema.get("additionalProperties", not schema.get("properties"))
        return self.fits(more) if isinstance(more, dict) else lambda _value: bool(more)

    def _is_of(self, kind: str | None, value: Any) -> bool:
        if self._form and kind in _WORDS_OF_FORMS:
            return isinstance(value, str) and _WORDS_OF_FORMS[kind].fullmatch(value) is not None
        if self._form and kind == "array":
            return as_list(value) is not None
        if kind is None:
            return True
        return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))

    def misfits(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        """Each place where it doesn't, as a sentence that begins with `at` and the JSON path."""
        schema = self.resolved(schema)
        if value is None:
            if not schema.get("nullable"):
                yield f"{at}: null is not allowed"
        elif "anyOf" in schema:
            yield from self._best_of(schema["anyOf"], value, at)
        elif not self._is_of(schema.get("type"), value):
            yield f"{at}: {value!r} is not of type {schema.get('type')}"
        else:
            yield from (f"{at}: {fault}" for fault in _faults_of_plain(schema, value))
            yield from self._inside(schema, value, at)

    def _best_of(self, options: list[Schema], value: Any, at: str) -> Iterator[str]:
        tries = [list(self.misfits(option, value, at)) for option in options]
        if all(tries):
            yield from min(tries, key=lambda found: (len(found), -len(found[0])))

    def _inside(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        if schema.get("type") == "array":
            for index, item in enumerate((as_list(value) if self._form else value) or []):
                yield from self.misfits(schema["items"], item, f"{at}[{index}]")
            return
        if not isinstance(value, dict):
            return
        known = schema.get("properties", {})
        more = schema.get("additionalProperties", not known)
        yield from (f"{at}.{name}: required and missing" for name in schema.get("required", []) if name not in value)
        for name, item in value.items():
            part = known.get(name, more)
            if isinstance(part, dict):
                yield from self.misfits(part, item, f"{at}.{name}")
            elif not part:
                yield f"{at}.{name}: unknown"


def _later(make: Callable[[], Check]) -> Check:
    made: list[Check] = []

    def check(value: Any) -> bool:
        if not made:
            made.append(make())
        return made[0](value)

    return check


def _faults_of_plain(schema: Schema, value: Any) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            yield f"longer than {schema['maxLength']}"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{value!r} does not match {schema['pattern']}"
