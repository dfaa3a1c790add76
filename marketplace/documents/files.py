"""Documents as files, made once in each language, by the worker or at the first download, whichever comes first."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import undefer

from marketplace.documents.issue import number_text
from marketplace.documents.models import Document, DocumentFile, DocumentKind
from marketplace.documents.render import pdf
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.storage import StoredFile, store_file


def keep_file(document_id: int, locale: str) -> StoredFile:
    """The document as a PDF in `locale`, set and kept unless it is kept already. Owns its transactions.

    Setting takes a moment and holds no lock; of two that set the same file, one is kept, and the other is forgotten.
    """
    end_transaction()
    found = _kept(document_id, locale)
    if found is None:
        document = db.session.get_one(Document, document_id)
        db.session.expunge(document)
        end_transaction()
        content = pdf(document, locale)
        with transaction():
            _keep(document, locale, content)
        found = _kept(document_id, locale)
    assert found is not None
    db.session.expunge(found)
    end_transaction()
    return found


def is_kept(document_id: int, locale: str) -> bool:
    query = select(DocumentFile.sha256).where(DocumentFile.document_id == document_id, DocumentFile.locale == locale)
    return db.session.scalar(query) is not None


def file_name(document: Document, ending: str) -> str:
    """What a download is called: by the number, or by the period and whom it is for."""
    if document.number is not None:
        return f"{number_text(document.issuer, document.kind, document.year, document.number)}{ending}"
    assert document.period_start is not None
    form = "%Y-%m" if document.kind is DocumentKind.STATEMENT else "%Y"
    name = "statement" if document.kind is DocumentKind.STATEMENT else "summary"
    owner = document.owner.replace(":", "-")
    return f"{document.issuer}-{name}-{document.period_start:{form}}-{owner}-{document.currency}{ending}"


def _kept(document_id: int, locale: str) -> StoredFile | None:
    query = (
        select(StoredFile)
        .join(DocumentFile, DocumentFile.file_id == StoredFile.id)
        .where(DocumentFile.document_id == document_id, DocumentFile.locale == locale)
        .options(undefer(StoredFile.content))
    )
    return db.session.scalars(query).first()


def _keep(document: Document, locale: str, content: bytes) -> None:
    attempt = db.session.begin_nested()
    stored = store_file(file_name(document, f"-{locale}.pdf"), "application/pdf", content)
    row = insert(DocumentFile).values(document_id=document.id, locale=locale, file_id=stored.id, sha256=stored.sha256)
    if db.session.scalar(row.on_conflict_do_nothing().returning(DocumentFile.sha256)) is None:
        attempt.rollback()
    else:
        attempt.commit()
