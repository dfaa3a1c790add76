"""What payees owe of chargebacks that were lost is taken from their earnings before these are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, Text, any_, cast, func, select

from marketplace.chargebacks.models import Recovery
from marketplace.chargebacks.queries import OWES
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    Account,
    agency_available,
    agency_owes,
    creator_available,
    creator_owes,
)
from marketplace.ledger.models import LedgerAccount
from marketplace.ledger.postings import Posting, credit, debit


@dataclass(frozen=True, slots=True)
class Earned:
    """One payee's whole part of a settlement, about to be sent: just one of the two payees. `again`: it came back and
    is sent once more, so that what debts have taken of the settlement isn't counted."""

    settlement_id: int
    deal_id: int
    amount: Money
    creator_id: int | None = None
    agency_id: int | None = None
    again: bool = False

    @property
    def key(self) -> tuple[int, bool]:
        return self.settlement_id, self.agency_id is not None

    @property
    def available(self) -> Account:
        if self.agency_id is not None:
            return agency_available(self.agency_id, self.amount.currency)
        assert self.creator_id is not None
        return creator_available(self.creator_id, self.amount.currency)

    @property
    def owes(self) -> Account:
        if self.agency_id is not None:
            return agency_owes(self.agency_id, self.amount.currency)
        assert self.creator_id is not None
        return creator_owes(self.creator_id, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is left to send of each part, in their order, and the entries for what isn't: to be posted in one statement
    with those of the transfers, as two batches that lock the same accounts in two orders could wait for each other."""

    left: list[Money]
    postings: list[Posting]


def recover(parts: Sequence[Earned]) -> Recovered:
    """Take what their payees owe out of these parts, and leave out what was taken out of them before.

    The settlements must be locked, released, and without a live transfer to that payee. Repeating it takes nothing
    twice: a debt that is paid is gone. Two at once take turns at the debt.
    """
    before = _taken_before(parts)
    debts = lock_debts([part.owes.owner for part in parts])
    rows, left = list[tuple[Recovery, Earned]](), list[Money]()
    for part in parts:
        unsent = part.amount.amount - (0 if part.again else before.get(part.key, 0))
        taken = min(debts.get(part.owes, 0), unsent)
        if taken > 0:
            debts[part.owes] -= taken
            rows.append((_row(part, taken), part))
        left.append(Money(unsent - taken, part.amount.currency))
    db.session.add_all([row for row, _part in rows])
    db.session.flush()
    return Recovered(left, [_posting(row, part) for row, part in rows])


def _taken_before(parts: Sequence[Earned]) -> dict[tuple[int, bool], int]:
    of_agency = Recovery.agency_id.is_not(None)
    query = (
        select(Recovery.settlement_id, of_agency, func.sum(Recovery.amount - Recovery.returned_amount))
        .where(Recovery.settlement_id == any_(cast([part.settlement_id for part in parts], ARRAY(BigInteger))))
        .group_by(Recovery.settlement_id, of_agency)
    )
    return {(settlement_id, agency): int(total) for settlement_id, agency, total in db.session.execute(query)}


def lock_debts(owners: Sequence[str]) -> dict[Account, int]:
    """What those of these owe who owe something, locked until the end of the transaction, in the order of all accounts;
    few ever do. Minor units."""
    theirs = LedgerAccount.owner == any_(cast(sorted(set(owners)), ARRAY(Text)))
    query = (
        select(LedgerAccount)
        .where(LedgerAccount.kind.in_(OWES), LedgerAccount.balance > 0, theirs)
        .order_by(LedgerAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(query)
    return {Account(row.owner, row.kind, row.commodity): row.balance or 0 for row in found}


def _row(part: Earned, taken: int) -> Recovery:
    return Recovery(
        settlement_id=part.settlement_id,
        creator_id=part.creator_id,
        agency_id=part.agency_id,
        amount=taken,
        currency=part.amount.currency,
        at=clock.now(),
    )


def _posting(row: Recovery, part: Earned) -> Posting:
    lines = (debit(part.available, row.total), credit(part.owes, row.total))
    return Posting("chargeback.recovered", f"recovery:{row.id}", lines, f"deal:{part.deal_id}")
