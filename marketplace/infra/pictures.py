"""Pictures that everyone may see (covers, faces, works), kept in the sizes that pages need."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, pk


class Picture(Model):
    """One uploaded picture after cropping; never changed, a new upload is a new row. `width` and `height` in pixels."""

    __tablename__ = "pictures"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="some_size"),)

    id: Mapped[int] = pk()
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class PictureSize(Model):
    """A picture encoded at one width."""

    __tablename__ = "picture_sizes"
    __table_args__ = (UniqueConstraint("picture_id", "width"),)

    id: Mapped[int] = pk()
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"))
    width: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
