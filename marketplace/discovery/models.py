"""Tables of the lists in which a brand keeps creators."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class CreatorList(Model):
    """A brand's named list of creators, shared by its members and seen by nobody else."""

    __tablename__ = "creator_lists"
    __table_args__ = (Index("uq_creator_lists_name", "brand_id", text("lower(name)"), unique=True),)

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    name: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class ListedCreator(Model):
    """A creator in a list, with the brand's note."""

    __tablename__ = "listed_creators"
    __table_args__ = (UniqueConstraint("list_id", "creator_id"), Index("ix_listed_creators_creator", "creator_id"))

    id: Mapped[int] = pk()
    list_id: Mapped[int] = mapped_column(ForeignKey("creator_lists.id", ondelete="CASCADE"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    note: Mapped[str] = mapped_column(default="")
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
