"""The check of issued documents: a number that is gone and a word that was changed are found, whoever did it."""

import psycopg
import pytest
from flask import Flask

from marketplace.documents.check import check_documents
from marketplace.documents.issue import Draft, issue
from marketplace.documents.models import DocumentKind
from marketplace.infra.db import db, transaction
from marketplace.kit.money import Money

pytestmark = pytest.mark.usefixtures("context")
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def issued(app: Flask) -> list[int]:
    with transaction():
        facts = {"deal": {"title": "春日 suppers", "places": [1, None, True]}}
        kinds = [DocumentKind.INVOICE] * 3 + [DocumentKind.FEE_INVOICE]
        drafts = [Draft(kind, "brand:1", "deal:1", f"cause:{n}", Money(100), facts) for n, kind in enumerate(kinds)]
        return [issue(draft).id for draft in drafts]


def tamper(connection: Connection, command: bytes, document_id: int) -> None:
    """As somebody with the guards off, which the reset's own connection has."""
    connection.execute(command, [document_id])
    connection.commit()


def test_what_was_issued_is_whole(issued: list[int]) -> None:
    assert check_documents() == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_number_that_is_gone_is_found(issued: list[int], reset_connection: Connection, place: int) -> None:
    tamper(reset_connection, b"DELETE FROM documents WHERE id = %s", issued[place])
    [problem] = check_documents()
    assert problem.where.startswith("documents:")
    assert problem.where.endswith(":invoice:" + str(year()))
    assert "given 3 numbers, and 2 documents" in str(problem.sentence)


def test_a_series_that_is_gone_is_found(issued: list[int], reset_connection: Connection) -> None:
    tamper(reset_connection, b"DELETE FROM document_series WHERE kind = 'fee_invoice' AND %s > 0", 1)
    [problem] = check_documents()
    assert "given 0 numbers, and 1 documents" in str(problem.sentence)


def test_a_number_that_was_moved_is_found(issued: list[int], reset_connection: Connection) -> None:
    tamper(reset_connection, b"UPDATE documents SET number = 9 WHERE id = %s", issued[1])
    [problem] = check_documents()
    assert ":invoice:" in problem.where


def test_a_word_that_was_changed_is_found(issued: list[int], reset_connection: Connection) -> None:
    change = b"""UPDATE documents SET data = jsonb_set(data, '{deal,title}', '"Winter"') WHERE id = %s"""
    tamper(reset_connection, change, issued[1])
    assert [problem.where for problem in check_documents()] == [f"document:{issued[1]}"]


def year() -> int:
    found = db.session.connection().exec_driver_sql("SELECT max(year) FROM document_series").scalar_one()
    db.session.rollback()
    return int(found)
