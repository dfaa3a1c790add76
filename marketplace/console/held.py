"""Reads of the money that Stripe holds for us, by how long: of deals at work, and of earnings nobody was sent yet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.types import Integer, String

from marketplace.agencies.models import Agency
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.escrow.holding import Holding, ends_at, held_payments, holding
from marketplace.escrow.models import HoldingNotice, HoldingStage, Payment
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, AccountKind, agency_owner, creator_owner, deal_owner
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.held import unsent_parts
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.pausing import is_paused

PAGE = 30
_PARTS = 10
_DAY = timedelta(days=1)


class Of(StrEnum):
    """Whose money: deals' in escrow, or payees' that isn't sent."""

    ESCROW = "escrow"
    EARNINGS = "earnings"


@dataclass(frozen=True, slots=True)
class Column:
    """Money whose age is at least `least` days and less than `below`; the last one, past the limit, has no end.

    `near` is the part of `total` that has been held for two thirds of the limit or longer.
    """

    number: int
    least: int
    below: int | None
    payments: int
    total: Money
    near: Money


@dataclass(frozen=True, slots=True)
class Ages:
    """The money in one currency by age, the youngest first."""

    currency: str
    columns: Sequence[Column]

    @property
    def total(self) -> Money:
        return sum((column.total for column in self.columns), Money.zero(self.currency))

    @property
    def near(self) -> Money:
        return sum((column.near for column in self.columns), Money.zero(self.currency))

    @property
    def payments(self) -> int:
        return sum(column.payments for column in self.columns)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One deal's money in escrow, or one payee's part of a settlement; `ends_at` is when it may be held no longer.

    `released`, `ready` and `paused` are of earnings: whether their own hold is over, whether an account takes them, and
    whether an administrator has paused what is sent to their payee.
    """

    deal: Deal
    amount: Money
    received: datetime
    ends_at: datetime
    stage: HoldingStage | None
    account: Account
    creator_name: str
    brand_name: str
    payee_name: str = ""
    released: bool = False
    ready: bool = False
    paused: bool = False
    ends_by_itself: bool = False

    @property
    def age(self) -> timedelta:
        return clock.now() - self.received

    @property
    def used(self) -> int:
        """The share of the limit in basis points, down to whole percent."""
        return int(self.age * 100 / holding().limit) * 100


@dataclass(frozen=True, slots=True)
class HeldPage:
    """The oldest first; `later` is where the next page goes on, None on the last."""

    rows: Sequence[HeldRow]
    later: tuple[datetime, int] | None


def _column_days(limit: Holding) -> int:
    """How many days a column of the plot is wide: a tenth of the limit."""
    return -(-limit.limit.days // _PARTS)


def ages(of: Of) -> list[Ages]:
    """Everything held by currency, the one with most payments first; one query."""
    limit, width = holding(), _column_days(holding())
    last = -(-limit.limit.days // width)
    held = _held(of).subquery("held")
    age = literal(clock.now()) - held.c.received
    part = cast(func.floor(func.extract("epoch", age) / (width * _DAY.total_seconds())), Integer)
    number = case((age >= limit.limit, last), else_=func.least(part, last - 1)).label("number")
    near = func.sum(held.c.amount).filter(age >= limit.warned)
    query = select(held.c.currency, number, func.count(), func.sum(held.c.amount), near).group_by(
        held.c.currency, "number"
    )
    found: dict[str, dict[int, tuple[int, int, int]]] = defaultdict(dict)
    for currency, place, payments, total, late in db.session.execute(query):
        found[currency][place] = (payments, int(total), int(late or 0))
    made = [Ages(currency, _columns(currency, places, width, last)) for currency, places in found.items()]
    return sorted(made, key=lambda one: (-one.payments, one.currency))


def _columns(currency: str, places: dict[int, tuple[int, int, int]], width: int, last: int) -> list[Column]:
    limit = holding().limit.days
    columns = []
    for number in range(last + 1):
        payments, total, near = places.get(number, (0, 0, 0))
        below = min((number + 1) * width, limit) if number < last else None
        least = limit if below is None else number * width
        columns.append(Column(number, least, below, payments, Money(total, currency), Money(near, currency)))
    return columns


def _held(of: Of) -> Select[*tuple[Any, ...]]:
    """`received`, `amount`, `currency` and the id that tells apart what arrived at the same moment."""
    if of is Of.EARNINGS:
        parts = unsent_parts().subquery("unsent")
        return select(parts.c.received, parts.c.amount, parts.c.currency)
    return _with_balance(Payment.finished_at.label("received"), _BALANCE, Payment.currency.label("currency"))


_BALANCE = (-LedgerAccount.balance).label("amount")


def _with_balance(*columns: Any) -> Select[*tuple[Any, ...]]:
    """What the books say that each deal's escrow holds, with its payment."""
    account = and_(
        LedgerAccount.owner == func.concat("deal:", cast(Deal.id, String)),
        LedgerAccount.kind == AccountKind.ESCROW,
        LedgerAccount.commodity == Payment.currency,
    )
    states = (*FUNDED, State.FROZEN)
    return held_payments(*columns, states=states).join(LedgerAccount, account).where(LedgerAccount.balance != 0)


def escrow_held(
    currency: str | None, column: Column | None, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> HeldPage:
    """One page of the deals whose money is in escrow, of one currency and one column of the plot if asked."""
    told = and_(HoldingNotice.payment_id == Payment.id, HoldingNotice.stage == HoldingStage.LAST_DAYS)
    query = (
        _with_balance(Deal, Payment.finished_at, _BALANCE, Payment.currency, HoldingNotice.at, Creator.name, Brand.name)
        .outerjoin(HoldingNotice, told)
        .join(Creator, Creator.id == Deal.creator_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .where(*_wanted(Payment.finished_at, Payment.currency, currency, column))
        .order_by(Payment.finished_at, Deal.id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(Payment.finished_at, Deal.id) > after)
    rows = [_escrow_row(*row) for row in db.session.execute(query)]
    return _page(rows, [row.deal.id for row in rows], limit)


def _escrow_row(deal: Deal, received: datetime, *found: Any) -> HeldRow:
    amount, currency, told_at, creator_name, brand_name = found
    times = holding()
    silent_until = deal.deadline_at if deal.state is State.ACCEPTANCE else None
    return HeldRow(
        deal=deal,
        amount=Money(int(amount), currency),
        received=received,
        ends_at=ends_at(received, told_at),
        stage=times.stage(received),
        account=Account(deal_owner(deal.id), AccountKind.ESCROW, currency),
        creator_name=creator_name,
        brand_name=brand_name,
        ends_by_itself=silent_until is not None and silent_until < received + times.limit,
    )


def earnings_held(
    currency: str | None, column: Column | None, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> HeldPage:
    """One page of what payees earned and were not sent, of one currency and one column of the plot if asked."""
    unsent = unsent_parts().subquery("unsent")
    # A settlement's two parts have one id each: the agency's comes after the creator's.
    place = (unsent.c.settlement_id * 2 + cast(unsent.c.agency_id.is_not(None), Integer)).label("place")
    some = select(unsent, place).where(*_wanted(unsent.c.received, unsent.c.currency, currency, column))
    if after is not None:
        some = some.where(tuple_(unsent.c.received, place) > after)
    # Deals and names are looked up for the rows of the page alone.
    parts = some.order_by(unsent.c.received, place).limit(limit + 1).subquery("parts")
    theirs = or_(ConnectedAccount.creator_id == parts.c.creator_id, ConnectedAccount.agency_id == parts.c.agency_id)
    account = theirs & ConnectedAccount.replaced_at.is_(None)
    query = (
        select(
            Deal,
            parts,
            _pays_nobody(parts).label("paused"),
            Creator.name,
            Brand.name,
            Agency.name,
            ConnectedAccount.transfers_enabled,
        )
        .join(parts, Deal.id == parts.c.deal_id)
        .join(Creator, Creator.id == Deal.creator_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .outerjoin(Agency, Agency.id == parts.c.agency_id)
        .outerjoin(ConnectedAccount, account)
        .order_by(parts.c.received, parts.c.place)
    )
    found = db.session.execute(query).all()
    return _page([_earning_row(row) for row in found], [row.place for row in found], limit)


def _pays_nobody(parts: Subquery) -> ColumnElement[bool]:
    return is_paused(parts.c.creator_id, agencies=False) | is_paused(parts.c.agency_id, agencies=True)


def _earning_row(row: Row[*tuple[Any, ...]]) -> HeldRow:
    deal, creator_name, brand_name, agency_name, ready = row[0], *row[-4:]
    times = holding()
    is_agency = row.agency_id is not None
    kind = {
        (False, False): AccountKind.CREATOR_PENDING,
        (False, True): AccountKind.CREATOR_AVAILABLE,
        (True, False): AccountKind.AGENCY_PENDING,
        (True, True): AccountKind.AGENCY_AVAILABLE,
    }[is_agency, row.released]
    owner = agency_owner(row.agency_id) if is_agency else creator_owner(row.creator_id)
    return HeldRow(
        deal=deal,
        amount=Money(int(row.amount), row.currency),
        received=row.received,
        ends_at=row.received + times.limit,
        stage=times.stage(row.received),
        account=Account(owner, kind, row.currency),
        creator_name=creator_name,
        brand_name=brand_name,
        payee_name=agency_name if is_agency else creator_name,
        released=row.released,
        ready=bool(ready),
        paused=row.paused,
    )


def _wanted(
    received: SQLColumnExpression[Any], code: SQLColumnExpression[Any], currency: str | None, column: Column | None
) -> list[ColumnElement[bool]]:
    now = clock.now()
    wanted = [code == currency] if currency is not None else []
    if column is not None:
        wanted.append(received <= now - column.least * _DAY)
        if column.below is not None:
            wanted.append(received > now - column.below * _DAY)
    return wanted


def _page(rows: list[HeldRow], places: list[int], limit: int) -> HeldPage:
    more = len(rows) > limit
    return HeldPage(rows[:limit], (rows[limit - 1].received, places[limit - 1]) if more else None)
