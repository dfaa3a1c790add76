"""Fee income by version: the page's sums are the books', down to each settlement's entry, whatever else was posted."""

import csv
import io
import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.console.fee_income import SettlementFilter, fee_incomes, settlements
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money
from marketplace.kit.periods import Period, last_months, month_key, today_in
from marketplace.ledger.accounts import AccountKind, fees_brand, fees_creator, suspense
from marketplace.ledger.models import LedgerAccount, LedgerLine
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post, reverse
from tests.console.conftest import Admin
from tests.support.counting import counted_queries
from tests.support.market import make_brand, make_creator
from tests.support.money import accept, assert_books_balance, completed_deal, funded_deal, publish
from tests.support.saved import Saved

pytestmark = pytest.mark.usefixtures("sandbox")


def year() -> Period:
    return last_months(12, settings().default_timezone)


def booked(kind: AccountKind) -> int:
    """What the ledger itself sums up to, with nothing of the page's."""
    query = select(func.coalesce(func.sum(-LedgerLine.amount), 0)).join(
        LedgerAccount, LedgerAccount.id == LedgerLine.account_id
    )
    return int(db.session.scalar(query.where(LedgerAccount.kind == kind)) or 0)


def by_hand(amount: int) -> int:
    """A correction that takes service fees back; the entry's id."""
    with transaction():
        lines = [debit(fees_brand("CNY"), amount), credit(suspense("CNY", "payment:x"), amount)]
        return post("manual.posted", f"by-hand:{amount}", lines, "deal:1001").id


@pytest.fixture
def income(saved: Saved) -> None:
    """Two deals settled: 12,000.00 and 4,000.00 of one creator, 700.00 and 400.00 in commissions."""
    saved.world("fee_income", settle_two)


def settle_two() -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
    completed_deal(12_000_00, creator, brand)
    completed_deal(4_000_00, creator, brand)


@pytest.mark.usefixtures("income")
def test_what_the_settlements_took_is_what_the_fee_accounts_earned() -> None:
    (found,) = fee_incomes(year())
    assert (found.currency, found.versions, found.elsewhere) == ("CNY", [1], {})
    assert found.booked.commission == Money(booked(AccountKind.FEES_CREATOR)) == Money(1_100_00)
    assert found.booked.service_fee == Money(booked(AccountKind.FEES_BRAND)) == Money(800_00)
    assert found.settlements_of(1) == 2
    assert [(cell.version, cell.kind, cell.settlements) for cell in found.cells] == [(1, DealKind.VIDEO, 2)]
    assert found.of_version(1) == found.of_month(1, found.cells[0].month) == found.settled
    assert found.settled.agreed == Money(0)
    assert_books_balance()


@pytest.mark.usefixtures("income")
def test_entries_by_hand_and_reversals_are_a_line_of_their_own_so_that_the_sum_is_the_books() -> None:
    entry = by_hand(50_00)
    (found,) = fee_incomes(year())
    (left,) = found.elsewhere.values()
    assert (left.commission, left.service_fee) == (Money(0), Money(-50_00))
    assert found.booked.service_fee == Money(booked(AccountKind.FEES_BRAND)) == found.settled.service_fee - Money(50_00)
    with transaction():
        reverse(entry, f"reversal:{entry}", "It was none.")
    (found,) = fee_incomes(year())
    assert found.elsewhere == {}
    assert found.booked.service_fee == Money(booked(AccountKind.FEES_BRAND))


@pytest.mark.usefixtures("context")
def test_income_only_in_the_books_is_shown_as_well() -> None:
    with transaction():
        lines = [debit(fees_creator("USD"), 10_00), credit(suspense("USD", "payment:x"), 10_00)]
        post("manual.posted", "by-hand", lines, "deal:1001")
    (found,) = fee_incomes(year())
    assert (found.currency, list(found.cells), found.booked.total) == ("USD", [], Money(-10_00, "USD"))


@pytest.mark.usefixtures("income")
def test_a_settlement_counts_in_the_platforms_own_month_and_to_the_books_own_moment() -> None:
    """17:00 UTC on the last of March is the first of April in Shanghai."""
    parties = funded_deal(1_000_00)
    publish(parties)
    with clock.at(datetime.fromisoformat("2027-03-31T17:00:00+00:00")):
        accept(parties.brand.actor, parties.deal_id)
        (found,) = fee_incomes(last_months(1, "Asia/Shanghai"))
    assert [(month_key(cell.month), cell.settlements) for cell in found.cells] == [("2027-04", 1)]
    assert found.elsewhere == {}


@pytest.mark.usefixtures("income")
def test_what_an_agreement_took_is_said() -> None:
    with transaction():
        settled = db.session.scalars(select(Settlement).order_by(Settlement.id).limit(1)).one()
        lines = [{**line, "rule": "A-7"} for line in settled.quote["creator_lines"]]
        settled.quote = {**settled.quote, "creator_lines": lines}
    (found,) = fee_incomes(year())
    assert found.settled.agreed == Money(700_00)
    assert [row.fees.agreed for row in settlements(SettlementFilter(year()))] == [Money(0), Money(700_00)]


@pytest.mark.usefixtures("income")
def test_each_figure_leads_to_settlements_and_each_to_its_entry(admin: Admin) -> None:
    page = admin.client.get("/console/fee-income").text
    month = month_key(today_in(settings().default_timezone))
    cells = re.findall(r'href="(/console/fee-income/settlements\?[^"]*kind=video[^"]*)"', page)
    assert len(cells) == 1
    assert f"period={month}" in cells[0]
    listed = admin.client.get(cells[0].replace("&amp;", "&")).text
    entries = re.findall(r'href="(/console/books/entries/\d+)"', listed)
    assert len(entries) == 2
    assert "Deal settled" in admin.client.get(entries[0]).text
    assert "¥1,900" in re.sub(r"<[^>]+>", "", page)
    assert re.search(r'href="/console/books/accounts/platform/fees_brand/CNY\?since=[\d-]+&amp;on=[\d-]+"', page)


@pytest.mark.usefixtures("income")
def test_the_file_has_a_line_for_each_cell_and_one_for_what_is_elsewhere(admin: Admin) -> None:
    by_hand(50_00)
    answer = admin.client.get("/console/fee-income.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.mimetype == "text/csv"
    assert [(row["Version"], row["Kind"], row["Brand service fees"]) for row in rows] == [
        ("1", "Video", "800.00"),
        ("", "Elsewhere in the books", "-50.00"),
    ]
    assert sum(float(row["Creator commissions"]) for row in rows) == 1_100


@pytest.mark.usefixtures("income")
def test_nothing_typed_breaks_the_pages(admin: Admin) -> None:
    typed = [
        "period=2026-13", "period=%00", "period=2024", "period=2024-02", "version=0", "version=99999999999999999999",
        "version=2147483648", "kind=all", "currency=%F0%9F%92%B0", "currency=USD", "before=x",
    ]  # fmt: skip
    for query in typed:
        for path in ("", ".csv", "/settlements"):
            assert admin.client.get(f"/console/fee-income{path}?{query}").status_code == 200
    assert "No settlement fits all of this" in admin.client.get("/console/fee-income/settlements?currency=USD").text


@pytest.mark.usefixtures("context")
def test_a_period_without_a_fee_says_so(admin: Admin) -> None:
    assert "No fee in this period" in admin.client.get("/console/fee-income").text


@pytest.mark.usefixtures("income")
def test_the_pages_ask_no_more_for_more(app: Flask, admin: Admin) -> None:
    paths = ("/console/fee-income", "/console/fee-income/settlements")
    counts = {}
    for path in paths:
        with counted_queries(app) as asked:
            admin.client.get(path)
        counts[path] = len(asked)
    completed_deal(3_000_00)
    by_hand(20_00)
    for path in paths:
        with counted_queries(app) as asked:
            admin.client.get(path)
        assert len(asked) == counts[path] <= 12
