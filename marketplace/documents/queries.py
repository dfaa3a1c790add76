"""Reads of documents: a person's own, a deal's, and what administrators look after."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import defer

from marketplace.accounts.actor import Actor
from marketplace.documents.issue import NUMBERED
from marketplace.documents.models import Document, DocumentFile, DocumentKind, RunState, StatementRun
from marketplace.documents.parties import owner_of
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import deal_owner

_NUMBER = re.compile(r"([A-Z0-9]{2,8})-(\d{4})-([A-Z]{3})-(\d{1,12})", re.ASCII)
# Files are made right after the issue; a job for them may wait a while, and what is older is made when asked for.
_GRACE, _LATELY = timedelta(hours=1), timedelta(days=40)


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What a list of documents is narrowed to."""

    kind: DocumentKind | None = None
    year: int | None = None
    deal_id: int | None = None


def documents_of_actor(actor: Actor, wanted: DocumentFilter, limit: int, before: int | None) -> Sequence[Document]:
    """The documents for the actor's place, newest first; `before` is the id that ended the page before."""
    query = _listed().where(Document.owner == owner_of(actor), *_conditions(wanted))
    if before is not None:
        query = query.where(Document.id < before)
    return db.session.scalars(query.order_by(Document.id.desc()).limit(limit)).all()


def years_of(actor: Actor) -> Sequence[int]:
    """The years in which the actor's place has documents, newest first."""
    query = select(Document.year).where(Document.owner == owner_of(actor)).distinct()
    return db.session.scalars(query.order_by(Document.year.desc())).all()


def get_document(actor: Actor, document_id: int) -> Document:
    """
    Raises:
        NotFound: there is none, or it is for somebody else; administrators read all.
    """
    query = select(Document).where(Document.id == document_id)
    if not actor.is_admin:
        query = query.where(Document.owner == owner_of(actor))
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def files_of(document_id: int) -> dict[str, str]:
    """The SHA-256 of each file made so far, by language."""
    query = select(DocumentFile.locale, DocumentFile.sha256).where(DocumentFile.document_id == document_id)
    return dict(db.session.execute(query).all())


def notes_on(document_id: int) -> Sequence[Document]:
    """The credit notes that correct it, oldest first."""
    return db.session.scalars(_listed().where(Document.corrects_id == document_id).order_by(Document.id)).all()


def find_by_number(text: str) -> Document | None:
    """The document with this number, however it is spaced or cased."""
    found = _NUMBER.fullmatch("".join(text.split()).upper())
    kinds = {short: kind for kind, short in NUMBERED.items()}
    if found is None or found[3] not in kinds:
        return None
    place = (Document.issuer == found[1], Document.year == int(found[2]), Document.number == int(found[4]))
    return db.session.scalars(select(Document).where(*place, Document.kind == kinds[found[3]])).first()


def counts_by_kind() -> dict[DocumentKind, int]:
    rows = db.session.execute(select(Document.kind, func.count()).group_by(Document.kind))
    return dict(rows.all())


def newest_runs(limit: int) -> Sequence[StatementRun]:
    return db.session.scalars(select(StatementRun).order_by(StatementRun.id.desc()).limit(limit)).all()


def unfinished_runs() -> Sequence[StatementRun]:
    return db.session.scalars(select(StatementRun).where(StatementRun.state == RunState.RUNNING)).all()


def documents_without_files(limit: int) -> Sequence[int]:
    """Some documents of the last weeks that should have both files by now and lack one; older ones are set when asked
    for."""
    return db.session.scalars(select(Document.id).where(*_lacks_file()).order_by(Document.id).limit(limit)).all()


def count_without_files() -> int:
    return db.session.scalar(select(func.count()).select_from(Document).where(*_lacks_file(timedelta(0)))) or 0


def _lacks_file(grace: timedelta = _GRACE) -> list[ColumnElement[bool]]:
    lacks = [
        ~exists().where(DocumentFile.document_id == Document.id, DocumentFile.locale == locale) for locale in LANGUAGES
    ]
    now = clock.now()
    return [or_(*lacks), Document.issued_at.between(now - _LATELY, now - grace)]


def _listed() -> Select[Document]:
    """Lists show no more than the head: the data of a statement may be long."""
    return select(Document).options(defer(Document.data))


def _conditions(wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(Document.kind == wanted.kind)
    if wanted.year is not None:
        found.append(Document.year == wanted.year)
    if wanted.deal_id is not None:
        found.append(Document.reference == deal_owner(wanted.deal_id))
    return found
