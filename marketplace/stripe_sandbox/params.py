"""Checks a decoded request against the SDK's own typed parameter classes, nested ones too, and types its values.

`stripe.params` is generated from Stripe's API description, so what passes here is what Stripe's own types allow.
"""

import re
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import typing_extensions
from stripe._request_options import RequestOptions

from .errors import Refusal, missing_parameter, not_in_sandbox
from .form import Upload, as_list

Params = dict[str, Any]
_OPTIONS = frozenset(RequestOptions.__annotations__)
_INTEGER = re.compile(r"^[+-]?\d{1,18}$")
_UNIONS = (Union, types.UnionType)


@cache
def fields_of(cls: type) -> dict[str, Any]:
    """Name and type of each parameter; the SDK's request options (api_key and such) are no parameters."""
    hints = get_type_hints(cls, localns={"StripeContext": object, "Mapping": Mapping})
    return {name: _bare(hint) for name, hint in hints.items() if name not in _OPTIONS}


@cache
def _required(cls: type) -> frozenset[str]:
    keys: frozenset[str] = getattr(cls, "__required_keys__", frozenset())
    return keys - _OPTIONS


def check(cls: type, raw: Mapping[str, Any], path: str = "") -> Params:
    """Raises a Refusal that names the first unknown, missing or ill-typed parameter."""
    fields = fields_of(cls)
    for name in raw:
        if name not in fields:
            full = _join(path, name)
            raise Refusal(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name in sorted(_required(cls)):
        if name not in raw:
            raise missing_parameter(_join(path, name))
    return {name: _value(fields[name], value, _join(path, name)) for name, value in raw.items()}


def refuse_unsupported(params: Params, supported: frozenset[str]) -> None:
    """`supported` holds dotted names without indexes; a name there covers everything below it."""
    for name in _dotted(params, ""):
        if not any(name == known or name.startswith(known + ".") for known in supported):
            raise not_in_sandbox(f"the parameter {name}", name)


def _dotted(value: Any, path: str) -> list[str]:
    if isinstance(value, dict) and value:
        return [name for key, item in value.items() for name in _dotted(item, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and value:
        return [name for item in value for name in _dotted(item, path)]
    return [path] if path else []


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _bare(hint: Any) -> Any:
    while get_origin(hint) in (typing_extensions.NotRequired, typing_extensions.Required):
        hint = get_args(hint)[0]
    return hint


def _value(hint: Any, raw: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in _UNIONS:
        return _one_of(get_args(hint), raw, path)
    if origin is Literal:
        return _chosen(get_args(hint), raw, path)
    if origin is list:
        return _items(get_args(hint)[0], raw, path)
    if origin in (dict, Mapping):
        return _hash(get_args(hint)[1], raw, path)
    if typing_extensions.is_typeddict(hint):
        if not isinstance(raw, dict):
            raise Refusal("Invalid object", param=path)
        return check(hint, raw, path)
    return _plain(hint, raw, path)


def _one_of(members: tuple[Any, ...], raw: Any, path: str) -> Any:
    """The SDK writes an enumeration as `Literal[...] | str`, so that old code takes new values; Stripe doesn't."""
    choices = [choice for member in members if get_origin(member) is Literal for choice in get_args(member)]
    closed = any(choice != "" for choice in choices)
    refusal: Refusal | None = None
    for member in members:
        if member is type(None) or (member is str and closed):
            continue
        try:
            return _value(member, raw, path)
        except Refusal as problem:
            better = refusal is None or problem.code == "parameter_unknown" or refusal.param == path
            refusal = problem if better else refusal
    raise refusal or Refusal(f"Invalid value for {path}", param=path)


def _chosen(choices: tuple[Any, ...], raw: Any, path: str) -> Any:
    if raw in choices:
        return raw
    if choices == ("",):
        raise Refusal(f"Invalid value for {path}", param=path)
    listed = ", ".join(str(choice) for choice in choices[:-1])
    listed = f"{listed}, or {choices[-1]}" if listed else str(choices[-1])
    raise Refusal(f"Invalid {path}: must be one of {listed}", param=path)


def _items(hint: Any, raw: Any, path: str) -> list[Any]:
    items = as_list(raw)
    if items is None:
        raise Refusal("Invalid array", param=path)
    return [_value(hint, item, f"{path}[{index}]") for index, item in enumerate(items)]


def _hash(hint: Any, raw: Any, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Refusal("Invalid hash", param=path)
    return {key: _value(hint, item, _join(path, key)) for key, item in raw.items()}


def _plain(hint: Any, raw: Any, path: str) -> Any:
    if hint is Any and isinstance(raw, Upload):
        return raw
    if not isinstance(raw, str):
        raise Refusal(f"Invalid {_word(hint)}: {raw!r}", param=path)
    if hint is str:
        return raw
    if hint is bool and raw in ("true", "false"):
        return raw == "true"
    if hint is int and _INTEGER.match(raw):
        return int(raw)
    if hint in (float, Decimal):
        return _decimal(raw, path)
    code = "parameter_invalid_integer" if hint is int else None
    raise Refusal(f"Invalid {_word(hint)}: {raw}", code=code, param=path)


def _decimal(raw: str, path: str) -> Decimal:
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise Refusal(f"Invalid decimal: {raw}", param=path) from None


def _word(hint: Any) -> str:
    return {str: "string", int: "integer", bool: "boolean", float: "decimal", Decimal: "decimal"}.get(hint, "value")
