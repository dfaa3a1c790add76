"""Tables of brands and their members."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.accounts.actor import BrandRole
from marketplace.infra.db import Model, enum_column, pk


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
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Member(Model):
    """A user's place in a brand."""

    __tablename__ = "brand_members"
    __table_args__ = (UniqueConstraint("brand_id", "user_id"),)

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[BrandRole] = enum_column(BrandRole)
    joined_at: Mapped[datetime]
