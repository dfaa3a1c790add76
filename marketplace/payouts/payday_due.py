"""What a payday pays: payees in the order of their ids, hundreds at a time, judged by plan, account and minimum."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from marketplace.agencies.models import Agency
from marketplace.chargebacks.queries import recovered, withheld
from marketplace.creators.models import Creator
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.models import ConnectedAccount, PayoutPlan, Schedule, Transfer, TransferState
from marketplace.payouts.pausing import is_paused
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import has_schedule, minimum_of_row


class Verdict(StrEnum):
    """What a payday does with a released part: pay it, or leave it where it is, and why. `paused`: an administrator has
    paused its payee's payouts; `refused`: it was due, and the books hold less for its payee than they should."""

    DUE = "due"
    WAITING = "waiting"
    BELOW = "below"
    WITHHELD = "withheld"
    PAUSED = "paused"
    REFUSED = "refused"


# The settlements of which something could be sent, by payee.
Unsent = dict[int, list[int]]


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
    owes: AccountKind

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
    owes=AccountKind.CREATOR_OWES,
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
    owes=AccountKind.AGENCY_OWES,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The next payees: through which id they go, and who of them has money available. Empty where none are left."""

    through: int | None
    holders: list[int]


def next_payees(side: Side, after: int, last: int, most: int) -> Batch:
    """The payees behind `after` up to `last`; who has nothing available in the books has nothing that could be sent."""
    ids = side.table.id
    listed = select(ids).where(ids > after, ids <= last).order_by(ids).limit(most).subquery()
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


def lock_unsent(side: Side, payees: Sequence[int]) -> Unsent:
    """Lock what could be sent of these payees, who must be locked: whoever books that a bank has taken a payment back
    locks its settlement, too. What can be sent only since then, as its transfer was refused, isn't locked, and not
    among these."""
    unsent = (_among(side.owner, payees), Settlement.released_at.is_not(None), ~_sent(side))
    query = select(side.owner, Settlement.id).where(*unsent).order_by(Settlement.id).with_for_update()
    found: Unsent = {}
    for payee_id, settlement_id in db.session.execute(query):
        found.setdefault(payee_id, []).append(settlement_id)
    return found


def lock_accounts(side: Side, payees: Sequence[int]) -> None:
    """Lock what a payday moves on, in the order of all accounts, for who posts of these payees by several statements:
    each locks in that order, too, and who releases earnings locks accounts of many payees by one."""
    owners = [f"{side.prefix}{payee_id}" for payee_id in payees]
    theirs = LedgerAccount.owner == any_(cast(owners, ARRAY(Text)))
    moved = LedgerAccount.kind.in_((side.kind, AccountKind.TRANSFER_IN_TRANSIT, side.owes))
    query = select(LedgerAccount.id).where(theirs, moved).order_by(LedgerAccount.id)
    db.session.execute(query.with_for_update(key_share=True))


def of_payees(side: Side, payees: Sequence[int]) -> ColumnElement[bool]:
    """The condition for the settlements of these."""
    return _among(side.owner, payees)


def of_locked(unsent: Unsent, payees: Sequence[int]) -> ColumnElement[bool]:
    """The condition for what of these `lock_unsent` has locked."""
    return _among(Settlement.id, [settlement_id for payee_id in payees for settlement_id in unsent.get(payee_id, ())])


def judged(side: Side, those: ColumnElement[bool]) -> CTE:
    """What becomes of those settlements' released parts that no transfer has taken; of payees with another plan
    nothing. What came back of a transfer is an administrator's to send again.

    `amount` is the whole part and `remains` what no debt has taken of it, in minor units. The parts of one payee in one
    currency reach the minimum together, or all of them wait.
    """
    unsent = (
        _unsent(
            side,
            Settlement.id.label("settlement_id"),
            Settlement.deal_id,
            side.owner.label("payee_id"),
            Settlement.currency,
            side.amount.label("amount"),
            _left(side).label("remains"),
            ConnectedAccount.id.label("account_id"),
            withheld().label("withheld"),
            is_paused(side.owner, agencies=side.agencies).label("paused"),
            minimum_of_row(Settlement.currency).label("minimum"),
        )
        .where(those)
        .cte("unsent")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    theirs = (unsent.c.payee_id, unsent.c.currency)
    total = func.sum(unsent.c.remains).filter(~unsent.c.withheld).over(partition_by=theirs)
    verdict = case(
        (unsent.c.withheld, Verdict.WITHHELD.value),
        (unsent.c.paused, Verdict.PAUSED.value),
        (unsent.c.account_id.is_(None), Verdict.WAITING.value),
        (total >= unsent.c.minimum, Verdict.DUE.value),
        else_=Verdict.BELOW.value,
    )
    return select(*unsent.c, verdict.label("verdict")).cte("judged").prefix_with("MATERIALIZED", dialect="postgresql")


def counts_of(found: CTE) -> Select[str, str, int, int, int]:
    """Of what `judged` gives, by verdict and currency: how many parts, of how many payees, and what remains of them."""
    figures = (func.count(), func.count(found.c.payee_id.distinct()), cast(func.sum(found.c.remains), BigInteger))
    return select(found.c.verdict, found.c.currency, *figures).group_by(found.c.verdict, found.c.currency)


def owing(side: Side, payees: Sequence[int]) -> set[int]:
    """Those who owe something of chargebacks."""
    owners = {f"{side.prefix}{payee_id}": payee_id for payee_id in payees}
    theirs = LedgerAccount.owner == any_(cast(list(owners), ARRAY(Text)))
    query = select(LedgerAccount.owner).where(theirs, LedgerAccount.kind == side.owes, LedgerAccount.balance > 0)
    return {owners[owner] for owner in db.session.scalars(query)}


def first_holders(side: Side, most: int) -> list[int]:
    """Some who have money available in the books."""
    number = cast(func.split_part(LedgerAccount.owner, ":", 2), BigInteger)
    holding = (LedgerAccount.kind == side.kind, LedgerAccount.balance < 0)
    return list(db.session.scalars(select(number).where(*holding).order_by(LedgerAccount.id).limit(most)))


def sums_due(side: Side, among: Sequence[int]) -> list[tuple[str, int, int, int]]:
    """What a payday would pay these now: by currency how many parts, of how many payees, and minor units."""
    found = judged(side, of_payees(side, among))
    due = counts_of(found).where(found.c.verdict == Verdict.DUE.value)
    return [(code, parts, payees, total) for _due, code, parts, payees, total in db.session.execute(due)]


def _unsent(side: Side, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Released parts of payees who are paid weekly, which no transfer has taken, with the account that takes them."""
    ready = and_(side.account == side.owner, ConnectedAccount.replaced_at.is_(None), ConnectedAccount.transfers_enabled)
    return (
        select(*columns)
        .select_from(Settlement)
        .outerjoin(ConnectedAccount, ready)
        .outerjoin(PayoutPlan, side.plan == side.owner)
        .where(Settlement.released_at.is_not(None), _left(side) > 0, ~_sent(side))
        .where(has_schedule(Schedule.WEEKLY))
    )


def _left(side: Side) -> ColumnElement[int]:
    return cast(side.amount - recovered(to_agencies=side.agencies), BigInteger)


def _sent(side: Side) -> ColumnElement[bool]:
    """Whether a transfer has taken the part."""
    first = (Transfer.settlement_id == Settlement.id, side.transfer.is_not(None), Transfer.resends_id.is_(None))
    return exists().where(*first, Transfer.state != TransferState.FAILED)


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """One parameter whatever their number, so that the statement is the same for each batch."""
    return column == any_(cast(list(ids), ARRAY(BigInteger)))  # type: ignore[no-any-return]
