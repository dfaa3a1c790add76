"""Earnings that Stripe holds still: settled, and sent to nobody, most often for want of a payout account."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, and_, cast, func, or_, select, union_all
from sqlalchemy.types import BigInteger

from marketplace.chargebacks.queries import recovered
from marketplace.escrow.holding import reached
from marketplace.escrow.models import HoldingStage, Payment, PaymentState, Settlement
from marketplace.infra.db import db
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState

_LIVE = (TransferState.PREPARED, TransferState.PAID)


def unsent_parts() -> Select[*tuple[Any, ...]]:
    """The parts of settlements that no transfer and no debt has taken: `settlement_id`, `deal_id`, `payment_id`,
    `received`, `creator_id` or `agency_id`, `currency`, `amount`, `released`.

    Found through the accounts that hold something, which are few beside all settlements ever made.
    """
    parts = union_all(_of_creators(), _of_agencies()).subquery("parts")
    return select(*parts.c)


def _of_creators() -> Select[*tuple[Any, ...]]:
    kinds = (AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE)
    sent = _sent(Transfer.creator_id)
    nobody = cast(None, BigInteger).label("agency_id")
    gone = recovered(to_agencies=False)
    query = _parts(Settlement.creator_id.label("creator_id"), nobody, Settlement.creator_amount - gone)
    return query.where(Settlement.creator_id.in_(holders("creator", kinds)), Settlement.creator_amount > gone, ~sent)


def _of_agencies() -> Select[*tuple[Any, ...]]:
    kinds = (AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE)
    nobody = cast(None, BigInteger).label("creator_id")
    gone = recovered(to_agencies=True)
    query = _parts(nobody, Settlement.agency_id.label("agency_id"), Settlement.agency_amount - gone)
    held = Settlement.agency_id.in_(holders("agency", kinds))
    return query.where(held, Settlement.agency_amount > gone, ~_sent(Transfer.agency_id))


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


def holders(sort: str, kinds: Sequence[AccountKind]) -> Select[int]:
    """The ids of payees with money on these accounts; an owner's key ends in its number."""
    number = cast(func.split_part(LedgerAccount.owner, ":", 2), BigInteger)
    holding = (LedgerAccount.kind.in_(kinds), LedgerAccount.balance != 0)
    return select(number).where(*holding, LedgerAccount.owner.regexp_match(f"^{sort}:[0-9]{{1,18}}$"))


def _sent(payee: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    live = (Transfer.settlement_id == Settlement.id, payee.is_not(None), Transfer.state.in_(_LIVE))
    return select(Transfer.id).where(*live).exists()


def payments_of_unsent(stage: HoldingStage, limit: int = 500) -> list[uuid.UUID]:
    """The payments of which a part waits for its owner's account at this stage of the limit, where nobody was told of
    it. What only waits for its owner's plan is sent by itself in the last days."""
    parts = unsent_parts().subquery("unsent")
    query = (
        select(Payment.id)
        .where(Payment.id.in_(select(parts.c.payment_id).where(_waits_for_account(parts))), reached(stage))
        .order_by(Payment.finished_at, Payment.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def payees_of_unsent(payment_id: uuid.UUID) -> list[tuple[int | None, int | None]]:
    """Whose parts of the payment wait: a creator's or an agency's id, each once."""
    parts = unsent_parts().subquery("unsent")
    waiting = (parts.c.payment_id == payment_id, _waits_for_account(parts))
    query = select(parts.c.creator_id, parts.c.agency_id).where(*waiting)
    return [(creator_id, agency_id) for creator_id, agency_id in db.session.execute(query)]


def _waits_for_account(parts: Subquery) -> ColumnElement[bool]:
    theirs = or_(ConnectedAccount.creator_id == parts.c.creator_id, ConnectedAccount.agency_id == parts.c.agency_id)
    ready = (theirs, ConnectedAccount.replaced_at.is_(None), ConnectedAccount.transfers_enabled)
    return ~select(ConnectedAccount.id).where(*ready).exists()
