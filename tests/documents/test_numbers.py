"""Numbers without gaps: whoever issues at the same moment, and whatever is rolled back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from marketplace.documents.issue import Draft, issue, number_text
from marketplace.documents.models import Document, DocumentKind, DocumentSeries
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from tests.support.racing import race

pytestmark = pytest.mark.usefixtures("context")
THOUSAND, CONNECTIONS = 1_000, 8


class Lost(Exception):
    """What a test lets happen to a transaction that has its number."""


def draft(cause: str, kind: DocumentKind = DocumentKind.INVOICE) -> Draft:
    return Draft(kind, "brand:1", "deal:1", cause, Money(100), {"deal": {"title": cause}})


def issued() -> list[Document]:
    return list(db.session.scalars(select(Document).order_by(Document.id)))


def test_a_thousand_at_once_leave_no_gap_though_some_are_rolled_back(app: Flask) -> None:
    began = threading.Barrier(CONNECTIONS)

    def issue_share(first: int) -> None:
        began.wait()
        for number in range(first, THOUSAND, CONNECTIONS):
            with app.app_context():
                _issue_or_lose(number)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(issue_share, range(CONNECTIONS)))
    documents = issued()
    assert len(documents) == THOUSAND - THOUSAND // 5
    assert sorted(document.number for document in documents if document.number) == list(range(1, len(documents) + 1))
    assert db.session.scalars(select(DocumentSeries.last)).one() == len(documents)


def _issue_or_lose(number: int) -> None:
    """Every fifth has its number and then fails."""
    try:
        with transaction():
            issue(draft(f"payment:{number}"))
            if number % 5 == 0:
                raise Lost
    except Lost:
        pass


def test_numbers_grow_in_the_order_of_their_moments(app: Flask) -> None:
    race(app, *(lambda cause=f"payment:{number}": issue(draft(cause)) for number in range(12)))
    by_number = sorted(issued(), key=lambda document: document.number or 0)
    assert [document.issued_at for document in by_number] == sorted(document.issued_at for document in by_number)


def test_the_same_cause_at_the_same_moment_is_issued_once(app: Flask) -> None:
    assert race(app, *([lambda: issue(draft("payment:1"))] * 6)) == ["done"] * 6
    with transaction():
        issue(draft("payment:2"))
    assert [(document.cause, document.number) for document in issued()] == [("payment:1", 1), ("payment:2", 2)]


def test_each_kind_and_each_year_of_the_platforms_clock_has_a_series_of_its_own() -> None:
    # 16:00 in London is midnight in Shanghai, where the platform's clock stands.
    before, after = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    with transaction():
        for number, moment in enumerate((before, before, after)):
            with clock.at(moment):
                issue(draft(f"payment:{number}"))
        with clock.at(after):
            issue(draft("settlement:1", DocumentKind.FEE_INVOICE))
    assert [document.data["number"] for document in issued()] == [
        "MUT-2026-INV-000001",
        "MUT-2026-INV-000002",
        "MUT-2027-INV-000001",
        "MUT-2027-FEE-000001",
    ]


def test_a_year_that_ends_while_waiting_for_the_number_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The series is asked for in the old year, and given when the new one has begun."""
    before, after = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 1, tzinfo=UTC)
    moments = iter([before, after])
    monkeypatch.setattr(clock, "now", lambda: next(moments, after))
    with transaction():
        document = issue(draft("payment:1"))
    assert document.data["number"] == "MUT-2027-INV-000001"
    assert db.session.execute(select(DocumentSeries.year, DocumentSeries.last)).all() == [(2027, 1)]


def test_a_number_is_written_with_issuer_year_and_kind() -> None:
    assert number_text("MUT", DocumentKind.CREDIT_NOTE, 2026, 17) == "MUT-2026-CRN-000017"


@pytest.mark.parametrize(
    "change",
    ["UPDATE documents SET total = 1", "DELETE FROM documents", "UPDATE documents SET data = '{}'"],
)
def test_the_database_refuses_to_change_what_was_issued(change: str) -> None:
    with transaction():
        issue(draft("payment:1"))
    with pytest.raises(DBAPIError, match="it only grows"), transaction():
        db.session.execute(db.text(change))
