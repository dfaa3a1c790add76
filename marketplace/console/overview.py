"""What the console's home shows: what waits by age, whether the books are right, what came in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, and_, cast, func, select

from marketplace.accounts.actor import Actor
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.chargebacks.queries import waiting_chargebacks
from marketplace.console.health import is_late
from marketplace.console.manual_queries import waiting_manual_entries
from marketplace.console.payday_queries import refused_paydays
from marketplace.console.payees import waiting_payees
from marketplace.console.readings import WaitingReading, waiting_readings
from marketplace.console.stuck import count_stuck
from marketplace.creators.audience import waits_for_review
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import ChannelCode, FanReading, ReadingStatus
from marketplace.creators.reading_queries import waits_for_reviewer
from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.deals.queries import DealRow, deal_rows, fetch_rows
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.disputes.queries import DisputeRow, list_disputes, waits_for_ruling
from marketplace.escrow.holding import near_limit
from marketplace.escrow.models import BooksCheck
from marketplace.escrow.queries import last_check
from marketplace.fees.agreements import count_proposed_rules
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerClosing
from marketplace.ledger.queries import moved_between
from marketplace.moderation.queries import count_open_cases
from marketplace.reconciliation.queries import overdue

SHOWN = 4
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Queue:
    """How much waits, and since when the oldest does."""

    length: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """The money in escrow in one currency, and of how many deals it is."""

    total: Money
    deals: int


@dataclass(frozen=True, slots=True)
class FeeMonth:
    """The platform's income of one calendar month, from the books."""

    start: date
    commission: Money
    service_fee: Money


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the console's home; lists are cut, their whole lengths stand beside them. `waiting` is how much
    waits elsewhere."""

    readings: Queue
    disputes: Queue
    waiting: Mapping[str, int]
    oldest_readings: Sequence[WaitingReading]
    oldest_disputes: Sequence[DisputeRow]
    check: BooksCheck | None
    check_is_old: bool
    closed_through: datetime | None
    escrow: Sequence[Held]
    deals: Sequence[DealRow]
    fees: Sequence[FeeMonth]


def look_over(actor: Actor) -> Overview:
    """Gather the page; the number of queries doesn't depend on how much there is."""
    readings, disputes, closed_through, waiting = _queues()
    check = last_check()
    return Overview(
        readings=readings,
        disputes=disputes,
        waiting=waiting,
        oldest_readings=waiting_readings()[:SHOWN],
        oldest_disputes=list_disputes(DisputeStatus.OPEN, SHOWN),
        check=check,
        check_is_old=is_late(check),
        closed_through=closed_through,
        escrow=money_in_escrow(),
        deals=fetch_rows(deal_rows(actor).order_by(Deal.id.desc()).limit(SHOWN + 2)),
        fees=fee_income(),
    )


def _queues() -> tuple[Queue, Queue, datetime | None, dict[str, int]]:
    """Readings and disputes with since when they wait; through when the books are closed; of the other queues the
    length. One query."""
    readings, disputes = FanReading.status == ReadingStatus.PENDING, waits_for_ruling()
    others = {
        "codes": select(func.count()).select_from(ChannelCode).where(*waits_for_reviewer()),
        "audiences": select(func.count()).select_from(AudienceStatement).where(*waits_for_review()),
        "reports": count_open_cases(),
        "briefs": select(func.count()).select_from(Brief).where(Brief.status == BriefStatus.HELD),
        **book_queues(),
    }
    query = select(
        select(func.count()).where(readings).scalar_subquery(),
        select(func.min(FanReading.submitted_at)).where(readings).scalar_subquery(),
        select(func.count()).select_from(Dispute).where(disputes).scalar_subquery(),
        select(func.min(Dispute.opened_at)).where(disputes).scalar_subquery(),
        select(func.max(LedgerClosing.through)).where(LedgerClosing.finished_at.is_not(None)).scalar_subquery(),
        *(length.scalar_subquery() for length in others.values()),
    )
    waiting, oldest, open_cases, opened, closed, *lengths = db.session.execute(query).one()
    return Queue(waiting, oldest), Queue(open_cases, opened), closed, dict(zip(others, lengths, strict=True))


def queue_lengths() -> dict[str, Select[int]]:
    """The queries of how much waits for administrators: readings and codes, reports, disputes, and at the books."""
    pending = select(func.count()).where(FanReading.status == ReadingStatus.PENDING).scalar_subquery()
    placed = waits_for_reviewer()
    return {
        "readings": select(pending + select(func.count()).where(*placed).scalar_subquery()),
        "reports": count_open_cases(),
        "disputes": select(func.count()).select_from(Dispute).where(waits_for_ruling()),
        **book_queues(),
    }


def book_queues() -> dict[str, Select[int]]:
    """The queries of how much waits at the books, by the endpoint of the page where it does."""
    return {
        "console.manual_entries": waiting_manual_entries(),
        "console.fees": count_proposed_rules(),
        "console.held": near_limit(),
        "console.paydays": refused_paydays(),
        "console.payees": waiting_payees(),
        "console.reconciliation": overdue(),
        "console.refunds": count_stuck(),
        "console.chargebacks": waiting_chargebacks(),
    }


def money_in_escrow() -> list[Held]:
    """What deals hold now, by currency; never empty, so that a page has a zero to show. Read from the deals at work:
    the accounts of all that ever were are many more."""
    of_deal = and_(
        LedgerAccount.owner == func.concat("deal:", cast(Deal.id, String)), LedgerAccount.kind == AccountKind.ESCROW
    )
    query = (
        select(LedgerAccount.commodity, func.sum(-func.coalesce(LedgerAccount.balance, 0)), func.count())
        .join(Deal, of_deal)
        .where(Deal.state.in_([*FUNDED, State.FROZEN]), LedgerAccount.balance != 0)
        .group_by(LedgerAccount.commodity)
        .order_by(LedgerAccount.commodity)
    )
    found = [Held(Money(int(total), code), deals) for code, total, deals in db.session.execute(query)]
    return found or [Held(Money.zero(DEFAULT_CURRENCY), 0)]


def fee_income() -> list[FeeMonth]:
    """The last twelve months in the currency that brought most, the present one last; empty without income."""
    starts, zone = _last_months(), ZoneInfo(settings().default_timezone)
    edges = [datetime(start.year, start.month, 1, tzinfo=zone).astimezone(UTC) for start in starts]
    moved = moved_between((AccountKind.FEES_CREATOR, AccountKind.FEES_BRAND), edges)
    totals: Counter[str] = Counter()
    for (_kind, code), amounts in moved.items():
        totals[code] += sum(amounts)
    if not any(any(amounts) for amounts in moved.values()):
        return []
    currency, nothing = totals.most_common(1)[0][0], [0] * len(starts)
    columns = [moved.get((kind, currency), nothing) for kind in (AccountKind.FEES_CREATOR, AccountKind.FEES_BRAND)]
    return [FeeMonth(start, *(Money(column[at], currency) for column in columns)) for at, start in enumerate(starts)]


def _last_months() -> list[date]:
    today = clock.now().astimezone(ZoneInfo(settings().default_timezone)).date()
    index = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(index - MONTHS + 1, index + 1)]
