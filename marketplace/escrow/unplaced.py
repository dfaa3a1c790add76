"""Money in suspense that stands in no other queue: it came back, or was put there by hand, and waits for an entry.

Payments held apart and refunds to be settled by hand lie there too; their own lists have them (`stuck`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, select, tuple_

from marketplace.escrow.models import Checkout, CheckoutState, Refund, RefundState
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.money import is_currency
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerLine

_MOST = 100
# What an earning had paid of a debt lies there for some minutes, until it is looked up and returned.
_YOUNG = timedelta(hours=1)
# A worker that stood still as long has missed nothing.
_NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What an account of suspense holds, in minor units, and since when just that."""

    account_id: int
    account: Account
    held: int
    since: datetime


def unplaced_money() -> Sequence[Unplaced]:
    """What came last first."""
    since = select(func.max(LedgerLine.posted_at)).where(LedgerLine.account_id == LedgerAccount.id).scalar_subquery()
    query = select(LedgerAccount, since.label("since")).where(_is_unplaced())
    return [
        Unplaced(found.id, Account(found.owner, found.kind, found.commodity), -(found.balance or 0), moved_at)
        for found, moved_at in db.session.execute(query.order_by(since.desc(), LedgerAccount.id).limit(_MOST))
    ]


def count_unplaced() -> Select[int]:
    """The query of how many accounts hold such money."""
    return select(func.count()).select_from(LedgerAccount).where(_is_unplaced())


def notice_unplaced() -> None:
    """Let administrators know of what came there, once of each amount that an account holds."""
    now = clock.now()
    for one in unplaced_money():
        currency = one.account.commodity
        if now - _NEWS <= one.since <= now - _YOUNG and is_currency(currency):
            defer("notifications.tell_unplaced", account_id=one.account_id, amount=one.held, currency=currency)


def _is_unplaced() -> ColumnElement[bool]:
    apart = select(literal("checkout:") + cast(Checkout.id, String)).where(Checkout.state == CheckoutState.SUSPENSE)
    refunds = select(literal("deal:") + cast(Refund.deal_id, String), Refund.currency)
    return and_(
        LedgerAccount.kind == AccountKind.SUSPENSE,
        LedgerAccount.balance != 0,
        LedgerAccount.owner.not_in(apart),
        tuple_(LedgerAccount.owner, LedgerAccount.commodity).not_in(refunds.where(Refund.state == RefundState.BY_HAND)),
    )
