"""The books of any day: the trial balance, the accounts and their statements, as pages and as files."""

import csv
import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from marketplace.chargebacks.check import (
    frozen_escrow_is_the_rest,
    held_is_with_banks,
    nobody_owes_less_than_nothing,
)
from marketplace.console.health import CHECKED, trouble_of
from marketplace.console.trial import trials
from marketplace.escrow.models import BooksCheck
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger.accounts import escrow, fees_brand, stripe_clearing
from marketplace.ledger.check import CHECKS as LEDGER_CHECKS
from marketplace.ledger.models import LedgerClosing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.books import (
    check_everything,
    clearing_is_stripes,
    final_escrow_is_zero,
    funded_escrow_is_full,
    on_its_way_is_prepared,
    settlements_are_whole,
)
from marketplace.payouts.own_money import only_ours_left
from marketplace.payouts.payee_books import payees_hold_what_they_earned
from tests.console.conftest import Admin
from tests.console.test_books import rows_of
from tests.support.counting import counted_queries
from tests.support.money import assert_books_balance, completed_deal

SHANGHAI = ZoneInfo("Asia/Shanghai")
ESCROW = "/console/books/accounts/deal:17/escrow/CNY"


def paid(deal: int, amount: int, at: datetime) -> None:
    lines = [debit(stripe_clearing("CNY"), amount), credit(escrow(deal, "CNY"), amount)]
    post("payment.received", f"payment:{deal}:{at}", lines, f"deal:{deal}", at=at)


def kept(deal: int, amount: int, at: datetime) -> None:
    lines = [debit(escrow(deal, "CNY"), amount), credit(fees_brand("CNY"), amount)]
    post("deal.settled", f"settled:{deal}:{at}", lines, f"deal:{deal}", at=at)


@pytest.fixture
def october(app: Flask) -> None:
    """Deal 17 is paid at the very end of 31 October in Shanghai, which in UTC is the afternoon; 18 a second later."""
    with app.app_context(), transaction():
        midnight = datetime(2026, 11, 1, tzinfo=SHANGHAI)
        paid(17, 1_050_00, midnight - timedelta(seconds=1))
        paid(18, 2_100_00, midnight)
        kept(17, 50_00, datetime(2026, 11, 5, 12, 30, tzinfo=SHANGHAI))


@pytest.mark.usefixtures("october")
def test_the_trial_balance_is_that_of_the_platforms_day(admin: Admin) -> None:
    page = admin.client.get("/console/books/trial?on=2026-10-31").text
    assert "As it was at the end of 31 Oct 2026 (Asia/Shanghai)" in page
    assert [row[1:] for row in rows_of(page, "Trial balance in CNY")[:2]] == [["¥1,050.00", "–"], ["–", "¥1,050.00"]]
    page = admin.client.get("/console/books/trial?on=2026-11-01").text
    assert rows_of(page, "Trial balance in CNY")[0][1] == "¥3,150.00"
    assert "Nothing was in the books then" in admin.client.get("/console/books/trial?on=2026-10-30").text


@pytest.mark.usefixtures("october")
def test_a_moment_of_the_day_can_be_asked(admin: Admin) -> None:
    def fees(clock_time: str) -> bool:
        page = admin.client.get(f"/console/books/trial?on=2026-11-05&time={clock_time}").text
        return "Brand service fees" in page

    assert (fees("12:30"), fees("12:31")) == (False, True)


@pytest.mark.usefixtures("october")
def test_two_days_stand_side_by_side_with_the_change(admin: Admin) -> None:
    page = admin.client.get("/console/books/trial?on=2026-11-05&than=2026-10-31").text
    rows = rows_of(page, "Trial balance in CNY: two days")
    assert [row[1:] for row in rows] == [
        ["¥1,050.00", "¥3,150.00", "+¥2,100.00"],
        ["¥1,050.00", "¥3,100.00", "+¥2,050.00"],
        ["–", "¥50.00", "+¥50.00"],
        ["¥0.00", "¥0.00", ""],
    ]


@pytest.mark.usefixtures("october")
def test_each_figure_leads_to_its_accounts_at_that_moment(admin: Admin) -> None:
    page = admin.client.get("/console/books/trial?on=2026-10-31").text
    link = re.search(r'href="(/console/books/accounts\?kind=escrow[^"]+)"', page)
    assert link is not None
    accounts = admin.client.get(link[1].replace("&amp;", "&")).text
    rows = rows_of(accounts, "Accounts")
    assert [(row[1], row[-1]) for row in rows] == [("M-17", "¥1,050.00")], "what held nothing then is left out"
    link = re.search(r'href="(/console/books/accounts/deal:17/escrow/CNY[^"]*)"', accounts)
    assert link is not None
    statement = admin.client.get(link[1]).text
    assert "at the end of 31 Oct 2026" in statement
    assert [row[-1] for row in rows_of(statement, "Movements")] == ["¥1,050.00"]


@pytest.mark.usefixtures("october")
def test_a_statement_has_what_was_held_first_and_last(admin: Admin) -> None:
    page = admin.client.get(f"{ESCROW}?since=2026-11-01&on=2026-11-30").text
    stats = re.sub(r"<[^>]+>|\s+", " ", page)
    assert re.search(r"Opening balance +¥1,050 *\.00", stats)
    assert re.search(r"Closing balance +¥1,000 *\.00", stats)
    assert [row[-2:] for row in rows_of(page, "Movements")] == [["−¥50.00", "¥1,000.00"]]
    assert "Nothing moved here" in admin.client.get(f"{ESCROW}?since=2026-11-06").text


@pytest.mark.usefixtures("october")
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("on=31.10.2026", "Write the day as year, month and day: 2026-11-24."),
        ("on=1999-12-31", "The day can’t be before 2000-01-01."),
        ("on=9999-12-31", "The day can’t be after"),
        ("on=2026-10-31&time=25:00", "Write the time as hours and minutes: 18:00."),
        ("time=12:00", "Say on which day."),
    ],
)
def test_a_day_that_is_none_is_said_beside_its_field(admin: Admin, query: str, says: str) -> None:
    answer = admin.client.get(f"/console/books/trial?{query}")
    assert answer.status_code == 200
    assert says in answer.text
    assert "What each kind of account comes to now" in answer.text or "As it was at the end" in answer.text


@pytest.mark.usefixtures("october")
def test_a_period_that_ends_before_it_begins_is_said(admin: Admin) -> None:
    page = admin.client.get(f"{ESCROW}?since=2026-11-06&on=2026-11-01").text
    assert "The first day can’t be after the last one." in page


def table_of(answer: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.removeprefix("\ufeff"))))


@pytest.mark.usefixtures("october")
def test_the_trial_balance_is_a_file_that_sums_to_nothing(admin: Admin) -> None:
    answer = admin.client.get("/console/books/trial.csv?on=2026-11-05&than=2026-10-31")
    assert "trial-balance-2026-11-05.csv" in answer.headers["Content-Disposition"]
    heads, *rows = table_of(answer.text)
    assert heads[-3:] == ["Debit before", "Credit before", "Change"]
    assert rows[1] == ["CNY", "Escrow", "escrow", "Liability", "0.00", "3100.00", "0.00", "1050.00", "2050.00"]
    assert sum(float(row[4]) - float(row[5]) for row in rows) == 0
    assert len(table_of(admin.client.get("/console/books/trial.csv").text)[0]) == 6


@pytest.mark.usefixtures("october")
def test_a_statement_is_a_file_from_opening_to_closing(admin: Admin) -> None:
    answer = admin.client.get(f"{ESCROW}/lines.csv?since=2026-10-31&on=2026-11-30")
    _heads, *rows = table_of(answer.text)
    assert [row[2] for row in rows] == ["Opening balance", "Payment received", "Deal settled", "Closing balance"]
    assert [row[-1] for row in rows] == ["0.00", "1050.00", "1000.00", "1000.00"]
    assert [row[-2] for row in rows[1:3]] == ["1050.00", "-50.00"]
    assert rows[1][0].startswith("2026-10-31 23:59:59")


def test_a_long_statement_streams_and_asks_as_little(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        start = datetime(2026, 11, 1, tzinfo=SHANGHAI)
        for number in range(1_200):
            paid(17, 100, start + timedelta(seconds=number))
    with counted_queries(app) as sent:
        rows = table_of(admin.client.get(f"{ESCROW}/lines.csv").text)
    assert len(rows) == 1_203
    assert rows[-1][-1] == "1200.00"
    assert len(sent) <= 12


def test_the_sums_of_a_day_agree_in_every_commodity(app: Flask) -> None:
    with app.app_context():
        assert trials(clock.now(), clock.now() - timedelta(days=1)) == []


# --- Health -----------------------------------------------------------------------------------------------------------
def test_every_check_has_its_words() -> None:
    of_deals = (final_escrow_is_zero, funded_escrow_is_full, on_its_way_is_prepared, settlements_are_whole)
    of_banks = (held_is_with_banks, frozen_escrow_is_the_rest, only_ours_left, clearing_is_stripes)
    of_payees = (nobody_owes_less_than_nothing, payees_hold_what_they_earned)
    assert set(CHECKED) == {check.__name__ for check in (*LEDGER_CHECKS, *of_deals, *of_banks, *of_payees)}


@pytest.mark.parametrize(
    ("problem", "href"),
    [
        ("entry 5: The entry has no lines.", "/console/books/entries/5"),
        ("deal:17: The deal has ended.", "/console/books?reference=deal:17#h-entries"),
        ("account escrow:deal:17:CNY: It is overdrawn.", "/console/books/accounts/deal:17/escrow/CNY"),
        ("stripe_clearing:CNY: Our clearing holds 1.", "/console/books/accounts/platform/stripe_clearing/CNY"),
        ("closing 2026-11-01 16:00, account escrow:deal:17:CNY: Off.", "/console/books/accounts/deal:17/escrow/CNY"),
        ("closing 2026-11-01 16:00, escrow CNY: Off.", None),
        ("somewhere: Something.", None),
        ("Something", None),
    ],
)
def test_a_problem_leads_to_where_it_is(app: Flask, problem: str, href: str | None) -> None:
    with app.test_request_context():
        assert trouble_of(problem).href == href


@pytest.mark.usefixtures("context", "sandbox")
def test_the_overview_says_what_is_wrong_and_where(admin: Admin) -> None:
    completed_deal()
    with transaction():
        paid(999, 100, clock.now())
    check_everything()
    page = admin.client.get("/console/books").text
    assert "The books’ check found one problem" in page
    assert 'href="/console/books/accounts/platform/stripe_clearing/CNY"' in page


@pytest.mark.usefixtures("context", "sandbox")
def test_a_check_that_is_overdue_and_a_closing_that_hangs_are_said(admin: Admin) -> None:
    completed_deal()
    now = clock.now()
    with transaction():
        db.session.add(BooksCheck(at=now - timedelta(minutes=31), milliseconds=9, problems=[]))
        db.session.add(LedgerClosing(through=now - timedelta(days=1), closed_at=now - timedelta(hours=2)))
    page = admin.client.get("/console/books").text
    assert "look whether the worker runs" in page
    assert "is not finished" in page
    assert "No day is closed yet." in page
    assert_books_balance()


@pytest.mark.usefixtures("context", "sandbox")
def test_a_fee_says_which_rule_took_it(admin: Admin) -> None:
    parties = completed_deal()
    page = admin.client.get(f"/console/books?reference=M-{parties.deal_id}&kind=deal.settled").text
    link = re.search(r'<th scope="row"><a href="(/console/books/entries/\d+)"', page)
    assert link is not None
    entry = admin.client.get(link[1]).text
    assert "The rules that took the fees" in entry
    assert "5 % of the price" in entry
    assert "the part of this month" in entry
    assert_books_balance()
