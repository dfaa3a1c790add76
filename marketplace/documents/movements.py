"""What moved in the accounts of many owners in a period, from the books' own lines: a few queries for all of them.

A brand has no accounts of its own: its money lies in those of its deals. Amounts are natural: what is owed to the
owner is positive.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from marketplace.infra.db import db
from marketplace.kit.errors import Conflict
from marketplace.kit.periods import Period
from marketplace.ledger.accounts import AccountKind

PAYEE_KINDS = {
    "creator": (AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE, AccountKind.TRANSFER_IN_TRANSIT),
    "agency": (AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE, AccountKind.TRANSFER_IN_TRANSIT),
}
BRAND_KINDS = (AccountKind.ESCROW, AccountKind.REFUND_IN_TRANSIT)
# In the order of text, which is that of a run.
SIDES = ("agency", "brand", "creator")

_PAYEES = """
    SELECT id, owner AS holder, kind, commodity, balance FROM ledger_accounts
    WHERE owner = ANY(:holders) AND kind = ANY(:kinds)
"""
_BRANDS = """
    SELECT account.id, 'brand:' || deal.brand_id AS holder, account.kind, account.commodity, account.balance
    FROM deals deal JOIN ledger_accounts account ON account.owner = 'deal:' || deal.id
    WHERE deal.brand_id = ANY(:brand_ids) AND account.kind = ANY(:kinds)
"""
_BALANCES = """
    WITH account AS MATERIALIZED ({accounts})
    SELECT account.holder, account.commodity, account.kind,
           -sum(account.balance - coalesce(newer.total, 0)) AS opening, -sum(coalesce(newer.within, 0)) AS moved
    FROM account CROSS JOIN LATERAL (
        SELECT sum(amount) AS total, sum(amount) FILTER (WHERE posted_at < :until) AS within
        FROM ledger_lines line WHERE line.account_id = account.id AND line.posted_at >= :since
    ) newer
    GROUP BY account.holder, account.commodity, account.kind ORDER BY 1, 2, 3
"""
_LINES = """
    WITH account AS MATERIALIZED ({accounts})
    SELECT account.holder, account.commodity, account.kind, entry.id, entry.kind AS entry_kind, entry.posted_at,
           entry.reference, -sum(line.amount) AS amount
    FROM account
    JOIN ledger_lines line ON line.account_id = account.id AND line.posted_at >= :since AND line.posted_at < :until
    JOIN ledger_entries entry ON entry.id = line.entry_id
    GROUP BY account.holder, account.commodity, account.kind, entry.id
    ORDER BY entry.posted_at, entry.id, account.kind
"""
_ACTIVE = """
    (account.balance <> 0 OR EXISTS (
        SELECT FROM ledger_lines line WHERE line.account_id = account.id AND line.posted_at >= :since))
"""
_NEXT_PAYEES = f"""
    SELECT DISTINCT owner FROM ledger_accounts account
    WHERE owner > :after AND owner < :end AND owner LIKE :like AND kind = ANY(:kinds) AND {_ACTIVE}
    ORDER BY owner
"""
_NEXT_BRANDS = f"""
    SELECT 'brand:' || brand_id FROM deals deal
    WHERE brand_id > :after_id AND EXISTS (
        SELECT FROM ledger_accounts account
        WHERE account.owner = 'deal:' || deal.id AND account.kind = ANY(:kinds) AND {_ACTIVE})
    GROUP BY brand_id ORDER BY brand_id
"""


@dataclass(slots=True)
class Movement:
    """One entry, with what it moved in each of the owner's accounts."""

    entry_id: int
    kind: str
    at: datetime
    reference: str
    amounts: dict[str, int] = field(default_factory=dict)

    @property
    def deal_id(self) -> int | None:
        name, _colon, number = self.reference.partition(":")
        return int(number) if name == "deal" and number.isdecimal() else None


@dataclass(slots=True)
class Book:
    """An owner's accounts in one currency over a period: `opening` and `moved` by account kind, and every entry."""

    opening: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.movements and not any(self.opening.values())

    def closing(self, kind: str) -> int:
        return self.opening[kind] + self.moved[kind]

    @property
    def opened_with(self) -> int:
        return sum(self.opening.values())

    @property
    def closed_with(self) -> int:
        return self.opened_with + sum(self.moved.values())


def kinds_of(side: str) -> tuple[AccountKind, ...]:
    return BRAND_KINDS if side == "brand" else PAYEE_KINDS[side]


def side_of(owner: str) -> str:
    return owner.partition(":")[0]


def books_of(owners: Sequence[str], period: Period) -> dict[tuple[str, str], Book]:
    """The books of owners of one side over a period, by owner and currency: two queries whatever their number.

    Raises:
        Conflict: something was posted into the period while it was read; read again.
    """
    accounts, values = _accounts(owners)
    values |= {"since": period.since, "until": period.until}
    found: dict[tuple[str, str], Book] = defaultdict(Book)
    for row in db.session.execute(text(_BALANCES.format(accounts=accounts)), values):
        book = found[row.holder, row.commodity]
        book.opening[row.kind], book.moved[row.kind] = int(row.opening), int(row.moved)
    for row in db.session.execute(text(_LINES.format(accounts=accounts)), values):
        _note(found[row.holder, row.commodity], row)
    for book in found.values():
        _require_agreement(book)
    return {key: book for key, book in found.items() if not book.empty}


def _accounts(owners: Sequence[str]) -> tuple[str, dict[str, Any]]:
    side = side_of(owners[0])
    kinds = [kind.value for kind in kinds_of(side)]
    if side == "brand":
        return _BRANDS, {"brand_ids": [int(owner.partition(":")[2]) for owner in owners], "kinds": kinds}
    return _PAYEES, {"holders": list(owners), "kinds": kinds}


def _note(book: Book, row: Any) -> None:
    if not book.movements or book.movements[-1].entry_id != row.id:
        book.movements.append(Movement(row.id, row.entry_kind, row.posted_at, row.reference))
    book.movements[-1].amounts[row.kind] = int(row.amount)


def _require_agreement(book: Book) -> None:
    for kind, moved in book.moved.items():
        if sum(movement.amounts.get(kind, 0) for movement in book.movements) != moved:
            raise Conflict("an entry was posted into the period while its statement was made")


def next_owners(after: str, since: datetime, limit: int) -> list[str]:
    """The owners behind `after` in the order of a run that have money, or had any movement since: of one side only."""
    for side in SIDES:
        if after and side < side_of(after):
            continue
        query, values = _following(side, after if after and side == side_of(after) else "")
        values |= {"since": since, "kinds": [kind.value for kind in kinds_of(side)], "limit": limit}
        found = list(db.session.scalars(text(f"{query} LIMIT :limit"), values))
        if found:
            return found
    return []


def count_owners(since: datetime) -> int:
    """How many owners a run of the period that begins then goes through."""
    total = 0
    for side in SIDES:
        query, values = _following(side, "")
        values |= {"since": since, "kinds": [kind.value for kind in kinds_of(side)]}
        total += db.session.scalar(text(f"SELECT count(*) FROM ({query}) owners"), values) or 0
    return total


def _following(side: str, after: str) -> tuple[str, dict[str, Any]]:
    if side == "brand":
        return _NEXT_BRANDS, {"after_id": int(after.partition(":")[2] or 0)}
    # Whatever the database's order of signs, figures come before letters: `end` bounds the walk along the index.
    return _NEXT_PAYEES, {"after": after or f"{side}:", "end": f"{side}z", "like": f"{side}:%"}
