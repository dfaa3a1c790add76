"""Reads of the fee rules and of the months' earnings, and quotes that reserve nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from marketplace.fees.models import CreatorMonthEarnings, FeeAgreement, FeePolicy
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import CurrencyNotCovered, Policy, rule_from_json
from marketplace.fees.quote import AgencyShare, FeeQuote, quote
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of one day that may matter to some creators and a brand: a page with many prices reads them once."""

    policy: Policy
    agreements: tuple[Agreement, ...]
    on: date

    def rules_for(self, parties: FeeParties, kind: DealKind, currency: str) -> Policy:
        """The rules that hold for one deal, by precedence.

        Raises:
            CurrencyNotCovered: a rule that holds has no amount in this currency.
        """
        agreed = [found.agreed_rule for found in self.agreements if found.binds(parties)]
        return self.policy.for_deal(kind, currency, self.on, parties.since, agreed)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a creator may earn in a calendar month of their own before commission begins, gross, in one currency.

    `used` is never more than `free`. `renews_at` is midnight in the creator's zone. `kinds` are the kinds of deals that
    it holds for; None for all of them.
    """

    month: date
    free: Money
    used: Money
    renews_at: datetime
    kinds: frozenset[DealKind] | None

    @property
    def left(self) -> Money:
        return self.free - self.used


def fee_day(moment: datetime | None = None) -> date:
    """The platform's day, in its own time zone: it decides which rules hold. The present day if None."""
    return (moment or clock.now()).astimezone(ZoneInfo(settings().default_timezone)).date()


def fee_month(zone: str, moment: datetime | None = None) -> date:
    """The first day of a creator's own calendar month: a deal signed now uses the allowance of that month."""
    return (moment or clock.now()).astimezone(ZoneInfo(zone)).date().replace(day=1)


def policy_in_force(on: date | None = None) -> Policy:
    """The published policy with the latest start not after `on` (today if None).

    Raises:
        NotFound: none was published for that day.
    """
    row = db.session.execute(_in_force(on or fee_day())).scalar_one_or_none()
    if row is None:
        raise NotFound(_l("No fee policy is in force on this day."))
    return as_policy(row)


def announced_policy(on: date | None = None) -> tuple[date, Policy] | None:
    """The next version that is published and not in force yet (after today if None), and its first day."""
    row = db.session.scalars(
        select(FeePolicy)
        .where(FeePolicy.published_at.is_not(None), FeePolicy.effective_from > (on or fee_day()))
        .order_by(FeePolicy.effective_from, FeePolicy.version.desc())
        .limit(1)
    ).one_or_none()
    return (row.effective_from, as_policy(row)) if row is not None else None


def _in_force(on: date) -> Select[FeePolicy]:
    return (
        select(FeePolicy)
        .where(FeePolicy.published_at.is_not(None), FeePolicy.effective_from <= on)
        .order_by(FeePolicy.effective_from.desc(), FeePolicy.version.desc())
        .limit(1)
    )


def rule_book(creators: Iterable[str], brand: str | None = None, on: date | None = None) -> RuleBook:
    """The policy in force and the agreements in force with any of the creators or with the brand; one query.

    Raises:
        NotFound: no policy was published for that day.
    """
    return _read_book(list(creators), brand, on or fee_day(), literal(0))[0]


def _read_book(
    creators: Sequence[str], brand: str | None, on: date, earned: ColumnElement[int]
) -> tuple[RuleBook, int]:
    """The rules, and a figure that a page needs along with them."""
    policy = _in_force(on).subquery()
    rows = db.session.execute(
        select(FeePolicy, FeeAgreement, earned)
        .join(policy, policy.c.version == FeePolicy.version)
        .outerjoin(FeeAgreement, and_(_holds(on), _concerns(creators, brand)))
    ).all()
    if not rows:
        raise NotFound(_l("No fee policy is in force on this day."))
    agreements = tuple(as_agreement(found) for _policy, found, _earned in rows if found is not None)
    return RuleBook(as_policy(rows[0][0]), agreements, on), rows[0][2]


def _holds(on: date) -> ColumnElement[bool]:
    days = and_(FeeAgreement.starts <= on, or_(FeeAgreement.ends.is_(None), FeeAgreement.ends >= on))
    return and_(FeeAgreement.published_at.is_not(None), days)


def _concerns(creators: Sequence[str], brand: str | None) -> ColumnElement[bool]:
    with_creator = FeeAgreement.creator.in_(creators)
    if brand is None:
        return and_(with_creator, FeeAgreement.brand.is_(None))
    with_brand = FeeAgreement.brand == brand
    named = and_(with_creator, or_(FeeAgreement.brand.is_(None), with_brand))
    return or_(named, and_(with_brand, FeeAgreement.creator.is_(None)))


def rules_for(parties: FeeParties, kind: DealKind, currency: str, on: date | None = None) -> Policy:
    """The rules that hold for a deal of these two on the day (today if None): policy and agreements, by precedence.

    Raises:
        NotFound: no policy was published for that day.
        CurrencyNotCovered: a rule that holds has no amount in this currency.
    """
    return rule_book([parties.creator], parties.brand, on).rules_for(parties, kind, currency)


def policy_of(version: int) -> Policy:
    """One version of the rules, published or draft.

    Raises:
        NotFound: there is no such version.
    """
    row = db.session.get(FeePolicy, version)
    if row is None:
        raise NotFound(_l("There is no such fee policy."))
    return as_policy(row)


def earned_in_month(creator: str, currency: str, month: date) -> Money:
    """What the creator's deals signed in the month, a month of their own calendar, come to, gross."""
    return Money(db.session.scalar(select(_earned(creator, currency, month))) or 0, currency)


def _earned(creator: str, currency: str, month: date) -> ColumnElement[int]:
    found = select(CreatorMonthEarnings.earned).where(
        CreatorMonthEarnings.creator == creator,
        CreatorMonthEarnings.month == month,
        CreatorMonthEarnings.currency == currency,
    )
    return func.coalesce(found.scalar_subquery(), 0)


def preview_quote(
    parties: FeeParties, deal_kind: DealKind, price: Money, agency: AgencyShare | None = None
) -> FeeQuote:
    """What the fees would be if the deal were signed now; nothing is reserved, so signing may find others.

    Raises:
        NotFound: no policy is in force today.
        CurrencyNotCovered: a rule that holds has no amount in this currency.
    """
    on = fee_day()
    counted = _earned(parties.creator, price.currency, fee_month(parties.zone))
    book, earned = _read_book([parties.creator], parties.brand, on, counted)
    rules = book.rules_for(parties, deal_kind, price.currency)
    return quote(rules, deal_kind, price, Money(earned, price.currency), on, agency=agency)


def allowance_of(parties: FeeParties, currency: str) -> Allowance | None:
    """The creator's allowance of this month. Where kinds of deals differ, the smallest, with those that it holds for.

    None where no commission begins above a free part: there is none at all, or it is on everything.

    Raises:
        NotFound: no policy is in force today.
    """
    month = fee_month(parties.zone)
    book, earned = _read_book([parties.creator], parties.brand, fee_day(), _earned(parties.creator, currency, month))
    amounts = {kind: _free_amount(book, parties, kind, currency) for kind in DealKind}
    free = min((amount for amount in amounts.values() if amount), default=None)
    if free is None:
        return None
    kinds = frozenset(kind for kind, amount in amounts.items() if amount == free)
    return Allowance(
        month=month,
        free=Money(free, currency),
        used=Money(min(earned, free), currency),
        renews_at=_next_month(month, parties.zone),
        kinds=None if len(kinds) == len(DealKind) else kinds,
    )


def _free_amount(book: RuleBook, parties: FeeParties, kind: DealKind, currency: str) -> int | None:
    try:
        return book.rules_for(parties, kind, currency).free_amount(currency)
    except CurrencyNotCovered:
        return None


def _next_month(month: date, zone: str) -> datetime:
    following = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(following, time.min, ZoneInfo(zone)).astimezone(UTC)


def as_policy(row: FeePolicy) -> Policy:
    return Policy.from_json({**row.rules, "version": row.version})


def as_agreement(row: FeeAgreement) -> Agreement:
    return Agreement(row.id, rule_from_json(row.rule), row.creator, row.brand, row.starts, row.ends)
