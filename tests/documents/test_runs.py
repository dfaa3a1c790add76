"""Statements for everybody: killed anywhere, a run goes on without a duplicate or a gap, in bounded queries."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import SYSTEM
from marketplace.documents import runs
from marketplace.documents.jobs import go_on_job, sweep
from marketplace.documents.models import Document, DocumentKind, RunState, StatementRun
from marketplace.documents.runs import issue_next, start_run
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import take_waiting
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    Account,
    agency_pending,
    creator_available,
    creator_pending,
    escrow,
    stripe_clearing,
)
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.service import post_many
from tests.support.agencies import make_agency
from tests.support.counting import counted_queries
from tests.support.market import make_creator
from tests.support.money import negotiating_deal
from tests.support.racing import race

pytestmark = pytest.mark.usefixtures("context")
FEBRUARY = datetime(2026, 2, 10, 4, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, 13, tzinfo=UTC)
CREATORS, FEW = 300, 20


class Killed(BaseException):
    """What ends a process: nothing catches it."""


def brought_in(key: str, account: Account, amount: int) -> Posting:
    money = Money(amount)
    lines = (debit(stripe_clearing("CNY"), money), credit(account, money))
    return Posting("payment.received", key, lines, account.owner, at=FEBRUARY)


@pytest.fixture
def owners() -> list[str]:
    """A few hundred creators, two agencies and two brands with money, and one creator without. The people are short-cut
    where only their books matter: rows of profiles, and entries."""
    with transaction():
        first = make_creator()
        db.session.execute(
            db.text("""
                WITH people AS (
                    INSERT INTO users (email, password_hash, name, side, locale, timezone, is_admin, created_at,
                                       session_version)
                    SELECT 'p' || n || '@people.example', 'none', 'Person ' || n, 'creator', 'en', 'Asia/Shanghai',
                           false, now(), 1
                    FROM generate_series(1, :many) n RETURNING id
                )
                INSERT INTO creators (user_id, handle, name, headline_en, headline_zh, biography_en, biography_zh,
                                      spoken, region, category, categories, verified_fans, eligible, enough_fans,
                                      created_at, version)
                SELECT id, 'person-' || id, 'Person ' || id, '', '', '', '', '{}', '', 'food', '{food}', 0, false,
                       false, now(), 1
                FROM people
            """),
            {"many": CREATORS},
        )
        ids = list(db.session.scalars(db.text("SELECT id FROM creators ORDER BY id")))
        agencies = [make_agency("Lantern Agency"), make_agency("Harbour Agency")]
        assert ids[0] == first.id
    deals = [negotiating_deal(brand=None) for _ in range(2)]
    postings = [brought_in(f"c{id_}", creator_pending(id_, "CNY"), 100 + id_) for id_ in ids[1:]]
    postings += [brought_in(f"a{one.id}", agency_pending(one.id, "CNY"), 500) for one in agencies]
    postings += [brought_in(f"d{one.deal_id}", escrow(one.deal_id, "CNY"), 900) for one in deals]
    with transaction():
        post_many(postings)
    return (
        [f"creator:{id_}" for id_ in ids[1:]]
        + [f"agency:{one.id}" for one in agencies]
        + [f"brand:{one.brand.id}" for one in deals]
    )


def begin() -> int:
    with clock.at(MARCH), transaction():
        return start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 2, 1)).id


def issued_to() -> Sequence[str]:
    db.session.rollback()
    return db.session.scalars(select(Document.owner).order_by(Document.id)).all()


def the_run() -> StatementRun:
    db.session.rollback()
    return db.session.scalars(select(StatementRun)).one()


@pytest.mark.parametrize("dies_at", ["issue_many", "next_owners"])
def test_a_run_that_is_killed_goes_on_without_a_duplicate_or_a_gap(
    owners: list[str], monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    """It dies in the middle of its third batch: before anything of it is issued, and after all of it was."""
    monkeypatch.setattr(runs, "OWNERS_AT_ONCE", FEW)
    run_id, verb, calls = begin(), getattr(runs, dies_at), []

    def dying(*given: object) -> object:
        calls.append(given)
        found = verb(*given)
        if len(calls) == 5:
            raise Killed
        return found

    monkeypatch.setattr(runs, dies_at, dying)
    with pytest.raises(Killed):
        go_on_job(run_id)
    half = issued_to()
    assert 0 < len(half) < len(owners)
    assert the_run().done == len(half)
    with transaction():
        take_waiting()
    sweep()
    with transaction():
        ((name, given),) = [found for found in take_waiting() if found[0] == "documents.go_on"]
    assert (name, given) == ("documents.go_on", {"run_id": run_id})
    go_on_job(run_id)
    assert sorted(issued_to()) == sorted(owners)
    run = the_run()
    assert (run.state, run.done, run.issued, run.owners) == (RunState.FINISHED, *[len(owners)] * 3)


def test_two_workers_at_one_run_issue_each_statement_once(
    app: Flask, owners: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "OWNERS_AT_ONCE", FEW)
    run_id = begin()

    def some() -> None:
        for _number in range(10):
            with transaction():
                issue_next(run_id)

    assert race(app, some, some, some) == ["done"] * 3
    go_on_job(run_id)
    assert sorted(issued_to()) == sorted(owners)
    assert the_run().issued == len(owners)


def test_a_batch_asks_as_often_for_many_owners_as_for_few(
    app: Flask, owners: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    run_id = begin()
    monkeypatch.setattr(runs, "OWNERS_AT_ONCE", 2)
    while not the_run().after.startswith("creator"):
        with transaction():
            issue_next(run_id)
    for many in (5, 100):
        monkeypatch.setattr(runs, "OWNERS_AT_ONCE", many)
        with counted_queries(app) as queries, transaction():
            issue_next(run_id)
        # Files and news are enqueued by the fifty.
        asked.append(len([query for query in queries if "procrastinate" not in query]))
    assert asked[0] == asked[1] <= 9
    assert len(owners) > 105


def test_a_run_of_a_period_without_money_finishes_at_once(owners: list[str]) -> None:
    with clock.at(MARCH), transaction():
        run_id = start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 1, 1)).id
    go_on_job(run_id)
    run = the_run()
    # They had movements since, so they are looked at; none had money then.
    assert (run.state, run.done, run.issued) == (RunState.FINISHED, len(owners), 0)


@pytest.mark.parametrize(("kind", "month"), [(DocumentKind.STATEMENT, 3), (DocumentKind.ANNUAL_SUMMARY, 1)])
def test_nothing_is_issued_of_a_period_that_may_still_be_posted_to(kind: DocumentKind, month: int) -> None:
    """Who posted in the last second may commit a while later, and no statement would ever have it."""
    over = datetime(2026, month, 1, tzinfo=ZoneInfo(settings().default_timezone))
    day = over.date() - timedelta(days=1)
    with clock.at(over + timedelta(minutes=59)), pytest.raises(Invalid), transaction():
        start_run(SYSTEM, kind, day)
    with clock.at(over + timedelta(hours=1)), transaction():
        start_run(SYSTEM, kind, day)


def test_an_owner_with_two_currencies_has_a_statement_in_each(owners: list[str]) -> None:
    yen = Money(7_000, "JPY")
    account = creator_available(int(owners[0].partition(":")[2]), "JPY")
    lines = (debit(stripe_clearing("JPY"), yen), credit(account, yen))
    with transaction():
        post_many([Posting("payment.received", "yen", lines, "deal:1", at=FEBRUARY)])
    go_on_job(begin())
    query = select(Document.currency, Document.total).where(Document.owner == owners[0]).order_by(Document.currency)
    found = [(currency, total) for currency, total in db.session.execute(query)]
    assert [currency for currency, _total in found] == ["CNY", "JPY"]
    assert found[1][1] == 7_000
    assert db.session.scalar(select(func.count()).select_from(Document)) == len(owners) + 1
