"""Statements and summaries: what opens a period and what moved in it is what closes it, as in the books themselves."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM
from marketplace.documents.jobs import start_due_runs_job
from marketplace.documents.models import Document, DocumentKind, RunState, StatementRun
from marketplace.documents.runs import start_run
from marketplace.escrow.jobs import release_earnings_job
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.ledger.models import LedgerAccount, LedgerLine
from tests.documents.test_invoices import ruled
from tests.support.agencies import AgencySide, make_agency, represent
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator
from tests.support.money import assert_books_balance, completed_deal, funded_deal
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def statements(owner: str | None = None, kind: DocumentKind = DocumentKind.STATEMENT) -> Sequence[Document]:
    query = select(Document).where(Document.kind == kind).order_by(Document.id)
    return db.session.scalars(query if owner is None else query.where(Document.owner == owner)).all()


@contextmanager
def at(sandbox: Sandbox, moment: datetime) -> Iterator[None]:
    """We and Stripe live at the moment: its checkouts know what expired."""
    sandbox.command("moods", now=int(moment.timestamp()))
    with clock.at(moment):
        yield


@pytest.fixture
def two_months(saved: Saved, sandbox: Sandbox, run_jobs: RunJobs) -> tuple[CreatorSide, BrandSide, AgencySide]:
    """Work in February and in March: settled, released, given back in part, and some still in escrow."""
    return saved.world("two_months", lambda: work_two_months(sandbox, run_jobs))


def work_two_months(sandbox: Sandbox, run_jobs: RunJobs) -> tuple[CreatorSide, BrandSide, AgencySide]:
    february, march = datetime(2026, 2, 10, 4, tzinfo=UTC), datetime(2026, 3, 12, 4, tzinfo=UTC)
    with at(sandbox, february):
        with transaction():
            creator, brand, agency = make_creator(), make_brand(), make_agency()
            represent(agency, creator)
        completed_deal(6_000_00, creator, brand)
        held = funded_deal(9_000_00, creator, brand)
        run_jobs()
    with clock.at(february + timedelta(days=25)):
        release_earnings_job()
    with at(sandbox, march):
        completed_deal(7_000_00, creator, brand)
        ruled(held, 4_000_00)
        funded_deal(2_000_00, creator, brand)
        run_jobs()
    return creator, brand, agency


def issue_all(run_jobs: RunJobs, kind: DocumentKind, day: date, at: datetime) -> StatementRun:
    with clock.at(at):
        with transaction():
            run_id = start_run(SYSTEM, kind, day).id
        run_jobs()
    db.session.rollback()
    return db.session.get_one(StatementRun, run_id)


def held_by_the_books(owner: str, until: datetime) -> dict[tuple[str, str], int]:
    """What every account of the owner held at a moment, summed line by line; a brand's are its deals'."""
    held: dict[tuple[str, str], int] = defaultdict(int)
    query = select(LedgerAccount, LedgerLine.amount).join(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
    for account, amount in db.session.execute(query.where(LedgerLine.posted_at < until)):
        theirs = account.owner.startswith("deal:") if owner.startswith("brand:") else account.owner == owner
        if theirs:
            held[account.kind.value, account.commodity] -= amount
    return held


def moves(data: dict[str, Any], account: str) -> int:
    return sum(row["amounts"].get(account, 0) for row in data["rows"])


def test_opening_and_movements_are_the_closing_and_the_next_months_opening(
    two_months: tuple[CreatorSide, BrandSide, AgencySide], run_jobs: RunJobs
) -> None:
    creator, brand, agency = two_months
    april = datetime(2026, 4, 2, 13, tzinfo=UTC)
    for month in (2, 3):
        run = issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, month, 1), april)
        assert (run.state, run.done, run.issued, run.owners) == (RunState.FINISHED, 3, 3, 3)
    for owner in (f"creator:{creator.id}", f"brand:{brand.id}", f"agency:{agency.id}"):
        february, march = statements(owner)
        closed = {account["kind"]: account["closing"] for account in february.data["accounts"]}
        for account in march.data["accounts"]:
            assert account["opening"] == closed.get(account["kind"], 0)
        for document, until in ((february, datetime(2026, 2, 28, 16, tzinfo=UTC)), (march, april)):
            assert document.total == sum(account["closing"] for account in document.data["accounts"])
            books = held_by_the_books(owner, until)
            for account in document.data["accounts"]:
                assert account["opening"] + moves(document.data, account["kind"]) == account["closing"]
                assert account["closing"] == books[account["kind"], document.currency]
    assert_books_balance()


def test_a_statement_says_what_each_settlement_was_made_of_as_far_as_it_is_the_readers(
    two_months: tuple[CreatorSide, BrandSide, AgencySide], run_jobs: RunJobs
) -> None:
    creator, brand, agency = two_months
    issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, 3, 1), datetime(2026, 4, 2, 13, tzinfo=UTC))

    def splits(owner: str) -> list[dict[str, Any]]:
        (document,) = statements(owner)
        return [row["settlement"] for row in document.data["rows"] if row["settlement"] is not None]

    for split in splits(f"creator:{creator.id}"):
        assert split["creator"] + split["agency"] + split["commission"] == split["price"]
        assert sum(line["amount"] for line in split["fee_lines"]) == split["commission"]
    assert {frozenset(split) for split in splits(f"brand:{brand.id}")} == {
        frozenset({"price", "service_fee", "refund"})
    }
    assert all("fee_lines" not in split for split in splits(f"agency:{agency.id}"))
    assert [split["refund"] for split in splits(f"brand:{brand.id}") if split["refund"]] == [5_000_00 + 250_00]


def test_a_summary_sums_the_year_by_month_and_agrees_with_the_accounts(
    two_months: tuple[CreatorSide, BrandSide, AgencySide], run_jobs: RunJobs
) -> None:
    creator, brand, agency = two_months
    issue_all(run_jobs, DocumentKind.ANNUAL_SUMMARY, date(2026, 1, 1), datetime(2027, 1, 2, 13, tzinfo=UTC))
    assert statements(f"brand:{brand.id}", DocumentKind.ANNUAL_SUMMARY) == []
    for owner in (f"creator:{creator.id}", f"agency:{agency.id}"):
        (document,) = statements(owner, DocumentKind.ANNUAL_SUMMARY)
        months = document.data["months"]
        assert [month["month"] for month in months][:3] == ["2026-01", "2026-02", "2026-03"]
        assert len(months) == 12
        assert [month["price"] for month in months if month["price"]] == [6_000_00, 11_000_00]
        grown = sum(account["closing"] - account["opening"] for account in document.data["accounts"])
        assert sum(month["received"] + month["other"] - month["transferred"] for month in months) == grown
        mine = "creator" if owner.startswith("creator") else "agency"
        assert sum(month["received"] for month in months) == sum(month[mine] for month in months) == document.total


def test_what_never_had_money_gets_no_statement(run_jobs: RunJobs) -> None:
    with clock.at(datetime(2026, 2, 10, 4, tzinfo=UTC)), transaction():
        make_creator()
        make_brand()
    run = issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, 2, 1), datetime(2026, 3, 2, 13, tzinfo=UTC))
    assert (run.state, run.owners, run.issued) == (RunState.FINISHED, 0, 0)


def test_a_month_in_which_money_only_lies_has_a_statement_without_lines(
    two_months: tuple[CreatorSide, BrandSide, AgencySide], run_jobs: RunJobs
) -> None:
    _creator, brand, _agency = two_months
    issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, 5, 1), datetime(2026, 6, 2, 13, tzinfo=UTC))
    (document,) = statements(f"brand:{brand.id}")
    assert document.data["rows"] == []
    assert document.total == 2_000_00 + 100_00


def test_the_month_is_the_platforms_own(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    """An evening in London on the last day of February is March where the platform's clock stands."""
    with at(sandbox, datetime(2026, 2, 28, 16, 30, tzinfo=UTC)):
        parties = funded_deal()
    run = issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, 2, 1), datetime(2026, 4, 2, 13, tzinfo=UTC))
    assert run.issued == 0
    issue_all(run_jobs, DocumentKind.STATEMENT, date(2026, 3, 1), datetime(2026, 4, 2, 13, tzinfo=UTC))
    assert [document.owner for document in statements()] == [f"brand:{parties.brand.id}"]


def test_a_period_that_isnt_over_and_one_that_was_begun_are_refused(run_jobs: RunJobs) -> None:
    with clock.at(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)), pytest.raises(Invalid), transaction():
        start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 3, 1))
    with clock.at(datetime(2026, 3, 31, 17, 1, tzinfo=UTC)):
        with transaction():
            start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 3, 1))
        with pytest.raises(Conflict), transaction():
            start_run(SYSTEM, DocumentKind.STATEMENT, date(2026, 3, 31))
        with transaction():
            stranger = make_creator().actor
        with pytest.raises(NotAllowed), transaction():
            start_run(stranger, DocumentKind.STATEMENT, date(2026, 2, 1))


def test_statements_come_by_themselves_on_the_second_day_and_only_once(run_jobs: RunJobs) -> None:
    def runs() -> list[tuple[DocumentKind, date]]:
        found = db.session.scalars(select(StatementRun).order_by(StatementRun.id))
        return [(run.kind, run.period_start) for run in found]

    for day, hour in ((1, 13), (2, 12), (2, 12), (5, 12)):
        with clock.at(datetime(2027, 1, day, hour, 30, tzinfo=UTC)):
            start_due_runs_job()
        if day == 1 and hour == 13:
            assert runs() == []
    wanted = [(DocumentKind.STATEMENT, date(2026, 12, 1)), (DocumentKind.ANNUAL_SUMMARY, date(2026, 1, 1))]
    assert runs() == wanted
    # A worker that was away begins later in the month, and the year's only in January.
    with clock.at(datetime(2027, 3, 20, 12, 30, tzinfo=UTC)):
        start_due_runs_job()
    assert runs() == [*wanted, (DocumentKind.STATEMENT, date(2027, 2, 1))]
