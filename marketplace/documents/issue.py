"""The one way a document comes to be: its number, its data and their fingerprint in one transaction, once a cause."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marketplace.documents.models import Document, DocumentKind, DocumentSeries
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.kit.periods import Period

NUMBERED = {DocumentKind.INVOICE: "INV", DocumentKind.FEE_INVOICE: "FEE", DocumentKind.CREDIT_NOTE: "CRN"}
# A refund is told as money that goes back, and a commission with the settlement.
_TOLD = (DocumentKind.INVOICE, DocumentKind.STATEMENT, DocumentKind.ANNUAL_SUMMARY)
# A render job of so many takes some seconds, so that a worker that stops loses little.
_RENDERED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A document to be. `owner` is whom it is for, as in the books; `cause` issues it once; `total` is its sum.

    `data` is all that it says, but for number, issuer and moment.
    """

    kind: DocumentKind
    owner: str
    reference: str
    cause: str
    total: Money
    data: dict[str, Any]
    corrects_id: int | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """What a draft is given at its issue."""

    year: int
    number: int | None
    moment: datetime


def issue(draft: Draft) -> Document:
    """Issue an invoice or a credit note under the next number of its series; the same cause gives the one there is.

    The series stays locked until the transaction ends, so this comes last in it; rolled back, the number is free again.
    """
    while (issued := document_for(draft.cause)) is None:
        attempt = db.session.begin_nested()
        place = _take_number(draft.kind)
        # Whoever waited for the lock may find the document issued meanwhile, or the year over.
        if document_for(draft.cause) is None and platform_year(place.moment) == place.year:
            issued = Document(**_values(draft, place))
            db.session.add(issued)
            db.session.flush()
            attempt.commit()
            _after(draft.kind, [issued.id])
            return issued
        attempt.rollback()
    return issued


def issue_many(drafts: Sequence[Draft]) -> list[int]:
    """Issue statements or summaries (of one kind), which have no number, in one query; the ids of those issued now."""
    if not drafts:
        return []
    moment = clock.now()
    rows = [_values(draft, _Place(draft.period.start.year, None, moment)) for draft in drafts if draft.period]
    query = insert(Document).on_conflict_do_nothing(index_elements=["cause"]).returning(Document.id)
    issued = sorted(db.session.scalars(query, rows))
    _after(drafts[0].kind, issued)
    return issued


def document_for(cause: str) -> Document | None:
    """The document that was issued for the cause."""
    return db.session.scalars(select(Document).where(Document.cause == cause)).first()


def canonical(data: Any) -> bytes:
    """Data as the bytes that are hashed and kept in the PDF: JSON in UTF-8, keys in order, no space between."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def number_text(issuer: str, kind: DocumentKind, year: int, number: int) -> str:
    """The number as people write it: MUT-2026-INV-000017."""
    return f"{issuer}-{year}-{NUMBERED[kind]}-{number:06d}"


def platform_year(moment: datetime) -> int:
    return moment.astimezone(ZoneInfo(settings().default_timezone)).year


def _take_number(kind: DocumentKind) -> _Place:
    """The next number of this year's series. The moment is read with the series locked: it grows with the number."""
    year = platform_year(clock.now())
    first = insert(DocumentSeries).values(issuer=settings().issuer_code, kind=kind, year=year, last=1)
    query = first.on_conflict_do_update(
        index_elements=["issuer", "kind", "year"], set_={"last": DocumentSeries.last + 1}
    ).returning(DocumentSeries.last)
    number = db.session.scalars(query).one()
    return _Place(year, number, clock.now())


def _values(draft: Draft, place: _Place) -> dict[str, Any]:
    found, period = settings(), draft.period
    data = {
        **draft.data,
        "kind": draft.kind.value,
        "number": number_text(found.issuer_code, draft.kind, place.year, place.number) if place.number else None,
        "issued_at": place.moment.isoformat(),
        "zone": found.default_timezone,
        "currency": draft.total.currency,
        "total": draft.total.amount,
        "issuer": {
            "code": found.issuer_code,
            "name": found.issuer_name,
            "address": found.issuer_address,
            "tax_id": found.issuer_tax_id,
        },
    }
    return {
        "kind": draft.kind,
        "issuer": found.issuer_code,
        "year": place.year,
        "number": place.number,
        "owner": draft.owner,
        "reference": draft.reference,
        "cause": draft.cause,
        "currency": draft.total.currency,
        "total": draft.total.amount,
        "period_start": period.start if period else None,
        "period_end": period.last if period else None,
        "corrects_id": draft.corrects_id,
        "data": data,
        "data_sha256": hashlib.sha256(canonical(data)).hexdigest(),
        "issued_at": place.moment,
    }


def _after(kind: DocumentKind, document_ids: Sequence[int]) -> None:
    for start in range(0, len(document_ids), _RENDERED_AT_ONCE):
        ids = list(document_ids[start : start + _RENDERED_AT_ONCE])
        defer("documents.render", document_ids=ids)
        if kind in _TOLD:
            defer("notifications.tell_documents", document_ids=ids)
