"""A brand and a creator find what was issued to them, read it in their language, and take it home as files."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from marketplace.documents.jobs import start_due_runs_job
from marketplace.documents.labels import document_name
from marketplace.documents.models import Document, DocumentKind
from marketplace.infra.db import db
from marketplace.kit import clock
from tests.journeys.stage import Stage, from_today
from tests.journeys.walker import Walker
from tests.support.money import Parties, assert_books_balance, completed_deal
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_both_sides_find_open_and_download_what_was_issued_to_them(stage: Stage, sandbox: Sandbox) -> None:
    parties = settled_last_month(stage, sandbox)
    brand = stage.enter(parties.brand.user_id)
    brand.go("/spending")
    brand.follow("/documents")
    reads(stage, brand, parties, DocumentKind.INVOICE, ("12,600.00", "12000.00"))
    creator = stage.enter(parties.creator.user_id)
    creator.go("/earnings")
    creator.follow("/documents")
    reads(stage, creator, parties, DocumentKind.FEE_INVOICE, ("700.00", "700.00"))
    reads(stage, creator, parties, DocumentKind.STATEMENT, ("11,300.00", "11300.00"))
    theirs, _ = issued(stage, DocumentKind.INVOICE)
    creator.go(f"/documents/{theirs}", status=404)
    with stage.app.app_context():
        assert_books_balance()


def settled_last_month(stage: Stage, sandbox: Sandbox) -> Parties:
    """A deal of the middle of last month, with the papers of the deal and of the month."""
    first = datetime.combine(from_today(0).replace(day=1), time(13), UTC)
    before = first - timedelta(days=15)
    sandbox.command("moods", now=int(before.timestamp()))
    with stage.app.app_context(), clock.at(before):
        parties = completed_deal()
        stage.run_jobs()
    with stage.app.app_context(), clock.at(first + timedelta(days=2)):
        start_due_runs_job()
        stage.run_jobs()
    sandbox.command("moods", now=None)
    return parties


def issued(stage: Stage, kind: DocumentKind) -> tuple[int, str]:
    """The id and the name of the newest of the kind; a statement's is the creator's."""
    with stage.scene():
        query = select(Document).where(Document.kind == kind, Document.owner.not_like("platform%"))
        found = db.session.scalars(query.order_by(Document.owner.desc(), Document.id.desc())).first()
        assert found is not None
        with stage.reading():
            return found.id, document_name(found)


def reads(stage: Stage, person: Walker, parties: Parties, kind: DocumentKind, sums: tuple[str, str]) -> None:
    """From the list, narrowed, to the document and its files; of `sums` one is on the page and one in the table."""
    document_id, name = issued(stage, kind)
    page = f"/documents/{document_id}"
    person.go("/documents")
    with person.page.expect_navigation(url=f"**kind={kind.value}**"):
        person.fill(kind=kind.value)
    total, cell = sums
    assert person.says(name, stage.label(kind), total)
    person.follow(page)
    assert person.says(name, total, stage.words("Fingerprints"))
    if kind is not DocumentKind.STATEMENT:
        assert person.says(f"M-{parties.deal_id}")
    pdf = arrives(person, f"{page}/{stage.look.locale}.pdf", "application/pdf")
    assert pdf.startswith(b"%PDF")
    table = arrives(person, f"{page}.csv", "text/csv").decode("utf-8-sig")
    assert cell in table
    assert len(table.splitlines()) > 1
    assert arrives(person, f"{page}.json", "application/json").startswith(b"{")


def arrives(person: Walker, path: str, content_type: str) -> bytes:
    """What the page's own link to the file brings."""
    assert person.main.locator(f'a[href="{path}"]').count() == 1
    answer = person.page.request.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(content_type)
    return answer.body()
