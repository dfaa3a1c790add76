"""How the sandbox misbehaves on command: what each mood is, and how a command changes them. They outlive a restart."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from .errors import Refusal

FAULT_KINDS = frozenset({"429", "500", "timeout_after_work", "connection_reset"})


@dataclass(frozen=True)
class Moods:
    """`now` (Unix seconds), when set, is the sandbox's present; signatures keep to the real one."""

    duplicate: bool = False
    hold: bool = False
    delay_seconds: float = 0
    drop_rate: float = 0
    next_faults: list[dict[str, Any]] = field(default_factory=list)
    now: int | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def delivery_states(self) -> list[str]:
        """One state for each webhook that an event now gets."""
        dropped = self.drop_rate > 0 and random.random() < self.drop_rate  # noqa: S311 - chance, not a secret
        if dropped:
            return ["dropped"]
        return ["held" if self.hold else "waiting"] * (2 if self.duplicate else 1)

    def changed(self, command: dict[str, Any]) -> Self:
        """Raises a Refusal that names what is wrong; a name that isn't given keeps its mood."""
        unknown = set(command) - set(_CHECKS)
        if unknown:
            name = min(unknown)
            raise Refusal(f"Received unknown mood: {name}", code="parameter_unknown", param=name)
        for name, value in command.items():
            if not _CHECKS[name](value):
                raise Refusal(f"Invalid mood: {name}", param=name)
        return replace(self, **command)

    def fault_for(self, path: str) -> tuple[dict[str, Any] | None, Self]:
        """The first fault that this path meets, and the moods without it."""
        for index, fault in enumerate(self.next_faults):
            if path.startswith(fault.get("path_prefix", "/")):
                return fault, replace(self, next_faults=self.next_faults[:index] + self.next_faults[index + 1 :])
        return None, self


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _fault(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("kind") in FAULT_KINDS
        and isinstance(value.get("path_prefix", "/"), str)
        and _number(value.get("seconds", 0))
        and not set(value) - {"kind", "path_prefix", "seconds"}
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "duplicate": lambda value: isinstance(value, bool),
    "hold": lambda value: isinstance(value, bool),
    "delay_seconds": _number,
    "drop_rate": lambda value: _number(value) and value <= 1,
    "next_faults": lambda value: isinstance(value, list) and all(_fault(item) for item in value),
    "now": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0),
}
