"""Documents as files: PDF/A-3 with the frozen data inside, the same bytes for the same data, made once."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from marketplace.accounts.actor import SYSTEM
from marketplace.documents import export, render
from marketplace.documents.files import keep_file
from marketplace.documents.invoices import issue_invoice
from marketplace.documents.issue import canonical
from marketplace.documents.jobs import render_job, sweep
from marketplace.documents.models import Document, DocumentFile, DocumentKind
from marketplace.documents.runs import start_run
from marketplace.escrow.models import Payment
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock
from tests.documents.test_invoices import ruled
from tests.support.agencies import make_agency, represent
from tests.support.market import make_brand, make_creator
from tests.support.money import completed_deal, funded_deal
from tests.support.racing import race
from tests.support.saved import Saved

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
NEXT_YEAR = datetime(clock.now().year + 1, 1, 2, 13, tzinfo=UTC)


@pytest.fixture
def of_every_kind(saved: Saved, run_jobs: RunJobs) -> dict[DocumentKind, Document]:
    """One document of each kind; the statement is a creator's."""
    saved.world("documents_of_every_kind", lambda: issue_every_kind(run_jobs))
    return {document.kind: document for document in db.session.scalars(select(Document).order_by(Document.id))}


def issue_every_kind(run_jobs: RunJobs) -> None:
    with transaction():
        creator, brand, agency = make_creator(), make_brand(), make_agency()
        represent(agency, creator)
    completed_deal(12_000_00, creator, brand)
    ruled(funded_deal(9_000_00, creator, brand), 4_000_00)
    run_jobs()
    with clock.at(NEXT_YEAR):
        with transaction():
            start_run(SYSTEM, DocumentKind.STATEMENT, date(NEXT_YEAR.year - 1, 12, 1))
            start_run(SYSTEM, DocumentKind.ANNUAL_SUMMARY, date(NEXT_YEAR.year - 1, 1, 1))
        run_jobs()


def read(pdf: bytes) -> str:
    """The text without the breaks of lines: long words are broken, and figures never are."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_every_kind_is_pdf_a_3_with_its_frozen_data_inside(of_every_kind: dict[DocumentKind, Document]) -> None:
    assert set(of_every_kind) == set(DocumentKind)
    for document in of_every_kind.values():
        for locale in LANGUAGES:
            stored = keep_file(document.id, locale)
            assert stored.sha256 == hashlib.sha256(stored.content).hexdigest()
            reader = PdfReader(io.BytesIO(stored.content))
            (attached,) = reader.attachments["document.json"]
            assert json.loads(attached) == document.data
            assert hashlib.sha256(attached).hexdigest() == document.data_sha256
            metadata = reader.xmp_metadata
            assert metadata is not None
            marks = metadata.rdf_root.toxml()
            assert "<pdfaid:part>3</pdfaid:part>" in marks
            assert "<pdfaid:conformance>A</pdfaid:conformance>" in marks
            assert document.data_sha256 in read(stored.content)


def test_the_same_data_give_the_same_bytes(of_every_kind: dict[DocumentKind, Document]) -> None:
    for document in of_every_kind.values():
        first = render.pdf(document, "en")
        with clock.at(NEXT_YEAR):
            assert render.pdf(document, "en") == first
        assert render.pdf(document, "zh") != first


def test_an_invoice_says_whom_it_is_for_and_every_figure(of_every_kind: dict[DocumentKind, Document]) -> None:
    invoice = of_every_kind[DocumentKind.INVOICE]
    text = read(render.pdf(invoice, "en"))
    for words in (
        invoice.data["number"],
        "MutualsPayLtd.",
        "1HarbourRoad",
        "TaxnumberHK-1234567",
        "TidewellCo.,Ltd.",
        "91310000MA1K00000X",
        "¥9,450.00",
        "¥450.00",
        "VAT6%,included",
        "¥25.47",
        str(invoice.data["entries"][0]["id"]),
        invoice.data["payment"]["charge"],
    ):
        assert words in text


def test_what_people_typed_is_never_read_as_source(of_every_kind: dict[DocumentKind, Document]) -> None:
    document = of_every_kind[DocumentKind.INVOICE]
    db.session.expunge(document)
    title = '#panic("no") $x^2$ *bold* \\ <label> "quoted"'
    document.data = {**document.data, "deal": {**document.data["deal"], "title": title}}
    assert title.replace(" ", "") in read(render.pdf(document, "en"))


def test_files_are_made_once_by_whoever_comes_first(
    app: Flask, of_every_kind: dict[DocumentKind, Document], run_jobs: RunJobs
) -> None:
    made = db.session.execute(select(func.count()).select_from(DocumentFile)).scalar_one()
    issued = db.session.execute(select(func.count()).select_from(Document)).scalar_one()
    # The worker has made all of them already, right after the issue.
    assert made == issued * len(LANGUAGES)
    stored = db.session.execute(select(func.count()).select_from(StoredFile)).scalar_one()
    ids = list(db.session.scalars(select(Document.id)))
    db.session.rollback()
    render_job(ids)
    sweep()
    run_jobs()
    assert db.session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == stored


def test_races_for_one_file_make_one(app: Flask) -> None:
    funded = funded_deal()
    db.session.rollback()
    with transaction():
        payment_id = db.session.scalars(select(Payment.id).where(Payment.deal_id == funded.deal_id)).one()
        invoice = issue_invoice(payment_id)
        assert invoice is not None
        document_id = invoice.id
    hashes: list[str] = []
    assert race(app, *([lambda: hashes.append(keep_file(document_id, "en").sha256)] * 6)) == ["done"] * 6
    assert len(set(hashes)) == 1
    kept = select(func.count()).select_from(StoredFile).where(StoredFile.name.contains("-INV-"))
    assert db.session.execute(kept).scalar_one() == 1


def test_csv_and_json_are_the_frozen_data(of_every_kind: dict[DocumentKind, Document]) -> None:
    statement = of_every_kind[DocumentKind.STATEMENT]
    lines = list(export.rows(statement))
    assert all(len(line) == len(export.heads(statement)) for line in lines)
    opened = [line for line in lines if line[2] == "opening.balance"]
    moved = [line for line in lines if line[1] is not None]
    assert len(opened) == len(statement.data["accounts"])
    assert len(moved) == sum(len(row["amounts"]) for row in statement.data["rows"])
    for document in of_every_kind.values():
        assert all(len(line) == len(export.heads(document)) for line in export.rows(document))
        assert json.loads(canonical(document.data)) == document.data
        assert hashlib.sha256(canonical(document.data)).hexdigest() == document.data_sha256
