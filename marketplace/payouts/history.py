"""What was sent to a payee's account, what came back of it, and what went on to their bank: the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.payouts.models import ConnectedAccount, Payout, PayoutState, Transfer
from marketplace.payouts.payee import Payee

PAGE = 20
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer and the deal that it is of."""

    transfer: Transfer
    deal_id: int
    title: str


@dataclass(frozen=True, slots=True)
class PageOf:
    """One page of a list, numbered from 1."""

    rows: Sequence[TransferRow] | Sequence[Payout]
    number: int
    more: bool


def transfers(payee: Payee, number: int = 1) -> PageOf:
    """A page of the payee's transfers."""
    number = _within(number)
    query = (
        select(Transfer, Settlement.deal_id, Deal.title)
        .join(Settlement, Settlement.id == Transfer.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .where(payee.owns(Transfer))
        .order_by(Transfer.created_at.desc(), Transfer.id.desc())
    )
    found = db.session.execute(query.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    return PageOf([TransferRow(*row) for row in found[:PAGE]], number, len(found) > PAGE)


def payouts(payee: Payee, number: int = 1) -> PageOf:
    """A page of what Stripe sent on to the payee's bank, from their earlier accounts too."""
    number = _within(number)
    query = (
        select(Payout)
        .join(ConnectedAccount, ConnectedAccount.id == Payout.account_id)
        .where(payee.owns(ConnectedAccount))
        .order_by(Payout.created_at.desc(), Payout.id.desc())
    )
    found = db.session.scalars(query.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    return PageOf(found[:PAGE], number, len(found) > PAGE)


def is_held_back() -> ColumnElement[bool]:
    """The condition for transfers of which something waits for an administrator."""
    return Transfer.resent_amount < Transfer.reversed_amount + Transfer.restored_amount


def held_back(payee: Payee) -> list[Money]:
    """What came back of transfers, or of debts, and waits for an administrator, by currency."""
    held = func.sum(Transfer.reversed_amount + Transfer.restored_amount - Transfer.resent_amount)
    query = (
        select(Transfer.currency, held)
        .where(payee.owns(Transfer), is_held_back())
        .group_by(Transfer.currency)
        .order_by(Transfer.currency)
    )
    return [Money(int(total), code) for code, total in db.session.execute(query)]


def next_arrival(payee: Payee) -> Payout | None:
    """The payout that reaches the payee's bank next."""
    query = (
        select(Payout)
        .join(ConnectedAccount, ConnectedAccount.id == Payout.account_id)
        .where(payee.owns(ConnectedAccount), Payout.state.in_((PayoutState.PENDING, PayoutState.IN_TRANSIT)))
        .order_by(Payout.arrives_on, Payout.id)
        .limit(1)
    )
    return db.session.scalars(query).first()


def _within(number: int) -> int:
    return min(max(number, 1), _MOST_PAGES)
