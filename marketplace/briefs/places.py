"""A brief's places and budget: held while the brand waits for an answer, filled by a yes, free again when it ends.

Each function needs the brief's row locked. That the sums are those of the selections and deals is the callers' to keep;
that none is ever oversold or below zero is checked here and, once more, by the database.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from marketplace.briefs.models import Brief, BriefStatus
from marketplace.infra.db import db
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class Places:
    """What the brand sees of a brief: its places, and its budget where it gave one for all of them."""

    slots: int
    filled: int
    held: int
    committed: Money
    held_money: Money
    total: Money | None

    @property
    def free(self) -> int:
        return self.slots - self.filled - self.held

    @property
    def left(self) -> Money | None:
        """Of the whole budget, neither committed nor held; None where there is none."""
        return self.total - self.committed - self.held_money if self.total is not None else None


def places_of(brief: Brief) -> Places:
    """The numbers as they stand; only its own brand is shown them."""
    return Places(
        slots=brief.slots,
        filled=brief.slots_filled,
        held=brief.slots_held,
        committed=Money(brief.committed_amount, brief.currency),
        held_money=Money(brief.held_amount, brief.currency),
        total=Money(brief.total_amount, brief.currency) if brief.total_amount is not None else None,
    )


def hold_place(brief: Brief, price: Money) -> None:
    """Keep a place and `price` for somebody who was asked and hasn't answered.

    Raises:
        Conflict: the brief isn't open, no place is free, or the budget doesn't reach.
    """
    _require_open(brief)
    _require_free(brief, price)
    brief.slots_held += 1
    brief.held_amount += price.amount
    db.session.flush()


def release_hold(brief: Brief, price: Money) -> None:
    """Give back what `hold_place` kept, as the answer was no or never came."""
    brief.slots_held -= 1
    brief.held_amount -= price.amount
    db.session.flush()


def fill_place(brief: Brief, price: Money, *, was_held: bool) -> None:
    """Count one more deal at `price`; `was_held` where the place and the price were kept for it.

    Raises:
        Conflict: the brief was closed, its last place has gone, or the budget doesn't reach. Nothing was done.
    """
    _require_open(brief)
    if was_held:
        brief.slots_held -= 1
        brief.held_amount -= price.amount
    else:
        _require_free(brief, price)
    brief.slots_filled += 1
    brief.committed_amount += price.amount
    db.session.flush()


def change_price(brief: Brief, before: Money, after: Money) -> None:
    """The two sides of a filled place agreed on another price than it was filled for.

    Raises:
        Conflict: the budget doesn't reach. Nothing was done.
    """
    _require_budget(brief, after.amount - before.amount)
    brief.committed_amount += after.amount - before.amount
    db.session.flush()


def free_place(brief: Brief, price: Money) -> None:
    """A deal ended and nothing was paid for it, or all of it was paid back: somebody else may have its place."""
    brief.slots_filled -= 1
    brief.committed_amount -= price.amount
    db.session.flush()


def _require_open(brief: Brief) -> None:
    if brief.status is BriefStatus.HELD:
        raise Conflict(_l("This brief is being reviewed. Nothing was agreed; try again when it is open."))
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_l("This brief has been closed. Nothing was agreed."))


def _require_free(brief: Brief, price: Money) -> None:
    if brief.slots_left <= 0 and not brief.slots_held:
        raise Conflict(_l("The last place of this brief has gone to someone else. Nothing was agreed."))
    if brief.slots_left <= 0:
        raise Conflict(_l("The last free place of this brief is held until somebody answers. Nothing was agreed."))
    _require_budget(brief, price.amount)


def _require_budget(brief: Brief, more: int) -> None:
    left = places_of(brief).left
    if left is not None and more > left.amount:
        raise Conflict(_l("What is left of this brief’s budget doesn’t reach for this price. Nothing was agreed."))
