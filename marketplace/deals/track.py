"""The progress bar of a deal, drawn from the lifecycle's straight way and from what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import gettext as _

from marketplace.deals.labels import STEP_WORDS
from marketplace.deals.lifecycle import FINAL, STEPS, STOPPED, State
from marketplace.deals.models import Deal, DealEvent, Terms
from marketplace.infra.i18n import short_day
from marketplace.infra.labels import label


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `place` is past, now or next; `note` a short date or None."""

    label: LazyString
    note: str | None
    place: str


def steps(deal: Deal, events: Sequence[DealEvent], terms: Terms) -> list[Step]:
    """The seven steps. A deal that ended early stops where it ended; a completed one has them all behind it."""
    here = _here(deal, events)
    return [_step(deal, state, here, _left_at(events), terms) for state in STEPS]


def _here(deal: Deal, events: Sequence[DealEvent]) -> State | None:
    """The step where the deal stands or ended; None when all are done."""
    if deal.state is State.COMPLETED:
        return None
    if deal.state in STOPPED:
        return deal.paused_state or deal.frozen_state
    if deal.state in FINAL:
        return next((event.from_state for event in reversed(events) if event.from_state in STEPS), State.NEGOTIATING)
    return deal.state


def _left_at(events: Sequence[DealEvent]) -> dict[State, datetime]:
    """When each state was left last."""
    return {event.from_state: event.at for event in events if event.from_state not in (None, event.to_state)}


def _step(deal: Deal, state: State, here: State | None, left: dict[State, datetime], terms: Terms) -> Step:
    words = STEP_WORDS[state]
    if here is None or STEPS.index(state) < STEPS.index(here):
        return Step(words, short_day(left[state]) if state in left else None, "past")
    if state is here:
        return Step(words, _now_note(deal), "now")
    planned = {State.PRODUCTION: terms.draft_due_on, State.PUBLISHING: terms.publish_on}.get(state)
    return Step(words, short_day(planned) if planned and deal.state not in FINAL else None, "next")


def _now_note(deal: Deal) -> str | None:
    if deal.state in FINAL or deal.state in STOPPED:
        return str(label(deal.state))
    if deal.deadline_at is None:
        return None
    return str(_("by %(day)s", day=short_day(deal.deadline_at)))
