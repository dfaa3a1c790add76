"""Pages of documents: a place's own list, each document, and its files."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header

from marketplace.accounts.session import Role, access, current_actor
from marketplace.documents import export
from marketplace.documents.files import file_name, keep_file
from marketplace.documents.issue import canonical
from marketplace.documents.labels import document_name
from marketplace.documents.models import DocumentKind
from marketplace.documents.queries import (
    DocumentFilter,
    documents_of_actor,
    files_of,
    get_document,
    notes_on,
    years_of,
)
from marketplace.documents.words import written
from marketplace.infra.csv_files import csv_answer
from marketplace.infra.i18n import LANGUAGES, language
from marketplace.infra.uploads import send_stored
from marketplace.kit.errors import NotFound

bp = Blueprint("documents", __name__)
_PAGE = 30
_LARGEST = 2**63 - 1
_READERS = (Role.CREATOR, Role.BRAND, Role.AGENCY, Role.ADMIN)
bp.add_app_template_global(document_name, "document_name")


@bp.get("/documents")
@access(Role.CREATOR, Role.BRAND, Role.AGENCY)
def index() -> ResponseReturnValue:
    """What was issued to the actor's place: by kind, by year, or of one deal."""
    actor, wanted = current_actor(), DocumentFilter(_kind(), _number("year", 9999), _number("deal", _LARGEST))
    found = documents_of_actor(actor, wanted, _PAGE + 1, _number("before", _LARGEST))
    return render_template(
        "documents/index.html",
        wanted=wanted,
        kinds=list(DocumentKind),
        years=years_of(actor),
        found=found[:_PAGE],
        older=found[_PAGE - 1].id if len(found) > _PAGE else None,
    )


@bp.get("/documents/<int:document_id>")
@access(*_READERS)
def show(document_id: int) -> ResponseReturnValue:
    """The document in the reader's language, with its fingerprints and its files."""
    document = get_document(current_actor(), document_id)
    return render_template(
        "documents/show.html",
        document=document,
        words=written(document, language()),
        files=files_of(document.id),
        notes=notes_on(document.id),
    )


@bp.get("/documents/<int:document_id>/<locale>.pdf")
@access(*_READERS)
def file(document_id: int, locale: str) -> ResponseReturnValue:
    """The PDF in `locale`, made now where the worker hasn't yet."""
    document = get_document(current_actor(), document_id)
    if locale not in LANGUAGES:
        raise NotFound
    return send_stored(keep_file(document.id, locale))


@bp.get("/documents/<int:document_id>.<any(csv, json):form>", endpoint="data")
@access(*_READERS)
def frozen_data(document_id: int, form: str) -> ResponseReturnValue:
    """The frozen data: as a table, or as the very bytes whose fingerprint the document bears."""
    document = get_document(current_actor(), document_id)
    if form == "csv":
        return csv_answer(file_name(document, ""), export.heads(document), export.rows(document))
    name = {"filename": file_name(document, ".json")}
    answer = Response(canonical(document.data), mimetype="application/json")
    answer.headers["Content-Disposition"] = dump_options_header("attachment", name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _kind() -> DocumentKind | None:
    typed = request.args.get("kind", "")
    return DocumentKind(typed) if typed in set(DocumentKind) else None


def _number(name: str, most: int) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= most else None
