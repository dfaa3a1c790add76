"""The books on pages: trial balance, checks, entries, accounts."""

import ast
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.console.trial import trials
from marketplace.console.words import EntryKind, deal_of, entry_words, owner_words
from marketplace.escrow.models import BooksCheck
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.kit import clock
from marketplace.ledger.accounts import (
    Account,
    AccountKind,
    creator_pending,
    escrow,
    fees_brand,
    programme_spent,
    stripe_clearing,
)
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post, reverse
from marketplace.payouts.books import check_recent
from tests.console.conftest import Admin
from tests.support.bank import told
from tests.support.counting import counted_queries
from tests.support.market import make_creator
from tests.support.money import completed_deal

PACKAGE = Path(__file__).resolve().parents[2] / "marketplace"
CLEARING = "/console/books/accounts/platform/stripe_clearing/CNY"


def pay(deal: int, amount: int = 1_050_00, *, days_ago: int = 0) -> int:
    """A brand's money arrives for a deal; the entry's id."""
    lines = [debit(stripe_clearing("CNY"), amount), credit(escrow(deal, "CNY"), amount)]
    at = clock.now() - timedelta(days=days_ago)
    return post("payment.received", f"payment:{deal}:{amount}", lines, f"deal:{deal}", at=at).id


def settle(deal: int, creator: int) -> int:
    lines = [
        debit(escrow(deal, "CNY"), 1_050_00),
        credit(creator_pending(creator, "CNY"), 1_000_00),
        credit(fees_brand("CNY"), 50_00),
    ]
    return post("deal.settled", f"settled:{deal}", lines, f"deal:{deal}").id


@pytest.fixture
def books(app: Flask) -> dict[str, int]:
    """One deal paid and settled, another paid."""
    with app.app_context(), transaction():
        creator = make_creator("Lin Yue").id
        paid = pay(17, days_ago=3)
        return {"creator": creator, "paid": paid, "settled": settle(17, creator), "other": pay(18, 2_100_00)}


def rows_of(page: str, heading: str) -> list[list[str]]:
    """The words of each row of the table with this caption."""
    table = page[page.index(f'<caption class="visually-hidden">{heading}') :]
    rows = re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], re.DOTALL)[1:]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def test_the_trial_balance_sums_to_the_same_and_the_difference_is_final(admin: Admin, books: dict[str, int]) -> None:
    page = admin.client.get("/console/books/trial").text
    rows = rows_of(page, "Trial balance in CNY")
    assert [re.split(r"\s*(?:Asset|Liability|Income)", row[0])[0] for row in rows] == [
        "Held by Stripe",
        "Escrow",
        "Earnings on hold",
        "Brand service fees",
        "Sum",
        "Differencedebits less credits: they are equal",
    ]
    assert rows[0][1:] == ["¥3,150.00", "–"]
    assert rows[1][1:] == ["–", "¥2,100.00"]
    assert rows[-2][1:] == ["¥3,150.00", "¥3,150.00"]
    assert '<span class="money money--final">¥0<small>.00</small></span>' in page


def test_each_commodity_has_a_trial_balance_of_its_own(app: Flask, admin: Admin, books: dict[str, int]) -> None:
    shown = Account("holder:1", AccountKind.SUSPENSE, "IMP")
    with app.app_context(), transaction():
        post("payment.received", "dollars", [debit(stripe_clearing("USD"), 9), credit(escrow(9, "USD"), 9)], "deal:9")
        post("programme.granted", "traffic", [debit(programme_spent(1, "IMP"), 500), credit(shown, 500)], "programme:1")
    page = admin.client.get("/console/books/trial").text
    assert rows_of(page, "Trial balance in USD")[-2][1:] == ["US$0.09", "US$0.09"]
    assert rows_of(page, "Trial balance in IMP")[0][1:] == ["–", "500 IMP"]
    entries = admin.client.get("/console/books").text
    assert "programme.granted" in entries, "a kind without words is shown as it was posted"
    statement = admin.client.get("/console/books/accounts/holder:1/suspense/IMP").text
    assert "+500 IMP" in statement
    with app.app_context():
        assert [trial.sums.difference for trial in trials()] == [0, 0, 0]


def test_entries_are_newest_first_and_narrowed_by_kind_and_reference(admin: Admin, books: dict[str, int]) -> None:
    def listed(query: str) -> list[str]:
        page = admin.client.get(f"/console/books?{query}").text
        return re.findall(r'/console/books/entries/(\d+)"', page)

    paid, settled, other = (str(books[name]) for name in ("paid", "settled", "other"))
    assert listed("") == [other, settled, paid]
    assert listed("kind=deal.settled") == [settled]
    assert listed("reference=M-17") == listed("reference=deal:17") == [settled, paid]
    assert listed("reference=m-18&kind=payment.received") == [other]
    assert listed("reference=M-18&kind=deal.settled") == []
    assert listed("kind=nonsense") == [other, settled, paid]


def test_an_entry_shows_its_lines_and_where_it_belongs(admin: Admin, books: dict[str, int]) -> None:
    page = admin.client.get(f"/console/books/entries/{books['settled']}").text
    rows = rows_of(page, "Lines of this entry")
    assert [row[1:] for row in rows] == [
        ["¥1,050.00", "–"],
        ["–", "¥1,000.00"],
        ["–", "¥50.00"],
        ["¥1,050.00", "¥1,050.00"],
    ]
    assert "Lin Yue" in rows[1][0]
    assert 'href="/deals/17"' in page
    assert f'href="/console/books/accounts/creator:{books["creator"]}/creator_pending/CNY"' in page


def test_a_reversal_and_what_it_reverses_lead_to_each_other(app: Flask, admin: Admin, books: dict[str, int]) -> None:
    with app.app_context(), transaction():
        back = reverse(books["settled"], "back", "Settled on the <wrong> day.").id
    page = admin.client.get(f"/console/books/entries/{back}").text
    assert "Reversed: Deal settled" in page
    assert "Settled on the &lt;wrong&gt; day." in page
    assert f'href="/console/books/entries/{books["settled"]}"' in page
    assert (
        f'href="/console/books/entries/{back}"' in admin.client.get(f"/console/books/entries/{books['settled']}").text
    )


def test_a_statement_carries_the_balance_after_each_movement(admin: Admin, books: dict[str, int]) -> None:
    page = admin.client.get("/console/books/accounts/deal:17/escrow/CNY").text
    rows = rows_of(page, "Movements, newest first")
    assert [row[-2:] for row in rows] == [["−¥1,050.00", "¥0.00"], ["+¥1,050.00", "¥1,050.00"]]
    assert "the database refuses to take out more than is in" in page
    assert (
        "Earnings on hold: Lin Yue"
        in admin.client.get(f"/console/books/accounts/creator:{books['creator']}/creator_pending/CNY").text
    )


def test_accounts_are_listed_with_what_they_hold(admin: Admin, books: dict[str, int]) -> None:
    page = admin.client.get("/console/books/accounts?kind=escrow").text
    rows = rows_of(page, "Accounts")
    assert [(row[1], row[-1]) for row in rows] == [("M-17", "¥0.00"), ("M-18", "¥2,100.00")]
    assert len(rows_of(admin.client.get("/console/books/accounts?owner=platform").text, "Accounts")) == 2
    assert len(rows_of(admin.client.get("/console/books/accounts?owner=M-18").text, "Accounts")) == 1


@pytest.mark.parametrize(
    "path",
    [
        "deal:17/escrow/USD",
        "deal:99/escrow/CNY",
        "deal:17/nonsense/CNY",
        "deal:17/escrow/%00",
        "%00/escrow/CNY",
        "deal:17/escrow/" + "C" * 5000,
    ],
)
def test_accounts_that_were_never_opened_are_nowhere(admin: Admin, books: dict[str, int], path: str) -> None:
    assert admin.client.get(f"/console/books/accounts/{path}").status_code == 404


def test_entries_that_were_never_posted_are_nowhere(admin: Admin, books: dict[str, int]) -> None:
    for number in ("0", "999999", str(2**63 - 1), "9" * 30):
        assert admin.client.get(f"/console/books/entries/{number}").status_code == 404


@pytest.mark.parametrize("path", ["/console/books", CLEARING, "/console/books/accounts", "/console/books/trial"])
@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=1.2.3.4",
        "before=-62135596800000000.1.1",
        "before=-62135596800000000.1",
        "before=" + "9" * 400 + ".1",
        "before=1." + "9" * 19 + ".1",
        "before=%00",
        "after=-1",
        "after=" + "9" * 40,
        "kind=%00&reference=%00&owner=%00",
        "reference=M-" + "9" * 90,
        "owner=M-" + "9" * 90,
        "on=x&time=x&than=x&since=x",
        "on=0001-01-01&than=9999-12-31&since=0001-01-01",
        "on=9999-12-31&time=25:61",
        "time=12:00&commodity=%00&holding=%00",
        "since=2026-02-02&on=2026-01-01",
    ],
)
def test_hostile_addresses_are_pages(admin: Admin, books: dict[str, int], path: str, query: str) -> None:
    assert admin.client.get(f"{path}?{query}").status_code == 200


def test_pages_of_the_books_go_on_and_ask_the_same(app: Flask, admin: Admin, books: dict[str, int]) -> None:
    paths = ["/console/books", CLEARING, "/console/books/accounts", f"/console/books/entries/{books['settled']}"]
    day = f"{clock.now():%Y-%m-%d}"
    paths += [f"{CLEARING}?since=2026-01-01&on={day}", f"/console/books/accounts?on={day}&holding=y"]
    paths += ["/console/books/trial", f"/console/books/trial?on={day}&than=2026-01-01", "/console/books/manual"]
    few = [queries(app, admin, path) for path in paths]
    with app.app_context(), transaction():
        creator = make_creator("Gu Wen").id
        for deal in range(100, 135):
            pay(deal)
            settle(deal, creator)
    many = [queries(app, admin, path) for path in paths]
    assert few == many
    assert max(many) <= 12
    for path in (paths[0], CLEARING):
        assert older_pages(admin, path) >= 1


def queries(app: Flask, admin: Admin, path: str) -> int:
    with counted_queries(app) as sent:
        assert admin.client.get(path).status_code == 200
    return len(sent)


def older_pages(admin: Admin, path: str) -> int:
    """Follow `Older` to the end: no entry is shown twice, none is missing."""
    seen: list[str] = []
    pages, address = 0, path
    while True:
        page = admin.client.get(address).text
        seen += re.findall(r'<th scope="row"><a href="/console/books/entries/(\d+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        pages, address = pages + 1, older[1]
    assert len(seen) == len(set(seen))
    assert len(seen) == (73 if path == "/console/books" else 37)
    return pages


@pytest.mark.usefixtures("context", "sandbox")
def test_the_check_is_run_on_demand_and_kept(app: Flask, admin: Admin) -> None:
    completed_deal()
    answer = admin.client.post("/console/books/check")
    assert (answer.status_code, answer.location) == (303, "/console/books")
    page = admin.client.get("/console/books").text
    assert "Checked just now: the books balance." in page
    assert "The books balance" in page
    assert db.session.scalar(select(func.count()).select_from(BooksCheck)) == 1
    db.session.rollback()
    assert admin.client.get("/console/books/check").status_code == 405


@pytest.mark.usefixtures("context", "sandbox")
def test_what_the_check_finds_is_said(app: Flask, admin: Admin) -> None:
    with transaction():
        pay(17)
    admin.client.post("/console/books/check")
    page = admin.client.get("/console/books").text
    assert "The check found one problem." in page
    assert "Our clearing holds 105000 and Stripe 0 minor units." in page
    assert "The books balance" not in page


@pytest.mark.usefixtures("context", "sandbox")
def test_administrators_hear_once_of_what_the_check_finds(run_jobs: Callable[[], None], admin: Admin) -> None:
    """However often it finds it, and whatever the figures are by then; of what comes to it they hear as well."""
    heard: list[list[str]] = []
    for currency in ("CNY", "CNY", "USD"):
        with transaction():
            lines = [debit(stripe_clearing(currency), 5), credit(escrow(17, currency), 5)]
            post("payment.received", f"payment:{len(heard)}", lines, "deal:17")
        check_recent()
        run_jobs()
        heard.append(told(admin.user_id))
        db.session.rollback()
    assert heard == [["books.wrong"], ["books.wrong"], ["books.wrong", "books.wrong"]]


def test_every_kind_that_features_post_has_words() -> None:
    """Some are named where they are posted, others in a table of what is posted when."""
    nodes = [
        node
        for module in PACKAGE.rglob("*.py")
        if "stripe_sandbox" not in module.parts and module.name != "words.py"
        for node in ast.walk(ast.parse(module.read_text()))
    ]
    written = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    posted = {
        node.args[0].value
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("post", "Posting")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    kinds = {kind.value for kind in EntryKind}
    assert posted <= kinds
    # Some are put together of two words.
    assert {kind for kind in kinds if not {kind, kind.partition(".")[2]} & written} == set()


def test_words_of_kinds_and_owners(context: None) -> None:
    with reader("en", "UTC"):
        assert entry_words("deal.settled.reversed") == "Reversed: Deal settled"
        assert entry_words("something.new") == "something.new"
        assert [
            owner_words(owner) for owner in ("platform", "deal:17", "creator:5", "agency:3", "holder:1", "deal:")
        ] == [
            "Mutuals",
            "M-17",
            "Creator 5",
            "Agency 3",
            "holder:1",
            "deal:",
        ]
    assert [deal_of(text) for text in ("deal:17", "deal:x", "deal:" + "9" * 30, "creator:5", "deal:")] == [
        17,
        None,
        None,
        None,
        None,
    ]
