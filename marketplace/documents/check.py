"""The issued documents check themselves, as part of `flask ledger check`: no number is missing, no word was changed."""

import hashlib
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from marketplace.documents.issue import canonical
from marketplace.documents.models import Document
from marketplace.infra.db import db, transaction
from marketplace.ledger.check import Problem

_MOST = 100
_READ_AT_ONCE = 500


def check_documents() -> list[Problem]:
    """All that is wrong with them, at most 100 of each sort; reads every document."""
    with transaction():
        return [*series_have_no_gaps(), *documents_say_what_was_issued()]


def series_have_no_gaps() -> Iterable[Problem]:
    """As many documents as the series has given numbers, from 1 on: their numbers differ, so that none is missing."""
    query = text("""
        SELECT issuer, kind, year, coalesce(series.last, 0), count(document.id)
        FROM document_series series
        FULL JOIN (SELECT * FROM documents WHERE number IS NOT NULL) document USING (issuer, kind, year)
        GROUP BY issuer, kind, year, series.last
        HAVING (coalesce(series.last, 0), 1) <> (count(document.id), coalesce(min(document.number), 1))
            OR max(document.number) <> coalesce(series.last, 0)
        ORDER BY issuer, kind, year LIMIT :most
    """)
    for issuer, kind, year, last, count in db.session.execute(query, {"most": _MOST}):
        yield Problem(
            _l("The series has given %(last)s numbers, and %(count)s documents have one.", last=last, count=count),
            f"documents:{issuer}:{kind}:{year}",
        )


def documents_say_what_was_issued() -> Iterable[Problem]:
    """Each document's data have the fingerprint that was recorded with them."""
    query = select(Document.id, Document.data, Document.data_sha256).order_by(Document.id)
    found = 0
    for document_id, data, fingerprint in db.session.execute(query, execution_options={"yield_per": _READ_AT_ONCE}):
        if found < _MOST and hashlib.sha256(canonical(data)).hexdigest() != fingerprint:
            found += 1
            yield Problem(_l("What it says isn’t what was issued: its fingerprint differs."), f"document:{document_id}")
