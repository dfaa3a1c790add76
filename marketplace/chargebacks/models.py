"""Tables of chargebacks: what a bank took back, whose money it was, and what is recovered from later earnings."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.money import Money


class Stage(StrEnum):
    """The provider's words for the stages of a dispute (docs.stripe.com/api/disputes). A warning has moved no money."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


WAITS_FOR_ANSWER = frozenset({Stage.WARNING_NEEDS_RESPONSE, Stage.NEEDS_RESPONSE})
ONLY_ASKS = frozenset({Stage.WARNING_NEEDS_RESPONSE, Stage.WARNING_UNDER_REVIEW})


class Chargeback(Model):
    """A bank's claim on a charge: one dispute, as last read from the provider, and our answer to it. A bank that takes
    money again by the same dispute, as in the last stages of a card network, begins another with the next `round`.

    `amount` is what the bank took or asks about, in the charge's currency. `evidence` are the texts of our answer, its
    PDF is `evidence_file_id`; `checked_by` is the administrator who found it right and had it sent: until
    `submitted_at` it is on its way, and `tries` counts those that broke at the provider or were refused. `accepted_by`
    accepted the loss instead.
    `withdrawn_transaction_id` and `reinstated_transaction_id` are the balance transactions that moved the money; one of
    the latter may give back what several of the former took.
    """

    __tablename__ = "chargebacks"
    __table_args__ = (
        UniqueConstraint("stripe_dispute_id", "round"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index(
            "ix_chargebacks_open",
            "evidence_due_at",
            postgresql_where=text("stage IN ('warning_needs_response', 'needs_response')"),
        ),
        Index("ix_chargebacks_opened", text("opened_at DESC"), text("id DESC")),
    )

    id: Mapped[int] = pk()
    stripe_dispute_id: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), index=True)
    stage: Mapped[Stage] = enum_column(Stage)
    reason: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    evidence_due_at: Mapped[datetime | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    evidence_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    stripe_file_id: Mapped[str | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    checked_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    reinstated_transaction_id: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    read_at: Mapped[datetime]

    total: Mapped[Money] = composite("amount", "currency")


class PartState(StrEnum):
    """`held`: the bank has the money and hasn't decided. `borne`: it kept it, and our books say who bears it."""

    ASKED = "asked"
    HELD = "held"
    REINSTATED = "reinstated"
    BORNE = "borne"


# Parts of which something is to be given to its payee's earnings again.
REPAID = "creator_repaid_amount > 0 OR agency_repaid_amount > 0"


class ChargebackPart(Model):
    """One deal's part of a chargeback. `from_escrow`: the deal was at work, and its escrow gave the money.

    `given_back_amount` is what of `amount` the bank has given back. Of a deal that wasn't at work, once the bank has
    kept the rest: `returned_amount` was owed to the brand anyway, as a refund that could not be sent, and creator,
    agency and platform bear what is left. The platform's is `commission_amount` and `service_fee_amount`, fees that it
    gives up, and what nobody else had. `creator_repaid_amount` and `agency_repaid_amount` were paid of a debt that is
    none any more: in suspense, until it is looked up which of their earnings had paid them.
    """

    __tablename__ = "chargeback_parts"
    __table_args__ = (
        UniqueConstraint("chargeback_id", "deal_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "creator_amount >= 0 AND agency_amount >= 0 AND platform_amount >= 0 AND returned_amount >= 0",
            name="parts_not_negative",
        ),
        CheckConstraint(
            "commission_amount >= 0 AND service_fee_amount >= 0 "
            "AND commission_amount + service_fee_amount <= platform_amount",
            name="fees_are_platforms",
        ),
        CheckConstraint("given_back_amount BETWEEN 0 AND amount", name="given_back_within"),
        CheckConstraint("creator_repaid_amount >= 0 AND agency_repaid_amount >= 0", name="repaid_not_negative"),
        CheckConstraint(
            "creator_amount + agency_amount + platform_amount + returned_amount = "
            "CASE WHEN state = 'borne' AND NOT from_escrow THEN amount - given_back_amount ELSE 0 END",
            name="borne_whole",
        ),
        Index("ix_chargeback_parts_deal", "deal_id"),
        Index("ix_chargeback_parts_repaid", "id", postgresql_where=text(REPAID)),
    )

    id: Mapped[int] = pk()
    chargeback_id: Mapped[int] = mapped_column(ForeignKey("chargebacks.id"))
    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"))
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    state: Mapped[PartState] = enum_column(PartState)
    amount: Mapped[int]
    currency: Mapped[str]
    from_escrow: Mapped[bool] = mapped_column(default=False)
    creator_amount: Mapped[int] = mapped_column(default=0)
    agency_amount: Mapped[int] = mapped_column(default=0)
    platform_amount: Mapped[int] = mapped_column(default=0)
    commission_amount: Mapped[int] = mapped_column(default=0)
    service_fee_amount: Mapped[int] = mapped_column(default=0)
    returned_amount: Mapped[int] = mapped_column(default=0)
    given_back_amount: Mapped[int] = mapped_column(default=0)
    creator_repaid_amount: Mapped[int] = mapped_column(default=0)
    agency_repaid_amount: Mapped[int] = mapped_column(default=0)

    total: Mapped[Money] = composite("amount", "currency")

    @property
    def left(self) -> Money:
        """What of it the bank hasn't given back."""
        return Money(self.amount - self.given_back_amount, self.currency)


class Recovery(Model):
    """Part of a settlement's earning that paid what its payee owes of chargebacks, instead of being sent. A settlement
    has several where its transfer was refused and its payee owed more by the next. `returned_amount` of it is the
    payee's again, as a bank gave back what it had kept."""

    __tablename__ = "recoveries"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name="one_payee"),
        CheckConstraint("returned_amount BETWEEN 0 AND amount", name="returned_within"),
        Index("ix_recoveries_settlement", "settlement_id"),
        Index("ix_recoveries_creator", "creator_id", "id", postgresql_where=text("creator_id IS NOT NULL")),
        Index("ix_recoveries_of_agency", "agency_id", "id", postgresql_where=text("agency_id IS NOT NULL")),
    )

    id: Mapped[int] = pk()
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    amount: Mapped[int]
    returned_amount: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    at: Mapped[datetime]

    total: Mapped[Money] = composite("amount", "currency")
