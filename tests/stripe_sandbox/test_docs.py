"""docs/sandbox.md names all that there is."""

from pathlib import Path

from marketplace.stripe_sandbox import triggering
from marketplace.stripe_sandbox.cards import CARDS
from marketplace.stripe_sandbox.moods import FAULT_KINDS, PRESETS, Moods

DOCS = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def test_each_test_card_is_listed() -> None:
    listed = DOCS.replace(" ", "")
    assert [number for number in CARDS if number not in listed] == []


def test_each_trigger_mood_and_fault_is_listed() -> None:
    names = [*FAULT_KINDS, *PRESETS, *(set(Moods().to_json()) - {"now"})]
    names += [trigger.name for trigger in triggering._ALL]
    assert [name for name in names if f"`{name}`" not in DOCS] == []
