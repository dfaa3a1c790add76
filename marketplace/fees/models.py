"""Tables of the fee policies and of what each creator has earned in a month, as fees count it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk

_FOUR_EYES = "published_at IS NULL OR (published_by IS NOT NULL AND NOT published_by = ANY(editors))"


class FeePolicy(Model):
    """One version of the fee rules. A draft until `published_at` is set; after that the database refuses any change.

    `effective_from` is a day by the platform's own clock; the policy in force is the published one with the latest such
    day, and of two with the same day the higher version. People are opaque keys: `editors` are all who wrote on the
    draft, `published_by` is none of them. A draft is `proposed_at` when its editors ask for a second pair of eyes, and
    not edited while it is. There is one draft at a time.
    """

    __tablename__ = "fee_policies"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("jsonb_typeof(rules) = 'object'", name="rules_object"),
        CheckConstraint(_FOUR_EYES, name="four_eyes"),
        Index("ix_fee_policies_effective_from", "effective_from", "version"),
        Index("uq_fee_policies_one_draft", text("(true)"), unique=True, postgresql_where=text("published_at IS NULL")),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_from: Mapped[date]
    published_at: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    why: Mapped[str] = mapped_column(default="", server_default="")
    editors: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    proposed_at: Mapped[datetime | None]
    published_by: Mapped[str | None]


class FeeAgreement(Model):
    """One fee rule agreed with one creator, one brand, or both; opaque keys, at least one. It stands before the policy.

    Proposed and published as a policy is, by somebody who is none of its `editors`, and then unchangeable but for
    `ends`, which may be brought forward. `starts` and `ends` are its first and last day by the platform's clock.
    """

    __tablename__ = "fee_agreements"
    __table_args__ = (
        CheckConstraint("num_nonnulls(creator, brand) > 0", name="with_somebody"),
        # One that was ended before it began ends on the day before its first.
        CheckConstraint("ends >= starts - 1", name="days_in_order"),
        CheckConstraint("jsonb_typeof(rule) = 'object'", name="rule_object"),
        CheckConstraint(_FOUR_EYES, name="four_eyes"),
        Index("ix_fee_agreements_creator", "creator", "starts", postgresql_where=text("published_at IS NOT NULL")),
        Index("ix_fee_agreements_brand", "brand", "starts", postgresql_where=text("published_at IS NOT NULL")),
        Index("ix_fee_agreements_unpublished", "id", postgresql_where=text("published_at IS NULL")),
    )

    id: Mapped[int] = pk()
    creator: Mapped[str | None]
    brand: Mapped[str | None]
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    starts: Mapped[date]
    ends: Mapped[date | None]
    why: Mapped[str]
    editors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]


class RuleAction(StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    PROPOSED = "proposed"
    RETURNED = "returned"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    ENDED = "ended"


class FeeRuleEvent(Model):
    """One thing done to a fee policy ("policy:2") or an agreement ("agreement:7"): who, when, why. Only appended."""

    __tablename__ = "fee_rule_events"
    __table_args__ = (Index("ix_fee_rule_events_subject", "subject", "id"),)

    id: Mapped[int] = pk()
    subject: Mapped[str]
    action: Mapped[RuleAction] = enum_column(RuleAction)
    at: Mapped[datetime]
    by: Mapped[str]
    name: Mapped[str]
    why: Mapped[str] = mapped_column(default="")


class FeeEffect(Model):
    """What a draft's rules would have taken from the deals signed in one month, worked out piece by piece.

    `rules` are the draft's as they were then, `digest` names them; `place` is how far it has come, by creator and deal.
    `found` holds the sums so far, whole once `finished_at` is set.
    """

    __tablename__ = "fee_effects"
    __table_args__ = (
        CheckConstraint("EXTRACT(day FROM month) = 1", name="month_starts"),
        CheckConstraint("done BETWEEN 0 AND total", name="done_within_total"),
        Index("ix_fee_effects_digest", "digest", "month", "id"),
    )

    id: Mapped[int] = pk()
    digest: Mapped[str]
    month: Mapped[date]
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    place: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    found: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


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
