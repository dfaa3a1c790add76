"""How the sandbox misbehaves on command: what each mood is, and how a command changes them. They outlive a restart."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from .errors import Refusal

# In the order in which one draw is held against their rates.
FAULT_KINDS = (
    "429",
    "500",
    "500_after_work",
    "timeout_after_work",
    "connection_reset",
    "connection_reset_after_work",
)
# Seconds by which a webhook is held up so that those after it come first.
OVERTAKEN = 0.5

Fault = dict[str, Any]


@dataclass(frozen=True)
class Moods:
    """Rates are 0 to 1. With a `seed` the same requests in the same order meet the same; without, each run differs.

    `now` (Unix seconds), when set, is the sandbox's present and stands still; signatures keep to the real one.
    """

    duplicate_rate: float = 0
    reorder_rate: float = 0
    delay_rate: float = 1
    delay_seconds: float = 0
    drop_rate: float = 0
    hold: bool = False
    fault_rates: dict[str, float] = field(default_factory=dict)
    timeout_seconds: float = 0
    next_faults: list[Fault] = field(default_factory=list)
    seed: int | None = None
    now: int | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What an older sandbox kept under a name that is gone is forgotten."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def plays_with_webhooks(self) -> bool:
        """Whether chance decides anything about the next webhook."""
        return any((self.duplicate_rate, self.reorder_rate, self.drop_rate, self.delay_seconds))

    def chance(self, stream: str, number: int) -> random.Random:
        """The draws of one request or event, the `number`th of its stream since the seed was set."""
        return random.Random(None if self.seed is None else f"{self.seed}:{stream}:{number}")  # noqa: S311 - no secret

    def deliveries(self, chance: random.Random) -> list[tuple[str, float]]:
        """State and waiting time in seconds of each webhook that an event now gets."""
        if chance.random() < self.drop_rate:
            return [("dropped", 0)]
        copies = 2 if chance.random() < self.duplicate_rate else 1
        return [("held" if self.hold else "waiting", self._wait(chance)) for _ in range(copies)]

    def changed(self, command: dict[str, Any]) -> Self:
        """Raises a Refusal that names what is wrong; a name that isn't given keeps its mood."""
        command = dict(command)
        preset = command.pop("preset", None)
        if preset is not None and preset not in PRESETS:
            raise Refusal(f"Invalid preset: must be one of {', or '.join(PRESETS)}", param="preset")
        unknown = set(command) - set(_CHECKS)
        if unknown:
            name = min(unknown)
            raise Refusal(f"Received unknown mood: {name}", code="parameter_unknown", param=name)
        for name, value in command.items():
            if not _CHECKS[name](value):
                raise Refusal(f"Invalid mood: {name}", param=name)
        return replace(self, **{**PRESETS.get(preset, {}), **command})

    def next_fault(self, path: str) -> tuple[Fault | None, Self]:
        """The first fault on command that this path meets, and the moods without it."""
        for index, fault in enumerate(self.next_faults):
            if path.startswith(fault.get("path_prefix", "/")):
                return fault, replace(self, next_faults=self.next_faults[:index] + self.next_faults[index + 1 :])
        return None, self

    def chance_fault(self, chance: random.Random) -> Fault | None:
        """The fault that a request meets by its rate; most meet none."""
        drawn = chance.random()
        for kind in FAULT_KINDS:
            drawn -= self.fault_rates.get(kind, 0)
            if drawn < 0:
                return {"kind": kind, "seconds": self.timeout_seconds if kind == "timeout_after_work" else 0}
        return None

    def _wait(self, chance: random.Random) -> float:
        wait = self.delay_seconds if chance.random() < self.delay_rate else 0
        return wait + (OVERTAKEN if chance.random() < self.reorder_rate else 0)


# As bad as it gets while every task can still be finished by who tries again.
PRESETS: dict[str, dict[str, Any]] = {
    "calm": {
        "duplicate_rate": 0,
        "reorder_rate": 0,
        "delay_rate": 1,
        "delay_seconds": 0,
        "drop_rate": 0,
        "fault_rates": {},
        "timeout_seconds": 0,
    },
    "worst": {
        "duplicate_rate": 0.3,
        "reorder_rate": 0.3,
        "delay_rate": 0.2,
        "delay_seconds": 1,
        "drop_rate": 0.2,
        "fault_rates": {
            "429": 0.06,
            "500": 0.03,
            "500_after_work": 0.03,
            "timeout_after_work": 0.05,
            "connection_reset": 0.04,
            "connection_reset_after_work": 0.04,
        },
        "timeout_seconds": 0,
    },
}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _rate(value: object) -> bool:
    return _number(value) and isinstance(value, int | float) and value <= 1


def _rates(value: object) -> bool:
    return (
        isinstance(value, dict)
        and not set(value) - set(FAULT_KINDS)
        and all(_rate(rate) for rate in value.values())
        and sum(value.values()) <= 1
    )


def _fault(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("kind") in FAULT_KINDS
        and isinstance(value.get("path_prefix", "/"), str)
        and _number(value.get("seconds", 0))
        and not set(value) - {"kind", "path_prefix", "seconds"}
    )


def _whole(value: object, least: int) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "duplicate_rate": _rate,
    "reorder_rate": _rate,
    "delay_rate": _rate,
    "delay_seconds": _number,
    "drop_rate": _rate,
    "hold": lambda value: isinstance(value, bool),
    "fault_rates": _rates,
    "timeout_seconds": _number,
    "next_faults": lambda value: isinstance(value, list) and all(_fault(item) for item in value),
    "seed": lambda value: _whole(value, 0),
    "now": lambda value: _whole(value, 1),
}
