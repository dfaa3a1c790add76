"""Stripe's form encoding: `a[b][0]=c` as nested dicts, lists and strings; a file where one is uploaded."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .errors import Refusal


@dataclass(frozen=True)
class Upload:
    """A file as it came. As text, which idempotency compares, it is its fingerprint."""

    name: str
    content: bytes

    def __str__(self) -> str:
        return f"{self.name}:{hashlib.sha256(self.content).hexdigest()}"


_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_DEEPEST = 10
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Indexed and empty brackets (`a[0]`, `a[]`) become lists, in the order of their indexes."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        found = _KEY.match(key)
        if not found or key.count("[") > _DEEPEST:
            raise Refusal(f"Invalid parameter name: {key}", param=key)
        if "\x00" in key + value:
            raise Refusal("Invalid string: it holds a zero byte", param=key.replace("\x00", ""))
        _put(tree, [found[1], *_PART.findall(found[2])], value, key)
    return {key: _with_lists(value) for key, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str, key: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(_slot(tree, part), {})
        if not isinstance(tree, dict):
            raise Refusal(f"Parameter given both as a value and as an object: {key}", param=key)
    last = _slot(tree, path[-1])
    if isinstance(tree.get(last), dict):
        raise Refusal(f"Parameter given both as a value and as an object: {key}", param=key)
    tree[last] = value


def _slot(tree: dict[str, Any], part: str) -> str:
    return part or str(len(tree))


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(item) for key, item in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return _Numbered(inner)
    return inner


class _Numbered(dict[str, Any]):
    """Keys that are all digits: a list, or a hash whose keys happen to be digits. The expected type decides."""

    def as_list(self) -> list[Any]:
        return [self[key] for key in sorted(self, key=int)]


def as_list(value: Any) -> list[Any] | None:
    return value.as_list() if isinstance(value, _Numbered) else None
