"""Tables of documents. What is issued never changes: triggers of migration 0002 refuse it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk


class DocumentKind(StrEnum):
    """A brand's invoice for a payment, a creator's (or agency's) for the commission, what takes one back, and the
    accounts of a month and of a year."""

    INVOICE = "invoice"
    FEE_INVOICE = "fee_invoice"
    CREDIT_NOTE = "credit_note"
    STATEMENT = "statement"
    ANNUAL_SUMMARY = "annual_summary"


class DocumentSeries(Model):
    """The last number given in one series. Its row is locked until the document that takes the next one commits, so
    that a number which is rolled back is given again: the series has no gaps."""

    __tablename__ = "document_series"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[DocumentKind] = enum_column(DocumentKind, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Document(Model):
    """One issued document. `owner` is whom it is for, as in the books ("brand:5"); `cause` is why, and issues it once.

    `data` is all that it says, `data_sha256` that of its canonical JSON. Numbers are those of the series of `issuer`,
    `kind` and `year`; statements and summaries have none. `total` is minor units of `currency`. A credit note corrects
    an invoice. `period_start` and `period_end` are first and last days of a statement or summary.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("cause"),
        UniqueConstraint("issuer", "kind", "year", "number"),
        CheckConstraint("(kind IN ('statement', 'annual_summary')) = (number IS NULL)", name="numbered"),
        CheckConstraint("(kind IN ('statement', 'annual_summary')) = (period_start IS NOT NULL)", name="period_named"),
        CheckConstraint("(period_start IS NULL) = (period_end IS NULL)", name="period_whole"),
        CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="credit_note_corrects"),
        Index("ix_documents_owner", "owner", text("id DESC")),
        Index("ix_documents_reference", "reference", "id"),
        # Documents come in the order of their moments, so that a few pages say where the latest lie.
        Index("ix_documents_issued_at", "issued_at", postgresql_using="brin"),
    )

    id: Mapped[int] = pk()
    kind: Mapped[DocumentKind] = enum_column(DocumentKind)
    issuer: Mapped[str]
    year: Mapped[int]
    number: Mapped[int | None]
    owner: Mapped[str]
    reference: Mapped[str]
    cause: Mapped[str]
    currency: Mapped[str]
    total: Mapped[int]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    data_sha256: Mapped[str]
    issued_at: Mapped[datetime]


class DocumentFile(Model):
    """A document as a PDF in one language, with the file's SHA-256. Made once."""

    __tablename__ = "document_files"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    sha256: Mapped[str]


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"


class StatementRun(Model):
    """The issuing of everybody's statements or summaries of one period: one job that goes on where it stopped.

    `after` is the last owner done, in their order; `done` counts owners, `issued` documents. There is one run a period.
    """

    __tablename__ = "statement_runs"
    __table_args__ = (
        UniqueConstraint("kind", "period_start"),
        CheckConstraint("kind IN ('statement', 'annual_summary')", name="of_periods"),
        CheckConstraint("(state = 'finished') = (finished_at IS NOT NULL)", name="finished_has_moment"),
    )

    id: Mapped[int] = pk()
    kind: Mapped[DocumentKind] = enum_column(DocumentKind)
    period_start: Mapped[date]
    period_end: Mapped[date]
    state: Mapped[RunState] = enum_column(RunState)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    owners: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    issued: Mapped[int] = mapped_column(default=0)
    after: Mapped[str] = mapped_column(default="")
