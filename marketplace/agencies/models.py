"""Tables of agencies, their people, and the creators they represent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.actor import AgencyRole
from marketplace.creators.models import Creator
from marketplace.infra.db import Model, enum_column, pk


class Agency(Model):
    """An organisation that looks after creators. It always has at least one owner among its members."""

    __tablename__ = "agencies"
    __table_args__ = (
        UniqueConstraint("handle"),
        CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name="handle_form"),
    )

    id: Mapped[int] = pk()
    handle: Mapped[str]
    name: Mapped[str]
    legal_name: Mapped[str]
    registration_number: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AgencyMember(Model):
    """A user's place in an agency."""

    __tablename__ = "agency_members"
    __table_args__ = (UniqueConstraint("agency_id", "user_id"),)

    id: Mapped[int] = pk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[AgencyRole] = enum_column(AgencyRole)
    joined_at: Mapped[datetime]


class RepresentationStatus(StrEnum):
    OFFERED = "offered"
    ACTIVE = "active"
    ENDED = "ended"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Representation(Model):
    """An agency's offer to represent a creator, and their written consent: what was agreed never changes.

    `share` is the agency's part of what the creator receives of deals signed meanwhile, in basis points. `consent` is
    the text as the creator agreed to it, `consented_name` what they typed below it. `ends_at` is set once either side
    has given notice. A creator is represented by at most one agency at a time.
    """

    __tablename__ = "representations"
    __table_args__ = (
        CheckConstraint("share BETWEEN 0 AND 5000", name="share_bounds"),
        CheckConstraint("(status IN ('active', 'ended')) = (consented_at IS NOT NULL)", name="consented_if_active"),
        Index("uq_representations_active", "creator_id", unique=True, postgresql_where=text("status = 'active'")),
        Index(
            "uq_representations_offered",
            "agency_id",
            "creator_id",
            unique=True,
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_representations_agency", "agency_id", text("id DESC")),
        Index("ix_representations_creator", "creator_id", text("id DESC")),
        Index("ix_representations_ends", "ends_at", postgresql_where=text("status = 'active' AND ends_at IS NOT NULL")),
    )

    id: Mapped[int] = pk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    status: Mapped[RepresentationStatus] = enum_column(RepresentationStatus)
    share: Mapped[int]
    notice_days: Mapped[int]
    message: Mapped[str] = mapped_column(default="")
    offered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    offered_at: Mapped[datetime]
    consent: Mapped[str] = mapped_column(default="")
    consented_name: Mapped[str] = mapped_column(default="")
    consented_at: Mapped[datetime | None]
    notice_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    notice_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    agency: Mapped[Agency] = relationship(lazy="raise_on_sql", viewonly=True)
    creator: Mapped[Creator] = relationship(lazy="raise_on_sql", viewonly=True)
