"""The form of the moods: what its fields show, and what was typed as a command."""

from collections.abc import Mapping
from typing import Any

from .moods import FAULT_KINDS, Moods

RATES = ("duplicate_rate", "reorder_rate", "drop_rate", "delay_rate")
SECONDS = ("delay_seconds", "timeout_seconds")


def typed_moods(moods: Moods) -> dict[str, str]:
    """Every field as it stands; a fault's rate under its kind."""
    kept = moods.to_json()
    fields = {name: f"{kept[name]:g}" for name in (*RATES, *SECONDS)}
    fields |= {kind: f"{moods.fault_rates.get(kind, 0):g}" for kind in FAULT_KINDS}
    return {**fields, "seed": "" if moods.seed is None else str(moods.seed), "hold": "yes" if moods.hold else ""}


def read_moods(form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The command, and the word for what is wrong with each field."""
    command: dict[str, Any] = {"hold": form.get("hold") == "yes"}
    errors: dict[str, str] = {}
    rates: dict[str, float] = {}
    for name in (*RATES, *FAULT_KINDS, *SECONDS):
        value = _number(form.get(name, "0"))
        most = 86_400 if name in SECONDS else 1
        if value is None or value > most:
            errors[name] = "bad_seconds" if name in SECONDS else "bad_rate"
        elif name in FAULT_KINDS:
            rates[name] = value
        else:
            command[name] = value
    command["fault_rates"] = {kind: rate for kind, rate in rates.items() if rate}
    seed = form.get("seed", "").strip()
    if seed and not (seed.isascii() and seed.isdecimal() and len(seed) <= 18):
        errors["seed"] = "bad_seed"
    else:
        command["seed"] = int(seed) if seed else None
    return command, errors


def _number(text: str) -> float | None:
    """None for what is no number from 0 up."""
    try:
        value = float(text.strip() or "0")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
