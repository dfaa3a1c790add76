"""docs/operations.md says what the code needs of its operator: held against the code."""

import re
from pathlib import Path

from marketplace.webhooks.jobs import _ACTS, OWN_TYPES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
MODULES = [module for module in (ROOT / "marketplace").rglob("*.py") if module.parent.name != "stripe_sandbox"]


def named(first_cell: str) -> list[str]:
    """What the second cell of a table's row names."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {first_cell} |")]
    return re.findall("`([^`]+)`", row.split("|")[2])


def test_the_endpoints_are_told_to_send_just_the_events_that_are_acted_on() -> None:
    assert sorted(named("your account")) == sorted(OWN_TYPES)
    assert sorted(named("connected accounts")) == sorted(set(_ACTS) - set(OWN_TYPES))


def test_every_error_in_the_log_has_its_paragraph() -> None:
    chapter = PAGE.partition("### Errors in the log")[2].partition("\n## ")[0]
    heads = "".join(line.split("|")[1] for line in chapter.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`([^`]+)`", heads)) == sorted(errors())


def errors() -> set[str]:
    """What `logger.error` and `logger.exception` are called with."""
    found = set()
    for module in MODULES:
        if "logger." in (text := module.read_text()):
            found |= set(re.findall(r'logger\.(?:error|exception)\(\s*"([^"]+)"', text))
    return found
