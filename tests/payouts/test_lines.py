"""A payee's own accounts line by line: figures lead to lines that sum to them, by period, as a file too."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from marketplace.deals.models import Deal
from marketplace.deals.quotes import quote_of
from marketplace.escrow.jobs import release_earnings_job
from marketplace.infra.csv_files import safe_cell
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.periods import PeriodChoice, asked_period, last_months, month_period, period_of
from marketplace.payouts.earnings import EarningFilter, earnings, earnings_by_month, every_earning, holds
from marketplace.payouts.lines import LinesPage, Place, Which, every_line, lines_of
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import account_for, earnings_summary, running_deals
from marketplace.stripe_sandbox import guest
from tests.support.agencies import AgencySide, make_agency, represent
from tests.support.market import BrandSide, CreatorSide, make_creator
from tests.support.money import Parties, accept, assert_books_balance, completed_deal, funded_deal, publish
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
ZONE = "Asia/Shanghai"


def visit(app: Flask, side: BrandSide | CreatorSide | AgencySide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = side.session_id, True
    return client


def connect(side: CreatorSide) -> None:
    guest.onboard(start_onboarding(side.actor))
    account = account_for(Payee(creator_id=side.id))
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def read(payee: Payee, which: Which) -> LinesPage:
    page = lines_of(Place(payee, which, "CNY"), last_months(12, ZONE))
    db.session.rollback()
    return page


def assert_figures_are_their_lines(payee: Payee) -> None:
    """Each figure of the earnings page is the end of its lines, and the lines sum to it."""
    summary = earnings_summary(payee)[0]
    figures = {
        Which.PENDING: summary.pending,
        Which.AVAILABLE: summary.available,
        Which.ON_ITS_WAY: summary.on_its_way,
        Which.TRANSFERRED: summary.transferred,
    }
    for which, figure in figures.items():
        page = read(payee, which)
        assert page.closing == figure, which
        assert sum((line.amount for line in page.lines), page.opening) == figure, which
        streamed = list(every_line(Place(payee, which, "CNY"), last_months(12, ZONE)))
        assert streamed[::-1] == page.lines, which


def test_each_figure_leads_to_lines_that_sum_to_it_at_every_step(run_jobs: RunJobs) -> None:
    agency, creator = make_agency_and_creator()
    completed_deal(creator=creator)
    funded_deal(3_000_00, creator=creator)
    for payee in (Payee(creator_id=creator.id), Payee(agency_id=agency.id)):
        assert_figures_are_their_lines(payee)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        assert_figures_are_their_lines(Payee(creator_id=creator.id))
        connect(creator)
        run_jobs()
        for payee in (Payee(creator_id=creator.id), Payee(agency_id=agency.id)):
            assert_figures_are_their_lines(payee)
        assert read(Payee(creator_id=creator.id), Which.TRANSFERRED).closing.amount == 9_605_00
    assert_books_balance()


def make_agency_and_creator() -> tuple[AgencySide, CreatorSide]:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, 1_500)
    return agency, creator


def test_what_running_deals_will_bring_is_what_their_quotes_say() -> None:
    agency, creator = make_agency_and_creator()
    funded = [funded_deal(price, creator=creator) for price in (12_000_01, 3_333_33)]
    quotes = [quote for parties in funded if (quote := quote_of(db.session.get_one(Deal, parties.deal_id)))]
    expected = {
        Payee(creator_id=creator.id): sum(quote.creator_keeps.amount for quote in quotes),
        Payee(agency_id=agency.id): sum(quote.agency_receives.amount for quote in quotes),
    }
    for payee, amount in expected.items():
        running = running_deals(payee, 1)
        assert len(running.deals["CNY"]) == 1
        assert running.sums["CNY"].amount == amount
        assert earnings_summary(payee)[0].in_escrow.amount == amount


def two_deals() -> tuple[Parties, int]:
    """One that is settled, and the id of one more whose work waits to be accepted."""
    parties = completed_deal()
    second = funded_deal(3_000_00, parties.creator, parties.brand)
    publish(second)
    return parties, second.deal_id


def test_months_sum_to_what_was_settled_and_each_leads_to_its_settlements() -> None:
    parties, second = two_deals()
    with clock.at(clock.now() + timedelta(days=40)):
        accept(parties.brand.actor, second)
        payee, period = Payee(creator_id=parties.creator.id), last_months(12, ZONE)
        months = earnings_by_month(payee, EarningFilter(period, "CNY"))
        assert len(months) == 12
        for month in months:
            of_month = EarningFilter(month_period(month.start, ZONE), "CNY")
            settled = earnings(payee, 50, filters=of_month).rows
            assert sum(row.receives.amount for row in settled) == month.received.amount
            assert sum(row.fee.amount for row in settled) == month.fee.amount
            assert list(every_earning(payee, of_month)) == settled[::-1]
        assert sum(month.received.amount for month in months) == read(payee, Which.PENDING).closing.amount
        pending = holds(payee, "CNY", ZONE)
        assert sum(hold.amount.amount for hold in pending) == read(payee, Which.PENDING).closing.amount
        assert len(pending) == 2


def test_the_pages_of_one_period_open_where_the_one_before_closed(app: Flask) -> None:
    parties, second = two_deals()
    client = visit(app, parties.creator)
    with clock.at(clock.now() + timedelta(days=40)):
        accept(parties.brand.actor, second)
        place = Place(Payee(creator_id=parties.creator.id), Which.PENDING, "CNY")
        pages = [lines_of(place, month_period(month, ZONE)) for month in last_months(12, ZONE).months]
        for before, after in pairwise(pages):
            assert before.closing == after.opening
        newest = lines_of(place, last_months(12, ZONE), limit=1)
        older = lines_of(place, last_months(12, ZONE), before=newest.older, limit=1)
        assert (len(newest.lines), len(older.lines), older.older) == (1, 1, None)
        for which in Which:
            for query in ("", "?period=2026", "?period=2026-11&currency=CNY", "?period=x&currency=XXX&before=nonsense"):
                assert client.get(f"/earnings/lines/{which.value}{query}").status_code == 200
        assert client.get("/earnings/lines/elsewhere").status_code == 404
        assert client.get("/earnings/lines/elsewhere.csv").status_code == 404


def test_transferred_goes_on_page_by_page(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    completed_deal(3_000_00, parties.creator, parties.brand)
    connect(parties.creator)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
        place = Place(Payee(creator_id=parties.creator.id), Which.TRANSFERRED, "CNY")
        first = lines_of(place, last_months(12, ZONE), limit=1)
        second = lines_of(place, last_months(12, ZONE), before=first.older, limit=1)
    assert first.closing == first.lines[0].after
    assert second.lines[0].after + first.lines[0].amount == first.lines[0].after
    assert second.lines[0].after - second.lines[0].amount == second.opening
    assert second.older is None


def test_files_hold_what_the_pages_show_and_no_formula(app: Flask) -> None:
    parties = completed_deal()
    title = '=HYPERLINK("https://example.com")'
    with transaction():
        db.session.get_one(Deal, parties.deal_id).title = title
    client = visit(app, parties.creator)
    (settled,) = rows_of(client.get("/earnings/settlements.csv").text)
    assert settled["Title"] == f"'{title}"
    assert (settled["Currency"], settled["You received"], settled["Commission"]) == ("CNY", "11300.00", "700.00")
    assert settled["Entries"].endswith(f"/deals/{parties.deal_id}/money")
    (line,) = rows_of(client.get("/earnings/lines/pending.csv").text)
    assert (line["Amount"], line["After it"], line["Deal"]) == ("11300.00", "11300.00", f"M-{parties.deal_id}")
    for name in ("settlements", "lines/pending", "lines/transferred"):
        answer = client.get(f"/earnings/{name}.csv?period=2020-01&currency=USD")
        assert answer.status_code == 200
        assert answer.mimetype == "text/csv"
        assert rows_of(answer.text) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_run_is_set_off(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell(f"a{start}") == f"a{start}"


@pytest.mark.parametrize("currency", ["%00", "XXX", "USD"])
def test_a_file_in_a_currency_that_the_payee_has_nothing_in_is_that_of_all(app: Flask, currency: str) -> None:
    parties = completed_deal()
    answer = visit(app, parties.creator).get(f"/earnings/settlements.csv?currency={currency}")
    assert [row["Deal"] for row in rows_of(answer.text)] == [f"M-{parties.deal_id}"]


def test_an_agencys_person_reads_the_agencys_lines_in_either_place(app: Flask) -> None:
    agency, creator = make_agency_and_creator()
    completed_deal(creator=creator)
    client = visit(app, agency)
    for acting in (f"agency:{agency.id}", f"agency:{agency.id}:creator:{creator.id}"):
        with client.session_transaction() as session:
            session["acting"] = acting
        assert "1,695" in client.get("/earnings/lines/pending").text
        (settled,) = rows_of(client.get("/earnings/settlements.csv").text)
        assert settled["You received"] == "1695.00"
    other = visit(app, make_side())
    assert rows_of(other.get("/earnings/settlements.csv").text) == []


def make_side() -> CreatorSide:
    with transaction():
        return make_creator("Su Bai")


def test_a_period_is_whole_months_of_its_zone() -> None:
    found = period_of("2026-03", ZONE)
    assert (found.since.isoformat(), found.until.isoformat()) == (
        "2026-03-01T00:00:00+08:00",
        "2026-04-01T00:00:00+08:00",
    )
    assert (found.key, found.around.key, len(found.around.months)) == ("2026-03", "2026", 12)
    assert len(period_of("2026", ZONE).months) == 12
    for text in ("", "2026-13", "1999", "nonsense", "２０２６", "2026-3"):
        assert period_of(text, ZONE) == last_months(12, ZONE)
    old = PeriodChoice(asked_period("2021-05", ZONE), 2023, ZONE)
    assert old.months[-1].isoformat() == "2021-05-01"
    assert len(old.months) == 13
    assert {2021, 2023} <= set(old.years)
    assert PeriodChoice(asked_period("x", ZONE), None, ZONE).chosen == last_months(12, ZONE)
