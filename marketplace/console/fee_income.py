"""Reads of what the platform earned, by version of the fee policy, month and kind of deal, and what the books say.

What a settlement took is in its row, what was earned in all in the fee accounts. The two are told apart, so that every
sum on the page is the books' own: entries by hand and reversals stand as a line of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.fees.policy import AGREED
from marketplace.infra.db import db
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money
from marketplace.kit.periods import Period
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine

PAGE = 30
_KINDS = (AccountKind.FEES_CREATOR, AccountKind.FEES_BRAND)


@dataclass(frozen=True, slots=True)
class Fees:
    """Commissions and service fees in one currency; `agreed` is what of both was taken by an agreement's rule."""

    commission: Money
    service_fee: Money
    agreed: Money

    @property
    def total(self) -> Money:
        return self.commission + self.service_fee

    @classmethod
    def zero(cls, currency: str) -> "Fees":
        return cls(Money.zero(currency), Money.zero(currency), Money.zero(currency))

    def __add__(self, other: "Fees") -> "Fees":
        return Fees(
            self.commission + other.commission, self.service_fee + other.service_fee, self.agreed + other.agreed
        )


@dataclass(frozen=True, slots=True)
class FeeCell:
    """What the settlements of one version, month (its first day, by the platform's clock), kind and currency took."""

    version: int
    month: date
    kind: DealKind
    settlements: int
    fees: Fees

    @property
    def currency(self) -> str:
        return self.fees.commission.currency


@dataclass(frozen=True, slots=True)
class FeeIncome:
    """A period's income in one currency: the cells, newest month first, and by month what only the books have."""

    currency: str
    cells: Sequence[FeeCell]
    elsewhere: dict[date, Fees]

    @property
    def settled(self) -> Fees:
        return _sum(self.currency, (cell.fees for cell in self.cells))

    @property
    def booked(self) -> Fees:
        """What the fee accounts earned in the period."""
        return self.settled + _sum(self.currency, self.elsewhere.values())

    @property
    def versions(self) -> list[int]:
        """The newest first."""
        return sorted({cell.version for cell in self.cells}, reverse=True)

    def of_version(self, version: int) -> Fees:
        return _sum(self.currency, (cell.fees for cell in self.cells if cell.version == version))

    def of_month(self, version: int, month: date) -> Fees:
        found = (cell.fees for cell in self.cells if (cell.version, cell.month) == (version, month))
        return _sum(self.currency, found)

    def settlements_of(self, version: int) -> int:
        return sum(cell.settlements for cell in self.cells if cell.version == version)


@dataclass(frozen=True, slots=True)
class SettlementFilter:
    """Which settlements: those of a period, and of one version, kind or currency if named."""

    period: Period
    version: int | None = None
    kind: DealKind | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One settlement with what it took, its deal and both sides, and the entry that posted it."""

    settlement: Settlement
    deal: Deal
    creator_name: str
    brand_name: str
    fees: Fees
    entry_id: int


def _sum(currency: str, parts: Iterable[Fees]) -> Fees:
    return sum(parts, Fees.zero(currency))


def fee_incomes(period: Period) -> list[FeeIncome]:
    """One for each currency, that with most settlements first; two queries."""
    cells: dict[str, list[FeeCell]] = defaultdict(list)
    for cell in _cells(period):
        cells[cell.currency].append(cell)
    booked = _booked(period)
    incomes = [_income(code, cells[code], booked[code]) for code in {*cells, *booked}]
    return sorted(incomes, key=lambda one: (-sum(cell.settlements for cell in one.cells), one.currency))


def _income(currency: str, cells: Sequence[FeeCell], booked: dict[date, Fees]) -> FeeIncome:
    elsewhere = {}
    for month in {*booked, *(cell.month for cell in cells)}:
        settled = _sum(currency, (cell.fees for cell in cells if cell.month == month))
        found = booked.get(month, Fees.zero(currency))
        commission, service_fee = found.commission - settled.commission, found.service_fee - settled.service_fee
        if commission or service_fee:
            elsewhere[month] = Fees(commission, service_fee, Money.zero(currency))
    return FeeIncome(currency, cells, dict(sorted(elsewhere.items(), reverse=True)))


def _cells(period: Period) -> list[FeeCell]:
    month = func.date_trunc("month", func.timezone(period.zone, Settlement.settled_at)).label("month")
    agreed = func.sum(_agreed_part()).label("agreed")
    query = (
        select(
            Settlement.policy_version,
            month,
            Deal.kind,
            Settlement.currency,
            func.count(),
            func.sum(Settlement.creator_fee_amount),
            func.sum(Settlement.brand_fee_amount),
            agreed,
        )
        .join(Deal, Deal.id == Settlement.deal_id)
        .where(Settlement.settled_at >= period.since, Settlement.settled_at < period.until)
        .group_by(Settlement.policy_version, "month", Deal.kind, Settlement.currency)
        .order_by(month.desc(), Settlement.policy_version.desc(), Deal.kind)
    )
    return [
        FeeCell(version, start.date(), kind, count, _fees(code, *amounts))
        for version, start, kind, code, count, *amounts in db.session.execute(query)
    ]


def _fees(currency: str, *amounts: int) -> Fees:
    return Fees(*(Money(int(amount), currency) for amount in amounts))


def _agreed_part() -> ColumnElement[int]:
    """What of a settlement's fees an agreement's rule took; the lines of its quote name their rules."""
    return _if_agreed("creator_lines", Settlement.creator_fee_amount) + _if_agreed(
        "brand_lines", Settlement.brand_fee_amount
    )


def _if_agreed(lines: str, amount: SQLColumnExpression[int]) -> ColumnElement[int]:
    path = f'$.{lines}[*].rule ? (@ starts with "{AGREED}")'
    return case((func.jsonb_path_exists(Settlement.quote, cast(literal(path), JSONPATH)), amount), else_=0)


def _booked(period: Period) -> dict[str, dict[date, Fees]]:
    """By currency and month, what the fee accounts earned."""
    month = func.date_trunc("month", func.timezone(period.zone, LedgerLine.posted_at)).label("month")
    query = (
        select(LedgerAccount.commodity, month, LedgerAccount.kind, func.sum(-LedgerLine.amount))
        .join(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .where(
            LedgerAccount.kind.in_(_KINDS),
            LedgerLine.posted_at >= period.since,
            LedgerLine.posted_at < period.until,
        )
        .group_by(LedgerAccount.commodity, "month", LedgerAccount.kind)
    )
    found: dict[str, dict[date, Fees]] = defaultdict(dict)
    for code, start, kind, total in db.session.execute(query):
        before = found[code].get(start.date(), Fees.zero(code))
        commission, service_fee = (int(total), 0) if kind is AccountKind.FEES_CREATOR else (0, int(total))
        found[code][start.date()] = before + _fees(code, commission, service_fee, 0)
    return found


def first_settled_at() -> datetime | None:
    return db.session.scalar(select(func.min(Settlement.settled_at)))


def settlements(wanted: SettlementFilter, before: int | None = None, limit: int = PAGE) -> list[SettlementRow]:
    """The newest first; `before` is the id of the settlement that ended the page before."""
    key = func.concat("deal:", Settlement.deal_id, ":settled")
    fees = (Settlement.creator_fee_amount, Settlement.brand_fee_amount, _agreed_part())
    query = (
        select(Settlement, Deal, Creator.name, Brand.name, LedgerEntry.id, *fees)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Creator, Creator.id == Settlement.creator_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .join(LedgerEntry, LedgerEntry.idempotency_key == key)
        .where(*_conditions(wanted))
        .order_by(Settlement.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Settlement.id < before)
    return [
        SettlementRow(settled, deal, creator, brand, _fees(settled.currency, *amounts), entry_id)
        for settled, deal, creator, brand, entry_id, *amounts in db.session.execute(query)
    ]


def _conditions(wanted: SettlementFilter) -> list[ColumnElement[bool]]:
    found = [Settlement.settled_at >= wanted.period.since, Settlement.settled_at < wanted.period.until]
    if wanted.version is not None:
        found.append(Settlement.policy_version == wanted.version)
    if wanted.kind is not None:
        found.append(Deal.kind == wanted.kind)
    if wanted.currency is not None:
        found.append(Settlement.currency == wanted.currency)
    return found
