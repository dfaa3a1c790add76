"""Files people hand in and documents we make, kept in the database: no process needs a local disk."""

import hashlib
from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from marketplace.infra.db import Model, db, pk
from marketplace.kit import clock


class StoredFile(Model):
    """One file's bytes; never changed. Who may read it is decided by the feature that refers to it."""

    __tablename__ = "stored_files"

    id: Mapped[int] = pk()
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    created_at: Mapped[datetime]


def store_file(name: str, content_type: str, content: bytes) -> StoredFile:
    """Keep `content` and flush, so that the new file has its id."""
    stored = StoredFile(
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=clock.now(),
    )
    db.session.add(stored)
    db.session.flush()
    return stored
