"""Reads of the fee policies and of the months' earnings, and quotes that reserve nothing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.fees.models import CreatorMonthEarnings, FeePolicy
from marketplace.fees.policy import Policy
from marketplace.fees.quote import AgencyShare, FeeQuote, quote
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money


def fee_day(moment: datetime | None = None) -> date:
    """The day that fees count: by the platform's own time zone, whoever asks. The present day if None."""
    return (moment or clock.now()).astimezone(ZoneInfo(settings().default_timezone)).date()


def fee_month(moment: datetime | None = None) -> date:
    """The first day of the month that fees count."""
    return fee_day(moment).replace(day=1)


def policy_in_force(on: date | None = None) -> Policy:
    """The published policy with the latest start not after `on` (today if None).

    Raises:
        NotFound: none was published for that day.
    """
    row = db.session.execute(
        select(FeePolicy)
        .where(FeePolicy.published_at.is_not(None), FeePolicy.effective_from <= (on or fee_day()))
        .order_by(FeePolicy.effective_from.desc(), FeePolicy.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(_l("No fee policy is in force on this day."))
    return as_policy(row)


def policy_of(version: int) -> Policy:
    """One version of the rules, published or draft.

    Raises:
        NotFound: there is no such version.
    """
    row = db.session.get(FeePolicy, version)
    if row is None:
        raise NotFound(_l("There is no such fee policy."))
    return as_policy(row)


def earned_in_month(creator: str, currency: str, month: date | None = None) -> Money:
    """What the creator's deals signed in the month (this one if None) come to, gross."""
    earned = db.session.execute(
        select(CreatorMonthEarnings.earned).where(
            CreatorMonthEarnings.creator == creator,
            CreatorMonthEarnings.month == (month or fee_month()),
            CreatorMonthEarnings.currency == currency,
        )
    ).scalar_one_or_none()
    return Money(earned or 0, currency)


def preview_quote(creator: str, deal_kind: DealKind, price: Money, agency: AgencyShare | None = None) -> FeeQuote:
    """What the fees would be if the deal were signed now; nothing is reserved, so signing may find others.

    Raises:
        CurrencyNotCovered: the policy in force names no amounts in this currency.
    """
    return quote(
        policy_in_force(), deal_kind, price, earned_in_month(creator, price.currency), fee_day(), agency=agency
    )


def as_policy(row: FeePolicy) -> Policy:
    return Policy.from_json({**row.rules, "version": row.version})
