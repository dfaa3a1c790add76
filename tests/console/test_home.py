"""The console's home and its doors: what waits, whether the books are right, and who is let in."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.creators.policy import today
from marketplace.creators.queries import channels_of
from marketplace.creators.readings import submit_reading
from marketplace.deals.lifecycle import State
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.escrow.models import BooksCheck
from marketplace.infra.db import db, transaction
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import escrow, fees_brand, fees_creator
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from tests.console.conftest import Admin
from tests.support.counting import counted_queries
from tests.support.deals import make_deal
from tests.support.files import picture
from tests.support.market import make_brand, make_creator, sign_in
from tests.support.web import Client

LISTS = ("", "/users", "/readings", "/deals", "/disputes", "/books", "/books/accounts")
SHOT = Upload("fans.png", "image/png", picture())


def hand_in(name: str, fans: int = 20_000) -> int:
    creator = make_creator(name, eligible=False)
    channel = channels_of(creator.id)[0]
    return submit_reading(creator.actor, channel.id, fans, today(), SHOT).id


def dispute(title: str = "A week of suppers") -> int:
    deal = make_deal(state=State.PRODUCTION, title=title)
    claim = Claim("Nobody has answered for three weeks.", Money(1_000_00))
    return open_dispute(deal.brand.actor, deal.id, DisputeReason.UNRESPONSIVE, claim).id


def settle(deal_id: int, amount: int, key: str) -> None:
    """As when a deal is settled, all of it as the platform's income."""
    lines = [debit(escrow(deal_id, "CNY"), amount), credit(fees_brand("CNY"), amount - 100_00)]
    post("deal.settled", key, [*lines, credit(fees_creator("CNY"), 100_00)], f"deal:{deal_id}")


def note_check(*problems: str) -> None:
    db.session.add(BooksCheck(at=clock.now(), milliseconds=12, problems=list(problems)))


@pytest.mark.parametrize("path", LISTS)
def test_only_administrators_come_in(app: Flask, admin: Admin, client: Client, path: str) -> None:
    assert admin.client.get(f"/console{path}").status_code == 200
    assert "/sign-in" in client.get(f"/console{path}").location
    with app.app_context(), transaction():
        sides = make_creator(), make_brand()
    for side in sides:
        sign_in(client, side)
        assert client.get(f"/console{path}").status_code == 403


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "No reading waits"),
        ("", "No dispute is open"),
        ("", "No deal yet"),
        ("/readings", "No reading waits"),
        ("/deals", "No deal yet"),
        ("/disputes", "No dispute is open"),
        ("/disputes?tab=ruled", "Nothing was ruled yet"),
        ("/disputes?tab=withdrawn", "Nothing was withdrawn yet"),
        ("/books", "No entries yet"),
        ("/books/trial", "Nothing is in the books yet"),
        ("/books?reference=M-7", "No entry fits all of this"),
        ("/books/accounts", "No account was opened yet"),
        ("/books/accounts?owner=M-7", "No account fits all of this"),
    ],
)
def test_an_empty_marketplace_says_what_will_be_here(admin: Admin, path: str, says: str) -> None:
    assert says in admin.client.get(f"/console{path}").text


def test_home_counts_what_waits_and_since_when(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        with clock.at(clock.now() - timedelta(days=3)):
            first = hand_in("Lin Yue")
        hand_in("Gu Wen")
        case = dispute("Night-ride lamp")
    page = admin.client.get("/console").text
    assert "the oldest came 3 days ago" in page
    assert page.index(f"/console/readings/{first}") < page.index("Gu Wen")
    assert f"/disputes/{case}" in page
    assert "The other side doesn’t answer" in page
    assert "¥12,600<small>.00</small>" in page, "one deal's escrow"
    assert "held for one deal" in page
    assert "M-1001" in page


def test_home_says_how_the_books_are(app: Flask, admin: Admin) -> None:
    assert "Not checked yet" in admin.client.get("/console").text
    with app.app_context(), transaction():
        note_check()
    assert "The books balance" in admin.client.get("/console").text
    with clock.at(clock.now() + timedelta(hours=2)):
        assert "look whether the worker runs" in admin.client.get("/console").text
    with app.app_context(), transaction():
        note_check("escrow:deal:7:CNY: its running balance is off by 3.", "entry 9: it is empty.")
    page = admin.client.get("/console").text
    assert "found 2 problems" in page
    assert "its running balance is off by 3." in page


def test_fee_income_stands_by_month_with_the_same_figures_in_a_table(app: Flask, admin: Admin) -> None:
    assert "Fee income" not in admin.client.get("/console").text
    with app.app_context(), transaction():
        deal = make_deal(state=State.PRODUCTION).id
        settle(deal, 700_00, "now")
        with clock.at(clock.now() - timedelta(days=62)):
            settle(deal, 300_00, "then")
        with clock.at(clock.now() - timedelta(days=800)):
            settle(deal, 4_000_00, "long ago")
    page = admin.client.get("/console").text
    assert "¥600<small>" in page
    assert "¥200<small>" in page
    assert "¥3,900<small>" not in page, "more than a year ago"
    assert page.count("<rect") >= 4


def test_one_item_of_the_navigation_is_where_one_is(admin: Admin) -> None:
    for path, label in (
        ("", "Console"),
        ("/users", "Console"),
        ("/readings", "Readings"),
        ("/books/accounts", "Books"),
    ):
        page = admin.client.get(f"/console{path}").text
        roles = page[page.index('class="roles"') : page.index("</nav>", page.index('class="roles"'))]
        current = [part for part in roles.split("<a ") if "aria-current" in part]
        assert len(current) == 1
        assert label in current[0]


def test_home_asks_the_same_however_much_there_is(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        hand_in("Lin Yue")
        dispute()
        note_check()
    with counted_queries(app) as few:
        assert admin.client.get("/console").status_code == 200
    with app.app_context(), transaction():
        for number in range(6):
            hand_in(f"Creator {number}")
            dispute()
    with counted_queries(app) as many:
        assert admin.client.get("/console").status_code == 200
    assert len(many) == len(few) <= 12, many
