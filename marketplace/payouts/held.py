"""Earnings that Stripe holds still: settled, and sent to nobody, most often for want of a payout account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from marketplace.agencies.models import Agency
from marketplace.chargebacks.queries import recovered
from marketplace.creators.models import Creator
from marketplace.escrow.holding import reached
from marketplace.escrow.models import HoldingStage, Payment, PaymentState, Settlement
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.pausing import is_paused

# How many payees a job looks at in one of its turns, until there are so many that it would take longer than a day.
PAYEES_A_SLICE = 10_000
TURN = timedelta(minutes=10)
_MOST_SLICES = timedelta(days=1) // TURN
_MOST_NOTICES = 500
_LIVE = (TransferState.PREPARED, TransferState.PAID)


@dataclass(frozen=True, slots=True)
class Slice:
    """Payees with ids behind `after` up to `through`, creators and agencies alike."""

    after: int
    through: int

    def holds(self, ids: Any) -> ColumnElement[bool]:
        """The condition for rows of these payees."""
        return and_(ids > self.after, ids <= self.through)


def slices() -> list[Slice]:
    """All payees, some at a time: nobody's money is old within a day, and all at once are too many for one query."""
    greatest = func.greatest(*(select(func.max(table.id)).scalar_subquery() for table in (Creator, Agency)))
    last = db.session.scalar(select(greatest)) or 0
    size = max(PAYEES_A_SLICE, -(-last // _MOST_SLICES))
    return [Slice(after, after + size) for after in range(0, max(last, 1), size)]


def slice_of_now() -> Slice:
    """Whose turn it is in these ten minutes; each has theirs within a day."""
    found = slices()
    return found[int(clock.now().timestamp() // TURN.total_seconds()) % len(found)]


def round_lasts() -> timedelta:
    """From one turn of a payee to the next."""
    return TURN * len(slices())


def unsent_parts(among: Slice | None = None) -> Select[*tuple[Any, ...]]:
    """The parts of settlements that no transfer and no debt has taken, of these payees or of all: `settlement_id`,
    `deal_id`, `payment_id`, `received`, `creator_id` or `agency_id`, `currency`, `amount`, `released`.

    Found through the accounts that hold something, which are few beside all settlements ever made.
    """
    parts = union_all(_of_creators(among), _of_agencies(among)).subquery("parts")
    return select(*parts.c)


def _of_creators(among: Slice | None) -> Select[*tuple[Any, ...]]:
    owner, nobody = Settlement.creator_id, cast(None, BigInteger).label("agency_id")
    gone = recovered(to_agencies=False)
    query = _parts(owner.label("creator_id"), nobody, Settlement.creator_amount - gone)
    query = query.where(has_money("creator", owner, (AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE)))
    query = query.where(among.holds(owner)) if among is not None else query
    return query.where(Settlement.creator_amount > gone, ~_sent(Transfer.creator_id))


def _of_agencies(among: Slice | None) -> Select[*tuple[Any, ...]]:
    owner, nobody = Settlement.agency_id, cast(None, BigInteger).label("creator_id")
    gone = recovered(to_agencies=True)
    query = _parts(nobody, owner.label("agency_id"), Settlement.agency_amount - gone)
    query = query.where(has_money("agency", owner, (AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE)))
    query = query.where(among.holds(owner)) if among is not None else query
    return query.where(Settlement.agency_amount > gone, ~_sent(Transfer.agency_id))


def _parts(creator: Any, agency: Any, amount: SQLColumnExpression[int]) -> Select[*tuple[Any, ...]]:
    paid = and_(Payment.deal_id == Settlement.deal_id, Payment.state == PaymentState.SUCCEEDED)
    return select(
        Settlement.id.label("settlement_id"),
        Settlement.deal_id.label("deal_id"),
        Payment.id.label("payment_id"),
        Payment.finished_at.label("received"),
        creator,
        agency,
        Settlement.currency.label("currency"),
        amount.label("amount"),
        Settlement.released_at.is_not(None).label("released"),
    ).join(Payment, paid)


def has_money(sort: str, payee_id: Any, kinds: Sequence[AccountKind]) -> ColumnElement[bool]:
    """Whether the books hold money for a payee on one of these accounts; an owner's key ends in its number."""
    return exists().where(
        LedgerAccount.owner == literal(f"{sort}:") + cast(payee_id, String),
        LedgerAccount.kind.in_(kinds),
        LedgerAccount.balance != 0,
    )


def _sent(payee: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    live = (Transfer.settlement_id == Settlement.id, payee.is_not(None), Transfer.state.in_(_LIVE))
    return select(Transfer.id).where(*live).exists()


def payments_of_unsent(stage: HoldingStage, among: Slice) -> list[uuid.UUID]:
    """The payments of which a part of one of these payees is kept waiting at this stage of the limit, for its owner's
    account or by a pause of their payouts, where nobody was told of it. What only waits for its owner's plan is sent by
    itself in the last days."""
    parts = unsent_parts(among).subquery("unsent")
    query = (
        select(Payment.id)
        .where(Payment.id.in_(select(parts.c.payment_id).where(_is_kept_waiting(parts))), reached(stage))
        .order_by(Payment.finished_at, Payment.id)
        .limit(_MOST_NOTICES)
    )
    return list(db.session.scalars(query))


def payees_of_unsent(payment_id: uuid.UUID) -> list[tuple[int | None, int | None]]:
    """Whose parts of the payment wait: a creator's or an agency's id, each once."""
    parts = unsent_parts().subquery("unsent")
    waiting = (parts.c.payment_id == payment_id, _is_kept_waiting(parts))
    query = select(parts.c.creator_id, parts.c.agency_id).where(*waiting)
    return [(creator_id, agency_id) for creator_id, agency_id in db.session.execute(query)]


def _is_kept_waiting(parts: Subquery) -> ColumnElement[bool]:
    theirs = or_(ConnectedAccount.creator_id == parts.c.creator_id, ConnectedAccount.agency_id == parts.c.agency_id)
    ready = (theirs, ConnectedAccount.replaced_at.is_(None), ConnectedAccount.transfers_enabled)
    paused = is_paused(parts.c.creator_id, agencies=False) | is_paused(parts.c.agency_id, agencies=True)
    return ~select(ConnectedAccount.id).where(*ready).exists() | paused
