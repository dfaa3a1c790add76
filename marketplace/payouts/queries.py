"""Reads of connected accounts, transfers and a creator's earnings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState

# A transfer that the provider refused is tried again after this long.
RETRY_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class EarningRow:
    """One settled deal of a creator: what it brought, the fees in its quote, and where the money is."""

    deal_id: int
    title: str
    quote: FeeQuote
    receives: Money
    fee: Money
    settled_at: datetime
    available_at: datetime
    released: bool
    transfer_state: TransferState | None
    transferred_at: datetime | None


def account_of(creator_id: int) -> ConnectedAccount | None:
    """The creator's account at the payment provider, as last read."""
    return db.session.scalars(select(ConnectedAccount).where(ConnectedAccount.creator_id == creator_id)).first()


def settlements_to_transfer(*, creator_id: int | None = None, limit: int = 500) -> Sequence[int]:
    """Released earnings of ready accounts whose transfer is missing, was left prepared, or was refused a while ago."""
    recently_tried = exists().where(
        Transfer.settlement_id == Settlement.id,
        (Transfer.state == TransferState.PAID)
        | ((Transfer.state == TransferState.PREPARED) & (Transfer.created_at > clock.now() - timedelta(minutes=2)))
        | ((Transfer.state == TransferState.FAILED) & (Transfer.finished_at > clock.now() - RETRY_AFTER)),
    )
    query = (
        select(Settlement.id)
        .join(ConnectedAccount, ConnectedAccount.creator_id == Settlement.creator_id)
        .where(
            Settlement.released_at.is_not(None),
            Settlement.creator_amount > 0,
            ConnectedAccount.transfers_enabled,
            ~recently_tried,
        )
        .order_by(Settlement.id)
        .limit(limit)
    )
    if creator_id is not None:
        query = query.where(Settlement.creator_id == creator_id)
    return db.session.scalars(query).all()


def earnings(creator_id: int, limit: int, before_id: int | None = None) -> list[EarningRow]:
    """The creator's settled deals, newest first; `before_id` is the settlement that ended the page before."""
    query = (
        select(Settlement, Deal.title, Transfer.state, Transfer.finished_at)
        .join(Deal, Deal.id == Settlement.deal_id)
        .outerjoin(Transfer, (Transfer.settlement_id == Settlement.id) & (Transfer.state != TransferState.FAILED))
        .where(Settlement.creator_id == creator_id)
        .order_by(Settlement.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(Settlement.id < before_id)
    return [_earning(*row) for row in db.session.execute(query)]


def _earning(
    settlement: Settlement, title: str, state: TransferState | None, transferred_at: datetime | None
) -> EarningRow:
    return EarningRow(
        deal_id=settlement.deal_id,
        title=title,
        quote=FeeQuote.from_json(settlement.quote),
        receives=settlement.receives,
        fee=Money(settlement.creator_fee_amount, settlement.currency),
        settled_at=settlement.settled_at,
        available_at=settlement.available_at,
        released=settlement.released_at is not None,
        transfer_state=state,
        transferred_at=transferred_at,
    )
