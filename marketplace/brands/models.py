"""Tables of brands and their members."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.accounts.actor import BrandRole
from marketplace.infra.db import Model, enum_column, pk
from marketplace.kit.money import Money


class Brand(Model):
    """An organisation that buys. It always has at least one owner among its members.

    `version` grows with every edit, so that a form opened before another's edit is refused.
    """

    __tablename__ = "brands"
    __table_args__ = (
        UniqueConstraint("handle"),
        CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name="handle_form"),
    )

    id: Mapped[int] = pk()
    handle: Mapped[str]
    name: Mapped[str]
    legal_name: Mapped[str]
    registration_number: Mapped[str] = mapped_column(default="")
    industry: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Member(Model):
    """A user's place in a brand. `limit_amount` is the most they may commit in a calendar month, None for any."""

    __tablename__ = "brand_members"
    __table_args__ = (
        UniqueConstraint("brand_id", "user_id"),
        CheckConstraint("(limit_amount IS NULL) = (limit_currency IS NULL)", name="limit_whole"),
        CheckConstraint("limit_amount >= 0", name="limit_not_negative"),
    )

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[BrandRole] = enum_column(BrandRole)
    joined_at: Mapped[datetime]
    limit_amount: Mapped[int | None]
    limit_currency: Mapped[str | None]

    @property
    def limit(self) -> Money | None:
        """What they may commit in a calendar month; None for any amount."""
        if self.limit_amount is None or self.limit_currency is None:
            return None
        return Money(self.limit_amount, self.limit_currency)


class Invitation(Model):
    """A mail that asks somebody to join a brand. Only the token's hash is kept; it works once and until it expires."""

    __tablename__ = "brand_invitations"
    __table_args__ = (
        Index(
            "uq_brand_invitations_open",
            "brand_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    email: Mapped[str]
    role: Mapped[BrandRole] = enum_column(BrandRole)
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class MemberEventKind(StrEnum):
    """What happened to who belongs to a brand."""

    FOUNDED = "founded"
    INVITED = "invited"
    REVOKED = "revoked"
    JOINED = "joined"
    ROLE = "role"
    LIMIT = "limit"
    TRANSFERRED = "transferred"
    LEFT = "left"
    REMOVED = "removed"


class MemberEvent(Model):
    """One change of who belongs to a brand, as whom, and how much they may commit. Appended, never changed.

    `subject` is the name of the person it is about, or the e-mail of somebody invited, as it was then. `role` and the
    limit are what was given; `role_before` what it replaced.
    """

    __tablename__ = "brand_member_events"
    __table_args__ = (Index("ix_brand_member_events_brand", "brand_id", text("id DESC")),)

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[MemberEventKind] = enum_column(MemberEventKind)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user_name: Mapped[str]
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    subject: Mapped[str]
    role: Mapped[BrandRole | None] = enum_column(BrandRole)
    role_before: Mapped[BrandRole | None] = enum_column(BrandRole)
    limit_amount: Mapped[int | None]
    limit_currency: Mapped[str | None]
    at: Mapped[datetime]

    @property
    def limit(self) -> Money | None:
        """The limit that was set; None where it was lifted, or where the event is about something else."""
        if self.limit_amount is None or self.limit_currency is None:
            return None
        return Money(self.limit_amount, self.limit_currency)


class Commitment(Model):
    """Money that one member bound the brand to, by what bound it (`deal:1001`); counted against their monthly limit.

    Released (`released_at`) when the deal ends without having been paid.
    """

    __tablename__ = "brand_commitments"
    __table_args__ = (
        UniqueConstraint("brand_id", "reference"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_brand_commitments_user", "brand_id", "user_id", "at", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reference: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    total: Mapped[Money] = composite("amount", "currency")


class BlockedBy(StrEnum):
    BRAND = "brand"
    CREATOR = "creator"


class Block(Model):
    """One side doesn't want to meet the other: neither can see or choose the other while the row is there."""

    __tablename__ = "blocks"
    __table_args__ = (UniqueConstraint("brand_id", "creator_id", "by_side"), Index("ix_blocks_creator", "creator_id"))

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    by_side: Mapped[BlockedBy] = enum_column(BlockedBy)
    reason: Mapped[str] = mapped_column(default="")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
