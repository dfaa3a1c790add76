"""Whether the books are right: the last checks, what they look at, where a problem leads, how far they are closed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.console.words import deal_of
from marketplace.escrow.models import BooksCheck
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.models import LedgerClosing

_CHECKS = 6
# The check runs every ten minutes: after this long without one, something stands still.
CHECK_IS_OLD = timedelta(minutes=30)
# A closing writes the balances of its day in minutes: longer, and nobody does it.
CLOSING_HANGS = timedelta(hours=1)
_ENTRY = re.compile(r"entry (\d{1,18})", re.ASCII)
_ACCOUNT = re.compile(r"(?:closing [^,]+, )?account (\w+):(.+):([A-Z]{3,8})", re.ASCII)

# By the name of the function that looks, so that a test holds the two lists together.
CHECKED: Final[dict[str, LazyString]] = {
    "unbalanced_entries": _l("In every entry debits equal credits, in each currency apart."),
    "empty_entries": _l("Every entry has lines."),
    "altered_entries": _l("Every entry still is what it was posted as."),
    "wrong_running_balances": _l("What an account is said to hold is the sum of its lines."),
    "overdrawn_accounts": _l("No account that we owe to somebody is below nothing."),
    "misplaced_lines": _l("Every line agrees with its account’s currency and its entry’s moment."),
    "crooked_reversals": _l("Every reversal is the opposite of what it reverses."),
    "wrong_closing_totals": _l("Every closing is the one before and the lines between."),
    "wrong_closing_balances": _l("What a closing keeps of an account is the sum of its lines."),
    "final_escrow_is_zero": _l("A deal that has ended holds nothing in escrow."),
    "funded_escrow_is_full": _l("A deal at work holds just what its brand paid."),
    "on_its_way_is_prepared": _l("What is on its way is what transfers and refunds were prepared for."),
    "held_is_with_banks": _l("What is held with banks is what they have taken back and not decided on."),
    "frozen_escrow_is_the_rest": _l("A frozen deal holds what the bank has left of its payment."),
    "nobody_owes_less_than_nothing": _l("Nobody owes less than nothing of the chargebacks that were lost."),
    "payees_hold_what_they_earned": _l("What payees hold is what their settlements have left to be sent."),
    "settlements_are_whole": _l("The parts of every settlement sum to what the brand paid."),
    "clearing_is_stripes": _l("What we say Stripe holds is what Stripe says, but for what is on its way or new."),
    "only_ours_left": _l("What was paid out to our own bank is no more than we have earned."),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem as the check kept it, and the page where it is, if there is one."""

    sentence: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """`closed` is the newest finished closing, `hanging` one that was begun long ago and never finished."""

    checks: Sequence[BooksCheck]
    is_old: bool
    closed: LedgerClosing | None
    hanging: LedgerClosing | None

    @property
    def last(self) -> BooksCheck | None:
        return self.checks[0] if self.checks else None

    @property
    def troubles(self) -> list[Trouble]:
        return [trouble_of(problem) for problem in self.last.problems] if self.last is not None else []


def books_health() -> Health:
    """In three queries."""
    checks = db.session.scalars(select(BooksCheck).order_by(BooksCheck.at.desc()).limit(_CHECKS)).all()
    finished = select(LedgerClosing).where(LedgerClosing.finished_at.is_not(None))
    begun = select(LedgerClosing).where(
        LedgerClosing.finished_at.is_(None), LedgerClosing.closed_at < clock.now() - CLOSING_HANGS
    )
    return Health(
        checks,
        is_late(checks[0] if checks else None),
        db.session.scalars(finished.order_by(LedgerClosing.through.desc()).limit(1)).first(),
        db.session.scalars(begun.order_by(LedgerClosing.through).limit(1)).first(),
    )


def is_late(check: BooksCheck | None) -> bool:
    """Whether the next check should have been made long ago; books that were never checked are not late but new."""
    return check is not None and check.at < clock.now() - CHECK_IS_OLD


def trouble_of(problem: str) -> Trouble:
    """A problem is kept as its place, a colon and a sentence; the place leads to an entry, a deal or an account."""
    place, _colon, sentence = problem.partition(": ")
    return Trouble(problem, _address(place) if sentence else None)


def _address(place: str) -> str | None:
    entry, deal_id, account = _ENTRY.fullmatch(place), deal_of(place), _ACCOUNT.fullmatch(place)
    if entry is not None:
        return url_for("console.entry", entry_id=int(entry[1]))
    if deal_id is not None:
        return url_for("console.books", reference=place, _anchor="h-entries")
    if account is not None:
        return url_for("console.account", kind=account[1], owner=account[2], commodity=account[3])
    kind, _colon, commodity = place.partition(":")
    if kind == "stripe_clearing" and commodity:
        return url_for("console.account", kind=kind, owner="platform", commodity=commodity)
    return None
