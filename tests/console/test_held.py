"""Held money by age on the console: its sums are the books', each leads to its lines, and nothing typed breaks it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace.console.held import Of, ages, earnings_held, escrow_held
from marketplace.disputes.jobs import keep_holding_limit
from marketplace.escrow.jobs import notice_holding
from marketplace.escrow.models import Payment
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount
from tests.console.conftest import Admin
from tests.support.bank import Bank
from tests.support.counting import counted_queries
from tests.support.market import make_brand, make_creator
from tests.support.money import accept, assert_books_balance, funded_deal, publish
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved

pytestmark = pytest.mark.usefixtures("sandbox")
RunJobs = Callable[..., None]


@pytest.fixture
def deals(saved: Saved) -> list[int]:
    """Three deals in escrow, 5, 61 and 95 days old, and one that was settled 20 days after it was paid, 70 days ago."""
    return saved.world("held_deals", held_deals)


def held_deals() -> list[int]:
    with transaction():
        creator, brand = make_creator(), make_brand()
    found = [funded_deal(price, creator, brand) for price in (1_000_00, 2_000_00, 4_000_00, 8_000_00)]
    publish(found[3])
    accept(found[3].brand.actor, found[3].deal_id)
    for deal, days in zip(found, (5, 61, 95, 70), strict=True):
        received(deal.deal_id, clock.now() - timedelta(days=days, hours=1))
    return [deal.deal_id for deal in found]


def received(deal_id: int, moment: datetime) -> None:
    with transaction():
        db.session.execute(update(Payment).where(Payment.deal_id == deal_id).values(finished_at=moment))


def in_books(*kinds: AccountKind) -> int:
    query = select(func.coalesce(func.sum(-LedgerAccount.balance), 0)).where(LedgerAccount.kind.in_(kinds))
    return int(db.session.scalar(query) or 0)


def test_the_sums_by_age_are_what_the_books_say(deals: list[int]) -> None:
    escrow, earned = ages(Of.ESCROW), ages(Of.EARNINGS)
    assert [one.currency for one in escrow] == ["CNY"]
    assert escrow[0].total.amount == in_books(AccountKind.ESCROW) == 1_050_00 + 2_100_00 + 4_200_00
    assert earned[0].total.amount == in_books(AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE)
    by_age = {(column.least, column.below): column.total.amount for column in escrow[0].columns if column.payments}
    assert by_age == {(0, 9): 1_050_00, (54, 63): 2_100_00, (90, None): 4_200_00}
    assert escrow[0].near == Money(6_300_00)
    assert sum(column.payments for column in escrow[0].columns) == escrow[0].payments == 3
    assert_books_balance()


def test_what_a_bank_left_of_a_deal_that_stands_still_is_held_too(app: Flask, sandbox: Sandbox, admin: Admin) -> None:
    with app.app_context():
        parties = funded_deal()
        Bank(sandbox).dispute(parties.deal_id, amount=4_600_00)
        assert ages(Of.ESCROW)[0].total.amount == in_books(AccountKind.ESCROW) == 8_000_00
    assert "Stands still until the payer’s bank has decided" in admin.client.get("/console/held").text
    with app.app_context():
        assert_books_balance()


def test_the_columns_meet_and_reach_to_the_limit(deals: list[int]) -> None:
    columns = ages(Of.ESCROW)[0].columns
    assert columns[0].least == 0
    assert all(after.least == before.below for before, after in pairwise(columns))
    assert (columns[-1].least, columns[-1].below) == (90, None)


def test_the_list_is_oldest_first_and_goes_on_where_it_stopped(deals: list[int]) -> None:
    first = escrow_held("CNY", None, limit=2)
    assert [row.deal.id for row in first.rows] == [deals[2], deals[1]]
    second = escrow_held("CNY", None, first.later, limit=2)
    assert ([row.deal.id for row in second.rows], second.later) == ([deals[0]], None)
    assert [row.deal.id for row in earnings_held("CNY", None).rows] == [deals[3]]
    narrowed = escrow_held("CNY", ages(Of.ESCROW)[0].columns[-1])
    assert [row.deal.id for row in narrowed.rows] == [deals[2]]
    assert (narrowed.rows[0].age.days, narrowed.rows[0].used // 100) == (95, 105)
    assert escrow_held("USD", None).rows == []


def test_each_figure_leads_to_its_lines_and_its_deal(deals: list[int], admin: Admin) -> None:
    page = admin.client.get("/console/held").text
    for deal_id in deals[:3]:
        assert f'href="/deals/{deal_id}"' in page
        assert f'href="/console/books/accounts/deal:{deal_id}/escrow/CNY"' in page
        assert admin.client.get(f"/console/books/accounts/deal:{deal_id}/escrow/CNY").status_code == 200
    assert "¥7,350" in re.sub(r"<[^>]+>", "", page)
    assert "Stopped for a ruling within ten minutes" in page
    oldest = re.findall(r'href="(/console/held\?[^"]*age=10[^"]*)"', page)
    narrowed = admin.client.get(oldest[0].replace("&amp;", "&")).text
    assert f'href="/deals/{deals[2]}"' in narrowed
    assert f'href="/deals/{deals[1]}"' not in narrowed
    earned = admin.client.get("/console/held?of=earnings").text
    assert "Waits for its owner’s payout account" in earned or "On hold, then free to be sent" in earned
    assert re.search(r'href="/console/books/accounts/creator:\d+/creator_(pending|available)/CNY"', earned)


def test_what_happens_next_follows_the_deal(deals: list[int], admin: Admin) -> None:
    notice_holding()
    keep_holding_limit()
    page = admin.client.get("/console/held").text
    assert "Without a ruling it moves by itself on" in page
    assert "Both sides are told on" in page
    assert "Stopped for a ruling on" in page
    home = admin.client.get("/console").text
    assert re.search(r'href="/console/held">Held money<b>2</b>', home)


def test_nothing_typed_breaks_the_page(deals: list[int], admin: Admin) -> None:
    typed = [
        "of=all", "currency=%00", "age=-1", "age=x", "age=99999999999999999999", "after=1", "after=-", "after=9-9-9",
        "after=999999999999999999-999999999999999999", "after=%F0%9D%9F%99-1", "after=1-1",
    ]  # fmt: skip
    for query in typed:
        assert admin.client.get(f"/console/held?{query}").status_code == 200
        assert admin.client.get(f"/console/held?of=earnings&{query}").status_code == 200


def test_an_empty_market_says_so(admin: Admin) -> None:
    assert "No money is in escrow" in admin.client.get("/console/held").text
    assert "No earning waits" in admin.client.get("/console/held?of=earnings").text


@pytest.mark.parametrize("of", ["escrow", "earnings"])
def test_the_page_asks_no_more_for_more(app: Flask, deals: list[int], admin: Admin, of: str) -> None:
    with counted_queries(app) as few:
        admin.client.get(f"/console/held?of={of}")
    with transaction():
        creator, brand = make_creator("Mo Li"), make_brand("Tidewell")
    for _number in range(3):
        more = funded_deal(1_000_00, creator, brand)
        if of == "earnings":
            publish(more)
            accept(more.brand.actor, more.deal_id)
    with counted_queries(app) as many:
        admin.client.get(f"/console/held?of={of}")
    assert len(many) == len(few) <= 12
