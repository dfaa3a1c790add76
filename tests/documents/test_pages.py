"""The pages of documents, as their owners and administrators use them."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.briefs.policy import platform_today
from marketplace.documents.models import Document, DocumentKind, StatementRun
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support.counting import counted_queries
from tests.support.market import BrandSide, CreatorSide, make_admin, make_brand, make_creator, make_member, sign_in
from tests.support.money import completed_deal
from tests.support.saved import Saved
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("sandbox")
RunJobs = Callable[..., None]


class Office(NamedTuple):
    creator: CreatorSide
    brand: BrandSide
    finance: BrandSide
    admin: BrandSide
    deal_id: int
    invoice: int
    fee_invoice: int


@pytest.fixture
def office(saved: Saved, run_jobs: RunJobs) -> Office:
    """A company that has paid a creator for one deal."""
    return saved.world("office", lambda: paying_office(run_jobs))


def paying_office(run_jobs: RunJobs) -> Office:
    with transaction():
        creator, brand = make_creator(), make_brand()
        finance, actor = make_member(brand, "finance"), make_admin()
    assert actor.user_id is not None
    deal_id = completed_deal(12_000_00, creator, brand).deal_id
    run_jobs()
    ids = dict(db.session.execute(select(Document.kind, Document.id)).all())
    admin = BrandSide(0, "", actor.user_id, f"{actor.user_id}:1", actor)
    return Office(creator, brand, finance, admin, deal_id, ids[DocumentKind.INVOICE], ids[DocumentKind.FEE_INVOICE])


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def test_a_member_who_may_only_pay_finds_the_invoice_by_kind_year_and_deal(client: Client, office: Office) -> None:
    sign_in(client, office.finance)
    for path in ("/documents", "/documents?kind=invoice", f"/documents?deal={office.deal_id}"):
        assert "-INV-000001" in page(client, path)
    for path in ("/documents?kind=credit_note", "/documents?year=2001", "/documents?deal=999999"):
        found = page(client, path)
        assert "-INV-000001" not in found
        assert "Nothing issued here" in found
    assert "-FEE-" not in page(client, "/documents")


def test_who_has_no_documents_reads_how_they_come(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        newcomer = make_creator()
    sign_in(client, newcomer)
    assert "No documents yet" in page(client, "/documents")


def test_the_page_shows_what_the_pdf_says_and_its_fingerprints(app: Flask, client: Client, office: Office) -> None:
    sign_in(client, office.brand)
    shown = page(client, f"/documents/{office.invoice}")
    with app.app_context():
        document = db.session.get_one(Document, office.invoice)
    for words in ("¥12,600.00", "¥33.96", "VAT 6 %, included", document.data_sha256, str(document.data["number"])):
        assert words in shown
    pdf = client.get(f"/documents/{office.invoice}/zh.pdf")
    assert hashlib.sha256(pdf.data).hexdigest() in shown
    frozen = client.get(f"/documents/{office.invoice}.json")
    assert hashlib.sha256(frozen.data).hexdigest() == document.data_sha256


def test_the_csv_is_what_was_frozen(client: Client, office: Office) -> None:
    sign_in(client, office.creator)
    lines = client.get(f"/documents/{office.fee_invoice}.csv").get_data(as_text=True).splitlines()
    assert lines[0] == "\ufeffnumber,issued_at,deal,item,net,tax,gross,currency,entries"
    assert f"M-{office.deal_id},commission,660.38,39.62,700.00,CNY" in lines[1]


@pytest.mark.parametrize("ending", ["", "/en.pdf", ".csv", ".json"])
def test_a_document_of_somebody_else_isnt_there(client: Client, office: Office, ending: str) -> None:
    sign_in(client, office.creator)
    assert client.get(f"/documents/{office.invoice}{ending}").status_code == 404
    assert client.get(f"/documents/{2**63 - 1}{ending}").status_code == 404


@pytest.mark.parametrize("ending", ["/fr.pdf", "/en.PDF", ".xml", ".csv.csv", "/..%2Fen.pdf"])
def test_a_file_of_another_sort_isnt_there(client: Client, office: Office, ending: str) -> None:
    sign_in(client, office.brand)
    assert client.get(f"/documents/{office.invoice}{ending}").status_code == 404


def test_lists_ask_as_often_for_many_documents_as_for_one(app: Flask, client: Client, office: Office) -> None:
    sign_in(client, office.brand)
    page(client, "/documents")
    with counted_queries(app) as few:
        page(client, "/documents")
    with app.app_context():
        for _number in range(3):
            completed_deal(1_000_00, office.creator, office.brand)
    with counted_queries(app) as many:
        page(client, "/documents")
    assert len(few) == len(many) <= 12


def test_an_administrator_issues_a_month_and_finds_a_document_by_its_number(
    app: Flask, client: Client, office: Office, run_jobs: RunJobs
) -> None:
    sign_in(client, office.admin)
    with app.app_context():
        zone_month = platform_today().replace(day=1)
    later = datetime(zone_month.year + 1, 12, 20, tzinfo=clock.now().tzinfo)
    period = f"statement:{zone_month.isoformat()}"
    with clock.at(later):
        assert period in page(client, "/console/documents")
        begun = client.post("/console/documents", data={"period": period})
        assert begun.status_code == 303
        assert 'hx-trigger="load delay:2s"' in page(client, "/console/documents")
        run_jobs()
        done = page(client, "/console/documents")
        assert 'hx-trigger="load delay:2s"' not in done
        assert period not in done
        again = client.post("/console/documents", data={"period": period})
        assert again.status_code == 422
    with app.app_context():
        run = db.session.scalars(select(StatementRun)).one()
        assert (run.period_start, run.issued) == (zone_month, 2)
        number = db.session.get_one(Document, office.invoice).data["number"]
    assert f'href="/documents/{office.invoice}"' in page(client, f"/console/documents?number= {number.lower()} ")
    assert "There is no document with this number" in page(client, "/console/documents?number=MUT-2026-INV-999999")
    assert isinstance(run.period_start, date)


@pytest.mark.parametrize("period", ["", "statement:2999-01-01", "invoice:2026-01-01", "statement:", "\x00", "9" * 5000])
def test_a_period_that_isnt_offered_is_refused_beside_the_field(client: Client, office: Office, period: str) -> None:
    sign_in(client, office.admin)
    answer = client.post("/console/documents", data={"period": period})
    assert answer.status_code == 422
    assert 'id="period-error"' in answer.get_data(as_text=True)
