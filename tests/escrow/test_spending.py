"""A brand's spending: every slice is whole, and every figure is the sum of its lines in the books."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.briefs.policy import platform_today
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute, rule
from marketplace.escrow.models import Settlement
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.kit.periods import last_months, month_period
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.queries import trial_balance
from marketplace.payouts.spending import (
    NO_BRIEF,
    Became,
    SpendingFilter,
    Spent,
    every_spending,
    spending,
    spending_by_brief,
    spending_by_month,
    spending_totals,
)
from marketplace.payouts.spending_lines import Figure, every_spending_line, spending_lines
from tests.support.agencies import make_agency, represent
from tests.support.bank import Bank
from tests.support.market import BrandSide, make_admin, make_brand, make_creator, make_member, sign_in
from tests.support.money import assert_books_balance, completed_deal, funded_deal, state_of
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
ZONE = "Asia/Shanghai"


@pytest.fixture
def brand(saved: Saved, run_jobs: RunJobs) -> BrandSide:
    """A brand with a deal of each fate: settled with an agency's share, ruled, cancelled, and one at work."""
    return saved.world("spending", lambda: spending_brand(run_jobs))


def spending_brand(run_jobs: RunJobs) -> BrandSide:
    with transaction():
        found, represented = make_brand(), make_creator()
        represent(make_agency(), represented, 1_500)
    completed_deal(12_000_01, represented, found)
    ruled = funded_deal(9_000_00, brand=found)
    late = funded_deal(4_000_00, brand=found)
    funded_deal(7_000_00, brand=found)
    with transaction():
        dispute = open_dispute(found.actor, ruled.deal_id, DisputeReason.LATE, Claim("Late.", Money(3_000_00)))
        rule(make_admin(), dispute.id, Money(3_000_00), "As both agreed, so it is divided.")
    with clock.at(clock.now() + timedelta(days=30)), transaction():
        cancel_late(found.actor, late.deal_id, "Nothing came.")
    run_jobs()
    return found


def visit(app: Flask, side: BrandSide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, side)
    return client


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def assert_whole(spent: Spent) -> None:
    gone = spent.to_creators + spent.commission + spent.service_fee + spent.came_back
    assert spent.paid == gone + spent.in_escrow
    assert spent.in_escrow.amount >= 0


def total_of(spent: Spent, figure: Figure) -> int:
    amounts = {
        Figure.PAID: spent.paid,
        Figure.IN_ESCROW: spent.in_escrow,
        Figure.TO_CREATORS: spent.to_creators,
        Figure.COMMISSION: spent.commission,
        Figure.SERVICE_FEE: spent.service_fee,
        Figure.REFUNDED: spent.refunded,
        Figure.BY_BANK: spent.by_bank,
    }
    return amounts[figure].amount


def added(parts: list[Spent]) -> Spent:
    return Spent(*(sum((getattr(part, name) for part in parts), Money(0)) for name in Spent.__slots__))


def test_each_figure_is_the_sum_of_its_lines_in_the_books(brand: BrandSide) -> None:
    (total,) = spending_totals(brand.id)
    assert_whole(total)
    for figure in Figure:
        lines = spending_lines(brand.id, figure, SpendingFilter()).lines
        assert sum(line.amount.amount for line in lines) == total_of(total, figure), figure
        assert list(every_spending_line(brand.id, figure, SpendingFilter()))[::-1] == lines
    # Nobody else has paid anything, so the books as a whole say the same.
    books = {row.kind: row.credit - row.debit for row in trial_balance().rows}
    assert total.in_escrow.amount == books[AccountKind.ESCROW]
    assert total.commission.amount == books[AccountKind.FEES_CREATOR]
    assert total.service_fee.amount == books[AccountKind.FEES_BRAND]
    assert total.to_creators.amount == books[AccountKind.CREATOR_PENDING] + books[AccountKind.AGENCY_PENDING]
    db.session.rollback()
    assert_books_balance()


def test_what_a_bank_took_back_came_back_and_is_with_nobody_else(
    app: Flask, brand: BrandSide, sandbox: Sandbox
) -> None:
    """Kept of a settled deal and of one at work; kept, and given back later in part, of another; one is undecided."""
    bank = Bank(sandbox)
    deals = [row.deal_id for row in spending(brand.id, SpendingFilter()).rows]
    with transaction():
        settled = db.session.scalars(select(Settlement.deal_id).where(Settlement.agency_amount > 0)).one()
    held_still = funded_deal(3_000_00, brand=brand)
    running = next(found for found in deals if state_of(found) is State.PRODUCTION)
    changed = completed_deal(2_000_00, brand=brand)
    kept = [bank.dispute(settled, amount=6_000_00), bank.dispute(running), bank.dispute(changed.deal_id)]
    for dispute_id in kept:
        bank.advance(dispute_id, "lost")
    bank.advance(kept[2], "won", amount=1_000_00)
    bank.dispute(held_still.deal_id)
    (total,) = spending_totals(brand.id)
    assert_whole(total)
    for figure in Figure:
        lines = spending_lines(brand.id, figure, SpendingFilter()).lines
        assert sum(line.amount.amount for line in lines) == total_of(total, figure), figure
    assert total.in_escrow == Money(0)
    client = visit(app, brand)
    assert "Taken back by a bank" in client.get("/spending").text
    assert client.get("/spending/lines/by-bank").text.count("/money#entry-") == 5
    assert total.by_bank.amount == 6_000_00 + 7_350_00 + (2_100_00 - 1_000_00) + 3_150_00
    db.session.rollback()
    assert_books_balance()


def test_months_briefs_deals_and_outcomes_each_sum_to_the_whole(brand: BrandSide) -> None:
    wanted = SpendingFilter(currency="CNY")
    (total,) = spending_totals(brand.id)
    by_month = [spent for _start, spent in spending_by_month(brand.id, last_months(12, ZONE), wanted)]
    by_brief = [found.spent for found in spending_by_brief(brand.id, wanted, 50, 0)]
    by_deal = [row.spent for row in spending(brand.id, wanted).rows]
    by_outcome = [spent for became in Became for spent in spending_totals(brand.id, SpendingFilter(became=became))]
    for parts in (by_month, by_brief, by_deal, by_outcome):
        for spent in parts:
            assert_whole(spent)
        assert added(parts) == total
    assert len(by_deal) == len(by_brief) == 4
    assert spending_totals(brand.id, SpendingFilter(brief_id=NO_BRIEF)) == []
    assert list(every_spending(brand.id, wanted)) == spending(brand.id, wanted).rows[::-1]


def test_lists_go_on_where_their_page_ended(brand: BrandSide) -> None:
    wanted, seen, before = SpendingFilter(), list[int](), None
    while True:
        page = spending(brand.id, wanted, before, limit=1)
        seen += [row.deal_id for row in page.rows]
        before = page.older
        if before is None:
            break
    assert seen == [row.deal_id for row in spending(brand.id, wanted).rows]
    first = spending_lines(brand.id, Figure.REFUNDED, wanted, limit=1)
    second = spending_lines(brand.id, Figure.REFUNDED, wanted, first.older, limit=1)
    assert first.lines + second.lines == spending_lines(brand.id, Figure.REFUNDED, wanted).lines
    assert second.older is None


def test_a_page_narrowed_to_a_slice_leads_to_the_lines_of_that_slice(app: Flask, brand: BrandSide) -> None:
    client = visit(app, brand)
    month = month_period(platform_today(), ZONE).key
    page = client.get(f"/spending?period={month}&became=settled").text
    assert f"/spending/lines/commission?currency=CNY&amp;period={month}&amp;became=settled" in page
    assert "M-" in page
    lines = client.get(f"/spending/lines/commission?currency=CNY&period={month}&became=settled").text
    assert "/money#entry-" in lines
    assert "Nothing was paid that fits" in client.get("/spending?period=2020").text
    assert "No line makes this figure" in client.get("/spending/lines/paid?period=2020").text


def test_spending_is_listed_by_brief_too(app: Flask, brand: BrandSide) -> None:
    client = visit(app, brand)
    brief_id = db.session.get_one(Deal, spending(brand.id, SpendingFilter()).rows[0].deal_id).brief_id
    db.session.rollback()
    assert f"/spending?brief={brief_id}" in client.get("/spending?by=brief").text
    assert client.get(f"/spending?brief={brief_id}").text.count("/money") == 1


@pytest.mark.parametrize(
    "query",
    ["before=nonsense", "brief=-1", "brief=99999999999999999999", "became=x", "currency=XXX", "period=0000", "by=x",
     "by=brief&page=-5", "by=brief&page=99999999999"],
)  # fmt: skip
def test_an_address_that_says_nothing_of_ours_is_the_whole_page(app: Flask, brand: BrandSide, query: str) -> None:
    client = visit(app, brand)
    for path in ("/spending", "/spending/lines/paid", "/spending/deals.csv", "/spending/lines/paid.csv"):
        assert client.get(f"{path}?{query}").status_code == 200


def test_files_hold_each_deal_and_each_line_and_no_formula(app: Flask, brand: BrandSide) -> None:
    (total,) = spending_totals(brand.id)
    deal_id = spending(brand.id, SpendingFilter()).rows[0].deal_id
    with transaction():
        db.session.get_one(Deal, deal_id).title = "@SUM(1+1)"
    client = visit(app, brand)
    rows = rows_of(client.get("/spending/deals.csv").text)
    assert len(rows) == 4
    assert "'@SUM(1+1)" in {row["Title"] for row in rows}
    assert sum(Money.from_major(row["Paid"], "CNY").amount for row in rows) == total.paid.amount
    lines = rows_of(client.get("/spending/lines/refunded.csv").text)
    assert sum(Money.from_major(line["Amount"], "CNY").amount for line in lines) == total.refunded.amount
    assert client.get("/spending/lines/elsewhere.csv").status_code == 404
    assert client.get("/spending/lines/elsewhere").status_code == 404


def test_every_member_reads_it_and_no_other_company_does(app: Flask, brand: BrandSide) -> None:
    with transaction():
        members = [make_member(brand, role) for role in ("manager", "finance", "viewer")]
        other = make_brand("Northmoss")
    for member in members:
        assert "M-" in visit(app, member).get("/spending").text
    client = visit(app, other)
    assert "Nothing paid yet" in client.get("/spending").text
    assert rows_of(client.get("/spending/deals.csv").text) == []


def test_currencies_are_never_summed() -> None:
    with transaction():
        brand = make_brand()
    completed_deal(12_000_00, brand=brand)
    assert [total.paid.currency for total in spending_totals(brand.id)] == ["CNY"]
    assert spending_totals(brand.id, SpendingFilter(currency="USD")) == []
