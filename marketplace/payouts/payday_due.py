"""What a payday pays: payees in the order of their ids, hundreds at a time, judged by plan, account and minimum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, String, and_, any_, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from marketplace.agencies.models import Agency
from marketplace.chargebacks.queries import recovered, withheld
from marketplace.creators.models import Creator
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.due import Part
from marketplace.payouts.models import ConnectedAccount, PayoutPlan, Schedule, Transfer, TransferState
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import minimum_of_row, schedule_of_row


class Verdict(StrEnum):
    """What a payday does with a released part: pay it, or leave it where it is, and why. `refused`: it was due, and the
    books hold less for its payee than they should."""

    DUE = "due"
    WAITING = "waiting"
    BELOW = "below"
    WITHHELD = "withheld"
    REFUSED = "refused"


class Side(NamedTuple):
    """Creators or agencies: their table and columns, and what they own in the books."""

    agencies: bool
    table: type[Creator | Agency]
    owner: Any
    amount: Any
    account: Any
    plan: Any
    transfer: Any
    prefix: str
    kind: AccountKind

    def payee(self, number: int) -> Payee:
        return Payee(agency_id=number) if self.agencies else Payee(creator_id=number)


CREATORS = Side(
    agencies=False,
    table=Creator,
    owner=Settlement.creator_id,
    amount=Settlement.creator_amount,
    account=ConnectedAccount.creator_id,
    plan=PayoutPlan.creator_id,
    transfer=Transfer.creator_id,
    prefix="creator:",
    kind=AccountKind.CREATOR_AVAILABLE,
)
AGENCIES = Side(
    agencies=True,
    table=Agency,
    owner=Settlement.agency_id,
    amount=Settlement.agency_amount,
    account=ConnectedAccount.agency_id,
    plan=PayoutPlan.agency_id,
    transfer=Transfer.agency_id,
    prefix="agency:",
    kind=AccountKind.AGENCY_AVAILABLE,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The next payees: through which id they go, and who of them has money available. Empty where none are left."""

    through: int | None
    holders: list[int]


@dataclass(frozen=True, slots=True)
class Judged:
    """One released part of one payee. `part` is None unless it is due; `amount` is what no debt has taken of it yet, in
    minor units."""

    verdict: Verdict
    payee_id: int
    currency: str
    amount: int
    part: Part | None


def next_payees(side: Side, after: int, most: int) -> Batch:
    """The payees behind `after`; who has nothing available in the books has nothing that could be sent."""
    listed = select(side.table.id).where(side.table.id > after).order_by(side.table.id).limit(most).subquery()
    holds = exists().where(
        LedgerAccount.owner == literal(side.prefix) + cast(listed.c.id, String),
        LedgerAccount.kind == side.kind,
        LedgerAccount.balance < 0,
    )
    holders = func.array_agg(aggregate_order_by(listed.c.id, listed.c.id)).filter(holds)
    through, found = db.session.execute(select(func.max(listed.c.id), holders)).one()
    return Batch(through, found or [])


def lock_payees(side: Side, payees: Sequence[int]) -> None:
    """As `lock_payee`, for many, in the order of their ids."""
    theirs = _among(side.table.id, payees)
    db.session.execute(select(side.table.id).where(theirs).order_by(side.table.id).with_for_update(key_share=True))


def judge(side: Side, payees: Sequence[int]) -> Iterator[Judged]:
    """What becomes of the released parts of these payees, who must be locked, that no transfer has taken; of those with
    another plan nothing. What came back of a transfer is an administrator's to send again."""
    columns = (Settlement.id, Settlement.deal_id, side.owner, Settlement.currency, side.amount, _left(side))
    query = (
        _unsent(side, *columns, ConnectedAccount.id, withheld(), minimum_of_row(Settlement.currency))
        .where(_among(side.owner, payees))
        .order_by(side.owner, Settlement.currency, Settlement.id)
    )
    for _who, rows in groupby(db.session.execute(query), key=lambda row: (row[2], row[3])):
        yield from _judged(side, [_Row(*row) for row in rows])


def sums_due(side: Side) -> list[tuple[str, int, int, int]]:
    """What a payday would pay now: by currency how many parts, of how many payees, and minor units."""
    minimum = minimum_of_row(Settlement.currency)
    columns = (Settlement.currency.label("currency"), func.count().label("parts"), func.sum(_left(side)).label("total"))
    theirs = (
        _unsent(side, *columns)
        .where(ConnectedAccount.id.is_not(None), ~withheld())
        .group_by(side.owner, Settlement.currency, PayoutPlan.id)
        .having(func.sum(_left(side)) >= minimum)
        .subquery()
    )
    sums = (func.sum(theirs.c.parts), func.count(), func.sum(theirs.c.total))
    query = select(theirs.c.currency, *sums).group_by(theirs.c.currency).order_by(theirs.c.currency)
    return [(currency, int(parts), payees, int(total)) for currency, parts, payees, total in db.session.execute(query)]


def _unsent(side: Side, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Released parts of payees who are paid weekly, which no transfer has taken, with the account that takes them."""
    ready = and_(side.account == side.owner, ConnectedAccount.replaced_at.is_(None), ConnectedAccount.transfers_enabled)
    return (
        select(*columns)
        .select_from(Settlement)
        .outerjoin(ConnectedAccount, ready)
        .outerjoin(PayoutPlan, side.plan == side.owner)
        .where(Settlement.released_at.is_not(None), _left(side) > 0, ~_sent(side))
        .where(schedule_of_row() == Schedule.WEEKLY)
    )


def _left(side: Side) -> ColumnElement[int]:
    return cast(side.amount - recovered(to_agencies=side.agencies), BigInteger)


class _Row(NamedTuple):
    settlement_id: int
    deal_id: int
    payee_id: int
    currency: str
    amount: int
    left: int
    account_id: Any
    withheld: bool
    minimum: int


def _judged(side: Side, rows: Sequence[_Row]) -> Iterator[Judged]:
    """The parts of one payee in one currency: together they reach the minimum, or all of them wait."""
    total = sum(row.left for row in rows if not row.withheld)
    payee = side.payee(rows[0].payee_id)
    for row in rows:
        verdict = _verdict(row, total)
        part = None
        if verdict is Verdict.DUE:
            part = Part(row.settlement_id, row.deal_id, payee, row.account_id, Money(row.amount, row.currency))
        yield Judged(verdict, row.payee_id, row.currency, row.left, part)


def _verdict(row: _Row, total: int) -> Verdict:
    if row.withheld:
        return Verdict.WITHHELD
    if row.account_id is None:
        return Verdict.WAITING
    return Verdict.DUE if total >= row.minimum else Verdict.BELOW


def _sent(side: Side) -> ColumnElement[bool]:
    """Whether a transfer has taken the part."""
    first = (Transfer.settlement_id == Settlement.id, side.transfer.is_not(None), Transfer.resends_id.is_(None))
    return exists().where(*first, Transfer.state != TransferState.FAILED)


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """One parameter whatever their number, so that the statement is the same for each batch."""
    return column == any_(cast(list(ids), ARRAY(BigInteger)))  # type: ignore[no-any-return]
