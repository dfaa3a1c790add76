"""A document in words: every figure and date of its frozen data in one language, ready to be placed.

The PDF and the page are made of the same words. Days and moments are those of the platform's clock.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from marketplace.documents import invoice_words, statement_words
from marketplace.documents.labels import document_name
from marketplace.documents.models import Document, DocumentKind
from marketplace.documents.parts import fact, moment
from marketplace.infra.i18n import language, reader
from marketplace.infra.labels import label

_BODIES = {
    DocumentKind.INVOICE: invoice_words.invoice,
    DocumentKind.FEE_INVOICE: invoice_words.fee_invoice,
    DocumentKind.CREDIT_NOTE: invoice_words.credit_note,
    DocumentKind.STATEMENT: statement_words.statement,
    DocumentKind.ANNUAL_SUMMARY: statement_words.summary,
}


def written(document: Document, locale: str) -> dict[str, Any]:
    """The document in `locale`; the same data give the same words."""
    data = document.data
    with reader(locale, data["zone"]):
        return {
            "language": language(),
            "created": _parts(document.issued_at, data["zone"]),
            "issuer": data["issuer"]["name"],
            "running": " · ".join([data["issuer"]["name"], document_name(document)]),
            "page": _("Page {page} of {pages}"),
            "kicker": str(label(document.kind)),
            "title": document_name(document),
            "subtitle": _("Issued on %(moment)s", moment=moment(data["issued_at"])),
            "parties": [_issuer(data["issuer"]), _recipient(data["recipient"])],
            **_BODIES[document.kind](data),
            "proof": _proof(document),
        }


def _parts(at: datetime, zone: str) -> list[int]:
    local = at.astimezone(ZoneInfo(zone))
    return [local.year, local.month, local.day, local.hour, local.minute, local.second]


def _issuer(issuer: dict[str, Any]) -> dict[str, Any]:
    lines = [line for line in issuer["address"].splitlines() if line.strip()]
    if issuer["tax_id"]:
        lines.append(_("Tax number %(number)s", number=issuer["tax_id"]))
    return {"role": _("Issued by"), "name": issuer["name"], "lines": lines}


def _recipient(recipient: dict[str, Any]) -> dict[str, Any]:
    lines = []
    if recipient["known_as"] != recipient["name"]:
        lines.append(_("Known on Mutuals as %(name)s", name=recipient["known_as"]))
    if recipient["registration_number"]:
        lines.append(_("Registration number %(number)s", number=recipient["registration_number"]))
    return {"role": _("To"), "name": recipient["name"], "lines": lines}


def _proof(document: Document) -> dict[str, str]:
    return fact(
        _("Fingerprint of the data (SHA-256)"),
        document.data_sha256,
        _("The data are attached to this file as document.json. Hashing that attachment gives this fingerprint."),
    )
