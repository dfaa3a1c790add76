"""Tables of the fee policies and of what each creator has earned in a month, as fees count it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class FeePolicy(Model):
    """One version of the fee rules. A draft until `published_at` is set; after that the database refuses any change.

    `effective_from` is a day by the platform's own clock; the policy in force is the published one with the latest such
    day, and of two with the same day the higher version.
    """

    __tablename__ = "fee_policies"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("jsonb_typeof(rules) = 'object'", name="rules_object"),
        Index("ix_fee_policies_effective_from", "effective_from", "version"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_from: Mapped[date]
    published_at: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)


class CreatorMonthEarnings(Model):
    """What a creator's deals signed in one month come to, gross, in one currency: the lock that keeps two deals from
    using the same free allowance. Always the sum of `kept` of the month's allowances."""

    __tablename__ = "creator_month_earnings"
    __table_args__ = (
        CheckConstraint("earned >= 0", name="earned_not_negative"),
        CheckConstraint("EXTRACT(day FROM month) = 1", name="month_starts"),
    )

    creator: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    earned: Mapped[int]


class FeeAllowance(Model):
    """One deal's place in its creator's month, taken at signing under the deal's key.

    `earned_before` never changes: the deal's quote was made with it. `kept` is what of `price` still counts; a ruling
    lowers it, and a deal that ends without settlement gives all of it back.
    """

    __tablename__ = "fee_allowances"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("kept BETWEEN 0 AND price", name="kept_within_price"),
        CheckConstraint("earned_before >= 0", name="earned_before_not_negative"),
        Index("ix_fee_allowances_creator", "creator", "month", "currency"),
    )

    id: Mapped[int] = pk()
    key: Mapped[str]
    creator: Mapped[str]
    month: Mapped[date]
    currency: Mapped[str]
    price: Mapped[int]
    kept: Mapped[int]
    earned_before: Mapped[int]
