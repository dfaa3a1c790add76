"""The table itself, and the page of the docs that is drawn from it."""

import pathlib

from marketplace.deals.lifecycle import (
    FINAL,
    FUNDED,
    ON_DEADLINE,
    STEPS,
    TABLE,
    Action,
    Clock,
    State,
    Who,
    find,
    mermaid,
)

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "deals.md"


def test_the_diagram_in_the_docs_is_the_table() -> None:
    diagram = DOCS.read_text().split("```mermaid\n")[1].split("\n```")[0]
    assert diagram == mermaid()


def test_final_states_lead_nowhere_and_all_others_can_end() -> None:
    leads = {state for state, _action in TABLE}
    assert leads.isdisjoint(FINAL)
    reached = {state: {row.to for (start, _), row in TABLE.items() if start is state} for state in leads}
    ends: set[State | None] = set(FINAL)
    while grown := {state for state in leads - ends if reached[state] & ends}:
        ends |= grown
    assert leads <= ends


def test_every_state_is_reached_from_the_beginning() -> None:
    found = {State.NEGOTIATING}
    while grown := {row.to for (start, _), row in TABLE.items() if start in found and row.to is not None} - found:
        found |= grown
    assert found == set(State)


def test_a_dispute_is_open_to_both_in_every_funded_state_of_the_straight_way() -> None:
    for state in FUNDED - {State.DISPUTED}:
        row = find(state, Action.OPEN_DISPUTE)
        assert row is not None
        assert row.who == {Who.EITHER, Who.CLOCK}
        assert row.clock is Clock.NONE
    assert not [state for state in set(STEPS) - FUNDED if find(state, Action.OPEN_DISPUTE)]


def test_what_the_clock_does_is_the_clocks_to_do() -> None:
    for state, action in ON_DEADLINE.items():
        row = find(state, action)
        assert row is not None
        assert Who.CLOCK in row.who
