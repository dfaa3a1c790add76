"""The table of API calls: method, path, the SDK's parameter class, what of it the sandbox does, and the function."""

from collections.abc import Callable
from dataclasses import dataclass

from .store import Obj

Handler = Callable[..., Obj]


@dataclass(frozen=True)
class Call:
    """`supported` holds dotted parameter names; None means all that the class has."""

    method: str
    rule: str
    params: type
    supported: frozenset[str] | None
    handler: Handler


CALLS: list[Call] = []


def call(method: str, rule: str, params: type, supported: str | None = None) -> Callable[[Handler], Handler]:
    """Registers a handler `(tx, params, **path)`; `supported` is a list of dotted names separated by spaces."""
    names = None if supported is None else frozenset([*supported.split(), "expand"])

    def register(handler: Handler) -> Handler:
        CALLS.append(Call(method, rule, params, names, handler))
        return handler

    return register
