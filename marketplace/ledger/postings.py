"""Entries as values: what a caller wants posted, checked before the database sees it, and what was posted."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import lazy_gettext as _l

from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import CurrencyMismatch, Money
from marketplace.ledger.accounts import Account

_as_json = json.JSONEncoder(ensure_ascii=False).encode


class Unbalanced(Invalid):
    """The lines don't sum to zero in each commodity, or there are none."""


class KeyReused(Conflict):
    """The idempotency key was used before, for something else."""


class Overdraft(Conflict):
    """An account that may not overdraw holds less than the posting takes out of it."""


class PeriodClosed(Conflict):
    """The books are closed past the moment of the posting."""


class AlreadyReversed(Conflict):
    """An entry can be reversed once."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: minor units of the account's commodity, debits positive."""

    account: Account
    amount: int

    def __post_init__(self) -> None:
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise TypeError("an amount is a whole number")


def debit(account: Account, amount: Money | int) -> Line:
    """`amount` in minor units (or units) into an asset or expense, or out of a liability or income."""
    return Line(account, _units(account, amount))


def credit(account: Account, amount: Money | int) -> Line:
    """`amount` in minor units (or units) into a liability or income, or out of an asset or expense."""
    return Line(account, -_units(account, amount))


def _units(account: Account, amount: Money | int) -> int:
    if not isinstance(amount, Money):
        return amount
    if amount.currency != account.commodity:
        raise CurrencyMismatch(f"{account} does not take {amount.currency}")
    return amount.amount


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry to be: lines of zero are left out, as they say nothing.

    `at` is when it counts (aware; the present moment if None). `description` is a reason in somebody's own words.
    `external_id` is the provider's movement that it books.

    Raises:
        Unbalanced: the lines don't sum to zero in each commodity, or there are none.
    """

    kind: str
    key: str
    lines: tuple[Line, ...]
    reference: str
    at: datetime | None = None
    description: str = ""
    reverses_id: int | None = None
    external_id: str = ""
    input_hash: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if not self.kind or not self.key or not self.reference:
            raise Invalid(_l("An entry needs a kind, a key and a reference."))
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        object.__setattr__(self, "lines", tuple(line for line in self.lines if line.amount))
        _check_balance(self.lines)
        object.__setattr__(self, "input_hash", self._hash())

    def _hash(self) -> str:
        """Covers what moves and why, neither the moment nor the words: a retry a minute later is the same input."""
        moves = sorted(
            (line.account.owner, line.account.kind, line.account.commodity, line.amount) for line in self.lines
        )
        content = _as_json([self.kind, self.reference, self.reverses_id, moves])
        return hashlib.sha256(content.encode()).hexdigest()


def _check_balance(lines: Iterable[Line]) -> None:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.account.commodity] += line.amount
    if not sums:
        raise Unbalanced(_l("An entry needs at least two lines."))
    for commodity, total in sums.items():
        if total:
            raise Unbalanced(
                _l(
                    "The lines in %(commodity)s are off by %(amount)s: debits and credits must be equal.",
                    commodity=commodity,
                    amount=total,
                )
            )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the books. `repeated` is true where this call found it there already."""

    id: int
    kind: str
    key: str
    reference: str
    posted_at: datetime
    description: str = ""
    reverses_id: int | None = None
    external_id: str = ""
    repeated: bool = False
